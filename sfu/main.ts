/** The server as a command: `main.ts --port 5000 [--host 127.0.0.1] [--path /signaling]`. */
import process from "node:process";
import { parseArgs } from "node:util";
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
  const number = (name: string, text: string) => {
    if (!/^\d+$/.test(text)) throw new TypeError(`--${name} must be a number, but is "${text}".`);
    return Number(text);
  };
  const connections = values["max-connections"];
  const members = values["max-channel-connections"];
  return {
    port: number("port", values.port),
    ...(values.host === undefined ? {} : { host: values.host }),
    ...(values.path === undefined ? {} : { path: values.path }),
    ...(connections === undefined
      ? {}
      : { maxConnections: number("max-connections", connections) }),
    ...(members === undefined
      ? {}
      : { maxChannelConnections: number("max-channel-connections", members) }),
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
    // Bun says the same of an address that is none.
    throw new Error(
      `Port ${port} of ${host} is in use, or ${host} is no address of this machine; --port 0 picks a free port.`,
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
