/**
 * From frames and blocks to bytes: YUV4MPEG2 for video, WAVE for audio, Matroska for both.
 *
 * @module
 */

import type { ByteSink } from "./byte_sink.ts";
import { MatroskaBlocks, type MatroskaForm, matroskaHeader, TRACK } from "./matroska.ts";
import type { MediaAudio, MediaVideo } from "./media.ts";
import { wavHeader } from "./wav.ts";
import { y4mHeader } from "./y4m.ts";

/** Writes frames and blocks, one at a time. */
export interface Muxer {
  /** The beginning. */
  begin(): Promise<void>;
  /** A frame of the size that was announced. */
  video(data: Uint8Array, timestampMs: number): Promise<void>;
  audio(samples: Int16Array, timestampMs: number): Promise<void>;
  /** What stands at the beginning once the end is known; undefined: nothing. */
  readonly end: Uint8Array | undefined;
}

/** A pause that is longer than this is shortened to it, so that no pause fills a disk. */
const MAX_PAUSE_MS = 10_000;
const FRAME = new TextEncoder().encode("FRAME\n");

/** Frames at a constant rate: one that is late is repeated, one that is early left out. */
export class Y4mMuxer implements Muxer {
  readonly end = undefined;
  readonly #sink: ByteSink;
  readonly #form: MediaVideo;
  #origin: number | undefined;
  #frames = 0;

  constructor(sink: ByteSink, form: MediaVideo) {
    this.#sink = sink;
    this.#form = form;
  }

  async begin(): Promise<void> {
    await this.#sink.write(y4mHeader(this.#form));
  }

  async video(data: Uint8Array, timestampMs: number): Promise<void> {
    const { frameRate } = this.#form;
    this.#origin ??= timestampMs;
    const written = this.#frames * 1_000 / frameRate;
    const pause = timestampMs - this.#origin - written;
    if (pause > MAX_PAUSE_MS) this.#origin += pause - MAX_PAUSE_MS;
    // The nearest place: times are hardly ever those of the rate.
    const due = Math.round((timestampMs - this.#origin) * frameRate / 1_000) + 1;
    for (; this.#frames < due; this.#frames++) {
      await this.#sink.write(FRAME);
      await this.#sink.write(data);
    }
  }

  audio(): Promise<void> {
    return Promise.resolve();
  }
}

/** Samples one after the other. */
export class WavMuxer implements Muxer {
  readonly #sink: ByteSink;
  readonly #form: MediaAudio;
  #bytes = 0;

  constructor(sink: ByteSink, form: MediaAudio) {
    this.#sink = sink;
    this.#form = form;
  }

  get end(): Uint8Array {
    return wavHeader(this.#form, Math.min(this.#bytes, 0xffff_ff00));
  }

  async begin(): Promise<void> {
    await this.#sink.write(wavHeader(this.#form));
  }

  video(): Promise<void> {
    return Promise.resolve();
  }

  async audio(samples: Int16Array): Promise<void> {
    this.#bytes += samples.byteLength;
    await this.#sink.write(bytesOf(samples));
  }
}

/** Both with their times. */
export class MatroskaMuxer implements Muxer {
  readonly end = undefined;
  readonly #sink: ByteSink;
  readonly #form: MatroskaForm;
  readonly #blocks = new MatroskaBlocks();

  constructor(sink: ByteSink, form: MatroskaForm) {
    this.#sink = sink;
    this.#form = form;
  }

  async begin(): Promise<void> {
    await this.#sink.write(matroskaHeader(this.#form));
  }

  async #block(track: number, data: Uint8Array, timestampMs: number): Promise<void> {
    await this.#sink.write(this.#blocks.head(track, timestampMs, data.byteLength));
    await this.#sink.write(data);
  }

  async video(data: Uint8Array, timestampMs: number): Promise<void> {
    await this.#block(TRACK.VIDEO, data, timestampMs);
  }

  async audio(samples: Int16Array, timestampMs: number): Promise<void> {
    await this.#block(TRACK.AUDIO, bytesOf(samples), timestampMs);
  }
}

/** Samples as they are in memory: every platform of the library is little-endian, as these formats are. */
function bytesOf({ buffer, byteOffset, byteLength }: Int16Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
