/**
 * Subprocesses: ffmpeg and ffprobe.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { Problem } from "./problem.ts";

const KEPT_OUTPUT = 4_096;

async function run(
  program: "ffmpeg" | "ffprobe",
  task: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  signal.throwIfAborted();
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8");
    child[name].on("data", (text: string) => {
      output[name] = (output[name] + text).slice(0, KEPT_OUTPUT);
    });
  }
  const abort = () => child.kill();
  signal.addEventListener("abort", abort);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    });
    signal.throwIfAborted();
    if (code === 0) return output.stdout;
  } catch (error) {
    if ((error as { code?: unknown }).code !== "ENOENT") throw error;
    throw new Problem(
      `${program} is not installed: run \`make setup\`, or as root \`apt-get install ffmpeg\``,
    );
  } finally {
    signal.removeEventListener("abort", abort);
  }
  // The first line is the cause, the following ones are its consequences.
  const [words] = output.stderr.trim().split("\n");
  throw new Problem(`${program} could not ${task}: ${words || "it printed no error"}`);
}

/**
 * Runs ffmpeg until it exits.
 *
 * @param task Its purpose, worded to follow "could not".
 * @throws {Problem} It is not installed, or it fails: with its own message.
 */
export async function ffmpeg(
  task: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  await run(
    "ffmpeg",
    task,
    ["-hide_banner", "-loglevel", "error", "-nostdin", "-y", ...args],
    signal,
  );
}

/**
 * Whether a file has audio.
 *
 * @throws {Problem} ffprobe is not installed, or it fails: with its own message.
 */
export async function hasAudio(file: string, signal: AbortSignal): Promise<boolean> {
  const found = await run("ffprobe", `read ${file}`, [
    ...["-v", "error", "-select_streams", "a:0", "-show_entries", "stream=index"],
    ...["-of", "csv=p=0", "-i", file],
  ], signal);
  return found.trim() !== "";
}
