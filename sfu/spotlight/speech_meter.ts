/**
 * Whether somebody speaks, from the audio levels of their packets (RFC 6464).
 *
 * A leaky bucket of loud time: it fills while packets are loud and runs out while they are not. Speech
 * begins when there is enough in it, which a cough is too short for, and ends when it is empty, so that
 * pauses between words and sentences do not end it.
 */

/** Level from which a packet is loud, in -dBov: rooms and fans are at 55 or more, speech at 15 to 40. */
const LOUD_LEVEL = 45;

/** Loud time that makes speech. */
export const ATTACK_MS = 300;

/** Loud time that is kept at most. */
const CAPACITY_MS = 600;

/** Time without a loud packet that is not silence yet: consonants, jitter, a lost packet. */
export const GRACE_MS = 100;

/** How fast the bucket runs out in silence: slower once it is speech, whose pauses are longer. */
const FALL_BEFORE = 1;
const FALL_AFTER = 0.5;

/** Longest time that one packet stands for (RFC 7587, 4.2). */
const MAX_PACKET_MS = 120;

const TIMESTAMPS_PER_MS = 48;

export class SpeechMeter {
  #bucketMs = 0;
  #speaking = false;
  /** When the latest loud packet came, or -Infinity. */
  #loudAtMs = -Infinity;
  #settledAtMs = -Infinity;
  #timestamp: number | undefined;

  /** Whether it is speech, as of the latest call. */
  get speaking(): boolean {
    return this.#speaking;
  }

  /** How long no loud packet has come. */
  silenceMs(nowMs: number): number {
    return nowMs - this.#loudAtMs;
  }

  /**
   * Takes the level of one packet of Opus.
   *
   * @param level in -dBov: 0 is the loudest, 127 silence
   * @param timestamp its RTP timestamp, by which packets count that come in bursts
   */
  onPacket(level: number, timestamp: number, nowMs: number): void {
    this.settle(nowMs);
    const before = this.#timestamp ?? timestamp;
    const elapsedMs = ((timestamp - before) | 0) / TIMESTAMPS_PER_MS;
    // A late packet stands for a time that the one after it has counted.
    if (elapsedMs < 0 && elapsedMs > -1000) return;
    this.#timestamp = timestamp;
    if (level > LOUD_LEVEL) return;
    this.#loudAtMs = nowMs;
    const durationMs = Math.min(Math.max(elapsedMs, 0), MAX_PACKET_MS);
    this.#bucketMs = Math.min(CAPACITY_MS, this.#bucketMs + durationMs);
    if (this.#bucketMs >= ATTACK_MS) this.#speaking = true;
  }

  /** Lets the silence until now count. */
  settle(nowMs: number): void {
    const since = Math.max(this.#settledAtMs, this.#loudAtMs + GRACE_MS);
    this.#settledAtMs = nowMs;
    if (!(nowMs > since) || this.#bucketMs === 0) return;
    const fall = this.#speaking ? FALL_AFTER : FALL_BEFORE;
    this.#bucketMs = Math.max(0, this.#bucketMs - (nowMs - since) * fall);
    if (this.#bucketMs === 0) this.#speaking = false;
  }
}
