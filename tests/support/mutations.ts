/**
 * Seeded mutations of valid inputs, and runs of a parser over thousands of them: whatever it is given, it refuses as documented,
 * takes little time and keeps nothing.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import process from "node:process";
import type { JsonObject, JsonValue } from "../../base/json.ts";
import { seededRandom } from "../../base/random.ts";
import { collectGarbage } from "./resources.ts";

/** Lengths and counts at which fields wrap, and beyond them. */
const EXTREMES = [0, 1, 2, 3, 127, 128, 255, 256, 32_767, 32_768, 65_535, 65_536] as const;
const NUMBERS = [
  ...[0, -0, -1, 0.5, 255, 256, 65_535, 65_536, 2 ** 31, 2 ** 32, -(2 ** 31), 2 ** 53, 1e21],
  ...[1e308, -1e308, 5e-324],
];
const TEXTS = [
  "",
  " ",
  "0",
  "-1",
  "99999999999999999999",
  "__proto__",
  "constructor",
  "\0",
  "\ud800",
  "\u202e",
  "😀".repeat(64),
  "a".repeat(5_000),
  "\r\n",
  "a=b",
];
const KEYS = ["__proto__", "constructor", "toString", "length", "then", "toJSON", "", "0", "type"];
const MAX_MUTATIONS = 4;
/** A piece may be repeated, and what it became repeated again. */
const MAX_TEXT_LENGTH = 200_000;

/** A source of mutated inputs, the same for the same seed. */
export class Mutator {
  readonly #random: () => number;
  /** How often 300 copies of an item may be made. */
  #copiesLeft = 0;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** A whole number from 0 up to `below`. */
  integer(below: number): number {
    return Math.floor(this.#random() * below);
  }

  pick<T>(items: readonly T[]): T {
    return items[this.integer(items.length)]!;
  }

  /** True once in `times`. */
  once(times: number): boolean {
    return this.integer(times) === 0;
  }

  #several(): number {
    return 1 + this.integer(MAX_MUTATIONS);
  }

  /** Bytes made from one of the corpus, and at times another one of it. */
  bytes(corpus: readonly Uint8Array[]): Buffer {
    let bytes: Buffer = Buffer.from(this.pick(corpus));
    for (let n = this.#several(); n > 0; n--) bytes = this.#mutateBytes(bytes, corpus);
    return bytes;
  }

  #mutateBytes(bytes: Buffer, corpus: readonly Uint8Array[]): Buffer {
    const at = this.integer(bytes.length + 1);
    const end = Math.min(bytes.length, at + 1 + this.integer(8));
    const around = (...middle: Uint8Array[]) =>
      Buffer.concat([bytes.subarray(0, at), ...middle, bytes.subarray(end)]);
    switch (this.integer(8)) {
      case 0:
        if (at < bytes.length) bytes[at]! ^= 1 << this.integer(8);
        return bytes;
      case 1:
        if (at < bytes.length) bytes[at] = this.pick([0, 0x7f, 0x80, 0xff, this.integer(256)]);
        return bytes;
      case 2:
        return bytes.subarray(0, at);
      case 3:
        return around();
      case 4:
        return around(bytes.subarray(at, end), bytes.subarray(at, end));
      case 5:
        return around(Buffer.from(Array.from({ length: 8 }, () => this.integer(256))));
      case 6: {
        const other = this.pick(corpus);
        return Buffer.concat([bytes.subarray(0, at), other.subarray(this.integer(other.length))]);
      }
      default: {
        // A length or a count.
        const value = this.pick(EXTREMES);
        if (at + 2 <= bytes.length) bytes.writeUInt16BE(value & 0xffff, at);
        return this.once(50) ? Buffer.concat([bytes, Buffer.alloc(value)]) : bytes;
      }
    }
  }

  /** A text made from one of the corpus, and at times another one of it. */
  text(corpus: readonly string[]): string {
    let text = this.pick(corpus);
    for (let n = this.#several(); n > 0; n--) {
      text = this.#mutateText(text, corpus).slice(0, MAX_TEXT_LENGTH);
    }
    return text;
  }

  #mutateText(text: string, corpus: readonly string[]): string {
    const at = this.integer(text.length + 1);
    const end = Math.min(text.length, at + 1 + this.integer(20));
    const around = (middle: string) => text.slice(0, at) + middle + text.slice(end);
    switch (this.integer(8)) {
      case 0:
        return around(String.fromCharCode(this.integer(this.once(4) ? 0x1_0000 : 0x80)));
      case 1:
        return text.slice(0, at);
      case 2:
        return around("");
      case 3:
        return around(text.slice(at, end).repeat(this.once(50) ? 5_000 : 2));
      case 4:
        return around(this.pick(TEXTS));
      case 5:
        return text.slice(0, at) + this.pick(corpus).slice(at);
      case 6:
        return this.#mutateLines(text, corpus);
      default:
        return text.replace(
          /\d+/g,
          (digits) => this.once(8) ? String(this.pick(NUMBERS)) : digits,
        );
    }
  }

  /** Lines are left out, said twice, put elsewhere, or taken from another text. */
  #mutateLines(text: string, corpus: readonly string[]): string {
    const lines = text.split("\n");
    const other = this.pick(corpus).split("\n");
    const at = this.integer(lines.length);
    const line = this.pick(this.once(2) ? lines : other);
    const left = this.once(2) ? 1 : 0;
    const most = Math.ceil(MAX_TEXT_LENGTH / (line.length + 1));
    const copies = Math.min(most, this.once(20) ? 1_000 : this.integer(2));
    lines.splice(at, left, ...Array<string>(copies).fill(line));
    return lines.join("\n");
  }

  /** JSON made from one of the corpus, and at times another one of it. */
  json(corpus: readonly JsonValue[]): JsonValue {
    let json: JsonValue = this.pick(corpus);
    this.#copiesLeft = 1;
    for (let n = this.#several(); n > 0; n--) json = this.#mutateJson(json, corpus);
    return json;
  }

  /** A text of JSON, of which one in four is not well formed. */
  jsonText(corpus: readonly JsonValue[]): string {
    const text = JSON.stringify(this.json(corpus));
    if (this.once(100)) return `${"[".repeat(10_000)}${text}`;
    // Numbers that JSON has and JavaScript does not.
    if (this.once(20)) return text.replace(/\d+/, "1e999");
    return this.once(4) ? this.text([text]) : text;
  }

  #mutateJson(json: JsonValue, corpus: readonly JsonValue[]): JsonValue {
    if (typeof json !== "object" || json === null || this.once(6)) {
      return this.once(3) ? this.#part(this.pick(corpus)) : this.#value();
    }
    if (Array.isArray(json)) {
      const items: JsonValue[] = [...json];
      const at = this.integer(items.length + 1);
      const item = items[at];
      const next = item === undefined ? this.#value() : this.#mutateJson(item, corpus);
      // Once in a text: copies of copies of copies would be gigabytes.
      const many = this.once(20) && this.#copiesLeft > 0;
      const copies = many ? 300 : this.integer(3);
      if (many) this.#copiesLeft--;
      items.splice(at, this.integer(2), ...Array<JsonValue>(copies).fill(next));
      return items;
    }
    const entries = new Map(Object.entries(json as JsonObject));
    const key = entries.size === 0 || this.once(4)
      ? this.pick([...KEYS, ...Object.keys(this.#object(corpus))])
      : this.pick([...entries.keys()]);
    const old = entries.get(key);
    if (this.once(5)) entries.delete(key);
    else entries.set(key, old === undefined ? this.#value() : this.#mutateJson(old, corpus));
    // Unlike an assignment this makes a property of `__proto__`, as JSON.parse does.
    return Object.fromEntries(entries);
  }

  #object(corpus: readonly JsonValue[]): JsonObject {
    const json = this.pick(corpus);
    return typeof json === "object" && json !== null && !Array.isArray(json)
      ? json as JsonObject
      : {};
  }

  /** A value somewhere inside of another one. */
  #part(json: JsonValue): JsonValue {
    if (typeof json !== "object" || json === null || this.once(3)) return json;
    const values: JsonValue[] = Object.values(json);
    return values.length === 0 ? json : this.#part(this.pick(values));
  }

  #value(): JsonValue {
    switch (this.integer(8)) {
      case 0:
        return this.pick([null, true, false]);
      case 1:
      case 2:
        return this.pick(NUMBERS);
      case 3:
      case 4:
        return this.pick(TEXTS);
      case 5:
        return this.pick<JsonValue>([[], {}, [[]], [null], { "": {} }]);
      case 6: {
        let deep: JsonValue = 1;
        const object = this.once(2);
        for (let n = this.pick([3, 31, 33, 64, 66, 500]); n > 0; n--) {
          deep = object ? { a: deep } : [deep];
        }
        return deep;
      }
      default:
        return JSON.parse('{"__proto__":{"type":"connect"},"constructor":{"prototype":1}}');
    }
  }
}

/** How a parser is run. */
export interface MutationRun<T> {
  readonly steps: number;
  readonly seed: number;
  input(mutator: Mutator): T;
  run(input: T): unknown;
  /** Whether an error is the documented refusal. None is by default. */
  refuses?(error: unknown): boolean;
}

/** What became of the inputs. */
export interface MutationCounts {
  accepted: number;
  refused: number;
}

/** Processor time of a step, which other processes do not lengthen as they do wall time. */
const MAX_STEP_MS = 100;
/** A step that seems slow is tried again: garbage may have been collected, or the code compiled. */
const TRIES = 3;
const MAX_HEAP_GROWTH_MB = 8;
const MAX_RSS_GROWTH_MB = 96;
const MAX_SHOWN = 2_000;

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

function memory(): { heap: number; rss: number } {
  collectGarbage();
  const { heapUsed, rss } = process.memoryUsage();
  return { heap: heapUsed / 1e6, rss: rss / 1e6 };
}

function shownInput(input: unknown): string {
  const text = input instanceof Uint8Array
    ? `0x${Buffer.from(input).toString("hex")}`
    : JSON.stringify(input);
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN)}… (${text.length})`;
}

/**
 * Runs a parser over mutated inputs.
 *
 * @throws {AssertionError} With the input, when it throws anything else than its refusal, takes long, or when memory grows.
 */
export async function survives<T>(run: MutationRun<T>): Promise<MutationCounts> {
  const mutator = new Mutator(run.seed);
  const counts: MutationCounts = { accepted: 0, refused: 0 };
  let before = memory();
  for (let step = 0; step < run.steps; step++) {
    // What is compiled and kept once is there by then.
    if (step === run.steps >> 1) before = memory();
    const input = run.input(mutator);
    const at = () => `step ${step} of seed ${run.seed}: ${shownInput(input)}`;
    for (let tries = 1;; tries++) {
      const startMs = cpuMs();
      const refused = await refuses(run, input, at);
      const tookMs = cpuMs() - startMs;
      if (tries === 1) counts[refused ? "refused" : "accepted"]++;
      if (tookMs <= MAX_STEP_MS) break;
      assert.ok(tries < TRIES, `took ${Math.round(tookMs)} ms at ${at()}`);
    }
  }
  const after = memory();
  const heap = Math.round(after.heap - before.heap);
  const rss = Math.round(after.rss - before.rss);
  assert.ok(heap <= MAX_HEAP_GROWTH_MB, `the heap grew by ${heap} MB with seed ${run.seed}`);
  assert.ok(rss <= MAX_RSS_GROWTH_MB, `the process grew by ${rss} MB with seed ${run.seed}`);
  return counts;
}

async function refuses<T>(run: MutationRun<T>, input: T, at: () => string): Promise<boolean> {
  try {
    const result = run.run(input);
    if (result instanceof Promise) await result;
    return false;
  } catch (error) {
    if (run.refuses?.(error) === true) return true;
    throw new Error(`${error} at ${at()}`, { cause: error });
  }
}
