/**
 * What a row of `make stress` is, and what it is given.
 *
 * @module
 */

/** The runtimes that programs of a row run on. */
export const RUNTIMES = ["deno", "bun"] as const;

/** A runtime. */
export type Runtime = typeof RUNTIMES[number];

/** One line of the table: something that takes long, and what it must show. */
export interface Row {
  /** What `--only` takes, in lower case: `hostile server`. */
  readonly name: string;
  /** What it does, in one sentence. */
  readonly what: string;
  /** The figure that it must reach, as `docs/reliability.md` has it. */
  readonly asked: string;
  /** `each`: once on each runtime; `once`: native, or the same whoever runs it. */
  readonly on: "each" | "once";
  /** Share of the run's minutes, which the runtimes of an `each` share. It may end earlier. */
  readonly weight: number;
  /** Whether `--hours` says how long it takes, on each runtime. */
  readonly takesHours?: true;
  /**
   * Builds what it runs, before its minutes begin: a sanitized build takes some of them, once. It is not run when this throws, which
   * is a finding.
   */
  prepare?(context: Preparation): Promise<void>;
  /**
   * Runs it. What it throws is a finding, and so is a run that goes on for much longer than its minutes; what it started must end
   * with `context.signal`.
   */
  run(context: RowContext): Promise<RowResult>;
}

/** Something that is wrong. */
export interface Finding {
  /** What happened, with what is needed to understand it. */
  readonly what: string;
  /** The command that shows it again. Default: `make stress` with this row, its runtime, seed and minutes. */
  readonly replay?: string;
}

/** What a row is given. */
export interface RowContext {
  readonly runtime: Runtime;
  /** Every random choice comes from it. */
  readonly seed: number;
  /** How long it may take. */
  readonly minutes: number;
  /** Aborted when the row must end at once. */
  readonly signal: AbortSignal;
  /** The command that starts a program of `tests/stress/programs`, or of a path from there, on the row's runtime. */
  command(program: string, ...args: readonly string[]): [string, ...string[]];
  /**
   * Shows how far it is.
   *
   * @param done 0 to 1
   * @param text What was done so far: `120 joins`.
   */
  progress(done: number, text: string): void;
  /** Reports a failure; the row goes on. */
  found(finding: Finding): void;
}

/** What a row has while it builds. */
export type Preparation = Pick<RowContext, "signal" | "progress">;

/** What came of a row that was not interrupted. */
export type RowResult = Measured | Skipped;

/** What was measured. */
export interface Measured {
  /** In the words of {@link Row.asked}: `900 ends, 0 signals, the longest after 0.8 s`. */
  readonly measured: string;
  /** The numbers in it and more, by name and unit: `longestMs`. */
  readonly figures: Readonly<Record<string, number>>;
}

/** Why it could not run here. */
export interface Skipped {
  /** The reason. */
  readonly skipped: string;
}
