/**
 * The receiving side, which keeps what it receives for after the run.
 *
 * @module
 */

import { SoraAudioSink, type SoraMediaTrack, type SoraVideoFrame, SoraVideoSink } from "../mod.ts";
import { readBarcode } from "./barcode.ts";
import { type Clip, SAMPLE_RATE } from "./media.ts";
import type { AudioRecording, FrameRecording } from "./recording.ts";

/** Receives frames and audio as they arrive. */
export class Receiver {
  /** Called once, when the first frame is decoded. */
  onFirstFrame: (() => void) | undefined = undefined;
  /** Called when a sink fails. */
  onError: ((error: unknown) => void) | undefined = undefined;
  readonly #clip: Clip;
  readonly #video: FrameRecording;
  readonly #audio: AudioRecording;
  readonly #pixels: Uint8Array<ArrayBuffer>;
  readonly #receivedMs = new Map<number, number>();
  #firstMs: number | undefined;
  #lastMs = 0;
  #unreadable = 0;

  /**
   * @param clip The clip that is sent.
   * @param video Where frames go.
   * @param audio Where audio goes.
   */
  constructor(clip: Clip, video: FrameRecording, audio: AudioRecording) {
    this.#clip = clip;
    this.#video = video;
    this.#audio = audio;
    this.#pixels = new Uint8Array(video.frameBytes);
  }

  /** When the first frame arrived, whether or not its number was readable. */
  get firstMs(): number | undefined {
    return this.#firstMs;
  }

  /** When the last frame arrived. */
  get lastMs(): number {
    return this.#lastMs;
  }

  /** When each frame arrived, by its number. */
  get receivedMs(): ReadonlyMap<number, number> {
    return this.#receivedMs;
  }

  /** Frames without a readable number, or of another size than was sent. */
  get unreadable(): number {
    return this.#unreadable;
  }

  /** Attaches a sink to a track. */
  readonly attach = (track: SoraMediaTrack): void => {
    if (track.kind === "video") {
      const sink = new SoraVideoSink(track);
      sink.onError = (error) => this.onError?.(error);
      sink.onFrame = (received) => {
        using frame = received;
        this.#take(frame, performance.now());
      };
    } else {
      const sink = new SoraAudioSink(track, { sampleRate: SAMPLE_RATE, channels: 1 });
      sink.onError = (error) => this.onError?.(error);
      sink.onData = (samples) => this.#audio.add(samples, performance.now());
    }
  };

  #take(frame: SoraVideoFrame, nowMs: number): void {
    this.#lastMs = nowMs;
    if (this.#firstMs === undefined) {
      this.#firstMs = nowMs;
      this.onFirstFrame?.();
    }
    if (frame.width !== this.#clip.width || frame.height !== this.#clip.height) {
      this.#unreadable++;
      return;
    }
    frame.copyTo(this.#pixels, { format: "I420" });
    const number = readBarcode(this.#pixels, frame.width);
    if (number === undefined) this.#unreadable++;
    else if (this.#video.write(number, this.#pixels)) this.#receivedMs.set(number, nowMs);
  }
}
