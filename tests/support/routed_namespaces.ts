/**
 * Two network namespaces with a router between them, whose path is as bad as a test wants it: what goes through, signaling and media
 * alike, is delayed, lost, doubled, swapped, limited and translated.
 *
 * @module
 */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { eventually } from "./eventually.ts";
import { ip, type NamespaceEnd } from "./namespaces.ts";

const program = fileURLToPath(new URL("router.py", import.meta.url));
const python = fileURLToPath(new URL("../../.deps/venv/bin/python", import.meta.url));

/** What happens to the packets of one direction. */
export interface PathRules {
  /** Share that is lost, 0 to 1. */
  readonly loss?: number;
  readonly delayMs?: number;
  /** The delay varies by so much; packets stay in order. */
  readonly jitterMs?: number;
  /** Share that overtakes what waits. */
  readonly swapped?: number;
  /** Share that comes twice. */
  readonly doubled?: number;
  /** What the path carries, in kbit/s. */
  readonly kbps?: number;
  /** What would wait longer for that is lost. Default: 200. */
  readonly queueMs?: number;
  readonly blocked?: readonly ("udp" | "tcp")[];
}

/** Packets of one direction. */
interface PathCounts {
  readonly forwarded: number;
  readonly lost: number;
}

type Family = "IPv4" | "IPv6";

/** The addresses of an end, by their last number. */
const ADDRESSES: Readonly<Record<Family, (end: 1 | 2, last: number) => [string, number]>> = {
  IPv4: (end, last) => [`10.231.${end}.${last}`, 24],
  IPv6: (end, last) => [`fd31:${end}::${last}`, 64],
};

const DEVICE = "wire";
let made = 0;

/** Two namespaces, gone with everything in them when they are disposed of. */
export class RoutedNamespaces implements AsyncDisposable {
  readonly server: NamespaceEnd;
  readonly client: NamespaceEnd;
  readonly #names: readonly [string, string];
  readonly #router: ChildProcess;
  readonly #lines: string[] = [];
  /** Whatever ends this process in order. */
  readonly #onExit = () => this.#deleteNames();
  #errors = "";
  #mappings = 0;

  private constructor(family: Family, seed: number) {
    const name = `sora-${process.pid}-r${++made}`;
    this.#names = [`${name}-server`, `${name}-client`];
    this.server = new RoutedEnd(this.#names[0], family, 1);
    this.client = new RoutedEnd(this.#names[1], family, 2);
    this.#router = spawn(python, [program, String(seed), ...this.#devices], {
      stdio: ["pipe", "pipe", "pipe"],
    });
    process.once("exit", this.#onExit);
    this.#router.on("error", (error) => this.#errors += String(error));
    this.#router.stdin!.on("error", () => {});
    createInterface(this.#router.stdout!).on("line", (line) => this.#lines.push(line));
    this.#router.stderr!.on("data", (data) => this.#errors = (this.#errors + data).slice(-4_096));
  }

  get #devices(): readonly [string, string] {
    // At most 15 characters.
    return [`s${process.pid}r${made}s`, `s${process.pid}r${made}c`];
  }

  /** Creates them, or returns why this machine does not allow it. */
  static async make(seed: number, family: Family = "IPv4"): Promise<RoutedNamespaces | string> {
    const namespaces = new RoutedNamespaces(family, seed);
    try {
      await eventually("the router", () => {
        if (namespaces.#errors !== "") throw new Error(namespaces.#errors.trim());
        return namespaces.#lines.includes("ready");
      });
      namespaces.#connect();
      return namespaces;
    } catch (error) {
      await namespaces[Symbol.asyncDispose]();
      return `no network namespaces: ${(error as Error).message}`;
    }
  }

  #connect(): void {
    for (const [i, end] of [this.server, this.client].entries()) {
      const name = this.#names[i]!;
      const device = this.#devices[i]!;
      ip("netns", "add", name);
      ip("link", "set", device, "netns", name);
      ip("-n", name, "link", "set", device, "name", DEVICE);
      ip("-n", name, "link", "set", "lo", "up");
      ip("-n", name, "link", "set", DEVICE, "up");
      end.move(1);
    }
  }

  /** Replaces the rules of one direction, or of both. */
  set(rules: { readonly up?: PathRules; readonly down?: PathRules }): void {
    this.#say(rules);
  }

  /** Replaces the rules of both directions. */
  setBoth(rules: PathRules): void {
    this.set({ up: rules, down: rules });
  }

  /** Gives each of the client's UDP flows another port, as a NAT does that has forgotten them. */
  rebind(): void {
    this.#say({ nat: ++this.#mappings });
  }

  /** How many packets were forwarded and lost so far. */
  async counts(): Promise<{ readonly up: PathCounts; readonly down: PathCounts }> {
    const first = this.#lines.length;
    this.#say({ counts: true });
    const line = await eventually(
      "the router's counts",
      () => this.#lines.slice(first).find((line) => line.startsWith("counts ")),
    );
    return JSON.parse(line.slice("counts ".length));
  }

  #say(message: object): void {
    this.#router.stdin!.write(`${JSON.stringify(message)}\n`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise<void>((resolve) => {
      if (this.#router.pid === undefined || this.#router.exitCode !== null) return resolve();
      this.#router.once("close", () => resolve());
    });
    this.#router.stdin!.end();
    await ended;
    this.#deleteNames();
    process.off("exit", this.#onExit);
  }

  #deleteNames(): void {
    for (const name of this.#names) spawnSync("ip", ["netns", "del", name], { timeout: 10_000 });
  }
}

class RoutedEnd implements NamespaceEnd {
  readonly command: readonly string[];
  readonly #name: string;
  readonly #addressOf: (last: number) => [string, number];
  readonly #isV6: boolean;
  #present: number | undefined;

  constructor(name: string, family: Family, end: 1 | 2) {
    this.#name = name;
    this.#isV6 = family === "IPv6";
    this.#addressOf = (last) => ADDRESSES[family](end, last);
    this.command = ["ip", "netns", "exec", name];
  }

  get address(): string {
    return this.#addressOf(1)[0];
  }

  move(last?: number): void {
    const change = (how: string, number: number) => {
      const whole = this.#addressOf(number).join("/");
      ip("-n", this.#name, "address", how, whole, "dev", DEVICE, ...this.#isV6 ? ["nodad"] : []);
    };
    if (this.#present !== undefined) change("del", this.#present);
    this.#present = last;
    if (last === undefined) return;
    change("add", last);
    // The last address takes the route with it.
    const family = this.#isV6 ? "-6" : "-4";
    ip("-n", this.#name, family, "route", "replace", "default", "dev", DEVICE);
  }
}
