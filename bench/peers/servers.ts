/**
 * The servers that contenders connect to: this project's own, and LiveKit's. Both listen on loopback alone.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { eventually } from "../../tests/support/eventually.ts";
import { onThisRuntime, Program } from "../server/program.ts";
import { livekitServer } from "./contenders.ts";
import { LIVEKIT_KEY, LIVEKIT_SECRET } from "./programs/livekit_keys.ts";

const LIVEKIT_PORT = 17_880;
const LIMIT_MS = 30_000;

/** A server in a process of its own. */
export interface Server extends AsyncDisposable {
  /** Its URL. */
  readonly url: string;
}

/** Starts the server of this project. */
export async function startSora(): Promise<Server> {
  const command = onThisRuntime(
    new URL("../../cli/mod.ts", import.meta.url),
    "server",
    "--port",
    "0",
  );
  const program = new Program(command);
  const { url } = await program.line("url", LIMIT_MS);
  return { url: String(url), [Symbol.asyncDispose]: () => program[Symbol.asyncDispose]() };
}

/** Starts LiveKit's. */
export async function startLivekit(): Promise<Server> {
  const config = {
    port: LIVEKIT_PORT,
    bind_addresses: ["127.0.0.1"],
    rtc: {
      udp_port: LIVEKIT_PORT + 1,
      tcp_port: LIVEKIT_PORT + 2,
      node_ip: "127.0.0.1",
      use_external_ip: false,
      enable_loopback_candidate: true,
    },
    keys: { [LIVEKIT_KEY]: LIVEKIT_SECRET },
    logging: { level: "error" },
  };
  // Its YAML may be JSON.
  const child = spawn(livekitServer, ["--config-body", JSON.stringify(config)], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  try {
    await eventually("the LiveKit server", () => answers(child), LIMIT_MS);
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
  return {
    url: `ws://127.0.0.1:${LIVEKIT_PORT}`,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

async function answers(child: ChildProcess): Promise<boolean> {
  if (child.exitCode !== null) throw new Error(`The LiveKit server ended with ${child.exitCode}`);
  return await fetch(`http://127.0.0.1:${LIVEKIT_PORT}/`).then(({ ok }) => ok, () => false);
}
