/**
 * The run itself: a server, a client that sends, a client that receives.
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
/** How long frames that are under way may take at the end, in milliseconds. */
const DRAIN_MS = 1_000;
const POLL_MS = 20;

/** What takes part in the run. */
export interface Parts {
  /** Sends clip and sound. */
  readonly sender: Sender;
  /** Receives them. */
  readonly receiver: Receiver;
}

/** What is known after the run besides what sender and receiver recorded. */
export interface Exchange {
  /** How long the receiver's `connect()` took, in milliseconds. */
  readonly connectMs: number;
  /** From the receiver's call of `connect()` to its first decoded frame, in milliseconds. */
  readonly firstFrameMs: number;
  /** Statistics of the client that sent. */
  readonly senderStats: readonly SoraStats[];
  /** Statistics of the client that received. */
  readonly receiverStats: readonly SoraStats[];
}

/** Polls, which costs nothing next to the media, until something is so. */
async function until(condition: () => boolean, signal: AbortSignal): Promise<void> {
  while (!condition()) {
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Makes what goes wrong in the background end the run. */
function watch(connection: SoraConnection, name: string, fail: (error: unknown) => void): void {
  connection.onError = fail;
  connection.onDisconnect = (code, message) =>
    fail(new Error(`The ${name}'s connection ended: ${code} ${message}`));
}

/**
 * Lets one client send to another through the embedded server.
 *
 * @param progress Called often while it runs, with the share that is done, 0 to 1.
 * @throws What ended the run before its time.
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
    // What arrives is compared pixel by pixel, so it must not become smaller.
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
    const lastCall = began + MAX_FIRST_FRAME_SECONDS * 1_000;
    await until(() => receiver.firstMs !== undefined || performance.now() > lastCall, ended);
    if (receiver.firstMs === undefined) {
      throw new Error(`No frame was decoded within ${MAX_FIRST_FRAME_SECONDS} s`);
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
