/**
 * Members of a spotlight, who speak when they are to, and what each receives of the others.
 *
 * @module
 */

import {
  type Sora,
  SoraAudioSink,
  type SoraAudioSource,
  type SoraConnection,
  type SoraConnectionOptions,
  type SoraMediaTrack,
  SoraVideoSink,
  type SoraVideoSource,
} from "../../mod.ts";
import { levelAt } from "./tone.ts";
import { AMPLITUDE, sendTones, type SentTones } from "./tone_scene.ts";

export const WIDTH = 640;
export const HEIGHT = 360;
const FRAME_MS = 66;
const SAMPLE_RATE = 48_000;

/** What came lately of one sender. */
interface Received {
  /** Of the latest frame, in pixels. */
  width: number;
  /** The latest audio. */
  samples: Int16Array;
  frames: number;
}

const nothing = (): Received => ({ width: 0, samples: new Int16Array(0), frames: 0 });

/** A member with audio and video, which sends frames as soon as it is connected, and silence until it speaks. */
export class SpotlightClient implements AsyncDisposable {
  readonly connection: SoraConnection;
  readonly toneHz: number;
  /** Notifications of the spotlight: `+` or `-`, the client's id, and `!` when it is fixed. */
  readonly focus: string[] = [];
  readonly #audio: SoraAudioSource;
  readonly #video: SoraVideoSource;
  readonly #received = new Map<string, Received>();
  #tones: SentTones | undefined;
  #frames: ReturnType<typeof setInterval> | undefined;

  constructor(sora: Sora, options: Omit<SoraConnectionOptions, "role">, toneHz: number) {
    this.toneHz = toneHz;
    this.#audio = sora.createAudioSource({ channels: 1, sampleRate: SAMPLE_RATE });
    this.#video = sora.createVideoSource();
    this.connection = sora.createConnection({
      role: "sendrecv",
      videoCodecType: "VP8",
      ...options,
      audioSource: this.#audio,
      videoSource: this.#video,
    });
    this.connection.onTrack = (track) => this.#onTrack(track);
    this.connection.onNotify = (message) => {
      switch (message.event_type) {
        case "spotlight.focused":
        case "spotlight.unfocused": {
          const sign = message.event_type === "spotlight.focused" ? "+" : "-";
          this.focus.push(`${sign}${message.client_id}${message.fixed === true ? "!" : ""}`);
        }
      }
    };
  }

  get id(): string {
    return this.connection.connectionId ?? "";
  }

  async connect(): Promise<this> {
    await this.connection.connect();
    const pixels = new Uint8Array(WIDTH * HEIGHT * 3 / 2).fill(128);
    let number = 0;
    this.#frames = setInterval(() => {
      // Something moves, so that there is something to encode.
      pixels.fill(number++ * 7 % 200 + 20, 0, WIDTH * 40);
      this.#video.onCaptured(pixels, { width: WIDTH, height: HEIGHT, format: "I420" });
    }, FRAME_MS);
    return this;
  }

  /** Begins to send its tone, or stops. */
  speak(speaks = true): void {
    this.#tones?.[Symbol.dispose]();
    this.#tones = speaks ? sendTones(this.#audio, SAMPLE_RATE, [this.toneHz]) : undefined;
  }

  /** The width of the latest frame of another member, in pixels; 0 before the first one. */
  widthOf(sender: SpotlightClient): number {
    return this.#of(sender).width;
  }

  /** Frames of another member that came. */
  framesOf(sender: SpotlightClient): number {
    return this.#of(sender).frames;
  }

  /** Whether the latest audio of another member is its tone. */
  hears(sender: SpotlightClient): boolean {
    return levelAt(this.#of(sender).samples, SAMPLE_RATE, sender.toneHz) > AMPLITUDE / 8;
  }

  /** Packets of a sender's audio that arrived, and samples that were made up because none did. */
  async audioOf(sender: SpotlightClient): Promise<{ packets: number; madeUp: number }> {
    for (const stats of await this.connection.getStats()) {
      if (stats.type === "inbound-rtp" && stats.trackIdentifier === `${sender.id}-audio`) {
        return { packets: stats.packetsReceived ?? 0, madeUp: stats.concealedSamples ?? 0 };
      }
    }
    return { packets: 0, madeUp: 0 };
  }

  #of(sender: SpotlightClient): Received {
    return this.#received.get(sender.id) ?? nothing();
  }

  #onTrack(track: SoraMediaTrack): void {
    const received = this.#received.get(track.streamId) ?? nothing();
    this.#received.set(track.streamId, received);
    if (track.kind === "video") {
      const sink = new SoraVideoSink(track);
      sink.onFrame = (frame) => {
        received.width = frame.width;
        received.frames++;
        frame.close();
      };
      return;
    }
    const sink = new SoraAudioSink(track, { sampleRate: SAMPLE_RATE, channels: 1 });
    sink.onData = (samples) => {
      received.samples = samples;
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.speak(false);
    clearInterval(this.#frames);
    await this.connection.disconnect();
    this.#audio.close();
    this.#video.close();
  }
}
