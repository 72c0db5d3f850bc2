/**
 * `sora-ffi server`: the embedded server, until Ctrl-C.
 *
 * @module
 */

import { shown, wrongType } from "../../base/checks.ts";
import { SoraServer, type SoraServerOptions } from "../../sfu/mod.ts";
import {
  aborted,
  type Command,
  type Context,
  ExitCode,
  integerOf,
  textOf,
  unlessAborted,
  UsageError,
  type Values,
} from "../command.ts";
import { asUsage, SERVER_FLAGS, serverOptions } from "../server/flags.ts";
import { LiveTable } from "../server/live_table.ts";
import { jsonLine, type LogEvent, logTo, textLine } from "../server/log.ts";

/** What is printed while the server runs. */
const LOGS = ["table", "text", "json", "off"] as const;
type Log = typeof LOGS[number];

/** Time that members have to leave unless `--drain` says another. */
const DRAIN_MS = 5000;
const MAX_DRAIN_MS = 3_600_000;

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

function logOf(values: Values, { stdout }: Context): Log {
  const text = textOf(values, "log");
  const log = LOGS.find((log) => log === text);
  if (text !== undefined && log === undefined) {
    throw new UsageError(wrongType("--log", `one of ${LOGS.map(shown).join(", ")}`, text).message);
  }
  if (log === "table" && !stdout.isTTY) throw new UsageError("--log table needs a terminal");
  return log ?? (stdout.isTTY ? "table" : "json");
}

/** `sora-ffi server` */
export const server: Command = {
  summary: "start an embedded Sora-compatible server, which Ctrl-C ends",
  options: {
    ...SERVER_FLAGS,
    log: {
      value: "FORMAT",
      summary: `${LOGS.join(", ")} (default: table on a terminal, json elsewhere)`,
    },
    drain: {
      value: "MS",
      summary:
        `time that members have to leave after Ctrl-C (default ${DRAIN_MS}); a second Ctrl-C ends it`,
    },
  },
  async run(values, context) {
    const { stdout, signal, hurry } = context;
    const given = serverOptions(values);
    const { options } = given;
    const format = logOf(values, context);
    const drainMs = integerOf(values, "drain", 0, MAX_DRAIN_MS) ?? DRAIN_MS;
    let log: (event: LogEvent) => void = format === "text"
      ? logTo(stdout, textLine)
      : format === "json"
      ? logTo(stdout, jsonLine)
      : () => {};
    const started = SoraServer.start({ onEvent: (event) => log(event), ...options });
    const server = await unlessAborted(started, signal).catch((error) => {
      throw asUsage(startError(error, options), given, textOf(values, "config") ?? "");
    });
    const { url } = server;
    const listening = { event: "listening", url } as const;
    if (stdout.isTTY) {
      stdout.write(`Sora-compatible server is listening on ${url} (Ctrl-C ends it)\n`);
    } else if (format === "off") {
      // Where it listens is a result, without which nobody could use a port that it picked.
      stdout.write(jsonLine(listening, new Date()));
    }
    log(listening);
    using table = format === "table" ? new LiveTable(server, stdout) : undefined;
    if (table !== undefined) log = (event) => table.log(event);
    await aborted(signal);
    const connections = server.connections().length;
    if (connections > 0 && drainMs > 0) {
      log({ event: "closing", connections, drainMs });
      hurry?.addEventListener("abort", () => void server.close());
    }
    await server.close({ drainMs });
    log({ event: "closed" });
    return ExitCode.OK;
  },
};
