/**
 * What a benchmark gives.
 *
 * @module
 */

import { median } from "../demo/statistics.ts";

/** One figure. */
export interface Measurement {
  /** What was measured. */
  readonly name: string;
  /** The figure. */
  readonly value: number;
  /** Its unit, and that of `limit`. */
  readonly unit: "ns" | "µs" | "ms" | "% of a core" | "MB" | "kB a frame" | "left" | "frames/s";
  /** The figure of what it is held against, measured in turns with it in the same run. */
  readonly limit: number;
  /** What it is held against. */
  readonly limitIs: string;
  /**
   * The median of the ratios of each turn to the limit's turn beside it, where the machine is faster and slower by turns: value and
   * limit may then be medians of different times. `value / limit` unless given.
   */
  readonly ratio?: number;
  /**
   * The most that the value, or its ratio to the limit, or its distance from 0 shall be, or the least that the value shall be,
   * if laid down.
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

/** Whether a figure is what it shall be; undefined if nothing is laid down. */
export function isReached(measurement: Measurement): boolean | undefined {
  const { value, reach } = measurement;
  if (reach === undefined) return undefined;
  if ("least" in reach) return value >= reach.least;
  if ("within" in reach) return Math.abs(value) <= reach.within;
  return "value" in reach ? value <= reach.value : ratioOf(measurement) <= reach.ratio;
}

/** What figures that were taken in turns come to. */
export type Turns = Required<Pick<Measurement, "value" | "limit" | "ratio">>;

/** The medians of figures that were taken in turns, and that of their ratios. */
export function inTurns(values: readonly number[], limits: readonly number[]): Turns {
  const ratios = limits.flatMap((limit, turn) => {
    const value = values[turn];
    return value === undefined ? [] : [value / limit];
  });
  return { value: median(values), limit: median(limits), ratio: median(ratios) };
}

/** One benchmark: gives its figures as it gets them. */
export interface Benchmark {
  /** Chooses it on the command line. */
  readonly name: string;
  /** Runs it. */
  run(surroundings: Surroundings): AsyncIterable<Measurement>;
}

/** What benchmarks share. */
export interface Surroundings {
  /** A server in a process of its own, warm. */
  readonly url: string;
  /** Does what the library does by libyuv alone, in a process of its own. */
  readonly limits: Limits;
}

/** An operation of `csrc/bench/limits.cpp`. */
export type LimitOperation = "bgr-to-i420" | "i420-to-bgr" | "copy-i420";

/** A picture's size in pixels. */
export interface Size {
  /** Pixels in a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
}

/** Times operations on pictures. */
export interface Limits {
  /** Runs an operation some times; gives the time that each took in microseconds. */
  time(operation: LimitOperation, size: Size, count: number): Promise<number[]>;
}

/** Resolves after so many milliseconds. */
export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
