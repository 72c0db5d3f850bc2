import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  Sora,
  type SoraConnection,
  type SoraConnectionOptions,
  SoraError,
  type SoraSignalingErrorCode,
  type SoraVideoFrame,
  SoraVideoSink,
} from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { eventually, pause } from "../support/eventually.ts";
import { MediaClient, nextFrame } from "../support/media_client.ts";
import { backTo, collectGarbage, type Resources, resources } from "../support/resources.ts";

const frame = { width: 160, height: 120, turn: 0 };
const sent = { frame, toneHz: 440 };
let server: SoraServer;
let room: Pick<SoraConnectionOptions, "signalingUrls" | "channelId" | "videoCodecType">;
let base: Resources;

/** Two clients, with media flowing from one to the other. */
async function session(sora?: Sora): Promise<{ sender: MediaClient; receiver: MediaClient }> {
  const sender = new MediaClient({ ...room, role: "sendonly" }, sent, sora);
  const receiver = new MediaClient({ ...room, role: "recvonly" }, {}, sora);
  await Promise.all([sender.connect(), receiver.connect()]);
  const { video, audio } = await receiver.from(sender);
  (await nextFrame(video)).close();
  assert.ok((await audio.read(480)).ok, "audio arrives");
  return { sender, receiver };
}

/** Both ended well, exactly once, and nothing threw. */
function assertEnded(clients: readonly MediaClient[]): void {
  for (const { connection, disconnects, errors } of clients) {
    assert.equal(connection.state, "disconnected");
    assert.deepEqual(disconnects.map(([code]) => code), ["CLOSE_SUCCEEDED"]);
    assert.deepEqual(errors, []);
  }
}

before(async () => {
  server = await SoraServer.start({ port: 0 });
  room = { signalingUrls: [server.url], channelId: "lifecycle", videoCodecType: "VP8" };
  // The runtime's own pools of threads come to their size here.
  for (let round = 0; round < 3; round++) {
    const { sender, receiver } = await session();
    await Promise.all([sender[Symbol.asyncDispose](), receiver[Symbol.asyncDispose]()]);
  }
  await eventually("an idle process", async () => {
    const now = resources();
    // Counts that hold are steady.
    await pause(200);
    base = resources();
    return now.threads === base.threads && now.descriptors === base.descriptors;
  });
});

after(() => server.close());

test("50 connections with media leave nothing behind", { timeout: 120_000 }, async () => {
  await using sora = new Sora();
  for (let cycle = 0; cycle < 50; cycle++) {
    // Every other cycle starts and ends libwebrtc's threads as well.
    const { sender, receiver } = await session(cycle % 2 ? sora : undefined);
    const clients = cycle % 4 < 2 ? [sender, receiver] : [receiver, sender];
    for (const client of clients) await client[Symbol.asyncDispose]();
    assertEnded(clients);
  }
  await sora.close();
  await backTo(base);
});

test("one connection object can connect again and again", async () => {
  await using sora = new Sora();
  const connection = sora.createConnection({ ...room, role: "recvonly" });
  const ends: SoraSignalingErrorCode[] = [];
  connection.onDisconnect = (code) => ends.push(code);
  for (let round = 0; round < 10; round++) {
    await connection.connect();
    await connection.disconnect();
  }
  assert.deepEqual(ends, Array(10).fill("CLOSE_SUCCEEDED"));
  await sora.close();
  await backTo(base);
});

const endings: Readonly<
  Record<string, (sora: Sora, clients: { sender: MediaClient; receiver: MediaClient }) => unknown>
> = {
  "the sender, then the receiver": async (_, { sender, receiver }) => {
    await sender.disconnect();
    await receiver.disconnect();
  },
  "the receiver, then the sender": async (_, { sender, receiver }) => {
    await receiver.disconnect();
    await sender.disconnect();
  },
  "both at once, twice": (_, { sender, receiver }) =>
    Promise.all([sender, receiver, sender, receiver].map((client) => client.disconnect())),
  "Sora, with its connections open": (sora) => sora.close(),
  "Sora, while its connections end": (sora, { sender, receiver }) =>
    Promise.all([sender.disconnect(), sora.close(), receiver.disconnect()]),
  "the sinks first": async (sora, { receiver }) => {
    for (const { video, audio } of receiver.received.values()) {
      video?.close();
      audio?.close();
    }
    await sora.close();
  },
};

for (const [order, end] of Object.entries(endings)) {
  test(`ending: ${order}`, async () => {
    await using sora = new Sora();
    const clients = await session(sora);
    await end(sora, clients);
    assertEnded(Object.values(clients));
    await Promise.all(Object.values(clients).map((client) => client[Symbol.asyncDispose]()));
    await sora.close();
    await backTo(base);
  });
}

test("ending: the server, with connections open", async () => {
  const other = await SoraServer.start({ port: 0 });
  const clients = [1, 2].map(() =>
    new MediaClient({ ...room, signalingUrls: [other.url], role: "sendrecv" }, sent)
  );
  await Promise.all(clients.map((client) => client.connect()));
  await other.close();
  await eventually("their ends", () => clients.every(({ disconnects }) => disconnects.length > 0));
  for (const client of clients) await client[Symbol.asyncDispose]();
  assert.deepEqual(clients.map(({ disconnects }) => disconnects.length), [1, 1]);
  await backTo(base);
});

test("connecting that is given up at any moment leaves nothing behind", async () => {
  await using sora = new Sora();
  const connection = sora.createConnection({ ...room, role: "recvonly" });
  const reason = new Error("given up");
  let aborted = 0;
  for (let delayMs = 0; delayMs < 40; delayMs += 2) {
    const giveUp = new AbortController();
    const timer = setTimeout(() => giveUp.abort(reason), delayMs);
    await connection.connect({ signal: giveUp.signal }).catch((error) => {
      assert.equal(error, reason);
      aborted++;
    });
    clearTimeout(timer);
    await connection.disconnect();
  }
  assert.ok(aborted > 0, "at least the one that was given up at once");
  await sora.close();
  await backTo(base);
});

test("disconnect() in the middle of connect() rejects it and leaves nothing behind", async () => {
  await using sora = new Sora();
  const connection = sora.createConnection({ ...room, role: "recvonly" });
  const ends: SoraSignalingErrorCode[] = [];
  connection.onDisconnect = (code) => ends.push(code);
  connection.onSetOffer = () => connection.disconnect();
  await assert.rejects(connection.connect(), SoraError);
  await connection.disconnect();
  assert.equal(ends.length, 1);
  await sora.close();
  await backTo(base);
});

test("twenty Sora at once, each with a connection and sources", async () => {
  const clients = Array.from(
    { length: 20 },
    (_, index) =>
      new MediaClient({ ...room, channelId: `room ${index}`, role: "sendrecv" }, { toneHz: 440 }),
  );
  await Promise.all(clients.map((client) => client.connect()));
  assert.ok(resources().objects >= base.objects + 60, "a factory, a peer and a source for each");
  await Promise.all(clients.map((client) => client[Symbol.asyncDispose]()));
  assertEnded(clients);
  await backTo(base);
});

test("using: a block that is left ends everything in it", async () => {
  {
    using sora = new Sora();
    using source = sora.createVideoSource();
    await using connection = sora.createConnection({
      ...room,
      role: "sendonly",
      videoSource: source,
    });
    await connection.connect();
  }
  await backTo(base);
});

test("whatever is closed reports it and refuses every call", async () => {
  const closed = { name: "SoraError", code: "CLOSED" };
  const sora = new Sora();
  const { sender, receiver } = await session(sora);
  const { video, audio } = await receiver.from(sender);
  const source = sora.createVideoSource();
  const frame = await nextFrame(video);
  frame.close();
  assert.throws(() => frame.data(), closed);
  await Promise.all([sender[Symbol.asyncDispose](), receiver[Symbol.asyncDispose]()]);
  await sora.close();
  assert.throws(() => sora.createVideoSource(), closed);
  assert.throws(() => source.onCaptured(new Uint8Array(12), { width: 2, height: 2 }), closed);
  await assert.rejects(receiver.connection.connect(), closed);
  assert.equal((await audio.read(480)).ok, false);
  assert.throws(() => new SoraVideoSink(video.track), closed);
  for (const closeable of [frame, video, audio, source]) closeable.close();
  await backTo(base);
});

test("forgotten connections are collected, and what they held is given back", async () => {
  const sora = new Sora();
  const forget = async (): Promise<WeakRef<SoraConnection>[]> => {
    const never = sora.createConnection({ ...room, role: "recvonly" });
    const once = sora.createConnection({ ...room, role: "recvonly" });
    await once.connect();
    await once.disconnect();
    return [new WeakRef(never), new WeakRef(once)];
  };
  const forgotten = await forget();
  // What connects next takes the place of what has ended.
  const next = sora.createConnection({ ...room, role: "recvonly" });
  await next.connect();
  await next.disconnect();
  await eventually("the collector", () => {
    collectGarbage();
    return forgotten.every((connection) => connection.deref() === undefined);
  });
  await sora.close();
  await backTo(base);
});

test("a forgotten connection stays open until its Sora closes, and does no harm", async () => {
  const sora = new Sora();
  const ends: SoraSignalingErrorCode[] = [];
  const forget = async () => {
    const connection = sora.createConnection({ ...room, role: "recvonly" });
    connection.onDisconnect = (code) => ends.push(code);
    await connection.connect();
  };
  await forget();
  for (let round = 0; round < 5; round++) {
    collectGarbage();
    // Finalizers run in tasks of their own.
    await pause(0);
  }
  assert.deepEqual(ends, []);
  await sora.close();
  assert.deepEqual(ends, ["CLOSE_SUCCEEDED"]);
  await backTo(base);
});

test("forgotten frames are released by the collector, with one warning", async (context) => {
  const warn = context.mock.method(console, "warn", () => {});
  const { sender, receiver } = await session();
  const { video } = await receiver.from(sender);
  const before = resources().objects;
  // A function of its own, so that nothing on the stack of this one refers to a frame.
  const forget = async () => {
    const frames: SoraVideoFrame[] = [];
    while (frames.length < 10) frames.push(await nextFrame(video));
    assert.ok(resources().objects >= before + frames.length, "frames are native objects");
  };
  for (let round = 0; round < 2; round++) {
    await forget();
    await eventually("the collector", () => {
      collectGarbage();
      return resources().objects <= before;
    });
  }
  const texts = warn.mock.calls.map(({ arguments: [text] }) => String(text));
  assert.equal(texts.length, 1);
  assert.match(texts[0] ?? "", /^A SoraVideoFrame was not closed, .*close\(\) each/);
  await Promise.all([sender[Symbol.asyncDispose](), receiver[Symbol.asyncDispose]()]);
  await backTo(base);
});
