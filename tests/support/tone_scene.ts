/**
 * Tones that are sent, and what is received of them.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  type SoraAudioFrame,
  type SoraAudioSource,
  SoraAudioStreamSink,
  type SoraConnection,
  type SoraMediaTrack,
} from "../../mod.ts";
import { within } from "./eventually.ts";
import { dominantFrequency, loudness } from "./tone.ts";

/** The rate in which tones are listened to. */
export const OUT_RATE = 48_000;
/** The default amplitude of a tone, of 32,767. */
export const AMPLITUDE = 10_000;
/** Frames of 10 ms. */
const LENGTH = OUT_RATE / 100;
/** How many are looked at. */
const STRETCH = 50;
/** And how many before them are left out: what was made up goes over into what came within these. */
const LEFT_OUT = 10;
/** What was before is out of the encoder's memory and the jitter buffer by then. */
const SETTLE_MS = 300;

/** How tones are sent. */
export interface SendOptions {
  /** Frames a piece. Default: 10 ms. */
  readonly length?: number;
  /** As floats. Default: 16-bit samples. */
  readonly floats?: boolean;
  /** Default: {@link AMPLITUDE}. */
  readonly amplitude?: number;
}

/** Tones on their way. */
export interface SentTones extends Disposable {
  /** When they began, in milliseconds since 1970. */
  readonly since: number;
}

/** Sends tones of whole Hz, one for each channel (0: silence), in pieces as they are due, until they are disposed of. */
export function sendTones(
  source: SoraAudioSource,
  sampleRate: number,
  tones: readonly number[],
  { length = sampleRate / 100, floats = false, amplitude = AMPLITUDE }: SendOptions = {},
): SentTones {
  const channels = tones.length;
  // A second, after which they begin again, and what the last piece has more.
  const second = new Float32Array((sampleRate + length) * channels);
  for (let i = 0; i < second.length; i++) {
    const hz = tones[i % channels] ?? 0;
    const turns = hz * Math.floor(i / channels) / sampleRate;
    second[i] = amplitude / 32_768 * Math.sin(2 * Math.PI * turns);
  }
  const samples = floats ? second : Int16Array.from(second, (value) => Math.round(value * 32_768));
  const since = Date.now();
  const start = performance.now();
  let position = 0;
  const timer = setInterval(() => {
    const due = Math.floor((performance.now() - start) * sampleRate / 1_000);
    for (; due - position >= length; position += length) {
      const at = position % sampleRate * channels;
      source.onData(samples.subarray(at, at + length * channels), { sampleRate, channels });
    }
  }, 5);
  return { since, [Symbol.dispose]: () => clearInterval(timer) };
}

/** Where tones are received. */
export interface Ear {
  readonly receiver: SoraConnection;
  readonly track: SoraMediaTrack;
}

/** Samples that libwebrtc has made up because packets came too late. */
async function madeUp({ receiver, track }: Ear): Promise<number> {
  for (const stats of await receiver.getStats()) {
    if (stats.type !== "inbound-rtp" || stats.trackIdentifier !== track.id) continue;
    return stats.concealedSamples ?? 0;
  }
  throw new Error("There are no statistics of the track");
}

/** Frames as they come, each of 10 ms. */
async function* framesOf({ track }: Ear, channels: number): AsyncGenerator<SoraAudioFrame> {
  using sink = new SoraAudioStreamSink(track, { sampleRate: OUT_RATE, channels, bufferMs: 10_000 });
  const frames = sink[Symbol.asyncIterator]();
  while (true) {
    const { value: frame } = await within("audio", frames.next());
    assert.ok(frame !== undefined, "the sink ended");
    const { sampleRateHz, numChannels, samplesPerChannel } = frame;
    assert.deepEqual([sampleRateHz, numChannels, samplesPerChannel], [OUT_RATE, channels, LENGTH]);
    assert.equal(sink.dropped, 0);
    yield frame;
  }
}

/** Whether a tone is interrupted by the silence that a source sends when nothing comes in time. */
function isInterrupted(samples: Int16Array): boolean {
  const levels = Array.from(
    { length: STRETCH },
    (_, i) => loudness(samples.subarray(i * LENGTH, (i + 1) * LENGTH)),
  );
  const highest = Math.max(...levels);
  return highest > 100 && Math.min(...levels) < highest / 20;
}

/**
 * One stretch of the received tones, each channel separately, without a gap: the first that contains only them and of which
 * nothing was concealed or dropped, as happens when the machine is too busy to send in time. Its content does not matter.
 */
export async function listen(
  ear: Ear,
  channels: number,
  { since }: SentTones,
  settleMs = SETTLE_MS,
): Promise<Int16Array[]> {
  const deadline = performance.now() + 20_000;
  for await (const { absoluteCaptureTimestampMs: time = 0 } of framesOf(ear, channels)) {
    if (time >= since + settleMs) break;
    assert.ok(performance.now() < deadline, "nothing was received that was captured since");
  }
  while (true) {
    const before = await madeUp(ear);
    const stretch = Array.from({ length: channels }, () => new Int16Array(STRETCH * LENGTH));
    let filled = -LEFT_OUT;
    for await (const { samples } of framesOf(ear, channels)) {
      if (filled++ < 0) continue;
      for (let i = 0; i < samples.length; i++) {
        stretch[i % channels]![(filled - 1) * LENGTH + Math.floor(i / channels)] = samples[i]!;
      }
      if (filled === STRETCH) break;
    }
    if (await madeUp(ear) === before && !stretch.some(isInterrupted)) return stretch;
    assert.ok(performance.now() < deadline, "something was made up or left out of all that came");
  }
}

/** What is wrong with a channel that shall be one tone (0: silence) of a level, or nothing. */
export function fault(samples: Int16Array, hz: number, amplitude = AMPLITUDE): string | undefined {
  const wanted = amplitude / Math.SQRT2;
  const level = loudness(samples);
  const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  if (peak >= 32_000 && amplitude < 30_000) return "it is clipped";
  // 2 % of a tone beside it.
  if (hz === 0) return level <= 0.02 * wanted ? undefined : `${level.toFixed(0)} is no silence`;
  const frequency = dominantFrequency(samples, OUT_RATE);
  if (Math.abs(frequency - hz) > hz / 100) return `${frequency} Hz is not ${hz} Hz`;
  if (Math.abs(level / wanted - 1) <= 0.25) return undefined;
  return `the level ${level.toFixed(0)} is not ${wanted.toFixed(0)}`;
}

/** Requires the first stretch of tones to be these, one for each channel. */
export async function assertHears(
  ear: Ear,
  tones: readonly number[],
  sent: SentTones,
  { amplitude = AMPLITUDE, settleMs = SETTLE_MS } = {},
): Promise<void> {
  const channels = await listen(ear, tones.length, sent, settleMs);
  const faults = channels.map((samples, i) => fault(samples, tones[i] ?? 0, amplitude));
  assert.deepEqual(faults, tones.map(() => undefined));
}
