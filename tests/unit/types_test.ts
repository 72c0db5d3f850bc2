/**
 * What the types of the API take. `deno check` reads this file as the compiler of a program would; what can be run without the
 * native library is run as well.
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { encodeWav, readY4m, wavSamples, y4mFrame } from "../../files/mod.ts";
import {
  SoraAudioFrame,
  type SoraAudioSource,
  type SoraConnection,
  type SoraTransformableFrame,
  type SoraVAD,
  type SoraVideoFrame,
  type SoraVideoSource,
} from "../../mod.ts";
import type { SoraServer } from "../../sfu/mod.ts";

/** Typed arrays as programs have them: over whichever memory, as TypeScript 5.7 and later call it. */
interface Arrays {
  readonly bytes: Uint8Array;
  readonly clamped: Uint8ClampedArray;
  readonly shared: Uint8Array<SharedArrayBuffer>;
  readonly buffer: Buffer;
  readonly samples: Int16Array;
  readonly sharedSamples: Int16Array<SharedArrayBuffer>;
  readonly floats: Float32Array;
}

/** Compiles, which is all that it is for. */
export function takesTypedArraysOverAnyMemory(
  { bytes, clamped, shared, buffer, samples, sharedSamples, floats }: Arrays,
  audio: SoraAudioSource,
  video: SoraVideoSource,
  frame: SoraVideoFrame,
  encoded: SoraTransformableFrame,
  vad: SoraVAD,
  connection: SoraConnection,
  server: SoraServer,
): void {
  for (const data of [samples, sharedSamples, floats]) {
    audio.onData(data);
    void audio.writable.getWriter().write(data);
  }
  for (const data of [bytes, clamped, shared, buffer]) {
    video.onCaptured(data, { width: 2, height: 2 });
    void video.writable.getWriter().write({ data, width: 2, height: 2 });
    frame.copyTo(data);
  }
  for (const data of [bytes, shared, buffer]) {
    encoded.setData(data);
    connection.sendDataChannel("#chat", data);
    void connection.dataChannel("#chat").writable.getWriter().write(data);
    server.sendRaw("ID", "#chat", data);
  }
  for (const data of [samples, sharedSamples]) vad.analyze(data, { sampleRate: 48_000 });
  // What comes out is ordinary memory, which everything takes.
  const pixels: Uint8Array<ArrayBuffer> = frame.data();
  const data: Uint8Array<ArrayBuffer> = encoded.getData();
  void new Blob([pixels, data]);
}

test("a SoraAudioFrame takes samples over any memory, and has them in ordinary memory", () => {
  const shared = new Int16Array(new SharedArrayBuffer(8));
  shared.set([1, 2, 3, 4]);
  const own: Int16Array = Int16Array.of(5, 6);
  const frames = [shared, own].map((samples) =>
    new SoraAudioFrame({ samples, sampleRateHz: 8_000, numChannels: 2 })
  );
  const samples: Int16Array<ArrayBuffer>[] = frames.map((frame) => frame.data());
  shared.fill(9);
  assert.deepEqual(samples.map((data) => [...data]), [[1, 2, 3, 4], [5, 6]]);
  assert.ok(samples.every(({ buffer }) => buffer instanceof ArrayBuffer));
  assert.equal(samples[1], own);
});

test("files are written and read from typed arrays over any memory", async () => {
  const samples: Int16Array = Int16Array.of(1, 2);
  const shared = new Int16Array(new SharedArrayBuffer(4));
  shared.set(samples);
  const format = { sampleRate: 8_000, channels: 1 };
  assert.deepEqual(encodeWav({ ...format, samples: shared }), encodeWav({ ...format, samples }));
  assert.deepEqual(wavSamples(shared), wavSamples(samples));
  const header = { width: 2, height: 2, frameRate: 25 };
  const picture = new Uint8Array(new SharedArrayBuffer(6)).fill(7);
  const stream = [Buffer.from("YUV4MPEG2 W2 H2 F25:1\n"), y4mFrame(header, picture)];
  const { frames } = await readY4m(ReadableStream.from(stream));
  for await (const frame of frames) assert.deepEqual([...frame], [7, 7, 7, 7, 7, 7]);
});
