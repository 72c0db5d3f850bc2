/**
 * A member that connects with the official Python SDK, in a process of its own, and what happens to it.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { eventually, within } from "./eventually.ts";

/** The Python that has the SDK. */
export const pythonWithSdk: string = fileURLToPath(
  new URL("../../.deps/sora-sdk/bin/python", import.meta.url),
);

const PROGRAM = fileURLToPath(new URL("../python/client.py", import.meta.url));
const KEPT_CHARACTERS = 65_536;

/** Why there is no Python SDK, or undefined where there is. */
export function whyNoPythonSdk(): string | undefined {
  if (existsSync(pythonWithSdk)) return undefined;
  return "The official Python SDK is not installed, which needs x86_64 and Python 3.11 to 3.13";
}

/** An event's name and what came with it. */
// deno-lint-ignore no-explicit-any
type PythonEvent = readonly [name: string, ...values: any[]];

/** One such member. */
export class PythonClient implements AsyncDisposable {
  /** What has happened, in order. */
  readonly events: PythonEvent[] = [];
  readonly #process: ChildProcess;
  readonly #exit: Promise<void>;
  #errors = "";

  /** Starts it: the arguments of `create_connection`, and `frame`, the size and turn of the frames that it sends. */
  constructor(options: Readonly<Record<string, unknown>>) {
    this.#process = spawn(pythonWithSdk, [PROGRAM, JSON.stringify(options)], {
      stdio: ["pipe", "pipe", "pipe"],
    });
    createInterface({ input: this.#process.stdout! }).on("line", (line) => {
      this.events.push(JSON.parse(line));
    });
    this.#process.stderr!.on("data", (text) => {
      this.#errors = (this.#errors + text).slice(-KEPT_CHARACTERS);
    });
    this.#exit = new Promise((resolve) => this.#process.once("close", () => resolve()));
  }

  /** The events of a name. */
  of(name: string): PythonEvent[] {
    return this.events.filter(([one]) => one === name);
  }

  /** Waits for an event that fits. */
  until(
    name: string,
    fits: (event: PythonEvent) => boolean = () => true,
    since = 0,
  ): Promise<PythonEvent> {
    return eventually(
      `${name} of the Python SDK`,
      () => this.events.slice(since).find((event) => event[0] === name && fits(event)),
      20_000,
    ).catch((error) => {
      throw new Error(`${error.message}; it wrote: ${this.#errors}`);
    });
  }

  /** Waits for the connection to be established; resolves with its connection id. */
  async connected(): Promise<string> {
    const [, { connection_id }] = await this.until("offer");
    await this.until(
      "notify",
      ([, notify]) =>
        notify.event_type === "connection.created" && notify.connection_id === connection_id,
    );
    return connection_id;
  }

  /** Its statistics of one type. */
  // deno-lint-ignore no-explicit-any
  async stats(type: string): Promise<any[]> {
    const since = this.events.length;
    this.#command("stats");
    const [, stats] = await this.until("stats", undefined, since);
    return stats.filter((one: { type: string }) => one.type === type);
  }

  /** Sends a message. */
  send(label: string, message: Uint8Array): void {
    this.#command("send", label, Buffer.from(message).toString("base64"));
  }

  /** Disconnects, and waits for the end of the process. */
  async disconnect(): Promise<void> {
    this.#command("disconnect");
    await this.until("end");
    await within("the end of Python", this.#exit);
  }

  #command(...command: string[]): void {
    this.#process.stdin!.write(`${JSON.stringify(command)}\n`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#exit;
  }
}
