/**
 * Members of a channel in the browser and of this library, and what each receives of the other.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Buffer } from "node:buffer";
import type { SoraAudioSink } from "../../mod.ts";
import { eventually } from "../support/eventually.ts";
import { colourAt, type FrameStyle, quarterColour, readNumber } from "../support/frame.ts";
import { type MediaClient, nextFrame } from "../support/media_client.ts";
import { dominantFrequency, loudness } from "../support/tone.ts";
import type { Page } from "./browser.ts";
import type { Happened, JoinOptions, Reception } from "./page/api.ts";

/** Consecutive frames and samples that are looked at. */
const FRAMES = 15;
const SAMPLES = 24_000;
const RATE = 48_000;
/** Of 32,767: a tone is louder. */
const AUDIBLE = 1_000;
/** How far the strongest frequency may lie from the tone's. */
const NEAR_HZ = 10;

type Numbered = { readonly number: number };

/** A member in the browser. */
export class BrowserMember {
  readonly id: string;
  readonly #page: Page;

  private constructor(page: Page, id: string) {
    this.#page = page;
    this.id = id;
  }

  /** Joins and waits until the browser SDK reports it connected. */
  static async join(page: Page, options: JoinOptions): Promise<BrowserMember> {
    return new BrowserMember(page, await page.call("join", options));
  }

  /** What has happened so far. */
  happened(): Promise<Happened> {
    return this.#page.call("happened", this.id);
  }

  /** What it receives from the member `from`. */
  received(from: string): Promise<Reception> {
    return this.#page.call("received", this.id, from);
  }

  /** Sends a message. */
  send(label: string, message: Buffer): Promise<void> {
    return this.#page.call("send", this.id, label, message.toString("base64"));
  }

  /** Calls an RPC method. */
  rpc(method: string, params: object): Promise<unknown> {
    return this.#page.call("rpc", this.id, method, params);
  }

  /** The statistics of its peer connection of one type. */
  async stats(type: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    return (await this.#page.call("stats", this.id)).filter((one) => one.type === type);
  }

  /** The URL that it connected to in the end. */
  url(): Promise<string> {
    return this.#page.call("url", this.id);
  }

  /** Disconnects. */
  disconnect(): Promise<void> {
    return this.#page.call("disconnect", this.id);
  }

  /** Waits until something has happened. */
  until(what: string, condition: (happened: Happened) => boolean): Promise<Happened> {
    return eventually(what, async () => {
      const happened = await this.happened();
      return condition(happened) && happened;
    });
  }

  /** Waits for frames of `from` with this size and colours, and requires their numbers to go up. */
  async sees(from: string, { width, height, turn }: FrameStyle): Promise<void> {
    const frames = await eventually(`frames of ${from} in the browser`, async () => {
      const { last } = await this.received(from);
      const run = last.slice(-FRAMES);
      // The first frame of a video element may be an empty one.
      return run.length === FRAMES &&
        run.every((one) => one.width === width && one.height === height && one.turn === turn) &&
        run;
    }, 15_000);
    assertGoesUp(frames);
  }

  /** Waits for the tones of `from`, one for each channel; 0 is silence. */
  async hears(from: string, tones: readonly number[]): Promise<void> {
    let heard: readonly number[] = [];
    await eventually(`the tones ${tones} of ${from} in the browser`, async () => {
      heard = (await this.received(from)).tones;
      return tones.every((hz, i) => Math.abs((heard[i] ?? -1) - hz) <= (hz === 0 ? 0 : NEAR_HZ));
    }, 15_000).catch((error) => {
      throw new Error(`${error.message}; last: ${heard}`);
    });
  }
}

/** Waits until a client receives frames of `from` with these colours, and requires their numbers to go up. */
export async function assertSees(client: MediaClient, from: string, style: FrameStyle) {
  const video = await eventually(`video of ${from}`, () => client.received.get(from)?.video);
  const { width, height } = style;
  const frames: Numbered[] = [];
  while (frames.length < FRAMES) {
    using frame = await nextFrame(video, (frame) => frame.width === width);
    assert.equal(frame.height, height);
    const pixels = frame.data("BGR");
    const colour = colourAt(pixels, width, Math.floor(width / 8), Math.floor(height / 8));
    quarterColour(style, 0).forEach((value, i) =>
      // A browser's own conversion makes green up to 40 brighter; the other colours are 100 away.
      assert.ok(Math.abs(value - colour[i]!) < 60, `${colour} is not its colour`)
    );
    frames.push({ number: readNumber(style, pixels) });
  }
  assertGoesUp(frames);
}

/** Waits until a client hears the tone of `from`. */
export async function assertHears(client: MediaClient, from: string, hz: number): Promise<void> {
  const audio = await eventually(`audio of ${from}`, () => client.received.get(from)?.audio);
  let heard = 0;
  await eventually(`the tone ${hz} of ${from}`, async () => {
    const samples = await samplesOf(audio);
    heard = loudness(samples) < AUDIBLE ? 0 : dominantFrequency(samples, RATE);
    return Math.abs(heard - hz) <= NEAR_HZ;
  }, 15_000).catch((error) => {
    throw new Error(`${error.message}; last: ${heard}`);
  });
}

async function samplesOf(audio: SoraAudioSink): Promise<Int16Array> {
  const { data } = await audio.read(SAMPLES);
  return data;
}

/** Numbers of 12 bits that begin again after the last. */
function assertGoesUp(frames: readonly Numbered[]): void {
  const numbers = frames.map(({ number }) => number);
  const steps = numbers.slice(1).map((number, i) => (number - numbers[i]! + 4_096) % 4_096);
  assert.ok(steps.every((step) => step < 60), `numbers that go up: ${numbers}`);
  assert.ok(steps.filter((step) => step > 0).length >= FRAMES / 2, `many numbers: ${numbers}`);
}
