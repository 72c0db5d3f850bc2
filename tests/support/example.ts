/**
 * Runs an example, and looks at the file that it wrote.
 *
 * @module
 */

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** Examples end after 3 s at most; the rest is for starting on a busy machine. */
const LIMIT_MS = 25_000;
const runtimeArguments = "bun" in process.versions ? [] : ["run", "-A", "--no-check"];
export const unset = { SORA_SIGNALING_URL: "", SORA_CHANNEL_ID: "" };

export interface Run {
  readonly code: number | null;
  readonly signal: string | null;
  readonly output: string;
  readonly errors: string;
}

/** Runs an example on this runtime to its end. */
export async function runExample(
  name: string,
  env: Readonly<Record<string, string>> = unset,
  seen?: (output: string, interrupt: () => void) => void,
  args: readonly string[] = [],
): Promise<Run> {
  const path = fileURLToPath(new URL(`../../examples/${name}.ts`, import.meta.url));
  const child = spawn(process.execPath, [...runtimeArguments, path, ...args], {
    env: { ...process.env, ...env, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: LIMIT_MS,
    killSignal: "SIGKILL",
  });
  let [output, errors] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    // Not child.kill(): after that, Deno reports that the signal ended the child, whatever the child did.
    seen?.(output, () => child.pid && process.kill(child.pid, "SIGINT"));
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => errors += text);
  return await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal, output, errors }));
  });
}

/** The number that a pattern finds in what an example printed. */
export function number(output: string, pattern: RegExp): number {
  return Number(pattern.exec(output)?.[1]);
}

/** Lends a folder that is removed afterwards. */
export async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "sora-ffi-examples-"));
  try {
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function assertEndedWell({ code, signal, output, errors }: Run): void {
  assert.deepEqual({ code, signal, errors }, { code: 0, signal: null, errors: "" }, output);
}

export interface Probed {
  readonly streams: readonly Readonly<Record<string, unknown>>[];
  readonly format: { readonly duration: string };
}

export function probe(file: string): Probed {
  const args = ["-v", "error", "-show_streams", "-show_format", "-of", "json", file];
  return JSON.parse(execFileSync("ffprobe", args, { encoding: "utf8" }));
}

/** The luma of every frame of a file, 0 to 255; where the video begins later than the audio, the first frame is repeated. */
export function lumas(file: string, width: number, height: number): readonly Uint8Array[] {
  const bytes = execFileSync("ffmpeg", [
    ...["-v", "error", "-i", file, "-map", "0:v"],
    ...["-f", "rawvideo", "-pix_fmt", "gray", "pipe:1"],
  ], { maxBuffer: 1 << 28 });
  const size = width * height;
  return Array.from(
    { length: bytes.length / size },
    (_, at) => bytes.subarray(at * size, (at + 1) * size),
  );
}
