/**
 * Clients that benchmarks need.
 *
 * @module
 */

import {
  type Sora,
  type SoraAudioSource,
  type SoraConnection,
  type SoraVideoFrame,
  SoraVideoSink,
  type SoraVideoSource,
} from "../mod.ts";
import { Child } from "../tests/support/child.ts";
import type { Size } from "./measurement.ts";
import { size } from "./picture.ts";

/** What all connections of benchmarks have. */
export function room(url: string, channelId: string) {
  return { signalingUrls: [url], channelId, videoCodecType: "VP8", videoBitRate: 2_000 } as const;
}

/** A connection that sends, with its sources. */
export interface Sender extends AsyncDisposable {
  /** The connection; connected. */
  readonly connection: SoraConnection;
  /** What it sends. */
  readonly videoSource: SoraVideoSource;
  /** What it sends. */
  readonly audioSource: SoraAudioSource;
}

/** Connects a sender in this process. */
export async function connectSender(sora: Sora, url: string, channelId: string): Promise<Sender> {
  const videoSource = sora.createVideoSource();
  const audioSource = sora.createAudioSource({ sampleRate: 48_000, channels: 1 });
  const connection = sora.createConnection({
    ...room(url, channelId),
    role: "sendonly",
    videoSource,
    audioSource,
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

/** Starts a sender of pictures and sound in a process of its own, and waits until it sends. */
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

/** Hands each picture that a connection receives to `onFrame`, which closes it. */
export function onPictures(
  connection: SoraConnection,
  onFrame: (frame: SoraVideoFrame) => void,
): void {
  connection.onTrack = (track) => {
    if (track.kind === "video") new SoraVideoSink(track).onFrame = onFrame;
  };
}
