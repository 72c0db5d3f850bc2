/**
 * Two network namespaces with a wire between them, for tests of what happens when a machine's address changes.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import process from "node:process";

const NETWORK = "10.231.0";
const DEVICE = "wire";
let made = 0;

/** Runs `ip`. */
export function ip(...args: readonly string[]): void {
  const { status, stderr, error } = spawnSync("ip", args, { encoding: "utf8", timeout: 10_000 });
  if (status === 0) return;
  throw new Error(`ip ${args.join(" ")}: ${error?.message ?? stderr.trim()}`);
}

/** One end of the wire. */
export interface NamespaceEnd {
  /** Its first address. */
  readonly address: string;
  /** What starts a program there, before the program and its arguments. */
  readonly command: readonly string[];
  /** Takes its address away and, if one is given, sets another: the last number of it. */
  move(last?: number): void;
}

/** Two namespaces, gone with everything in them when it is disposed of. */
export class Namespaces implements Disposable {
  /** 10.231.0.1 */
  readonly server: NamespaceEnd;
  /** 10.231.0.2 */
  readonly client: NamespaceEnd;
  readonly #names: readonly string[];

  private constructor(names: readonly [string, string]) {
    this.#names = names;
    this.server = this.#end(names[0], 1);
    this.client = this.#end(names[1], 2);
  }

  /** Creates them, or returns why this machine does not allow it. */
  static make(): Namespaces | string {
    const name = `sora-${process.pid}-${++made}`;
    const names = [`${name}-server`, `${name}-client`] as const;
    const namespaces = new Namespaces([...names]);
    try {
      for (const name of names) ip("netns", "add", name);
      const peer = ["peer", "name", DEVICE, "netns", names[1]];
      ip("-n", names[0], "link", "add", DEVICE, "type", "veth", ...peer);
      names.forEach((name, i) => {
        ip("-n", name, "link", "set", "lo", "up");
        ip("-n", name, "link", "set", DEVICE, "up");
        ip("-n", name, "address", "add", `${NETWORK}.${i + 1}/24`, "dev", DEVICE);
      });
      return namespaces;
    } catch (error) {
      namespaces[Symbol.dispose]();
      return `no network namespaces: ${(error as Error).message}`;
    }
  }

  #end(name: string, first: number): NamespaceEnd {
    const change = (how: string, last: number) =>
      ip("-n", name, "address", how, `${NETWORK}.${last}/24`, "dev", DEVICE);
    let present: number | undefined = first;
    return {
      address: `${NETWORK}.${first}`,
      command: ["ip", "netns", "exec", name],
      move: (last) => {
        if (present !== undefined) change("del", present);
        present = last;
        if (last !== undefined) change("add", last);
      },
    };
  }

  /** Takes them away. */
  [Symbol.dispose](): void {
    for (const name of this.#names) spawnSync("ip", ["netns", "del", name], { timeout: 10_000 });
  }
}
