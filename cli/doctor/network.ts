/**
 * The checks of what this machine's network allows: UDP on loopback, and a connection through an embedded server.
 *
 * @module
 */

import { createSocket } from "node:dgram";
import { Sora, SoraVideoSink } from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { type Check, failed, messageOf, ok, skippedWithout } from "./finding.ts";
import { limited } from "./limited.ts";

const HOST = "127.0.0.1";
const DATAGRAM_LIMIT_MS = 2_000;
const FRAME_LIMIT_MS = 10_000;
const FRAME_EVERY_MS = 33;
const SIZE = { width: 320, height: 240 };

/** Sends a datagram from a socket on loopback to itself. */
async function sendToItself(signal: AbortSignal): Promise<void> {
  const socket = createSocket("udp4");
  try {
    const arrived = new Promise<void>((resolve, reject) => {
      socket.once("error", reject);
      socket.once("message", () => resolve());
      socket.bind(0, HOST, () => {
        socket.send("sora-ffi", socket.address().port, HOST, (error) => {
          if (error) reject(error);
        });
      });
    });
    const late = `no datagram arrived within ${DATAGRAM_LIMIT_MS / 1_000} s`;
    await limited(arrived, DATAGRAM_LIMIT_MS, late, signal);
  } finally {
    socket.close();
  }
}

/** UDP on loopback. */
export const checkUdp: Check = async (findings, signal) => {
  const skipped = skippedWithout(findings, "runtime");
  if (skipped !== undefined) return skipped;
  const began = performance.now();
  try {
    await sendToItself(signal);
  } catch (error) {
    // Interrupted, or thrown past everybody: the lack of a permission.
    signal.throwIfAborted();
    return failed(
      `UDP from ${HOST} to ${HOST} does not work: ${messageOf(error)}. Media needs it: ` +
        "bring the loopback interface up, and allow UDP on it in the firewall, container or sandbox",
      { address: HOST },
    );
  }
  const ms = performance.now() - began;
  return ok(`a datagram from ${HOST} to ${HOST} took ${ms.toFixed(1)} ms`, { address: HOST, ms });
};

/** What a connection needs, from its start to its first frame. */
interface Times {
  readonly connectMs: number;
  readonly firstFrameMs: number;
  readonly width: number;
  readonly height: number;
}

async function receiveFrame(signal: AbortSignal): Promise<Times> {
  await using server = await SoraServer.start({ host: HOST });
  await using sora = new Sora();
  const room = { signalingUrls: [server.url], channelId: "doctor", audio: false };
  const videoSource = sora.createVideoSource();
  await using sender = sora.createConnection({ ...room, role: "sendonly", videoSource });
  await using receiver = sora.createConnection({ ...room, role: "recvonly" });
  const { promise: size, resolve } = Promise.withResolvers<{ width: number; height: number }>();
  receiver.onTrack = (track) => {
    if (track.kind !== "video") return;
    new SoraVideoSink(track).onFrame = (received) => {
      using frame = received;
      resolve({ width: frame.width, height: frame.height });
    };
  };
  const began = performance.now();
  const late = (what: string) =>
    `${what} within ${
      FRAME_LIMIT_MS / 1_000
    } s, although the embedded server runs on ${server.url}`;
  const connected = Promise.all([sender.connect(), receiver.connect()]);
  await limited(connected, FRAME_LIMIT_MS, late("the clients did not connect"), signal);
  const connectMs = performance.now() - began;
  const grey = new Uint8Array(SIZE.width * SIZE.height * 3).fill(128);
  const camera = setInterval(() => videoSource.onCaptured(grey, SIZE), FRAME_EVERY_MS);
  try {
    const frame = await limited(size, FRAME_LIMIT_MS, late("no frame of video arrived"), signal);
    return { connectMs, firstFrameMs: performance.now() - began, ...frame };
  } finally {
    clearInterval(camera);
  }
}

/** A connection through an embedded server, from one client to another, until the first frame of video. */
export const checkConnection: Check = async (findings, signal) => {
  const skipped = skippedWithout(findings, "library") ?? skippedWithout(findings, "udp");
  if (skipped !== undefined) return skipped;
  const times = await receiveFrame(signal);
  const { connectMs, firstFrameMs, width, height } = times;
  return ok(
    `two clients connected through an embedded server in ${connectMs.toFixed(0)} ms, ` +
      `the first frame of ${width} x ${height} arrived after ${firstFrameMs.toFixed(0)} ms`,
    { ...times },
  );
};
