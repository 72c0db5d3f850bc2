import assert from "node:assert/strict";
import { test } from "node:test";
import { SoraAudioFrame } from "../../sdk/audio/frame.ts";
import type { SoraAudioDataOptions } from "../../sdk/audio/source_options.ts";
import { AudioPace, audioWritable } from "../../sdk/audio/writable.ts";
import { VideoPace, videoWritable } from "../../sdk/video/writable.ts";
import { renewable, Writables } from "../../sdk/streams/writables.ts";

/** A source that writes down what it gets, and when. */
class Recorder {
  readonly sampleRate = 8_000;
  readonly channels = 2;
  readonly slices: (SoraAudioDataOptions & { data: number[]; at: number })[] = [];

  onData(data: Int16Array | Float32Array, options: SoraAudioDataOptions): void {
    this.slices.push({ data: [...data], ...options, at: performance.now() });
  }
}

/** Milliseconds of samples of 8 kHz stereo that count up from `from`. */
const ramp = (ms: number, from = 0) => Int16Array.from({ length: ms * 16 }, (_, i) => from + i);

test("audio is sent whole, in order, in slices of 10 ms, and no faster than it is heard", async () => {
  const source = new Recorder();
  const writer = audioWritable(source, {}).getWriter();
  const pieces = [7, 33, 1, 59, 100].map((ms, i) => ramp(ms, i * 2_000));
  const start = performance.now();
  await Promise.all(pieces.map((piece) => writer.write(piece)));
  const { slices } = source;
  assert.deepEqual(slices.flatMap(({ data }) => data), pieces.flatMap((piece) => [...piece]));
  assert.ok(slices.every(({ data }) => data.length <= 160));
  let heardMs = 0;
  for (const { data, at } of slices) {
    // Timers may be early by a few milliseconds.
    assert.ok(at - start >= heardMs - 5, `${heardMs} ms were sent after ${at - start} ms`);
    heardMs += data.length / 16;
  }
  assert.equal(heardMs, 200);
});

test("a writer of audio is asked to wait when 100 ms are queued, or as much as was asked for", async () => {
  for (const [queueMs, options] of [[100, {}], [30, { queueMs: 30 }]] as const) {
    const writer = audioWritable(new Recorder(), options).getWriter();
    assert.equal(writer.desiredSize, queueMs);
    const written = [writer.write(ramp(20))];
    assert.equal(writer.desiredSize, queueMs - 20);
    written.push(writer.write(ramp(queueMs)));
    assert.equal(writer.desiredSize, -20);
    await writer.ready;
    assert.ok((writer.desiredSize ?? 0) > 0);
    await Promise.all(written);
    await writer.close();
  }
  for (const queueMs of [9, 60_001, NaN, "100"]) {
    assert.throws(() => audioWritable(new Recorder(), { queueMs: queueMs as number }), {
      name: typeof queueMs === "number" ? "RangeError" : "TypeError",
      message: /^options\.queueMs must be a number from 10 to 60000/,
    });
  }
});

test("audio may be floats, or frames in a format of their own", async () => {
  const source = new Recorder();
  const writer = audioWritable(source, {}).getWriter();
  await writer.write(Float32Array.of(0.5, -0.5));
  const samples = Int16Array.from({ length: 160 }, (_, i) => i);
  await writer.write(new SoraAudioFrame({ samples, sampleRateHz: 16_000, numChannels: 1 }));
  assert.deepEqual(
    source.slices.map(({ data, sampleRate, channels }) => [data.length, sampleRate, channels]),
    [[2, 8_000, 2], [160, 16_000, 1]],
  );
  assert.ok(source.slices.every((slice) => !("absoluteCaptureTimestampMs" in slice)));
  await assert.rejects(writer.write(new Uint8Array(2) as never), {
    name: "TypeError",
    message: /^chunk must be an Int16Array, a Float32Array or a SoraAudioFrame/,
  });
});

test("each slice of a frame is sent with the time at which it was captured", async () => {
  const source = new Recorder();
  const writer = audioWritable(source, {}).getWriter();
  const samples = new Int16Array(2 * 1_600);
  const time = Date.UTC(2026, 0);
  await writer.write(
    new SoraAudioFrame({
      samples,
      sampleRateHz: 64_000,
      numChannels: 2,
      absoluteCaptureTimestampMs: time,
    }),
  );
  assert.deepEqual(
    source.slices.map((slice) => [slice.data.length, slice.absoluteCaptureTimestampMs]),
    [[1_280, time], [1_280, time + 10], [640, time + 20]],
  );
});

test("aborting a stream of audio ends it at once", async () => {
  const source = new Recorder();
  const writer = audioWritable(source, { queueMs: 60_000 }).getWriter();
  const write = writer.write(ramp(60_000));
  const refused = assert.rejects(write);
  await writer.abort(new Error("enough"));
  await refused;
  assert.ok(source.slices.length < 100);
});

test("a SoraAudioFrame survives a structured clone, and refuses wrong members", () => {
  const samples = Int16Array.of(1, 2, 3, 4);
  const init = { samples, sampleRateHz: 8_000, numChannels: 2, absoluteCaptureTimestampMs: 5 };
  const frame = new SoraAudioFrame(init);
  assert.deepEqual([frame.samplesPerChannel, frame.data()], [2, samples]);
  const copy = new SoraAudioFrame(structuredClone(frame));
  assert.deepEqual(copy, frame);
  assert.notEqual(copy.samples, samples);
  const wrong: [RegExp, object][] = [
    [/^init\.samples /, { ...init, samples: [1] }],
    [/^init\.numChannels /, { ...init, numChannels: 0 }],
    [/^init\.sampleRateHz /, { ...init, sampleRateHz: 1 }],
    [/^init\.absoluteCaptureTimestampMs /, { ...init, absoluteCaptureTimestampMs: -1 }],
    [/^init\.rate /, { ...init, rate: 1 }],
  ];
  for (const [message, from] of wrong) {
    assert.throws(() => new SoraAudioFrame(from as typeof init), {
      name: /^(Type|Range)Error$/,
      message,
    });
  }
  assert.throws(() => new SoraAudioFrame({ ...init, numChannels: 3 }), RangeError);
});

test("frames are sent as far apart as their timestamps say, and at once without", async () => {
  const times: number[] = [];
  const seen: unknown[] = [];
  const stream = videoWritable({
    onCaptured(data, options) {
      times.push(performance.now());
      seen.push([data, options]);
      return true;
    },
    onFrame: () => assert.fail("No frame is written"),
  });
  const writer = stream.getWriter();
  const data = new Uint8Array(3);
  const size = { width: 1, height: 1 };
  const stamps = [1_000_000, 1_040_000, 1_080_000];
  const start = performance.now();
  await Promise.all(stamps.map((timestampUs) => writer.write({ data, ...size, timestampUs })));
  for (const i of [1, 2]) {
    const gap = (times[i] ?? 0) - (times[i - 1] ?? 0);
    assert.ok(gap > 0 && (times[i] ?? 0) - start >= 40 * i - 5, `frame ${i}: ${gap}`);
  }
  // The clock starts again, ahead and back.
  const before = performance.now();
  await writer.write({ data, ...size, timestampUs: 900_000_000 });
  await writer.write({ data, ...size, timestampUs: 0 });
  await writer.write({ data, ...size, format: "RGB" });
  assert.ok(performance.now() - before < 1_000);
  assert.deepEqual(seen.at(-1), [data, { ...size, format: "RGB" }]);
  assert.equal(seen.length, 6);
  await assert.rejects(writer.write(null as never), {
    name: "TypeError",
    message: /^chunk must be a SoraPicture or a SoraVideoFrame/,
  });
});

test("streams of audio that follow each other are together no faster than they are heard", async () => {
  const source = new Recorder();
  const pace = new AudioPace();
  const start = performance.now();
  for (let clip = 0; clip < 4; clip++) {
    const stream = audioWritable(source, {}, pace);
    await ReadableStream.from([ramp(25, clip * 400)]).pipeTo(stream);
  }
  assert.deepEqual(source.slices.flatMap(({ data }) => data), [...ramp(100)]);
  // The last slice is due after 95 ms; timers may be early by a few milliseconds.
  const took = (source.slices.at(-1)?.at ?? 0) - start;
  assert.ok(took >= 90, `100 ms were sent in ${took} ms`);
});

test("clips of frames follow each other at their pace, whatever their timestamps", async () => {
  const times: number[] = [];
  const pace = new VideoPace();
  const output = {
    onCaptured: () => times.push(performance.now()) > 0,
    onFrame: () => assert.fail("No frame is written"),
  };
  const frame = { data: new Uint8Array(3), width: 1, height: 1 };
  const before = performance.now();
  for (const start of [0, 0, 2_000_000, 500_000]) {
    const clip = [0, 1, 2].map((i) => ({ ...frame, timestampUs: start + i * 30_000 }));
    await ReadableStream.from(clip).pipeTo(videoWritable(output, pace));
  }
  assert.equal(times.length, 12);
  times.forEach((time, i) => {
    const after = time - before;
    assert.ok(after >= 30 * i - 5, `frame ${i} was sent after ${after} ms`);
  });
});

test("Writables.present is the same until it is closed, aborted or broken, and a new one then", async () => {
  const written: string[] = [];
  const writables = new Writables<string>((ended) =>
    renewable<string>(
      {
        write(chunk) {
          if (chunk === "wrong") throw new TypeError("A wrong chunk");
          written.push(chunk);
        },
      },
      { highWaterMark: 1 },
      ended,
    )
  );
  const first = writables.present;
  await ReadableStream.from(["a", "b"]).pipeTo(first, { preventClose: true });
  assert.equal(writables.present, first);
  await ReadableStream.from(["c"]).pipeTo(first);
  const second = writables.present;
  assert.notEqual(second, first);
  const writer = second.getWriter();
  assert.equal(writables.present, second);
  void writer.abort();
  const third = writables.present;
  assert.notEqual(third, second);
  await assert.rejects(ReadableStream.from(["d", "wrong", "e"]).pipeTo(third), TypeError);
  await ReadableStream.from(["f"]).pipeTo(writables.present);
  assert.deepEqual(written, ["a", "b", "c", "d", "f"]);
  // What became of one that is not the present one any more changes nothing.
  const fourth = writables.present;
  await first.abort().catch(() => {});
  assert.equal(writables.present, fourth);
});
