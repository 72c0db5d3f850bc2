/**
 * Sessions that go through a TURN server, and whether they come about.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Sora, type SoraConnectionOptions, SoraVideoSink } from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { eventually } from "./eventually.ts";
import { type RunningTurnServer, turnUser } from "./turn_server.ts";

/** Options of a connection, over those that each test has. */
export type TurnOptions = Partial<SoraConnectionOptions>;

/** The URL of a TURN server. */
export function turnUrl(
  turn: RunningTurnServer,
  scheme: "turn" | "turns",
  host = "127.0.0.1",
): string {
  return `${scheme}:${host}:${turn.port}?transport=tcp`;
}

/** An SFU that makes its clients use a TURN server only. */
export function startServer(
  url: string,
  credential: string = turnUser.credential,
): Promise<SoraServer> {
  return SoraServer.start({
    port: 0,
    iceServers: [{ urls: [url], username: turnUser.username, credential }],
    iceTransportPolicy: "relay",
  });
}

/** Connects once through TURN; after that what was allocated is in use. */
export async function connect(url: string, options: TurnOptions = {}): Promise<void> {
  await using sfu = await startServer(url);
  await using sora = new Sora();
  await using connection = sora.createConnection({
    signalingUrls: [sfu.url],
    channelId: "turn",
    role: "recvonly",
    ...options,
  });
  await connection.connect();
}

/** Tries to connect, and gives up as soon as `refused`. */
export async function connectUntil(
  what: string,
  refused: () => boolean,
  url: string,
  options: TurnOptions = {},
  { credential, limitMs }: { credential?: string; limitMs?: number } = {},
): Promise<void> {
  await using sfu = await startServer(url, credential);
  await using sora = new Sora();
  await using connection = sora.createConnection({
    signalingUrls: [sfu.url],
    channelId: "turn",
    role: "recvonly",
    ...options,
  });
  const abort = new AbortController();
  const connecting = connection.connect({ signal: abort.signal });
  const ended = assert.rejects(connecting, { name: "AbortError" });
  await Promise.race([
    eventually(what, refused, limitMs),
    connecting.then(() => assert.fail("connected")),
  ]);
  abort.abort();
  await ended;
}

/** Sends frames from one client to another, both through TURN. */
export async function sendVideo(url: string, options: TurnOptions = {}): Promise<void> {
  await using sfu = await startServer(url);
  await using sora = new Sora();
  const room = { signalingUrls: [sfu.url], channelId: "turn", audio: false, ...options };
  const videoSource = sora.createVideoSource();
  await using sender = sora.createConnection({ ...room, role: "sendonly", videoSource });
  await using receiver = sora.createConnection({ ...room, role: "recvonly" });
  const first = Promise.withResolvers<[number, number]>();
  receiver.onTrack = (track) => {
    const sink = new SoraVideoSink(track);
    sink.onFrame = (frame) => {
      first.resolve([frame.width, frame.height]);
      frame.close();
    };
  };
  await Promise.all([sender.connect(), receiver.connect()]);
  const grey = new Uint8Array(320 * 240 * 3).fill(128);
  const camera = setInterval(() => videoSource.onCaptured(grey, { width: 320, height: 240 }), 33);
  try {
    assert.deepEqual(await first.promise, [320, 240]);
  } finally {
    clearInterval(camera);
  }
  for (const connection of [sender, receiver]) {
    const types = (await connection.getStats()).flatMap((stats) =>
      stats.type === "local-candidate" ? [stats.candidateType] : []
    );
    assert.deepEqual(new Set(types), new Set(["relay"]));
  }
}
