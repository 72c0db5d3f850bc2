/**
 * Figures of the benchmarks.
 *
 * @module
 */

import { median } from "../demo/statistics.ts";

/** One figure. */
export interface Measurement {
  /** Name of the figure. */
  readonly name: string;
  /** The figure. */
  readonly value: number;
  /** Its unit, and that of `limit`. */
  readonly unit:
    | "ns"
    | "µs"
    | "ms"
    | "% of a core"
    | "%"
    | "MB"
    | "MB/s"
    | "kB a frame"
    | "kB a cycle"
    | "left"
    | "frames"
    | "frames/s"
    | "messages/s"
    | "packets/s"
    | "wake-ups/s"
    | "streams";
  /** The limit that the figure is compared with, for example the same work without the library, measured in the same run. */
  readonly limit: number;
  /** Description of the limit. */
  readonly limitIs: string;
  /**
   * The median of the ratios of each value to the limit taken next to it. Where the machine's speed varies, `value` and
   * `limit` may be medians of different moments. `value / limit` unless given.
   */
  readonly ratio?: number;
  /**
   * The required result, if there is one: the most that the value, its ratio to the limit or its distance from 0 may be, or
   * the least that the value may be.
   */
  readonly reach?:
    | { readonly value: number }
    | { readonly ratio: number }
    | { readonly within: number }
    | { readonly least: number };
}

/** The ratio of a figure to its limit. */
export function ratioOf({ value, limit, ratio }: Measurement): number {
  return ratio ?? value / limit;
}

/** Whether a figure meets its requirement; undefined if it has none. */
export function isReached(measurement: Measurement): boolean | undefined {
  const { value, reach } = measurement;
  if (reach === undefined) return undefined;
  if ("least" in reach) return value >= reach.least;
  if ("within" in reach) return Math.abs(value) <= reach.within;
  return "value" in reach ? value <= reach.value : ratioOf(measurement) <= reach.ratio;
}

/** The summary of figures taken in turns. */
export type Turns = Required<Pick<Measurement, "value" | "limit" | "ratio">>;

/** The medians of figures taken in turns, and the median of their ratios. */
export function inTurns(values: readonly number[], limits: readonly number[]): Turns {
  const ratios = limits.flatMap((limit, turn) => {
    const value = values[turn];
    return value === undefined ? [] : [value / limit];
  });
  return { value: median(values), limit: median(limits), ratio: median(ratios) };
}

/**
 * What the costs of all units together grow by with each doubling.
 *
 * @param before Cost and number of units before.
 * @param after The same after.
 */
export function doubling(
  before: readonly [cost: number, units: number],
  after: readonly [cost: number, units: number],
): number {
  return (after[0] / before[0]) ** (1 / Math.log2(after[1] / before[1]));
}

/** A benchmark, which yields its figures one by one. */
export interface Benchmark {
  /** Name that selects it on the command line. */
  readonly name: string;
  /** Takes long, and is left out where no benchmark is named. */
  readonly onlyByName?: true;
  /** Runs it. */
  run(surroundings: Surroundings): AsyncIterable<Measurement>;
}

/** Resources that the benchmarks share. */
export interface Surroundings {
  /** URL of a server in a process of its own. */
  readonly url: string;
  /** Runs the library's conversions with libyuv alone, in a process of its own. */
  readonly limits: Limits;
}

/** An operation of `csrc/bench/limits.cpp`. */
export type LimitOperation =
  | "bgr-to-i420"
  | "rgba-to-i420"
  | "keep-i420"
  | "i420-to-bgr"
  | "i420-to-rgba"
  | "copy-i420";

/** The size of a frame in pixels. */
export interface Size {
  /** Pixels per row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
}

/** Measures operations on frames. */
export interface Limits {
  /** Runs an operation `count` times; resolves with the time of each in microseconds. */
  time(operation: LimitOperation, size: Size, count: number): Promise<number[]>;
}

/** Resolves after `ms` milliseconds. */
export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
