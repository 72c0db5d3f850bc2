/**
 * What a subcommand is, and what it is given.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import process from "node:process";
import { checkInteger, checkNumber, checkOneOf, wrongType } from "../base/checks.ts";

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
  /** Whether it may be given several times. */
  readonly isRepeatable?: boolean;
  /** The option of the library that it sets, when that has another name: errors that begin with it name this one instead. */
  readonly property?: string;
  /** What it does, for the help. */
  readonly summary: string;
}

/** The words of a command that are no options: `send clip.mp4`. */
export interface Operands {
  /** How the help shows them. */
  readonly value: string;
  /** How many there may be. */
  readonly max: number;
  /** What they are, for the help. */
  readonly summary: string;
}

/** The values of the options that were given; an option without a value is `true`, one that is repeatable is a list. */
export type Values = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** A subcommand. */
export interface Command {
  /** What it does, for the help. */
  readonly summary: string;
  /** Its options by name, without `--`; every command has `--help`. */
  readonly options: Readonly<Record<string, Option>>;
  /** The words that it takes besides options; absent: none. */
  readonly operands?: Operands;
  /**
   * Runs it, and resolves with the exit code.
   *
   * @param operands The words besides options, no more than it takes.
   * @throws {UsageError} The value of an option is wrong.
   */
  run(values: Values, context: Context, operands: readonly string[]): Promise<number>;
}

/** The value of an option that has one, or undefined. */
export function textOf(values: Values, name: string): string | undefined {
  const value = values[name];
  return typeof value === "string" ? value : undefined;
}

/** The values of an option that is repeatable. */
export function textsOf(values: Values, name: string): readonly string[] {
  const value = values[name];
  return Array.isArray(value) ? value : [];
}

/** The value of an option that is an integer within limits, or undefined. */
export function integerOf(
  values: Values,
  name: string,
  min = 0,
  max = Number.MAX_SAFE_INTEGER,
): number | undefined {
  const text = textOf(values, name);
  if (text === undefined) return undefined;
  return asWrongUsage(() => {
    if (!/^\d+$/.test(text)) throw wrongType(`--${name}`, "an integer", text);
    return checkInteger(Number(text), `--${name}`, min, max);
  });
}

/** The value of an option that is a number within limits, or undefined. */
export function numberOf(
  values: Values,
  name: string,
  min: number,
  max: number,
): number | undefined {
  const text = textOf(values, name);
  if (text === undefined) return undefined;
  return asWrongUsage(() => {
    if (!/^\d+(\.\d+)?$/.test(text)) throw wrongType(`--${name}`, "a number", text);
    return checkNumber(Number(text), `--${name}`, min, max);
  });
}

/** The value of an option that is one of several, or undefined. */
export function choiceOf<const T extends string>(
  values: Values,
  name: string,
  choices: readonly T[],
): T | undefined {
  const text = textOf(values, name);
  if (text === undefined) return undefined;
  return asWrongUsage(() => checkOneOf(text, `--${name}`, choices));
}

/** Runs a check of an option: what it finds wrong is a {@link UsageError}. */
function asWrongUsage<T>(check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

/** The text of a file that an option names. */
export function readFile(name: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new UsageError(`--${name} must be a file that can be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** An environment variable; undefined as well when Deno may not read it. */
export function environment(name: string): string | undefined {
  try {
    const { env } = process;
    return env[name];
  } catch {
    return undefined;
  }
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
