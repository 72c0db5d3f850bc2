/**
 * A server that is attacked while others go on: it is a process of its own, which may hang or end, and so are two bystanders in
 * another channel, whose video is counted.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { FrameCount } from "./bystanders_program.ts";
import { Child } from "./child.ts";
import { eventually } from "./eventually.ts";
import type { Pulse } from "./hostile_server_program.ts";

const server = new URL("hostile_server_program.ts", import.meta.url);
const bystanders = new URL("bystanders_program.ts", import.meta.url);

/** Counts are of 100 ms each, and come 400 ms later. */
const SECOND = 10;
const LATE = 4;

/** Frames that must come in time. */
const LEAST = 28 / 30;

/** How often an attack is tried. */
const TRIES = 3;
/** Of a test besides its attacks: an arena of its own, whose programs start beside others, and the counts behind an attack. */
const AROUND_MS = 60_000;

/**
 * What a test may take whose attack takes so long each time that it is tried. What never ends is noticed by the waits within an attack,
 * whatever the machine.
 */
export function limitOfAttack(attackMs: number): number {
  return AROUND_MS + TRIES * attackMs;
}

/** What an attack may cost; what is tried here took gigabytes where it took any. */
const MAX_GROWTH_MB = 64;

/** What an attack has cost, the last time it was tried. */
export interface AttackCost {
  /** Packets that the server dropped. */
  readonly dropped: number;
  /** What its memory grew by. */
  readonly growthMb: number;
  /** The most processor time that it needed at a stretch. */
  readonly busyMs: number;
  /** The share of the bystanders' frames that came, in the worst stretch. */
  readonly leastShare: number;
  /** How often it was tried. */
  readonly tries: number;
}

/** What an attack may cost. */
export interface AttackLimits {
  /** What the server's memory may grow by, for good or for a while. */
  readonly maxGrowthMb?: number;
  /** Frames must come in each stretch of so many counts. Default: a second. */
  readonly each?: number;
}

/** A server with bystanders. */
export class Arena implements AsyncDisposable {
  /** Where clients connect. */
  readonly url: string;
  readonly #server: Child;
  readonly #bystanders: Child;
  readonly #serverPulses: Records<Pulse>;
  readonly #frameCounts: Records<FrameCount>;

  private constructor(url: string, server: Child, bystanders: Child) {
    this.url = url;
    this.#server = server;
    this.#bystanders = bystanders;
    this.#serverPulses = new Records(server, "pulse ");
    this.#frameCounts = new Records(bystanders, "frames ");
  }

  /** The server's memory now. */
  get rssMb(): number {
    return this.#pulses.at(-1)?.rssMb ?? 0;
  }

  /** Starts both, and waits until video has come for a second. */
  static async open(): Promise<Arena> {
    const child = new Child(server);
    const url = await child.line("listening ");
    const arena = new Arena(url, child, new Child(bystanders, [url]));
    try {
      await eventually("a second of video", () => {
        const second = arena.#frames.slice(-SECOND);
        return second.length === SECOND && shareOf(second) >= LEAST;
      }, 30_000);
      return arena;
    } catch (error) {
      await arena[Symbol.asyncDispose]();
      throw error;
    }
  }

  get #frames(): readonly FrameCount[] {
    return this.#frameCounts.read();
  }

  get #pulses(): readonly Pulse[] {
    return this.#serverPulses.read();
  }

  /**
   * Has something done to the server. Asserts that the bystanders receive 28 of 30 frames in every second, that the server's memory
   * does not grow, and that it is alive in the end.
   *
   * @param attack Done again when frames were missing: a busy machine costs some now and then, an attack does so each time.
   * @param limits Other limits than those of a test.
   */
  async survives(
    attack: () => Promise<void>,
    { maxGrowthMb = MAX_GROWTH_MB, each = SECOND }: AttackLimits = {},
  ): Promise<AttackCost> {
    const firstPulse = this.#pulses.length - 1;
    const before = this.#pulses.at(-1)!;
    let tries = 1;
    let leastShare = await this.#leastShare(attack, each);
    for (; leastShare < LEAST; tries++) {
      const percent = Math.round(leastShare * 100);
      assert.ok(tries < TRIES, `frames are missing each time: ${percent} % of them came`);
      leastShare = await this.#leastShare(attack, each);
    }
    const pulses = this.#pulses.length;
    const after = await eventually("the server's figures", () => this.#pulses[pulses + 1]);
    const meanwhile = this.#pulses.slice(firstPulse);
    const growthMb = Math.max(...meanwhile.map(({ rssMb }) => rssMb)) - before.rssMb;
    assert.ok(growthMb <= maxGrowthMb, `the server grew by ${growthMb} MB`);
    const busyMs = Math.max(...meanwhile.map(({ busyMs }) => busyMs));
    return { dropped: after.dropped - before.dropped, growthMb, busyMs, leastShare, tries };
  }

  /** Attacks, and returns the share of the frames that came in the worst stretch meanwhile. */
  async #leastShare(attack: () => Promise<void>, each: number): Promise<number> {
    const first = this.#frames.length + LATE;
    await attack();
    const length = Math.min(each, Math.max(SECOND, this.#frames.length + LATE - first));
    const stretches = Math.max(1, Math.ceil((this.#frames.length + LATE - first) / length));
    const end = first + stretches * length;
    await eventually("the bystanders' counts", () => this.#frames.length >= end);
    const shares = Array.from({ length: stretches }, (_, stretch) => {
      const from = first + stretch * length;
      return shareOf(this.#frames.slice(from, from + length));
    });
    return Math.min(...shares);
  }

  /** Ends both processes. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#bystanders[Symbol.asyncDispose]();
    await this.#server[Symbol.asyncDispose]();
  }
}

/** The share of the frames that were sent which came. */
function shareOf(counts: readonly FrameCount[]): number {
  const total = (what: keyof FrameCount) => counts.reduce((sum, count) => sum + count[what], 0);
  return total("sent") === 0 ? 0 : total("came") / total("sent");
}

/** What a program has printed in lines that start with a word. */
export class Records<T> {
  readonly #records: T[] = [];
  readonly #child: Child;
  readonly #start: string;
  #seen = 0;

  constructor(child: Child, start: string) {
    this.#child = child;
    this.#start = start;
  }

  /** All of it so far. */
  read(): readonly T[] {
    for (const { lines } = this.#child; this.#seen < lines.length; this.#seen++) {
      const line = lines[this.#seen]!;
      if (line.startsWith(this.#start)) {
        this.#records.push(JSON.parse(line.slice(this.#start.length)) as T);
      }
    }
    return this.#records;
  }
}

/** An arena for the tests of a file, one after another; another one after a test that failed. */
export class SharedArena {
  #arena: Arena | undefined;

  /** Runs one test in it. */
  async use(test: (arena: Arena) => Promise<void>): Promise<void> {
    const arena = this.#arena ?? await Arena.open();
    this.#arena = undefined;
    try {
      await test(arena);
      this.#arena = arena;
    } finally {
      if (this.#arena === undefined) await arena[Symbol.asyncDispose]();
    }
  }

  /** Ends it. */
  async close(): Promise<void> {
    await this.#arena?.[Symbol.asyncDispose]();
  }
}
