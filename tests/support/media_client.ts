/**
 * A client for tests: sends numbered frames and a tone of its own, and records everything that happens.
 *
 * @module
 */

import {
  Sora,
  SoraAudioSink,
  type SoraAudioSource,
  type SoraConnection,
  type SoraConnectionOptions,
  type SoraMediaTrack,
  type SoraSignalingErrorCode,
  type SoraVideoFrame,
  SoraVideoSink,
  type SoraVideoSource,
} from "../../mod.ts";
import { eventually, within } from "./eventually.ts";
import { drawFrame, type FrameSource, type FrameStyle } from "./frame.ts";
import { Tone } from "./tone.ts";

const FRAME_MS = 33;
const SAMPLE_RATE = 48_000;
const BITS = 4_095;

/** What a client sends. */
export interface ClientMedia {
  /** Frames, or none. */
  readonly frame?: FrameStyle | FrameSource;
  /** The frequency of a tone in Hz, or none. */
  readonly toneHz?: number;
}

/** What is received from one other client. */
export interface Received {
  /** The tracks that were added and not removed. */
  readonly tracks: Set<SoraMediaTrack>;
  /** Gets frames. */
  video?: SoraVideoSink;
  /** Gets audio. */
  audio?: SoraAudioSink;
}

/** A client and what happened to it. */
export class MediaClient implements AsyncDisposable {
  /** The connection. */
  readonly connection: SoraConnection;
  /** By stream id, which is the sender's connection id. */
  readonly received = new Map<string, Received>();
  /** What `onDisconnect` was called with. */
  readonly disconnects: [SoraSignalingErrorCode, string][] = [];
  /** What `onWsClose` was called with. */
  readonly wsCloses: [number, string][] = [];
  /** What `onError` was called with. */
  readonly errors: unknown[] = [];
  /** The event types of `onNotify`. */
  readonly notifies: string[] = [];
  readonly #sora: Sora;
  readonly #ownsSora: boolean;
  readonly #media: ClientMedia;
  readonly #videoSource: SoraVideoSource | undefined;
  readonly #audioSource: SoraAudioSource | undefined;
  #frame: FrameStyle | FrameSource | undefined;
  #sending: ReturnType<typeof setInterval> | undefined;
  #number = 0;

  /** Makes a client; `sora` is shared with others when given. */
  constructor(options: SoraConnectionOptions, media: ClientMedia = {}, sora?: Sora) {
    this.#ownsSora = sora === undefined;
    this.#sora = sora ?? new Sora();
    this.#media = media;
    this.#frame = media.frame;
    if (media.frame !== undefined) this.#videoSource = this.#sora.createVideoSource();
    if (media.toneHz !== undefined) {
      this.#audioSource = this.#sora.createAudioSource({ channels: 1, sampleRate: SAMPLE_RATE });
    }
    this.connection = this.#sora.createConnection({
      ...options,
      ...(this.#videoSource === undefined ? {} : { videoSource: this.#videoSource }),
      ...(this.#audioSource === undefined ? {} : { audioSource: this.#audioSource }),
    });
    this.connection.onTrack = (track) => this.#onTrack(track);
    this.connection.onRemoveTrack = (track) => {
      this.received.get(track.streamId)?.tracks.delete(track);
    };
    this.connection.onDisconnect = (...end) => {
      // Its sources may be closed next.
      clearInterval(this.#sending);
      this.disconnects.push(end);
    };
    this.connection.onWsClose = (...end) => this.wsCloses.push(end);
    this.connection.onError = (error) => this.errors.push(error);
    this.connection.onNotify = (message) => this.notifies.push(message.event_type);
  }

  /** The number of the last frame sent. */
  get sent(): number {
    return this.#number;
  }

  /** The frequency of the tone that it sends; 0 when it sends none. */
  get toneHz(): number {
    return this.#media.toneHz ?? 0;
  }

  /** Sends other frames from now on, or none. */
  show(frame: FrameStyle | FrameSource | undefined): void {
    this.#frame = frame;
  }

  /** Connects, and starts to send. */
  async connect(): Promise<void> {
    await this.connection.connect();
    // It may have ended already.
    if (this.connection.state !== "disconnected") this.#startSending();
  }

  /** Stops sending and disconnects. */
  async disconnect(): Promise<void> {
    clearInterval(this.#sending);
    this.#sending = undefined;
    await this.connection.disconnect();
  }

  /** Ends everything that it made. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.disconnect();
    this.#videoSource?.close();
    this.#audioSource?.close();
    if (this.#ownsSora) await this.#sora.close();
  }

  /** What is received from another client, once it has as many tracks. */
  from(other: MediaClient, tracks = 2): Promise<Required<Received>> {
    return eventually(`${tracks} tracks`, () => {
      const id = other.connection.connectionId;
      const received = id === undefined ? undefined : this.received.get(id);
      return received?.tracks.size === tracks && (received as Required<Received>);
    });
  }

  #startSending(): void {
    const { toneHz } = this.#media;
    const tone = toneHz === undefined ? undefined : new Tone(SAMPLE_RATE, toneHz);
    const start = performance.now();
    let pixels = new Uint8Array(0);
    let samples = 0;
    let frames = 0;
    this.#sending = setInterval(() => {
      const elapsed = performance.now() - start;
      if (tone !== undefined) {
        const due = Math.floor(elapsed * SAMPLE_RATE / 1_000) - samples;
        samples += due;
        this.#audioSource?.onData(tone.next(due));
      }
      const frame = this.#frame;
      if (frame !== undefined && elapsed >= frames * FRAME_MS) {
        frames = Math.floor(elapsed / FRAME_MS) + 1;
        this.#number = (this.#number + 1) & BITS;
        const { width, height } = frame;
        const [format, bytes] = "draw" in frame ? ["I420", 3 / 2] as const : ["BGR", 3] as const;
        if (pixels.length !== width * height * bytes) {
          pixels = new Uint8Array(width * height * bytes);
        }
        if ("draw" in frame) frame.draw(this.#number, pixels);
        else drawFrame(frame, this.#number, pixels);
        this.#videoSource?.onCaptured(pixels, { width, height, format });
      }
    }, 5);
  }

  #onTrack(track: SoraMediaTrack): void {
    const received: Received = this.received.get(track.streamId) ?? { tracks: new Set() };
    this.received.set(track.streamId, received);
    received.tracks.add(track);
    if (track.kind === "video") received.video = new SoraVideoSink(track);
    else received.audio = new SoraAudioSink(track, { sampleRate: SAMPLE_RATE, channels: 1 });
  }
}

/** Starts a sender and a receiver; resolves once five frames and some audio have arrived. More keeps coming in. */
export async function flow(url: string, channelId: string): Promise<void> {
  const room = { signalingUrls: [url], channelId, videoCodecType: "VP8" } as const;
  const frame = { width: 320, height: 240, turn: 0 } as const;
  const sender = new MediaClient({ ...room, role: "sendonly" }, { frame, toneHz: 440 });
  const receiver = new MediaClient({ ...room, role: "recvonly" });
  await Promise.all([sender.connect(), receiver.connect()]);
  const { video, audio } = await receiver.from(sender);
  for (let count = 0; count < 5; count++) (await nextFrame(video)).close();
  await audio.read(480);
  video.onFrame = (frame) => frame.close();
  audio.onData = () => {};
}

/** The next frame of a sink that `wanted` accepts; the others are closed. */
export async function nextFrame(
  sink: SoraVideoSink,
  wanted: (frame: SoraVideoFrame) => boolean = () => true,
): Promise<SoraVideoFrame> {
  const frames = sink[Symbol.asyncIterator]();
  while (true) {
    const { value: frame } = await within("a frame", frames.next());
    if (frame === undefined) throw new Error("The sink ended before the frame came");
    if (wanted(frame)) return frame;
    frame.close();
  }
}
