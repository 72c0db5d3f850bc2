/** The server as a command: `main.ts --port 5000 [--host 127.0.0.1] [--path /signaling]`. */
import process from "node:process";
import { parseArgs } from "node:util";
import { wrongType } from "../base/checks.ts";
import { SoraServer, type SoraServerOptions } from "./mod.ts";

const USAGE = `Starts an embedded Sora-compatible server.

  --port NUMBER              TCP port of the signaling WebSocket (default 5000, 0 picks one)
  --host ADDRESS             address to bind (default 127.0.0.1)
  --path PATH                path of the signaling WebSocket (default /signaling)
  --max-connections NUMBER   connections at a time (default 1000)
  --max-channel-connections NUMBER
                             of which in one channel (default 100)
  --help                     this text
`;

function readOptions(): SoraServerOptions | undefined {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "5000" },
      host: { type: "string" },
      path: { type: "string" },
      "max-connections": { type: "string" },
      "max-channel-connections": { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const integer = (name: "port" | "max-connections" | "max-channel-connections") => {
    const text = values[name];
    if (text === undefined) return undefined;
    if (!/^\d+$/.test(text)) throw wrongType(`--${name}`, "an integer", text);
    return Number(text);
  };
  return {
    port: integer("port"),
    host: values.host,
    path: values.path,
    maxConnections: integer("max-connections"),
    maxChannelConnections: integer("max-channel-connections"),
  };
}

async function main(): Promise<number> {
  const options = readOptions();
  if (options === undefined) {
    process.stdout.write(USAGE);
    return 0;
  }
  const server = await SoraServer.start(options).catch((error) => {
    if ((error as { code?: unknown }).code !== "EADDRINUSE") throw error;
    const { port, host = "127.0.0.1" } = options;
    // Bun reports the same for an address that this machine does not have.
    throw new Error(
      `port ${port} of ${host} is in use, or ${host} is not an address of this machine; --port 0 picks a free port`,
      { cause: error },
    );
  });
  process.stdout.write(
    process.stdout.isTTY
      ? `Sora-compatible server is listening on ${server.url} (Ctrl-C ends it)\n`
      : `${JSON.stringify({ event: "listening", url: server.url })}\n`,
  );
  await new Promise<void>((resolve) => {
    process.once("SIGINT", () => resolve());
    process.once("SIGTERM", () => resolve());
  });
  await server.close();
  return 0;
}

main().then(
  (code) => process.exit(code),
  (error) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
