import assert from "node:assert/strict";
import { test } from "node:test";
import type { SoraMediaTrack } from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { eventually, within } from "../support/eventually.ts";
import { MediaClient } from "../support/media_client.ts";

const sent = { frame: { width: 160, height: 120, turn: 0 }, toneHz: 440 };

/** What a loop over the tracks of a client has seen; `ended` resolves when the loop is left. */
function loop(client: MediaClient) {
  const seen: SoraMediaTrack[] = [];
  const ended = (async () => {
    for await (const track of client.connection.tracks()) seen.push(track);
  })();
  return { seen, ended };
}

/** Kind and sender of tracks, sorted. */
const names = (tracks: Iterable<SoraMediaTrack>) =>
  [...tracks].map(({ kind, streamId }) => `${kind} of ${streamId}`).toSorted();

test("tracks() gives those that are there and those that come, and ends with the connection", async () => {
  await using server = await SoraServer.start({ port: 0 });
  const room = { signalingUrls: [server.url], channelId: "tracks" };
  await using receiver = new MediaClient({ ...room, role: "recvonly" });
  const early = loop(receiver);
  await using alice = new MediaClient({ ...room, role: "sendonly" }, sent);
  await Promise.all([receiver.connect(), alice.connect()]);
  const { tracks: ofAlice } = await receiver.from(alice);

  const late = loop(receiver);
  await eventually(
    "what is there, in both loops",
    () => [early, late].every(({ seen }) => seen.length === 2),
  );
  assert.deepEqual(new Set(early.seen), ofAlice, "the same objects as onTrack has");
  assert.deepEqual(new Set(late.seen), ofAlice);

  await using bob = new MediaClient({ ...room, role: "sendonly" }, sent);
  await bob.connect();
  const { tracks: ofBob } = await receiver.from(bob);
  await eventually(
    "what comes, in both loops",
    () => [early, late].every(({ seen }) => seen.length === 4),
  );
  assert.deepEqual(names(early.seen), names([...ofAlice, ...ofBob]));
  assert.deepEqual(names(late.seen), names(early.seen));

  await receiver.disconnect();
  await within("the end of both loops", Promise.all([early.ended, late.ended]));
  assert.equal(early.seen.length, 4);
  assert.deepEqual(receiver.errors, []);
});

test("tracks() leaves out what was removed before its turn, and a loop that is left is forgotten", async () => {
  await using server = await SoraServer.start({ port: 0 });
  const room = { signalingUrls: [server.url], channelId: "tracks" };
  await using receiver = new MediaClient({ ...room, role: "recvonly" });
  await using alice = new MediaClient({ ...room, role: "sendonly" }, sent);
  await Promise.all([receiver.connect(), alice.connect()]);
  await receiver.from(alice);
  const slow = receiver.connection.tracks();
  const first = await slow.next();
  assert.equal(first.value?.streamId, alice.connection.connectionId);

  // Its other track waits for its turn when it goes.
  await alice.disconnect();
  await eventually(
    "the removal",
    () => [...receiver.received.values()].every(({ tracks }) => tracks.size === 0),
  );
  await using bob = new MediaClient({ ...room, role: "sendonly" }, sent);
  await bob.connect();
  await receiver.from(bob);
  const next = await within("a track", slow.next());
  assert.equal(next.value?.streamId, bob.connection.connectionId);

  assert.deepEqual(await slow.return?.(), { done: true, value: undefined });
  assert.deepEqual(await slow.next(), { done: true, value: undefined });
  for await (const track of receiver.connection.tracks()) {
    assert.equal(track.streamId, bob.connection.connectionId);
    break;
  }
});

test("tracks() goes on over a connection that is made again", async () => {
  const first = await SoraServer.start({ port: 0 });
  const { port, url } = first;
  const reconnect = { initialDelayMs: 20, maxDelayMs: 100, maxRetries: 50 };
  const room = { signalingUrls: [url], channelId: "tracks", reconnect };
  await using receiver = new MediaClient({ ...room, role: "recvonly" });
  await using alice = new MediaClient({ ...room, role: "sendonly" }, sent);
  await Promise.all([receiver.connect(), alice.connect()]);
  const { seen, ended } = loop(receiver);
  await eventually("both tracks", () => seen.length === 2);
  await first.close();
  await using _server = await SoraServer.start({ port });
  await eventually("both again", () => seen.length >= 4, 20_000);
  await receiver.disconnect();
  await within("the end", ended);
  assert.ok(seen.every(({ state }) => state === "ENDED"));
});
