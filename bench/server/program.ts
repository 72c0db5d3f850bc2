/**
 * Programs that take and give lines of JSON.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { onDeno } from "../../tests/support/child.ts";

/** A line of a program. */
export type Line = Readonly<Record<string, unknown>>;

/** Linux counts processor time in hundredths of a second. */
const TICK_MS = 10;
const PAGE_BYTES = 4096;

/** A program in a process of its own. */
export class Program implements AsyncDisposable {
  readonly #name: string;
  readonly #process: ChildProcess;
  readonly #ended: Promise<void>;
  readonly #waiting = new Set<(line: Line | undefined) => void>();
  #over = false;

  /** Starts a command; `onLine` gets what nobody waits for. */
  constructor(words: readonly string[], onLine: (line: Line) => void = () => {}) {
    this.#name = words.join(" ");
    this.#process = spawn(words[0]!, words.slice(1), { stdio: ["pipe", "pipe", "inherit"] });
    createInterface(this.#process.stdout!).on("line", (text) => {
      const line = JSON.parse(text) as Line;
      onLine(line);
      for (const wait of [...this.#waiting]) wait(line);
    });
    this.#ended = new Promise((resolve) => {
      const end = () => {
        this.#over = true;
        for (const wait of [...this.#waiting]) wait(undefined);
        resolve();
      };
      this.#process.once("error", end);
      this.#process.once("close", end);
    });
    this.#process.stdin!.on("error", () => {});
  }

  /** Writes a line. */
  tell(line: object): void {
    this.#process.stdin!.write(`${JSON.stringify(line)}\n`);
  }

  /**
   * Waits for the next line that has a key.
   *
   * @throws {Error} When the program ends before it, or it takes too long.
   */
  line(key: string, limitMs = 20_000): Promise<Line> {
    return this.next((line) => key in line, limitMs);
  }

  /** Waits for the next line that is `wanted`. */
  next(wanted: (line: Line) => boolean, limitMs = 20_000): Promise<Line> {
    return new Promise((resolve, reject) => {
      const settle = (how: () => void) => {
        clearTimeout(timer);
        this.#waiting.delete(wait);
        how();
      };
      const fail = (what: string) =>
        settle(() => reject(new Error(`${this.#name} must print a line, and ${what}`)));
      const wait = (line: Line | undefined) => {
        if (line === undefined) fail("it ended");
        else if (wanted(line)) settle(() => resolve(line));
      };
      const timer = setTimeout(() => fail(`did not within ${limitMs} ms`), limitMs);
      this.#waiting.add(wait);
      if (this.#over) fail("it has ended");
    });
  }

  /** Its process id. */
  get pid(): number {
    return this.#process.pid!;
  }

  /** Processor time of all its threads so far, in milliseconds. */
  cpuMs(): number {
    const stat = readFileSync(`/proc/${this.#process.pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  }

  /** Bytes of memory that it holds. */
  residentBytes(): number {
    const fields = readFileSync(`/proc/${this.#process.pid}/statm`, "utf8").split(" ");
    return Number(fields[1]) * PAGE_BYTES;
  }

  /** Its open file descriptors. */
  descriptors(): number {
    return readdirSync(`/proc/${this.#process.pid}/fd`).length;
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.stdin!.destroy();
    this.#process.kill("SIGKILL");
    await this.#ended;
  }
}

/** The command of a TypeScript program on the runtime that runs this. Deno has UDP only with a flag. */
export function onThisRuntime(program: URL, ...args: readonly string[]): string[] {
  const flags = onDeno ? ["run", "--quiet", "--no-check", "-A", "--unstable-net"] : [];
  return [process.execPath, ...flags, fileURLToPath(program), ...args];
}
