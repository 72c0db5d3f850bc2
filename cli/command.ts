/**
 * What a subcommand is, and what it is given.
 *
 * @module
 */

/** How the command ends. */
export const ExitCode = {
  /** It did what was requested. */
  OK: 0,
  /** It failed, or a check of `doctor` did. */
  FAILED: 1,
  /** The command line is wrong; nothing was done. */
  USAGE: 2,
  /** Ctrl-C or SIGTERM ended it before it was done. */
  INTERRUPTED: 130,
} as const;

/** A mistake in the command line: one sentence, without a full stop. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Why the signal is aborted when the user ends the command: Ctrl-C or SIGTERM. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}

/** Where a command writes: `process.stdout`, for instance. */
export interface Output {
  /** Whether it is a terminal. */
  readonly isTTY?: boolean | undefined;
  /** Width of the terminal. */
  readonly columns?: number | undefined;
  /** Height of the terminal. */
  readonly rows?: number | undefined;
  /** Writes text. */
  write(text: string): unknown;
}

/** What surrounds a command. */
export interface Context {
  /** For the result: text for people on a terminal, JSON elsewhere. */
  readonly stdout: Output;
  /** For what went wrong. */
  readonly stderr: Output;
  /** Aborted with {@link Interrupted} by the user, and with an error that was thrown past everybody else. */
  readonly signal: AbortSignal;
  /** Aborted when the user ends a command again that is ending already. */
  readonly hurry?: AbortSignal | undefined;
}

/** An option of a command: `--port NUMBER`. */
export interface Option {
  /** What its value is, or absent when it has none. */
  readonly value?: string;
  /** What it does, for the help. */
  readonly summary: string;
}

/** The values of the options that were given; an option without a value is `true`. */
export type Values = Readonly<Record<string, string | boolean | undefined>>;

/** A subcommand. */
export interface Command {
  /** What it does, for the help. */
  readonly summary: string;
  /** Its options by name, without `--`; every command has `--help`. */
  readonly options: Readonly<Record<string, Option>>;
  /**
   * Runs it, and resolves with the exit code.
   *
   * @throws {UsageError} The value of an option is wrong.
   */
  run(values: Values, context: Context): Promise<number>;
}

/** The value of an option that has one, or undefined. */
export function textOf(values: Values, name: string): string | undefined {
  const value = values[name];
  return typeof value === "string" ? value : undefined;
}

/** Resolves when a signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** Waits for a promise, or rejects with the reason why a signal is aborted. */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const over = aborted(signal).then((): never => {
    throw signal.reason;
  });
  return await Promise.race([promise, over]);
}
