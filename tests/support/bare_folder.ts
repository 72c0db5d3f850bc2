/**
 * An empty folder with an empty home, in which a runtime runs as on the machine of somebody who has nothing else.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

/** How a command ended. */
export interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs. */
export interface Started {
  /** Resolves with its end. */
  readonly ended: Promise<Result>;
  /** What it has printed so far. */
  readonly output: Readonly<Record<"stdout" | "stderr", string>>;
  /** Presses Ctrl-C. */
  readonly interrupt: () => void;
}

/** `deno publish` checks types for most of it on a busy machine. */
const LIMIT_MS = 120_000;

/** An empty folder with an empty home. */
export class BareFolder {
  /** The folder, which is below the home's parent. */
  readonly path: string;
  /** Where Deno keeps the packages that it downloads. */
  readonly denoCache: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #command: readonly string[];

  /**
   * Makes one.
   *
   * @param parent An empty folder.
   * @param registry The URL of the npm registry.
   * @param env Environment variables besides its own; it has none of this process.
   * @param command What starts the runtime: a program and its arguments, to which the runtime and its own are added.
   */
  constructor(
    parent: string,
    registry: string,
    env: Readonly<Record<string, string>> = {},
    command: readonly string[] = [],
  ) {
    const home = join(parent, "home");
    this.path = join(parent, "project");
    this.denoCache = join(home, "deno");
    this.#command = command;
    mkdirSync(home);
    mkdirSync(this.path);
    this.#env = {
      HOME: home,
      TMPDIR: parent,
      DENO_DIR: this.denoCache,
      DENO_NO_UPDATE_CHECK: "1",
      DO_NOT_TRACK: "1",
      NO_COLOR: "1",
      NPM_CONFIG_REGISTRY: registry,
      ...env,
    };
  }

  /** Writes a file of the project. */
  write(name: string, text: string): void {
    writeFileSync(join(this.path, name), text);
  }

  /** Runs this runtime with arguments. */
  run(...args: readonly string[]): Promise<Result> {
    return this.start(...args).ended;
  }

  /** Starts this runtime with arguments, as in a terminal of its own. */
  start(...args: readonly string[]): Started {
    const [program = "", ...rest] = [...this.#command, process.execPath, ...args];
    const child = spawn(program, rest, {
      cwd: this.path,
      env: this.#env,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: LIMIT_MS,
    });
    const output = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"] as const) {
      child[stream].setEncoding("utf8").on("data", (text: string) => output[stream] += text);
    }
    const ended = new Promise<Result>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) => resolve({ code, ...output }));
    });
    return { ended, output, interrupt: () => child.kill("SIGINT") };
  }

  /**
   * Runs this runtime with arguments, and gives what it printed.
   *
   * @throws {Error} It failed.
   */
  async succeed(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(...args);
    if (code === 0) return stdout;
    throw new Error(`${args.join(" ")} ended with ${code}:\n${stdout}\n${stderr}`);
  }
}
