/**
 * ffmpeg as a process, on its way in or out of media.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { SoraError } from "../base/errors.ts";
import { escapeControls, withoutSecretsOfUrls } from "../base/text.ts";

/** How much of its messages is kept, in characters. */
const KEPT = 4_096;

/** Arguments of every ffmpeg: it says nothing but errors, and neither asks nor waits for keys. */
const QUIET = ["-hide_banner", "-loglevel", "error", "-nostdin"] as const;

/** A file by its path: neither an option nor a protocol, whatever its name is. */
export function fileArgument(path: string): string {
  return `file:${path}`;
}

/** What ffmpeg says in words that are only understood by who knows its command line. */
const PLAIN: readonly (readonly [RegExp, string])[] = [
  [/does not contain any stream/, "it has neither video nor audio"],
  [/^Stream map '0:V|^Stream map 'V/, "it has no video"],
  [/^Stream map '0:a|^Stream map 'a/, "it has no audio"],
  [/^pipe:0: End of file$/, "nothing was given to it"],
  [/^Stream map/, "it lacks the video or the audio that is required"],
  [
    /Unable to (find a suitable|choose an) output format/,
    "its ending names no format that ffmpeg knows",
  ],
];

/** The last line of what it printed. */
function lastLine(text: string): string {
  const lines = text.trim().split("\n").filter((line) => !line.startsWith("To ignore this"));
  const [, plain] = PLAIN.find(([pattern]) => lines.some((line) => pattern.test(line))) ?? [];
  return plain ?? lines.at(-1)?.trim() ?? "";
}

/** What a process reads from; Node's type is no part of the package's declarations. */
interface FfmpegInput {
  /** Writes bytes; calls back when they are handed over, or with what went wrong. */
  write(bytes: Uint8Array, done: (error?: Error | null) => void): boolean;
  /** There is no more. */
  end(): unknown;
}

/**
 * A running ffmpeg. It has a process group of its own: Ctrl-C on the terminal is for this process alone, which lets ffmpeg finish
 * its file.
 */
export class Ffmpeg implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #task: string;
  readonly #closed: Promise<number | null>;
  #failure: NodeJS.ErrnoException | undefined;
  #errors = "";
  #ended = false;

  /**
   * Starts it.
   *
   * @param program Its name in `PATH`, or its path.
   * @param task Its purpose, worded to follow "could not".
   */
  constructor(program: string, task: string, args: readonly string[], pipe: "stdin" | "stdout") {
    this.#task = task;
    this.#child = spawn(program, [...QUIET, ...args], {
      stdio: [
        pipe === "stdin" ? "pipe" : "ignore",
        pipe === "stdout" ? "pipe" : "ignore",
        "pipe",
      ],
      detached: true,
    });
    const child = this.#child;
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#errors = (this.#errors + text).slice(-KEPT);
    });
    // A write to one that has ended rejects by itself, and so does what follows here.
    child.stdin?.on("error", () => {});
    child.stdout?.on("error", () => {});
    this.#closed = new Promise((resolve) => {
      // Both events come where the program is not there, in any order.
      child.once("error", (error) => {
        this.#failure = error;
        this.#ended = true;
        resolve(null);
      });
      child.once("close", (code) => {
        this.#ended = true;
        resolve(code);
      });
    });
  }

  /** What it writes. */
  get stdout(): AsyncIterable<Uint8Array> {
    return this.#child.stdout!;
  }

  /** What it reads. */
  get stdin(): FfmpegInput {
    return this.#child.stdin!;
  }

  /**
   * Waits until it has ended by itself.
   *
   * @throws {SoraError} `FFMPEG_NOT_FOUND`: it is not there; `FFMPEG_FAILED`: with the last line that it printed.
   */
  async succeed(): Promise<void> {
    const code = await this.#closed;
    if (code === 0 && this.#failure === undefined) return;
    throw this.#error(code);
  }

  /** Why it ended although it should not have. */
  async failure(): Promise<SoraError> {
    return this.#error(await this.#closed);
  }

  #error(code: number | null): SoraError {
    const cause = this.#failure;
    if (cause?.code === "ENOENT") {
      return new SoraError(
        "FFMPEG_NOT_FOUND",
        `${
          cause.path ?? "ffmpeg"
        } was not found in PATH: install ffmpeg ("apt-get install ffmpeg" ` +
          `or "brew install ffmpeg", for instance)`,
        { cause },
      );
    }
    const words = cause?.message ?? (lastLine(this.#errors) ||
      (code === null ? "a signal ended it" : `it ended with exit code ${code}`));
    return new SoraError(
      "FFMPEG_FAILED",
      escapeControls(withoutSecretsOfUrls(`ffmpeg could not ${this.#task}: ${words}`)),
      cause === undefined ? undefined : { cause },
    );
  }

  /** Ends it at once, and waits until it has ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#ended) this.#child.kill("SIGKILL");
    // It counts as closed only when nobody can read from it any more.
    this.#child.stdout?.destroy();
    await this.#closed;
  }
}
