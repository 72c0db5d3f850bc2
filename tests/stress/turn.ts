/**
 * Runs a row on a runtime: whatever it does, it ends, and what is wrong is a finding.
 *
 * @module
 */

import { aborted } from "../../cli/command.ts";
import { replayOf, type Turn } from "./plan.ts";
import type { Finding, RowContext, RowResult } from "./row.ts";

/** What came of a turn. */
export interface Outcome {
  readonly name: string;
  readonly runtime: Turn["runtime"];
  readonly asked: string;
  /** The minutes that it was given. */
  readonly minutes: number;
  readonly seconds: number;
  /** What building took before that, if it has to build. */
  readonly builtSeconds?: number;
  readonly measured?: string;
  /** Why it could not run here. */
  readonly skipped?: string;
  readonly figures: Readonly<Record<string, number>>;
  readonly findings: readonly Required<Finding>[];
}

/** What a turn has to do with its surroundings. */
export interface Surroundings {
  readonly seed: number;
  /** Aborted by the user. */
  readonly signal: AbortSignal;
  command(
    runtime: Turn["runtime"],
    program: string,
    args: readonly string[],
  ): [string, ...string[]];
  progress(done: number, text: string): void;
  found(finding: Required<Finding>): void;
  /** Catches what is thrown in no promise of the row, while it runs. */
  watch?(onError: (error: unknown) => void): Disposable;
  /** When a row is told to end, and how long it then has to do so. */
  readonly limits?: Partial<Limits>;
}

/** Waits. */
export interface Limits {
  readonly buildMs: number;
  readonly limitMs: number;
  readonly graceMs: number;
}

/** A row that finds the same again and again would fill the disk. */
const MOST_FINDINGS = 20;
/** Of an error's text. */
const MOST_CHARACTERS = 4_000;

/** Why a row is told to end. */
export class Late extends Error {
  override readonly name = "Late";
}

function limitsOf({ minutes }: Turn): Limits {
  return { buildMs: 1_800_000, limitMs: minutes * 90_000 + 120_000, graceMs: 30_000 };
}

/** An error as text. */
export function errorText(error: unknown): string {
  const text = error instanceof Error ? error.stack ?? error.message : String(error);
  return text.slice(0, MOST_CHARACTERS);
}

/** Runs a row. Undefined when the user interrupted it. */
export async function runTurn(
  turn: Turn,
  surroundings: Surroundings,
): Promise<Outcome | undefined> {
  const { row, runtime, minutes } = turn;
  const { seed } = surroundings;
  const { buildMs, limitMs, graceMs } = { ...limitsOf(turn), ...surroundings.limits };
  const findings: Required<Finding>[] = [];
  let more = 0;
  let ended = false;
  const found = ({ what, replay = replayOf(turn, seed) }: Finding) => {
    // Something that it left behind may still report.
    if (ended) return;
    if (findings.length === MOST_FINDINGS) {
      more++;
      return;
    }
    const finding = { what: what.slice(0, MOST_CHARACTERS), replay };
    findings.push(finding);
    surroundings.found(finding);
  };
  /** Runs a part of the row: whether it came to its end, what it returned, and how long it took. */
  const within = async <T>(
    what: string,
    limitMs: number,
    work: (context: RowContext) => Promise<T>,
  ) => {
    const late = new AbortController();
    const signal = AbortSignal.any([surroundings.signal, late.signal]);
    const context: RowContext = {
      runtime,
      seed,
      minutes,
      signal,
      command: (program, ...args) => surroundings.command(runtime, program, args),
      progress: (done, text) => {
        if (!ended) surroundings.progress(Math.min(1, Math.max(0, done)), text);
      },
      found,
    };
    const began = performance.now();
    const timer = setTimeout(() => late.abort(new Late("the row took too long")), limitMs);
    let result: T | undefined;
    let whole = false;
    const run = async () => {
      try {
        result = await work(context);
        whole = true;
      } catch (error) {
        // What comes of its end is no news.
        if (!signal.aborted) found({ what: errorText(error) });
      }
    };
    let grace: ReturnType<typeof setTimeout> | undefined;
    const graced = aborted(signal).then(() =>
      new Promise((done) => grace = setTimeout(done, graceMs))
    );
    await Promise.race([run(), graced]);
    clearTimeout(grace);
    clearTimeout(timer);
    if (late.signal.aborted && !surroundings.signal.aborted) {
      const limit = (limitMs / 60_000).toFixed(1);
      found({ what: `${what} did not end within ${limit} minutes, and was ended` });
    }
    return { whole, result, seconds: (performance.now() - began) / 1_000 };
  };
  let built: { readonly whole: boolean; readonly seconds: number } | undefined;
  let ran: { readonly result?: RowResult | undefined; readonly seconds: number } = { seconds: 0 };
  {
    using _watch = surroundings.watch?.((error) => found({ what: errorText(error) }));
    if (row.prepare) built = await within("building", buildMs, (context) => row.prepare!(context));
    if (built?.whole !== false) ran = await within("it", limitMs, (context) => row.run(context));
  }
  if (surroundings.signal.aborted) return undefined;
  ended = true;
  const { result, seconds } = ran;
  if (more > 0) findings.push({ what: `${more} more findings`, replay: replayOf(turn, seed) });
  return {
    name: row.name,
    runtime,
    asked: row.asked,
    minutes,
    seconds,
    ...(built === undefined ? {} : { builtSeconds: built.seconds }),
    ...(result !== undefined && "measured" in result ? { measured: result.measured } : {}),
    ...(result !== undefined && "skipped" in result ? { skipped: result.skipped } : {}),
    figures: result !== undefined && "figures" in result ? result.figures : {},
    findings,
  };
}
