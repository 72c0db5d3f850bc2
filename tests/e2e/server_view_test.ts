/** What a server shows of its connections: `connections()`, `stats()` and the events of `onEvent`. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { SoraServer, type SoraServerConnection, type SoraServerEvent } from "../../sfu/mod.ts";
import { eventually } from "../support/eventually.ts";
import { MediaClient, nextFrame } from "../support/media_client.ts";
import { RecordingClient } from "../support/recording_client.ts";

/** The connection of a client in a snapshot. */
function of(server: SoraServer, id: string | undefined): SoraServerConnection {
  const found = server.connections().find(({ connectionId }) => connectionId === id);
  assert.ok(found, `${id} is a connection of the server`);
  return found;
}

test("connections() shows members, what they publish and what they receive, and how much of it", async () => {
  await using server = await SoraServer.start();
  assert.deepEqual(server.connections(), []);
  const room = { signalingUrls: [server.url], channelId: "view" };
  const frame = { width: 160, height: 120, turn: 0 };
  await using sender = new MediaClient({ ...room, role: "sendonly", videoCodecType: "VP8" }, {
    frame,
    toneHz: 440,
  });
  await using receiver = new MediaClient({
    ...room,
    role: "recvonly",
    dataChannelSignaling: true,
    clientId: "viewer",
  });
  await Promise.all([sender.connect(), receiver.connect()]);
  (await nextFrame((await receiver.from(sender)).video)).close();
  const senderId = sender.connection.connectionId;
  const receiverId = receiver.connection.connectionId;
  await eventually(
    "the switch",
    () => of(server, receiverId).signaling === "datachannel",
  );
  const [published, received] = [of(server, senderId), of(server, receiverId)];
  assert.deepEqual(
    [published.channelId, published.role, published.signaling, published.subscriptions],
    ["view", "sendonly", "websocket", []],
  );
  assert.deepEqual([received.clientId, received.role, received.tracks], ["viewer", "recvonly", []]);
  assert.deepEqual(
    published.tracks.map(({ kind, codec, layers }) => [kind, codec, layers.map(({ rid }) => rid)]),
    [["audio", "opus", [undefined]], ["video", "VP8", [undefined]]],
  );
  assert.deepEqual(
    received.subscriptions.map(({ connectionId, kind }) => [connectionId, kind]).sort(),
    [[senderId, "audio"], [senderId, "video"]],
  );
  assert.ok(published.seconds > 0);

  await eventually("more of everything", () => {
    const [from, to] = [of(server, senderId), of(server, receiverId)];
    const layers = from.tracks.map(({ layers }) => layers[0]!);
    return from.receivedPackets > published.receivedPackets &&
      from.receivedBytes > published.receivedBytes &&
      to.sentPackets > received.sentPackets && to.sentBytes > received.sentBytes &&
      layers.every((layer, i) =>
        layer.packets > published.tracks[i]!.layers[0]!.packets &&
        layer.bytes > published.tracks[i]!.layers[0]!.bytes
      ) &&
      to.subscriptions.every((one, i) =>
        one.packets > received.subscriptions[i]!.packets &&
        one.bytes > received.subscriptions[i]!.bytes
      );
  });
  await eventually("an estimate", () => (of(server, receiverId).path?.bitRate ?? 0) > 100_000);
  assert.equal(of(server, senderId).path, undefined, "it receives nothing");
  const { roundTripMs, lossShare } = of(server, receiverId).path!;
  assert.ok(roundTripMs < 1000 && lossShare <= 0.5, `${roundTripMs} ms, ${lossShare}`);
  const stats = server.stats();
  assert.ok(stats.receivedBytes >= of(server, senderId).receivedBytes / 2);
  assert.ok(stats.sentPackets > 0 && stats.receivedPackets > 0 && stats.sentBytes > 0);
  // One that was asked for lately is asked for again only after a while.
  await eventually("a key frame request", () => {
    assert.equal(server.requestKeyFrame(senderId!), true);
    return server.stats().keyFrameRequests >= stats.keyFrameRequests + 1;
  });

  await sender.connection.disconnect();
  await eventually("its leaving", () => server.connections().length === 1);
  assert.ok(server.stats().receivedBytes >= published.receivedBytes, "what was counted stays");
});

test("onEvent gets connections that are created, destroyed and refused, and why", async () => {
  const events: SoraServerEvent[] = [];
  await using server = await SoraServer.start({
    maxChannelConnections: 1,
    onEvent: (event) => events.push(event),
  });
  const room = { signalingUrls: [server.url], channelId: "log" };
  await using alice = await new RecordingClient({ ...room, clientId: "alice" }).connect();
  const who = {
    channelId: "log",
    connectionId: alice.id,
    clientId: "alice",
    role: "recvonly",
  } as const;
  assert.deepEqual(events, [{ event: "connection.created", ...who }]);
  const bob = new RecordingClient(room);
  await assert.rejects(bob.connect(), /TOO-MANY-CONNECTIONS/);
  const [, refused] = events;
  assert.equal(refused?.event, "connection.refused");
  assert.deepEqual([refused.reason, refused.detail], [
    "TOO-MANY-CONNECTIONS",
    "the channel is full",
  ]);
  assert.equal(server.disconnect(alice.id), true);
  await eventually("the end", () => events.length === 3);
  const { seconds, ...destroyed } = events[2] as Extract<typeof events[2], { seconds: number }>;
  assert.deepEqual(destroyed, {
    event: "connection.destroyed",
    ...who,
    reason: "DISCONNECTED-API",
  });
  assert.ok(seconds > 0);
  await bob[Symbol.asyncDispose]();
});

test("an onEvent that throws, or ends the connection, harms nobody", async () => {
  const errors: unknown[] = [];
  const reasons: string[] = [];
  await using server: SoraServer = await SoraServer.start({
    onEvent(event) {
      if (event.event === "connection.created") server.disconnect(event.connectionId);
      if (event.event === "connection.destroyed") reasons.push(event.reason);
      throw new Error("a handler's own");
    },
    onError: (error) => errors.push(error),
  });
  const client = new RecordingClient({ signalingUrls: [server.url], channelId: "throws" });
  await client.connect().catch(() => {});
  await client.ended();
  assert.deepEqual(reasons, ["DISCONNECTED-API"]);
  assert.equal(errors.length, 2);
  await client[Symbol.asyncDispose]();
});
