/**
 * Receives what the other client sends, and keeps it for the time after the run.
 *
 * @module
 */

import { SoraAudioSink, type SoraMediaTrack, type SoraVideoFrame, SoraVideoSink } from "../mod.ts";
import { readBarcode } from "./barcode.ts";
import { type Clip, SAMPLE_RATE } from "./media.ts";
import type { PictureRecording, SoundRecording } from "./recording.ts";

/** Takes frames and sound as they come. */
export class Receiver {
  /** Called once, when the first frame is decoded. */
  onFirstFrame: (() => void) | undefined = undefined;
  /** Something went wrong that nobody else sees. */
  onError: ((error: unknown) => void) | undefined = undefined;
  readonly #clip: Clip;
  readonly #pictures: PictureRecording;
  readonly #sound: SoundRecording;
  readonly #picture: Uint8Array<ArrayBuffer>;
  readonly #receivedMs = new Map<number, number>();
  #firstMs: number | undefined;
  #lastMs = 0;
  #unreadable = 0;

  /**
   * @param clip What is being sent.
   * @param pictures Gets the frames.
   * @param sound Gets the sound.
   */
  constructor(clip: Clip, pictures: PictureRecording, sound: SoundRecording) {
    this.#clip = clip;
    this.#pictures = pictures;
    this.#sound = sound;
    this.#picture = new Uint8Array(pictures.pictureBytes);
  }

  /** When the first frame came, whether its number could be read or not. */
  get firstMs(): number | undefined {
    return this.#firstMs;
  }

  /** When the last frame came. */
  get lastMs(): number {
    return this.#lastMs;
  }

  /** When each frame came, by its number. */
  get receivedMs(): ReadonlyMap<number, number> {
    return this.#receivedMs;
  }

  /** Frames whose number could not be read, or whose size is not the one that was sent. */
  get unreadable(): number {
    return this.#unreadable;
  }

  /** Hangs itself on a track. */
  readonly attach = (track: SoraMediaTrack): void => {
    if (track.kind === "video") {
      const sink = new SoraVideoSink(track);
      sink.onError = (error) => this.onError?.(error);
      sink.onFrame = (frame) => {
        using picture = frame;
        this.#take(picture, performance.now());
      };
    } else {
      const sink = new SoraAudioSink(track, { sampleRate: SAMPLE_RATE, channels: 1 });
      sink.onError = (error) => this.onError?.(error);
      sink.onData = (samples) => this.#sound.add(samples, performance.now());
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
    frame.copyTo(this.#picture, { format: "I420" });
    const number = readBarcode(this.#picture, frame.width);
    if (number === undefined) this.#unreadable++;
    else if (this.#pictures.write(number, this.#picture)) this.#receivedMs.set(number, nowMs);
  }
}
