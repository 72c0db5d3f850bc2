/**
 * The servers that contenders connect to: this project's own, and LiveKit's. Both listen on loopback alone.
 *
 * @module
 */

import { createServer } from "node:net";
import { eventually } from "../../tests/support/eventually.ts";
import { onThisRuntime, Program } from "../server/program.ts";
import { livekitServer } from "./contenders.ts";
import { LIVEKIT_KEY, LIVEKIT_SECRET } from "./programs/livekit_keys.ts";

const LIMIT_MS = 30_000;
/** Starts a command that ends when this process does, however that ends: then the standard input is at its end. */
const GUARD = `exec 3<&0; "$@" < /dev/null & server=$!
{ cat <&3 > /dev/null; kill -KILL $server; } 2> /dev/null & wait $server`;
const guarded = (...command: readonly string[]) =>
  new Program(["bash", "-c", GUARD, "bash", ...command]);

/** A server in a process of its own. */
export interface Server extends AsyncDisposable {
  /** Its URL. */
  readonly url: string;
}

/** Starts the server of this project, whatever the contenders run on. */
export async function startSora(): Promise<Server> {
  const path = new URL("../../cli/mod.ts", import.meta.url);
  const program = guarded(...onThisRuntime(path, "server", "--port", "0"));
  const { url } = await program.line("url", LIMIT_MS);
  return { url: String(url), [Symbol.asyncDispose]: () => program[Symbol.asyncDispose]() };
}

/** A port of TCP that is free, as is probably the next one. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts LiveKit's. */
export async function startLivekit(): Promise<Server> {
  const port = await freePort();
  const config = {
    port,
    bind_addresses: ["127.0.0.1"],
    rtc: {
      udp_port: port + 1,
      tcp_port: port + 1,
      node_ip: "127.0.0.1",
      use_external_ip: false,
      enable_loopback_candidate: true,
    },
    keys: { [LIVEKIT_KEY]: LIVEKIT_SECRET },
    logging: { level: "error" },
  };
  // Its YAML may be JSON. What it prints is no JSON.
  const command = [livekitServer, "--config-body", JSON.stringify(config)];
  const program = guarded("bash", "-c", 'exec "$@" > /dev/null', "bash", ...command);
  const answers = () => fetch(`http://127.0.0.1:${port}/`).then(({ ok }) => ok, () => false);
  try {
    await eventually("the LiveKit server", answers, LIMIT_MS);
  } catch (error) {
    await program[Symbol.asyncDispose]();
    throw error;
  }
  return {
    url: `ws://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}
