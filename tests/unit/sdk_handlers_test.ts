/** Handlers of sinks and transformers: however one fails, it is reported once, and the next item comes. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  SoraAudioSink,
  SoraAudioStreamSink,
  SoraError,
  SoraVideoFrameTransformer,
  SoraVideoSink,
} from "../../mod.ts";
import { attachTransformer } from "../../sdk/transform/frame_transformer.ts";
import { eventually, pause } from "../support/eventually.ts";
import { failures } from "../support/failing_handlers.ts";
import { FakeMedia } from "../support/fake_media.ts";

interface Owner {
  onError: ((error: unknown) => unknown) | undefined;
}

/** Makes the owner of a handler, whose handler is to be `handler`. */
const owners: Readonly<Record<string, (media: FakeMedia, handler: () => unknown) => Owner>> = {
  "SoraAudioSink.onData": (media, handler) =>
    Object.assign(new SoraAudioSink(media.track("audio")), { onData: handler }),
  "SoraAudioSink.onFormat": (media, handler) =>
    Object.assign(new SoraAudioSink(media.track("audio")), { onFormat: handler, onData: () => {} }),
  "SoraAudioStreamSink.onFrame": (media, handler) =>
    Object.assign(new SoraAudioStreamSink(media.track("audio")), { onFrame: handler }),
  "SoraVideoSink.onFrame": (media, handler) =>
    Object.assign(new SoraVideoSink(media.track("video")), { onFrame: handler }),
  "SoraVideoFrameTransformer.onTransform": (media, handler) => {
    const transformer = new SoraVideoFrameTransformer();
    transformer[attachTransformer](media.handle("Sora", 6), media);
    return Object.assign(transformer, { onTransform: handler });
  },
};

for (const [what, make] of Object.entries(owners)) {
  for (const [name, fail] of Object.entries(failures)) {
    test(`${what} that ${name} is reported once, and is called again`, async () => {
      const media = new FakeMedia();
      const errors: Error[] = [];
      const reported: unknown[] = [];
      const owner = make(media, () => {
        errors.push(new Error(`${what} ${errors.length}`));
        return fail(errors.at(-1)!);
      });
      owner.onError = (error) => void reported.push(error);
      media.give();
      await eventually("the report", () => reported.length > 0);
      // A format is reported once.
      const wanted = what.endsWith("onFormat") ? 1 : 2;
      media.give();
      await eventually("all reports", () => reported.length >= wanted);
      // None may come twice.
      await pause(5);
      assert.deepEqual(reported, errors);
      assert.equal(reported.length, wanted);
    });
  }
}

test("a frame whose onTransform returns a thenable that rejects is dropped and counted", async () => {
  const media = new FakeMedia();
  using transformer = new SoraVideoFrameTransformer();
  transformer[attachTransformer](media.handle("Sora", 6), media);
  transformer.onError = () => {};
  transformer.onTransform = () =>
    failures["returns an object with a then that rejects"]!(new Error());
  media.give();
  await eventually("the frame is dropped", () => transformer.dropped === 1);
  assert.deepEqual(media.released, [100]);
});

test("an unbound method given as handler fails with an error that onError gets", async () => {
  class Player {
    readonly #shown: unknown[] = [];
    show(frame: unknown): void {
      this.#shown.push(frame);
    }
  }
  const media = new FakeMedia();
  using sink = new SoraVideoSink(media.track("video"));
  const reported: unknown[] = [];
  sink.onError = (error) => void reported.push(error);
  sink.onFrame = new Player().show;
  media.give();
  await eventually("the report", () => reported.length === 1);
  assert.ok(reported[0] instanceof TypeError, String(reported[0]));
  assert.ok(!(reported[0] instanceof SoraError));
});

test("a transformer gives one writable after the other", async () => {
  const enqueued: number[] = [];
  const media = new FakeMedia({
    sora_transformer_enqueue: (_, frame) => enqueued.push(frame),
  });
  using transformer = new SoraVideoFrameTransformer();
  transformer[attachTransformer](media.handle("Sora", 6), media);
  const reader = transformer.readable.getReader();
  for (let i = 0; i < 3; i++) {
    const read = reader.read();
    media.give();
    const { value } = await read;
    const first = transformer.writable;
    await ReadableStream.from([value!]).pipeTo(transformer.writable);
    assert.notEqual(transformer.writable, first);
  }
  assert.deepEqual(enqueued, [100, 101, 102]);
});
