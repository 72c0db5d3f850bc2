/**
 * A source of video and the sink at the other end of the embedded server.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  Sora,
  type SoraAudioSource,
  type SoraConnection,
  type SoraConnectionOptions,
  SoraVideoSink,
  type SoraVideoSource,
} from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { eventually, within } from "./eventually.ts";
import { videoRtpOf } from "./statistics.ts";

/** Where frames go in, and where they come out. */
export interface VideoEnds {
  readonly sender: SoraConnection;
  readonly receiver: SoraConnection;
  readonly source: SoraVideoSource;
  readonly sink: SoraVideoSink;
  /** Sent as well; silent until it gets samples. */
  readonly audioSource: SoraAudioSource;
}

/** A server, a `Sora`, and two connections with video from one to the other. */
export class VideoScene implements VideoEnds, AsyncDisposable {
  readonly sender: SoraConnection;
  readonly receiver: SoraConnection;
  readonly source: SoraVideoSource;
  readonly sink: SoraVideoSink;
  readonly audioSource: SoraAudioSource;
  readonly #server: SoraServer;
  readonly #sora: Sora;

  private constructor(server: SoraServer, sora: Sora, ends: VideoEnds) {
    this.#server = server;
    this.#sora = sora;
    this.sender = ends.sender;
    this.receiver = ends.receiver;
    this.source = ends.source;
    this.sink = ends.sink;
    this.audioSource = ends.audioSource;
  }

  /** Opens it; `options` go before those of the sender. */
  static async open(options: Partial<SoraConnectionOptions> = {}): Promise<VideoScene> {
    const server = await SoraServer.start({ port: 0 });
    const sora = new Sora();
    return new VideoScene(server, sora, await connectEnds(server, sora, "scene", options));
  }

  /** Two more connections, in another channel. */
  connect(channelId: string): Promise<VideoEnds> {
    return connectEnds(this.#server, this.#sora, channelId, {});
  }

  /** Has the sender sent a re-offer that limits its video, and waits until its encoder obeys. */
  async limitVideo(kbps: number): Promise<void> {
    const { sender } = this;
    assert.ok(this.#server.limitVideo(sender.connectionId ?? "", kbps));
    await eventually("the encoder's limit", async () => {
      const { targetBitrate: bits = 0 } = await videoRtpOf(sender, "outbound-rtp");
      return bits > 0 && bits <= kbps * 1_000;
    }, 20_000);
  }

  /** Ends all of it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sora.close();
    await this.#server.close();
  }
}

/** Connects a sender and a receiver in a channel; `options` go before those of the sender. */
export async function connectEnds(
  server: SoraServer,
  sora: Sora,
  channelId: string,
  options: Partial<SoraConnectionOptions>,
): Promise<VideoEnds> {
  const room = { signalingUrls: [server.url], channelId };
  const source = sora.createVideoSource();
  const audioSource = sora.createAudioSource({ channels: 1, sampleRate: 48_000 });
  const sender = sora.createConnection({
    ...room,
    role: "sendonly",
    videoCodecType: "VP8",
    videoBitRate: 5_000,
    videoSource: source,
    degradationPreference: "MAINTAIN_RESOLUTION",
    audioSource,
    ...options,
  });
  const receiver = sora.createConnection({ ...room, role: "recvonly" });
  const { promise, resolve } = Promise.withResolvers<SoraVideoSink>();
  receiver.onTrack = (track) => {
    if (track.kind === "video") resolve(new SoraVideoSink(track, { depth: 32 }));
  };
  await sender.connect();
  await receiver.connect();
  return { sender, receiver, source, audioSource, sink: await within("the track", promise) };
}
