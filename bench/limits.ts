/**
 * The program that measures libyuv alone, run as a subprocess.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { LimitOperation, Limits, Size } from "./measurement.ts";

const program = fileURLToPath(new URL("../zig-out/bin/sora_ffi_limits", import.meta.url));

/** The running program. */
export class LimitProgram implements Limits, Disposable {
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  /** Starts the program, which `zig build bench` has built. */
  constructor() {
    this.#process = spawn(program, { stdio: ["pipe", "pipe", "inherit"] });
    const { stdout } = this.#process;
    if (stdout === null) throw new Error(`${program} has no standard output`);
    this.#lines = createInterface(stdout)[Symbol.asyncIterator]();
  }

  async time(operation: LimitOperation, { width, height }: Size, count: number): Promise<number[]> {
    this.#process.stdin?.write(`${operation} ${width} ${height} ${count}\n`);
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error(`${program} ended before it answered ${operation}`);
    return value.split(" ").map(Number);
  }

  /** Ends it. */
  [Symbol.dispose](): void {
    this.#process.stdin?.end();
  }
}
