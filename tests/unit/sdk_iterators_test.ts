/** Whoever leaves an iterator or a stream while it waits takes nothing any more. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { SoraAudioStreamSink, SoraVideoFrame, SoraVideoSink } from "../../mod.ts";
import { DataChannelRegistry } from "../../sdk/data_channel.ts";
import { Pull } from "../../sdk/streams/pull.ts";
import { TrackFeed } from "../../sdk/track/track_feed.ts";
import { within } from "../support/eventually.ts";
import { FakeMedia } from "../support/fake_media.ts";

const END = { done: true, value: undefined };

/** A pull of numbers that a test gives by hand. */
function numbers() {
  const waiting: number[] = [];
  let cancelled = 0;
  const pump = () => {
    while (pull.wanted && waiting.length > 0) pull.give(waiting.shift()!);
  };
  const pull: Pull<number> = new Pull({ closed: () => false, pump, cancel: () => cancelled++ });
  return {
    pull,
    give: (value: number) => {
      waiting.push(value);
      pump();
    },
    cancelled: () => cancelled,
  };
}

test("return() of an iterator ends the next() that waits, and the next item is somebody else's", async () => {
  const { pull, give } = numbers();
  const [left, stays] = [pull[Symbol.asyncIterator](), pull[Symbol.asyncIterator]()];
  const waits = [left.next(), left.next()];
  const gets = stays.next();
  assert.deepEqual(await within("return()", left.return!()), END);
  assert.deepEqual(await within("the ends", Promise.all(waits)), [END, END]);
  give(1);
  assert.deepEqual(await within("the item", gets), { done: false, value: 1 });
  assert.deepEqual(await within("after return()", left.next()), END);
  assert.equal(pull.wanted, false);
});

test("return() leaves other iterators, the stream, and items that were not asked for", async () => {
  const { pull, give } = numbers();
  for await (
    const value of { [Symbol.asyncIterator]: () => (give(7), pull[Symbol.asyncIterator]()) }
  ) {
    assert.equal(value, 7);
    break;
  }
  const read = pull.readable.getReader().read();
  await pull[Symbol.asyncIterator]().return!();
  give(8);
  assert.deepEqual(await within("the read", read), { done: false, value: 8 });
  give(9);
  const { value } = await within("the next", pull[Symbol.asyncIterator]().next());
  assert.equal(value, 9);
});

test("cancelling the stream ends what it waits for", async () => {
  const { pull, give, cancelled } = numbers();
  const reader = pull.readable.getReader();
  const read = reader.read();
  await reader.cancel();
  assert.deepEqual(await within("the read", read), END);
  assert.equal(cancelled(), 1);
  assert.equal(pull.wanted, false);
  const gets = pull[Symbol.asyncIterator]().next();
  give(1);
  assert.deepEqual(await within("the item", gets), { done: false, value: 1 });
});

for (const [Sink, kind] of [[SoraVideoSink, "video"], [SoraAudioStreamSink, "audio"]] as const) {
  test(`${Sink.name}: after return() the next frame goes to onFrame`, async () => {
    const media = new FakeMedia();
    using sink = new Sink(media.track(kind));
    const iterator: AsyncIterator<unknown, undefined> = sink[Symbol.asyncIterator]();
    const waits = iterator.next();
    await within("return()", iterator.return!());
    assert.deepEqual(await within("the end", waits), END);
    const got = Promise.withResolvers<unknown>();
    sink.onFrame = (frame: unknown) => {
      if (frame instanceof SoraVideoFrame) frame.close();
      got.resolve(frame);
    };
    media.give();
    assert.ok(await within("the frame", got.promise));
  });
}

test("SoraConnection.tracks(): return() ends the next() that waits", async () => {
  const tracks = new TrackFeed();
  const media = new FakeMedia();
  const [left, stays] = [tracks.iterate(), tracks.iterate()];
  const waits = left.next();
  const gets = stays.next();
  assert.deepEqual(await within("return()", left.return!()), END);
  assert.deepEqual(await within("the end", waits), END);
  const track = media.track("video");
  tracks.add(track);
  assert.deepEqual(await within("the track", gets), { done: false, value: track });
  assert.deepEqual(await within("after return()", left.next()), END);
  const rest = stays.next();
  tracks.end();
  assert.deepEqual(await within("the end of the connection", rest), END);
  assert.deepEqual(await within("after the end", stays.next()), END);
});

test("SoraDataChannel: a stream that was cancelled while it waited takes no message of the next", async () => {
  const channels = new DataChannelRegistry({
    sendDataChannel: () => true,
    bufferedAmount: () => 0,
    isDataChannelOpen: () => true,
    messageLimit: () => undefined,
  });
  const channel = channels.get("#chat");
  const first = channel.readable.getReader();
  const waits = first.read();
  await first.cancel();
  assert.equal((await within("the end", waits)).done, true);
  const second = channel.readable.getReader();
  channels.message("#chat", Uint8Array.of(1));
  const { value } = await within("the message", second.read());
  assert.deepEqual(value, Uint8Array.of(1));
});
