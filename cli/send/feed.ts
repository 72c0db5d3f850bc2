/**
 * What feeds the sources of a connection: media in the time in which they are to be seen and heard.
 *
 * @module
 */

import { sleep } from "../../base/sleep.ts";
import type { MediaAudio, MediaItem, MediaReader, MediaVideo } from "../../files/mod.ts";

/** The form of what is sent. */
export interface FeedForm {
  readonly video: MediaVideo | undefined;
  readonly audio: MediaAudio | undefined;
}

/** Takes frames as I420 and blocks of audio; both may be overwritten as soon as it returns. */
export interface FeedTarget {
  frame(data: Uint8Array<ArrayBuffer>, width: number, height: number): void;
  block(samples: Int16Array<ArrayBuffer>, sampleRate: number, channels: number): void;
}

/** Media in real time. */
export interface Feed extends FeedForm, AsyncDisposable {
  /** Hands media over in real time, until they end or the signal is aborted. */
  run(target: FeedTarget, signal: AbortSignal): Promise<void>;
}

/** What is later than that is not made up for. */
const MAX_LATE_MS = 200;

/** Keeps to real time. */
export class Pace {
  #origin: number | undefined;

  /** Waits until something is due, in milliseconds from the beginning. */
  async until(timestampMs: number, signal: AbortSignal): Promise<void> {
    const now = performance.now();
    this.#origin ??= now - timestampMs;
    if (now - this.#origin - timestampMs > MAX_LATE_MS) this.#origin = now - timestampMs;
    const wait = this.#origin + timestampMs - now;
    if (wait > 0) await sleep(wait, signal);
  }
}

function handOver(item: MediaItem, target: FeedTarget): void {
  if (item.kind === "video") target.frame(item.data, item.width, item.height);
  else target.block(item.samples, item.sampleRate, item.channels);
}

/** Media of ffmpeg: files at the pace of their timestamps, devices as they come. */
export class MediaFeed implements Feed {
  readonly video: MediaVideo | undefined;
  readonly audio: MediaAudio | undefined;
  readonly #readers: readonly MediaReader[];
  readonly #isLive: boolean;

  /** @param readers One with both kinds, or one for each. */
  constructor(readers: readonly MediaReader[], isLive: boolean) {
    this.#readers = readers;
    this.#isLive = isLive;
    this.video = readers.find(({ video }) => video !== undefined)?.video;
    this.audio = readers.find(({ audio }) => audio !== undefined)?.audio;
  }

  async run(target: FeedTarget, signal: AbortSignal): Promise<void> {
    const pace = new Pace();
    await Promise.all(this.#readers.map(async (reader) => {
      for await (const item of reader) {
        if (!this.#isLive) await pace.until(item.timestampMs, signal);
        if (signal.aborted) return;
        handOver(item, target);
      }
    }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#readers.map((reader) => reader[Symbol.asyncDispose]()));
  }
}
