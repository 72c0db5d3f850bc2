/**
 * The test picture and a beep in each second, as a feed: what is seen and heard together belongs together.
 *
 * @module
 */

import type { MediaAudio, MediaVideo } from "../../files/mod.ts";
import { type Feed, type FeedTarget, Pace } from "./feed.ts";
import { TestPicture } from "./test_picture.ts";

const SAMPLE_RATE = 48_000;
const BLOCKS_PER_SECOND = 100;
const BLOCK = SAMPLE_RATE / BLOCKS_PER_SECOND;
/** The beep: so many blocks at the beginning of each second. */
const BEEP_BLOCKS = 10;
const BEEP_HZ = 1_000;
const BEEP_LEVEL = 8_000;

/** Options of the feed. */
export interface TestFeedOptions {
  /** undefined: no video. */
  readonly video: MediaVideo | undefined;
  readonly audio: boolean;
}

/** A second of sound: a beep, whose periods are whole, and silence. */
function second(): Int16Array<ArrayBuffer> {
  const samples = new Int16Array(SAMPLE_RATE);
  for (let i = 0; i < BEEP_BLOCKS * BLOCK; i++) {
    samples[i] = BEEP_LEVEL * Math.sin(2 * Math.PI * BEEP_HZ * i / SAMPLE_RATE);
  }
  return samples;
}

/** The time of day to a tenth of a second: `09:08:07.6`. */
function clockOf(date: Date): string {
  return `${date.toTimeString().slice(0, 8)}.${Math.floor(date.getMilliseconds() / 100)}`;
}

/** A moving picture and a beep. */
export class TestFeed implements Feed {
  readonly video: MediaVideo | undefined;
  readonly audio: MediaAudio | undefined;
  readonly #picture: TestPicture | undefined;

  constructor({ video, audio }: TestFeedOptions) {
    this.video = video;
    this.audio = audio ? { sampleRate: SAMPLE_RATE, channels: 1 } : undefined;
    this.#picture = video && new TestPicture(video);
  }

  async run(target: FeedTarget, signal: AbortSignal): Promise<void> {
    const sound = second();
    const { width = 0, height = 0, frameRate = 0 } = this.video ?? {};
    const pace = new Pace();
    let frame = 0;
    for (let block = 0; !signal.aborted; block++) {
      const timestampMs = block * 1_000 / BLOCKS_PER_SECOND;
      await pace.until(timestampMs, signal);
      if (signal.aborted) return;
      const beat = block % BLOCKS_PER_SECOND;
      if (this.audio) {
        target.block(sound.subarray(beat * BLOCK, (beat + 1) * BLOCK), SAMPLE_RATE, 1);
      }
      const due = Math.floor(timestampMs * frameRate / 1_000);
      if (this.#picture === undefined || due < frame) continue;
      const data = this.#picture.draw(due, clockOf(new Date()), beat < BEEP_BLOCKS);
      target.frame(data, width, height);
      frame = due + 1;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
