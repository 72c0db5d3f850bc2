/**
 * ffmpeg as a subprocess.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { Problem } from "./problem.ts";

const KEPT_OUTPUT = 4_096;

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
  signal.throwIfAborted();
  const child = spawn("ffmpeg", [
    ...["-hide_banner", "-loglevel", "error", "-nostdin", "-y"],
    ...args,
  ], { stdio: ["ignore", "ignore", "pipe"] });
  let errors = "";
  child.stderr.setEncoding("utf8");
  child.stderr.on("data", (text: string) => {
    errors = (errors + text).slice(0, KEPT_OUTPUT);
  });
  const abort = () => child.kill();
  signal.addEventListener("abort", abort);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    });
    signal.throwIfAborted();
    if (code === 0) return;
  } catch (error) {
    if ((error as { code?: unknown }).code !== "ENOENT") throw error;
    throw new Problem(
      "ffmpeg is not installed: run `make demo`, which has one, or as root `apt-get install ffmpeg`",
    );
  } finally {
    signal.removeEventListener("abort", abort);
  }
  // The first line is the cause, the following ones are its consequences.
  const [words] = errors.trim().split("\n");
  throw new Problem(`ffmpeg could not ${task}: ${words || "it printed no error"}`);
}

/**
 * Whether a file has audio.
 *
 * @throws {Problem} ffmpeg is not installed, or it fails: with its own message.
 */
export async function hasAudio(file: string, signal: AbortSignal): Promise<boolean> {
  try {
    await ffmpeg(
      `read ${file}`,
      ["-i", file, "-map", "0:a:0", "-t", "0", "-f", "null", "-"],
      signal,
    );
    return true;
  } catch (error) {
    if (error instanceof Problem && error.message.includes("matches no streams")) return false;
    throw error;
  }
}
