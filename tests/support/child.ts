/**
 * Programs that run in a process of their own.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { eventually } from "./eventually.ts";

/** How a process ended. */
export interface Ended {
  /** Its exit code, unless a signal ended it. */
  readonly code: number | null;
  /** The signal that ended it. */
  readonly signal: NodeJS.Signals | null;
  /** When, on the clock of `performance.now()`. */
  readonly at: number;
}

/** What every permission is given by. */
const ALL = ["-A"] as const;
const KEPT_CHARACTERS = 65_536;

/** Whether this runs on Deno. */
export const onDeno: boolean = !("Bun" in globalThis);

/** A separate process. */
export class Process implements AsyncDisposable {
  /** The lines that it has printed. */
  readonly lines: string[] = [];
  /** Gets each line that it prints from now on. */
  onLine: ((line: string) => void) | undefined = undefined;
  readonly #process: ChildProcess;
  readonly #ended: Promise<Ended>;
  #errors = "";
  #end: Ended | undefined;

  /**
   * Starts it.
   *
   * @param words The program and its arguments.
   * @param env Environment variables besides the present ones.
   */
  constructor(words: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.#process = spawn(words[0]!, words.slice(1), {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...env },
    });
    const { stdout, stderr } = this.#process;
    if (stdout !== null) {
      createInterface(stdout).on("line", (line) => {
        this.lines.push(line);
        this.onLine?.(line);
      });
    }
    stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#errors = (this.#errors + text).slice(-KEPT_CHARACTERS);
    });
    this.#ended = new Promise((resolve, reject) => {
      let at = 0;
      this.#process.once("error", reject);
      this.#process.once("exit", () => at = performance.now());
      // "close" comes when what it printed is read as well.
      this.#process.once("close", (code, signal) => {
        this.#end = { code, signal, at };
        resolve(this.#end);
      });
    });
    this.#ended.catch(() => {});
  }

  /** Its number, as long as it runs. */
  get pid(): number | undefined {
    return this.#end === undefined ? this.#process.pid : undefined;
  }

  /** What it has written to its standard error, the last 65,536 characters. */
  get errors(): string {
    return this.#errors;
  }

  /**
   * Waits for a line that starts with `start`, and gives the rest of it.
   *
   * @throws {Error} When the program ends before it, or it takes too long.
   */
  line(start: string, limitMs = 20_000): Promise<string> {
    return eventually(`the line "${start}"`, () => {
      const line = this.lines.find((line) => line.startsWith(start));
      if (line !== undefined) return line.slice(start.length);
      if (this.#end === undefined) return undefined;
      throw new Error(
        `The program ended (${JSON.stringify(this.#end)}) without "${start}":\n${this.#errors}`,
      );
    }, limitMs);
  }

  /** Closes this end of its standard output. */
  stopReading(): void {
    this.#process.stdout?.destroy();
  }

  /** Sends it a signal; any number of them, of which Deno's `ChildProcess.kill()` sends the first only. */
  kill(signal: NodeJS.Signals): void {
    const { pid } = this;
    if (pid !== undefined) process.kill(pid, signal);
  }

  /**
   * Waits for its end.
   *
   * @throws {Error} When it takes longer than `limitMs`.
   */
  ended(limitMs = 20_000): Promise<Ended> {
    let timer: ReturnType<typeof setTimeout>;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Error(`The program did not end within ${limitMs} ms:\n${this.#errors}`)),
        limitMs,
      );
    });
    return Promise.race([this.#ended, late]).finally(() => clearTimeout(timer));
  }

  /** Ends it unless it has ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.kill("SIGKILL");
    await this.#ended.catch(() => {});
  }
}

/** A program that runs on the runtime that runs this. */
export class Child extends Process {
  /**
   * Starts it.
   *
   * @param program Its URL.
   * @param args Its arguments.
   * @param permissions Deno's permission flags; all are given by default. Bun has none.
   * @param env Environment variables besides the present ones.
   * @param bunFlags Bun's flags.
   * @param command What starts the runtime: a program and its arguments, to which the runtime and its own are added.
   */
  constructor(
    program: URL,
    args: readonly string[] = [],
    permissions: readonly string[] = ALL,
    env: Readonly<Record<string, string>> = {},
    bunFlags: readonly string[] = [],
    command: readonly string[] = [],
  ) {
    const flags = onDeno ? ["run", "--quiet", "--no-check", ...permissions] : bunFlags;
    super([...command, process.execPath, ...flags, fileURLToPath(program), ...args], env);
  }
}
