/**
 * coturn, a TURN server that nobody here wrote, which `setup/coturn.sh` fetches.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Process } from "./child.ts";
import { eventually } from "./eventually.ts";
import type { NamespaceEnd } from "./namespaces.ts";
import { CANARY } from "./canary.ts";

const program = fileURLToPath(new URL("../../.deps/coturn/bin/turnserver", import.meta.url));
const REALM = "turn.test";
const PORT = 3478;

/** The user that it knows; it refuses names with spaces. */
const user = { username: "coturn", credential: CANARY } as const;

/** Whether it was fetched. */
export const hasCoturn = (): boolean => existsSync(program);

/** A coturn that runs. */
export class Coturn implements AsyncDisposable {
  readonly port = PORT;
  readonly user = user;
  readonly #process: Process;
  readonly #folder: string;

  private constructor(process: Process, folder: string) {
    this.#process = process;
    this.#folder = folder;
  }

  /**
   * Starts one in a network namespace, where its port is free.
   *
   * @param tls Certificate and key, for TLS; TCP without it.
   */
  static async start(
    end: NamespaceEnd,
    tls?: { readonly cert: string; readonly key: string },
  ): Promise<Coturn> {
    const folder = await mkdtemp(join(tmpdir(), "sora-coturn-"));
    const file = (name: string) => join(folder, name);
    const { address } = end;
    const words = [program, "-n", "--verbose", "--no-cli", "--no-udp", "--no-dtls"];
    words.push("--listening-ip", address, "--relay-ip", address);
    words.push("--lt-cred-mech", "--realm", REALM);
    words.push("--user", `${user.username}:${user.credential}`);
    words.push("--log-file", "stdout", "--simple-log");
    words.push("--pidfile", file("pid"), "--userdb", file("users"));
    if (tls === undefined) {
      words.push("--no-tls", "--listening-port", String(PORT));
    } else {
      await writeFile(file("cert"), tls.cert);
      await writeFile(file("key"), tls.key);
      words.push("--no-tcp", "--tls-listening-port", String(PORT));
      words.push("--cert", file("cert"), "--pkey", file("key"));
    }
    const coturn = new Coturn(new Process([...end.command, ...words]), folder);
    try {
      await eventually("coturn", () => {
        if (coturn.#process.pid === undefined) throw new Error("it ended");
        return coturn.#process.lines.some((line) => line.includes("listener opened on"));
      });
      return coturn;
    } catch (cause) {
      const { lines, errors } = coturn.#process;
      await coturn[Symbol.asyncDispose]();
      throw new Error(`coturn did not start: ${[...lines, errors].join("\n")}`, { cause });
    }
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
    await rm(this.#folder, { recursive: true });
  }
}
