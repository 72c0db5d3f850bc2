/**
 * Native programs of rows: what the build makes and runs, and what they print.
 *
 * @module
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { endText, limited, start } from "./process.ts";
import type { Preparation, RowContext } from "./row.ts";

/** How a native program ended. */
export interface NativeEnd {
  readonly code: number | null;
  /** `exit code 1`, `SIGKILL`. */
  readonly end: string;
  /** What it printed, on both streams. */
  readonly output: string;
  readonly seconds: number;
}

/** The command of a step of the build, as a person types it. */
export function buildStep(step: string, ...further: readonly string[]): string[] {
  const jobs = `-j${Math.max(2, cpus().length)}`;
  return [".deps/venv/bin/python", "-m", "ziglang", "build", jobs, step, ...further];
}

/** Compiling for a sanitizer takes minutes, once. */
const BUILD_S = 1_200;

/**
 * Builds what steps of the build run, and runs nothing.
 *
 * @throws {Error} When it cannot be built.
 */
export async function build(
  context: Preparation,
  steps: readonly [string, ...string[]],
  ...options: readonly string[]
): Promise<void> {
  const [step, ...further] = steps;
  const words = buildStep(step, ...further, "-Drun=false", ...options);
  context.progress(0, `building ${[...steps, ...options].join(" ")}`);
  const { code, end, output } = await runNative(context, words, BUILD_S);
  if (code !== 0) throw new Error(`${replay(words)}: ${end}: ${tail(output)}`);
}

/** Runs a native program to its end, or until it has taken so many seconds. */
export async function runNative(
  context: Pick<RowContext, "signal">,
  words: readonly string[],
  limitS: number,
  env: Readonly<Record<string, string>> = {},
): Promise<NativeEnd> {
  const began = performance.now();
  await using child = start(context, limited(words, limitS), env, "SIGTERM");
  const ended = await child.ended((limitS + 30) * 1_000);
  const seconds = (performance.now() - began) / 1_000;
  const output = [...child.lines, child.errors].join("\n");
  return { code: ended.code, end: endText(ended), output, seconds };
}

/** A command with its environment, for the finding that it shows again. */
export function replay(
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): string {
  const set = Object.entries(env).map(([name, value]) => `${name}=${value} `).join("");
  return set + words.join(" ");
}

/** Keeps an output, of which a finding has a part; where. */
export function keep(name: string, output: string): string {
  const folder = "out/stress";
  mkdirSync(folder, { recursive: true });
  const path = `${folder}/${name}.txt`;
  writeFileSync(path, output);
  return path;
}

/** The last part of an output, for a finding. */
export function tail(output: string, characters = 3_000): string {
  return output.slice(-characters).trim();
}
