/**
 * The run itself: a server, a sending client and a receiving client.
 *
 * @module
 */

import { Sora, type SoraConnection, SoraDegradationPreference, type SoraStats } from "../mod.ts";
import { SoraServer } from "../sfu/mod.ts";
import { SAMPLE_RATE } from "./media.ts";
import type { DemoOptions } from "./options.ts";
import type { Receiver } from "./receiver.ts";
import type { Sender } from "./sender.ts";

/** How long the first frame may take. */
export const MAX_FIRST_FRAME_SECONDS = 10;
/** How long frames in flight may take to arrive at the end, in milliseconds. */
const DRAIN_MS = 1_000;
const POLL_MS = 20;

/** The two sides of the run. */
export interface Parts {
  /** Sends video and audio. */
  readonly sender: Sender;
  /** Receives them. */
  readonly receiver: Receiver;
}

/** Results of the run, besides what sender and receiver recorded. */
export interface Exchange {
  /** How long the receiver's `connect()` took, in milliseconds. */
  readonly connectMs: number;
  /** From the receiver's call of `connect()` to its first decoded frame, in milliseconds. */
  readonly firstFrameMs: number;
  /** Statistics of the sending client. */
  readonly senderStats: readonly SoraStats[];
  /** Statistics of the receiving client. */
  readonly receiverStats: readonly SoraStats[];
}

/** Polls until a condition holds; next to the media that costs nothing. */
async function until(condition: () => boolean, signal: AbortSignal): Promise<void> {
  while (!condition()) {
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Ends the run when a connection fails in the background. */
function watch(connection: SoraConnection, name: string, fail: (error: unknown) => void): void {
  connection.onError = fail;
  connection.onDisconnect = (code, message) =>
    fail(new Error(`The ${name}'s connection ended: ${code} ${message}`));
}

/**
 * Sends from one client to another through the embedded server.
 *
 * @param progress Called often during the run with the share that is done, 0 to 1.
 * @throws Whatever ended the run early.
 */
export async function exchange(
  { sender, receiver }: Parts,
  options: DemoOptions,
  progress: (share: number) => void,
  signal: AbortSignal,
): Promise<Exchange> {
  const ending = new AbortController();
  const fail = (error: unknown) => ending.abort(error);
  const ended = AbortSignal.any([signal, ending.signal]);
  await using server = await SoraServer.start({ port: 0 });
  const { openh264 } = options;
  await using sora = new Sora(openh264 === undefined ? {} : { openh264 });
  const audioSource = sora.createAudioSource({ channels: 1, sampleRate: SAMPLE_RATE });
  const videoSource = sora.createVideoSource();
  const room = { signalingUrls: [server.url], channelId: "demo" };
  await using sending = sora.createConnection({
    ...room,
    role: "sendonly",
    audioSource,
    videoSource,
    videoCodecType: options.codec,
    videoBitRate: options.bitRate,
    // Frames are compared pixel by pixel, so their size must not change.
    degradationPreference: SoraDegradationPreference.MAINTAIN_RESOLUTION,
  });
  await using receiving = sora.createConnection({ ...room, role: "recvonly" });
  watch(sending, "sender", fail);
  watch(receiving, "receiver", fail);
  receiving.onTrack = receiver.attach;
  receiver.onError = fail;

  await sending.connect({ signal: ended });
  let stopped = false;
  const sent = sender.run(videoSource, audioSource, () => stopped || ended.aborted).catch(fail);
  try {
    const began = performance.now();
    await receiving.connect({ signal: ended });
    const connectMs = performance.now() - began;
    const deadline = began + MAX_FIRST_FRAME_SECONDS * 1_000;
    await until(() => receiver.firstMs !== undefined || performance.now() > deadline, ended);
    if (receiver.firstMs === undefined) {
      throw new Error(
        `The first frame must be decoded within ${MAX_FIRST_FRAME_SECONDS} s of connect(), and none was`,
      );
    }
    const firstMs = receiver.firstMs;
    const share = () => (performance.now() - firstMs) / (options.seconds * 1_000);
    await until(() => (progress(Math.min(1, share())), share() >= 1), ended);
    stopped = true;
    await sent;
    const stop = performance.now() + DRAIN_MS;
    await until(
      () => receiver.receivedMs.has(sender.frames - 1) || performance.now() > stop,
      ended,
    );
    const [senderStats, receiverStats] = await Promise.all([
      sending.getStats(),
      receiving.getStats(),
    ]);
    return { connectMs, firstFrameMs: firstMs - began, senderStats, receiverStats };
  } finally {
    stopped = true;
    await sent;
    sending.onDisconnect = receiving.onDisconnect = undefined;
  }
}
