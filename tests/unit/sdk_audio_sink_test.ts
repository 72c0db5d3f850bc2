/** What audio sinks ask of the native library, which no real one shows. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { AudioInfo, EventType, Result } from "../../ffi/constants.ts";
import { EventPump } from "../../ffi/events.ts";
import { SoraAudioSink } from "../../sdk/audio/sink.ts";
import { SoraAudioStreamSink } from "../../sdk/audio/stream_sink.ts";
import { SoraMediaTrack } from "../../sdk/track/media_track.ts";
import { NativeHandle } from "../../sdk/native/handle.ts";
import { within } from "../support/eventually.ts";
import { FakeNative } from "../support/fake_native.ts";

const SINK = 9;

/** A native sink of 16 kHz mono that has what a test says. */
class FakeSink {
  readonly track: SoraMediaTrack;
  /** Frames that are buffered before another format follows, or at all. */
  available = 0;
  /** Whether another format follows. */
  ends = false;
  dropped = 0;
  closed = false;
  /** How many samples each read had room for, without those that had none. */
  readonly rooms: number[] = [];
  readonly #native = new FakeNative();

  constructor() {
    const binding = this.#native.binding({
      sora_audio_sink_create: (_track, _rate, _channels, _capacity, out) => {
        (out as Uint32Array)[0] = SINK;
        return Result.OK;
      },
      sora_audio_sink_read: (_sink, samples, capacity, least, most, info) => {
        if (this.closed) return Result.ERROR_CLOSED;
        const room = capacity === 0 ? 0 : Math.min(capacity, most);
        const enough = this.available >= least || (this.ends && this.available > 0);
        const read = enough ? Math.min(room, this.available) : 0;
        this.available -= read;
        const has = this.available + read > 0;
        Object.assign(info as Float64Array, {
          [AudioInfo.SAMPLE_RATE]: has ? 16_000 : 0,
          [AudioInfo.CHANNELS]: has ? 1 : 0,
          [AudioInfo.AVAILABLE]: this.available,
          [AudioInfo.DROPPED]: this.dropped,
          [AudioInfo.CAPTURE_TIME_MS]: -1,
          [AudioInfo.ENDS]: this.ends ? 1 : 0,
        });
        if (samples === null) return Result.OK;
        this.rooms.push(capacity);
        return read > 0 ? read : Result.ERROR_WOULD_BLOCK;
      },
      sora_audio_sink_close: () => {
        this.closed = true;
        return Result.OK;
      },
    });
    const realm = {
      path: "/fake",
      functions: binding.functions,
      events: new EventPump(binding, (error) => assert.fail(String(error))),
    };
    const handle = (value: number) => new NativeHandle(realm, "The track", value);
    const description = { kind: "audio", id: "track", streamId: "stream" } as const;
    this.track = new SoraMediaTrack(description, handle(5), handle(6));
  }

  /** Adds frames, and announces them. */
  give(frames: number): void {
    this.available += frames;
    this.#native.push({ type: EventType.READABLE, handle: SINK });
  }
}

test("a read makes room for samples once, when all that it waits for are there", async () => {
  const fake = new FakeSink();
  using sink = new SoraAudioSink(fake.track);
  for (let round = 1; round <= 3; round++) {
    const read = sink.read(480);
    for (const frames of [160, 160, 159]) fake.give(frames);
    assert.deepEqual(fake.rooms, Array(round - 1).fill(480));
    fake.give(1);
    const { ok, data } = await within("the read", read);
    assert.deepEqual([ok, data.length], [true, 480]);
    assert.deepEqual(fake.rooms, Array(round).fill(480));
  }
});

test("a read gets what is before a change of format although it is less", async () => {
  const fake = new FakeSink();
  using sink = new SoraAudioSink(fake.track);
  const read = sink.read(480);
  fake.give(160);
  assert.deepEqual(fake.rooms, []);
  fake.ends = true;
  fake.give(0);
  assert.equal((await within("the read", read)).data.length, 160);
  assert.deepEqual(fake.rooms, [160]);
});

for (const Sink of [SoraAudioSink, SoraAudioStreamSink]) {
  test(`${Sink.name}.dropped is what was dropped until now, and after close all that was`, () => {
    const fake = new FakeSink();
    const sink = new Sink(fake.track);
    assert.equal(sink.dropped, 0);
    fake.dropped = 320;
    assert.equal(sink.dropped, 320);
    fake.dropped = 480;
    sink.close();
    assert.equal(fake.closed, true);
    assert.equal(sink.dropped, 480);
  });
}

test("whatever is wrong with a read rejects its promise and is not thrown", async () => {
  const fake = new FakeSink();
  const sink = new SoraAudioSink(fake.track, { bufferMs: 100, sampleRate: 16_000 });
  const wrong: [string, RegExp, () => Promise<unknown>][] = [
    ["RangeError", /^frames must be an integer/, () => sink.read(1.5)],
    ["TypeError", /^frames /, () => sink.read("1" as never)],
    ["TypeError", /^options /, () => sink.read(1, 5 as never)],
    ["RangeError", /^options\.timeoutMs /, () => sink.read(1, { timeoutMs: -1 })],
    ["TypeError", /^options\.timeout /, () => sink.read(1, { timeout: 1 } as never)],
    ["RangeError", /^frames must be at most 1600/, () => sink.read(1_601)],
  ];
  for (const [name, message, read] of wrong) await assert.rejects(read(), { name, message });
  const waiting = Array.from({ length: 64 }, () => sink.read(160));
  await assert.rejects(sink.read(160), { name: "SoraError", code: "LIMIT_EXCEEDED" });
  sink.onData = () => {};
  await assert.rejects(sink.read(160), { name: "SoraError", code: "INVALID_STATE" });
  sink.close();
  for (const { ok } of await Promise.all(waiting)) assert.equal(ok, false);
});
