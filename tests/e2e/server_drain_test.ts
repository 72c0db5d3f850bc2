/** `close({ drainMs })`: members are told and have time to leave, and newcomers are sent away. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { SoraServer, type SoraServerEvent } from "../../sfu/mod.ts";
import { eventually } from "../support/eventually.ts";
import { MediaClient, nextFrame } from "../support/media_client.ts";
import { RecordingClient } from "../support/recording_client.ts";

/** Longer than any of these tests waits. */
const LONG_MS = 600_000;

test("while a server drains, media flows on, and it is over as soon as the last one has left", async () => {
  const server = await SoraServer.start();
  const room = { signalingUrls: [server.url], channelId: "drain", audio: false } as const;
  await using sender = new MediaClient({ ...room, role: "sendonly", videoCodecType: "VP8" }, {
    frame: { width: 160, height: 120, turn: 0 },
  });
  await using receiver = new MediaClient({ ...room, role: "recvonly" });
  await using watcher = new RecordingClient(room);
  await Promise.all([sender.connect(), receiver.connect(), watcher.connect()]);
  const { video } = await receiver.from(sender, 1);
  (await nextFrame(video)).close();
  const closed = server.close({ drainMs: LONG_MS });
  await eventually("the notification", () => watcher.notified().includes("server.closing"));
  const [message] = watcher.of("onNotify").find(([{ event_type }]) =>
    (event_type as string) === "server.closing"
  )!;
  assert.equal((message as unknown as { remaining_ms: number }).remaining_ms, LONG_MS);
  for (let i = 0; i < 10; i++) (await nextFrame(video)).close();

  const late = new RecordingClient(room);
  await assert.rejects(late.connect(), /4490.*SERVER-CLOSING|SERVER-CLOSING/);
  assert.equal(server.connections().length, 3);
  for (const { connection } of [sender, receiver, watcher]) await connection.disconnect();
  await closed;
  assert.deepEqual(server.connections(), []);
  await late[Symbol.asyncDispose]();
});

test("when the time is over, connections end with 1001, over data channels as well", async () => {
  const events: SoraServerEvent[] = [];
  const server = await SoraServer.start({ onEvent: (event) => events.push(event) });
  const room = { signalingUrls: [server.url], channelId: "over" };
  await using plain = await new RecordingClient(room).connect();
  await using switched = await new RecordingClient({
    ...room,
    dataChannelSignaling: true,
    ignoreDisconnectWebSocket: true,
  }).switch();
  await server.close({ drainMs: 1 });
  assert.deepEqual((await plain.ended())[0], ["onWsClose", 1001, "SERVER-CLOSED"]);
  await switched.ended();
  const closes = switched.of("onSignalingMessage").map(([, , text]) => JSON.parse(text))
    .filter(({ type }) => type === "close");
  assert.deepEqual(closes, [{ type: "close", code: 1001, reason: "SERVER-CLOSED" }]);
  const reasons = events.flatMap((event) =>
    event.event === "connection.destroyed" ? [event.reason] : []
  );
  assert.deepEqual(reasons, ["SERVER-CLOSED", "SERVER-CLOSED"]);
});

test("another close() does not wait any longer", async () => {
  const server = await SoraServer.start();
  await using client = await new RecordingClient({
    signalingUrls: [server.url],
    channelId: "hurry",
  }).connect();
  const closed = server.close({ drainMs: LONG_MS });
  assert.equal(server.close(), closed);
  await closed;
  assert.deepEqual((await client.ended())[0], ["onWsClose", 1001, "SERVER-CLOSED"]);
});

test("a server that drains redirects newcomers when it knows where to", async () => {
  await using other = await SoraServer.start();
  let away = false;
  const server = await SoraServer.start({ redirect: () => away ? other.url : undefined });
  const room = { signalingUrls: [server.url], channelId: "away" };
  await using first = await new RecordingClient(room).connect();
  away = true;
  const closed = server.close({ drainMs: LONG_MS });
  await using second = await new RecordingClient(room).connect();
  assert.deepEqual(other.connections().map(({ connectionId }) => connectionId), [second.id]);
  await first.connection.disconnect();
  await closed;
});

test("close() refuses wrong options, and goes on", async () => {
  await using server = await SoraServer.start();
  assert.throws(() => server.close({ drainMs: -1 }), {
    name: "RangeError",
    message: "options.drainMs must be an integer from 0 to 3600000, not -1",
  });
  assert.throws(() => server.close({ drain: 1 } as never), {
    name: "TypeError",
    message: "options.drain is not a known option; known are drainMs",
  });
});
