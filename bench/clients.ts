/**
 * Clients of the benchmarks.
 *
 * @module
 */

import {
  type Sora,
  type SoraAudioSource,
  type SoraConnection,
  type SoraConnectionOptions,
  type SoraMediaTrack,
  type SoraVideoFrame,
  SoraVideoSink,
  type SoraVideoSource,
} from "../mod.ts";
import { Child } from "../tests/support/child.ts";
import { within } from "../tests/support/eventually.ts";
import type { Size } from "./measurement.ts";
import { size } from "./frames.ts";

/** Options of every connection in the benchmarks. */
export function room(url: string, channelId: string) {
  return { signalingUrls: [url], channelId, videoCodecType: "VP8", videoBitRate: 2_000 } as const;
}

/** A sending connection with its sources. */
export interface Sender extends AsyncDisposable {
  /** The connection, connected. */
  readonly connection: SoraConnection;
  /** Its video. */
  readonly videoSource: SoraVideoSource;
  /** Its audio. */
  readonly audioSource: SoraAudioSource;
}

/** Number of calls after which a runtime has compiled a function. */
export const WARM_UP_CALLS = 20_000;

/** Runtimes interpret a function at first, for some 30 s of frames; the benchmarks measure compiled code. */
function warmUp(videoSource: SoraVideoSource, audioSource: SoraAudioSource): void {
  const frame = new Uint8Array(2 * 2 * 3);
  const block = new Int16Array(480);
  for (let call = 0; call < WARM_UP_CALLS; call++) {
    videoSource.onCaptured(frame, { width: 2, height: 2 });
    audioSource.onData(block);
  }
}

/** Connects a sender in this process. */
export async function connectSender(
  sora: Sora,
  url: string,
  channelId: string,
  options: Partial<SoraConnectionOptions> = {},
): Promise<Sender> {
  const videoSource = sora.createVideoSource();
  const audioSource = sora.createAudioSource({ sampleRate: 48_000, channels: 1 });
  warmUp(videoSource, audioSource);
  const connection = sora.createConnection({
    ...room(url, channelId),
    role: "sendonly",
    videoSource,
    audioSource,
    ...options,
  });
  await connection.connect();
  return {
    connection,
    videoSource,
    audioSource,
    async [Symbol.asyncDispose]() {
      await connection.disconnect();
      videoSource.close();
      audioSource.close();
    },
  };
}

/** Connects a receiver in this process and waits for the video track. */
export async function receiveVideo(
  sora: Sora,
  url: string,
  channelId: string,
  options: Partial<SoraConnectionOptions> = {},
): Promise<{ readonly connection: SoraConnection; readonly track: SoraMediaTrack }> {
  const connection = sora.createConnection({
    ...room(url, channelId),
    role: "recvonly",
    ...options,
  });
  await connection.connect();
  return { connection, track: await trackOf(connection, "video") };
}

/** Waits until a connection receives a track. */
export async function trackOf(
  connection: SoraConnection,
  kind: "audio" | "video",
): Promise<SoraMediaTrack> {
  const find = async () => {
    for await (const track of connection.tracks()) if (track.kind === kind) return track;
    throw new Error(`The connection ended before its ${kind} track arrived`);
  };
  return await within(`the ${kind} track`, find());
}

/** Starts a sender of video and audio in a process of its own, and waits until it sends. */
export async function startPublisher(
  url: string,
  channelId: string,
  { width, height }: Size = size,
): Promise<Child> {
  const publisher = new Child(new URL("publisher.ts", import.meta.url), [
    url,
    channelId,
    String(width),
    String(height),
  ]);
  await publisher.line("sending");
  return publisher;
}

/** Connections that are made at a time. */
const AT_A_TIME = 10;

/** Connects many, which are disconnected in the end. */
export async function connectMany(
  sora: Sora,
  count: number,
  options: (index: number) => SoraConnectionOptions,
): Promise<AsyncDisposable> {
  const connections = Array.from(
    { length: count },
    (_, index) => sora.createConnection(options(index)),
  );
  for (let at = 0; at < count; at += AT_A_TIME) {
    const some = connections.slice(at, at + AT_A_TIME);
    await Promise.all(some.map((connection) => connection.connect()));
  }
  return {
    async [Symbol.asyncDispose]() {
      await Promise.all(connections.map((connection) => connection.disconnect()));
    },
  };
}

/** Passes each frame that a connection receives to `onFrame`, which closes it. */
export function onFrames(
  connection: SoraConnection,
  onFrame: (frame: SoraVideoFrame) => void,
): void {
  connection.onTrack = (track) => {
    if (track.kind === "video") new SoraVideoSink(track).onFrame = onFrame;
  };
}
