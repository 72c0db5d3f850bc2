/**
 * One client that sends audio to another through the embedded server.
 *
 * @module
 */

import {
  Sora,
  type SoraAudioSource,
  type SoraConnection,
  type SoraConnectionOptions,
  type SoraMediaTrack,
} from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { within } from "./eventually.ts";

/** A server, a sender and a receiver of its audio, connected. */
export class AudioScene implements AsyncDisposable {
  readonly server: SoraServer;
  readonly sora: Sora;
  /** What is sent, in 48 kHz and two channels. */
  readonly source: SoraAudioSource;
  readonly sender: SoraConnection;
  readonly receiver: SoraConnection;
  /** What is received. */
  readonly track: SoraMediaTrack;

  private constructor(
    server: SoraServer,
    sora: Sora,
    source: SoraAudioSource,
    sender: SoraConnection,
    receiver: SoraConnection,
    track: SoraMediaTrack,
  ) {
    this.server = server;
    this.sora = sora;
    this.source = source;
    this.sender = sender;
    this.receiver = receiver;
    this.track = track;
  }

  /** Connects both, either with additional options. */
  static async open(
    sending: Partial<SoraConnectionOptions> = {},
    receiving: Partial<SoraConnectionOptions> = {},
  ): Promise<AudioScene> {
    const server = await SoraServer.start({ port: 0 });
    const sora = new Sora();
    const source = sora.createAudioSource({ sampleRate: 48_000, channels: 2 });
    const sender = sora.createConnection({ ...sendOptions(server, source), ...sending });
    const receiver = sora.createConnection({ ...receiveOptions(server), ...receiving });
    const { promise, resolve } = Promise.withResolvers<SoraMediaTrack>();
    receiver.onTrack = resolve;
    await sender.connect();
    await receiver.connect();
    const track = await within("the track", promise);
    return new AudioScene(server, sora, source, sender, receiver, track);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.sora.close();
    await this.server.close();
  }
}

function room(server: SoraServer) {
  return { signalingUrls: [server.url], channelId: "audio", video: false };
}

/** Options of a sender in the room of a scene. */
export function sendOptions(server: SoraServer, source: SoraAudioSource): SoraConnectionOptions {
  return { ...room(server), role: "sendonly", audioSource: source, audioBitRate: 256 };
}

/** Options of a receiver in the room of a scene. */
export function receiveOptions(server: SoraServer): SoraConnectionOptions {
  return { ...room(server), role: "recvonly" };
}
