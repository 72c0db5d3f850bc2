/**
 * The focus of a channel: of its members at most a given number, those who spoke last.
 *
 * Who speaks gets a free place at once, or the place of the focused member who has been silent longest.
 * A place is kept for a while, and by everybody who still speaks: a newcomer waits for a pause. This is
 * what dominant speaker identification (Volfin and Cohen, 2012) aims at, for several places, and without
 * comparing how loud people are.
 */
import { GRACE_MS, SpeechMeter } from "./speech_meter.ts";

/** How long a focused member is silent before somebody else may have the place. */
export const QUIET_MS = 600;

/** How long a place is kept at least, unless it is taken away from outside. */
export const KEPT_MS = 1000;

/** Time between two ticks after which the server stood still. */
const LATE_MS = 250;

/** What a spotlight reports. */
export interface SpotlightHandlers<T> {
  /** A member gained the focus or lost it. `fixed`: it keeps it, or kept it, whoever speaks. */
  onFocus(member: T, focused: boolean, fixed: boolean): void;
}

/** A member as a possible speaker. */
class Speaker {
  readonly meter = new SpeechMeter();
  focused = false;
  fixed = false;
  focusedAtMs = -Infinity;
  /** Whether it lost the focus from outside while it spoke: it counts again after a pause. */
  interrupted = false;

  /** Whether it is to have a place because it speaks, not just because it did. */
  wants(nowMs: number): boolean {
    const silenceMs = this.meter.silenceMs(nowMs);
    if (silenceMs >= QUIET_MS) this.interrupted = false;
    return !this.focused && this.meter.speaking && !this.interrupted && silenceMs <= GRACE_MS;
  }
}

export class Spotlight<T extends object> {
  readonly #handlers: SpotlightHandlers<T>;
  readonly #speakers = new Map<T, Speaker>();
  #number: number;
  #tickedAtMs = -Infinity;

  /** @param number places, at least 1 */
  constructor(number: number, handlers: SpotlightHandlers<T>) {
    this.#number = number;
    this.#handlers = handlers;
  }

  /** How many members can be focused. */
  get number(): number {
    return this.#number;
  }

  /** The focused members. */
  get focused(): T[] {
    const members: T[] = [];
    for (const [member, { focused }] of this.#speakers) if (focused) members.push(member);
    return members;
  }

  /** How many of them are fixed. */
  get fixed(): number {
    let count = 0;
    for (const speaker of this.#speakers.values()) if (speaker.fixed) count++;
    return count;
  }

  isFocused(member: T): boolean {
    return this.#speakers.get(member)?.focused === true;
  }

  isFixed(member: T): boolean {
    return this.#speakers.get(member)?.fixed === true;
  }

  /** Adds a member, who is not focused. Idempotent. */
  add(member: T): void {
    if (!this.#speakers.has(member)) this.#speakers.set(member, new Speaker());
  }

  /** Removes a member who left; nothing is reported. */
  remove(member: T): void {
    this.#speakers.delete(member);
  }

  /** Takes the audio level of a member's packet, in -dBov; see {@linkcode SpeechMeter.onPacket}. */
  onPacket(member: T, level: number, timestamp: number, nowMs: number): void {
    const speaker = this.#speakers.get(member);
    if (speaker === undefined) return;
    const spoke = speaker.meter.speaking;
    speaker.meter.onPacket(level, timestamp, nowMs);
    // Who begins to speak is heard at once if there is a place. Another one's is taken at the next tick: packets that have come
    // from its speaker may not have been read yet.
    if (!spoke && speaker.wants(nowMs) && this.#count() < this.#number) {
      this.#setFocus(member, speaker, false, nowMs);
    }
  }

  /** Does what is due; called every 100 ms. */
  tick(nowMs: number): void {
    const isLate = nowMs - this.#tickedAtMs > LATE_MS;
    this.#tickedAtMs = nowMs;
    // Nobody was heard for as long as the server stood still; what they sent is read before the next tick.
    if (!isLate) this.#admitAll(nowMs);
  }

  /** Lets the silence until now count, and gives places to who waits for one. */
  #admitAll(nowMs: number): void {
    for (const [member, speaker] of this.#speakers) {
      speaker.meter.settle(nowMs);
      if (speaker.wants(nowMs)) this.#admit(member, speaker, nowMs);
    }
  }

  /**
   * Focuses a member until somebody else needs the place. Returns false when all places are fixed.
   *
   * @param fixed keeps the focus until {@linkcode unfocus}
   */
  focus(member: T, fixed: boolean, nowMs: number): boolean {
    const speaker = this.#speakers.get(member);
    if (speaker === undefined) return false;
    if (speaker.focused) {
      // Who is fixed stays so: that ends with the focus.
      if (!fixed || speaker.fixed) return true;
      speaker.fixed = true;
      this.#handlers.onFocus(member, true, true);
      return true;
    }
    if (this.#count() >= this.#number && !this.#vacate(nowMs, 0, 0)) return false;
    this.#setFocus(member, speaker, fixed, nowMs);
    return true;
  }

  /** Takes a member's focus away, fixed or not, until it speaks after a pause. */
  unfocus(member: T): void {
    const speaker = this.#speakers.get(member);
    if (speaker === undefined || !speaker.focused) return;
    speaker.interrupted = speaker.meter.speaking;
    this.#clearFocus(member, speaker);
  }

  /** Changes how many can be focused. Returns false when more than that are fixed. */
  setNumber(number: number, nowMs: number): boolean {
    if (this.fixed > number) return false;
    this.#number = number;
    while (this.#count() > number) this.#vacate(nowMs, 0, 0);
    this.#admitAll(nowMs);
    return true;
  }

  #count(): number {
    let count = 0;
    for (const speaker of this.#speakers.values()) if (speaker.focused) count++;
    return count;
  }

  #admit(member: T, speaker: Speaker, nowMs: number): void {
    if (this.#count() >= this.#number && !this.#vacate(nowMs, QUIET_MS, KEPT_MS)) return;
    this.#setFocus(member, speaker, false, nowMs);
  }

  /** Makes a place free: of who has been silent longest. Returns false when nobody gives one up. */
  #vacate(nowMs: number, quietMs: number, keptMs: number): boolean {
    let found: Speaker | undefined;
    let member: T | undefined;
    let longest = -Infinity;
    for (const [one, speaker] of this.#speakers) {
      if (!speaker.focused || speaker.fixed || nowMs - speaker.focusedAtMs < keptMs) continue;
      const silence = speaker.meter.silenceMs(nowMs);
      if (silence < quietMs || silence <= longest) continue;
      [found, member, longest] = [speaker, one, silence];
    }
    if (found === undefined || member === undefined) return false;
    // Who had to give way waits for a pause, as with `unfocus()`.
    found.interrupted = found.meter.speaking && quietMs === 0;
    this.#clearFocus(member, found);
    return true;
  }

  #setFocus(member: T, speaker: Speaker, fixed: boolean, nowMs: number): void {
    speaker.focused = true;
    speaker.fixed = fixed;
    speaker.focusedAtMs = nowMs;
    this.#handlers.onFocus(member, true, fixed);
  }

  #clearFocus(member: T, speaker: Speaker): void {
    const { fixed } = speaker;
    speaker.focused = speaker.fixed = false;
    this.#handlers.onFocus(member, false, fixed);
  }
}
