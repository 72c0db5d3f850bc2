/**
 * `sora-ffi server`: the embedded server, until Ctrl-C.
 *
 * @module
 */

import { wrongType } from "../../base/checks.ts";
import { SoraServer, type SoraServerOptions } from "../../sfu/mod.ts";
import {
  aborted,
  type Command,
  ExitCode,
  textOf,
  unlessAborted,
  UsageError,
  type Values,
} from "../command.ts";

/** The options whose value is a number, by the option of the server that it becomes. */
const NUMBERS = {
  port: "port",
  maxConnections: "max-connections",
  maxChannelConnections: "max-channel-connections",
} as const;

function integer(values: Values, name: string): number | undefined {
  const text = textOf(values, name);
  if (text === undefined) return undefined;
  if (!/^\d+$/.test(text)) throw new UsageError(wrongType(`--${name}`, "an integer", text).message);
  return Number(text);
}

/** The options of the server; `port` is 5000 unless it is given. */
function serverOptions(values: Values): SoraServerOptions {
  const numbers = Object.entries(NUMBERS).map(([option, name]) => [option, integer(values, name)]);
  return {
    host: textOf(values, "host"),
    path: textOf(values, "path"),
    ...Object.fromEntries(numbers),
    port: integer(values, "port") ?? 5000,
  };
}

function startError(error: unknown, { port, host = "127.0.0.1" }: SoraServerOptions): unknown {
  if ((error as { code?: unknown }).code !== "EADDRINUSE") return error;
  // Bun reports the same for an address that this machine does not have.
  return Object.assign(
    new Error(
      `port ${port} of ${host} is in use, or ${host} is not an address of this machine; --port 0 picks a free port`,
      { cause: error },
    ),
    { code: "EADDRINUSE" },
  );
}

/** `sora-ffi server` */
export const server: Command = {
  summary: "start an embedded Sora-compatible server, which Ctrl-C ends",
  options: {
    port: {
      value: "NUMBER",
      summary: "TCP port of the signaling WebSocket (default 5000; 0 picks a free one)",
    },
    host: { value: "ADDRESS", summary: "address to bind (default 127.0.0.1)" },
    path: { value: "PATH", summary: "path of the signaling WebSocket (default /signaling)" },
    "max-connections": { value: "NUMBER", summary: "connections at a time (default 1000)" },
    "max-channel-connections": {
      value: "NUMBER",
      summary: "of which in one channel (default 100)",
    },
  },
  async run(values, { stdout, signal }) {
    const options = serverOptions(values);
    const server = await unlessAborted(SoraServer.start(options), signal).catch((error) => {
      throw startError(error, options);
    });
    stdout.write(
      stdout.isTTY
        ? `Sora-compatible server is listening on ${server.url} (Ctrl-C ends it)\n`
        : `${JSON.stringify({ event: "listening", url: server.url })}\n`,
    );
    await aborted(signal);
    await server.close();
    return ExitCode.OK;
  },
};
