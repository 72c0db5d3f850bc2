/**
 * The row `autobahn`: the WebSocket of signaling against the cases of the Autobahn test suite, whose server `setup/autobahn.sh` installs.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { SocketEnd } from "../../../signaling/socket/socket.ts";
import { createWebSocket } from "../../../signaling/socket/websocket.ts";
import { Process } from "../../support/child.ts";
import { eventually, within } from "../../support/eventually.ts";
import type { RowResult } from "../row.ts";
import { runTask, type Task } from "./task.ts";

const wstest = fileURLToPath(new URL("../../../.deps/autobahn/bin/wstest", import.meta.url));
const AGENT = "sora-ffi";
const CASE_MS = 120_000;

/**
 * Cases that are not for a client of signaling: it reports that a binary message came and no more, takes and gives no compression, and
 * lets at most 4 MiB wait to be sent.
 */
const LEFT_OUT = [
  "1.2.*",
  "9.1.5",
  "9.1.6",
  "9.2.*",
  "9.4.*",
  "9.6.*",
  "9.8.*",
  "12.*",
  "13.*",
];

/** What the suite says of a case; all but the last are right. */
const RIGHT = new Set(["OK", "NON-STRICT", "INFORMATIONAL"]);

interface CaseResult {
  readonly behavior: string;
  readonly behaviorClose: string;
}

/** Opens a WebSocket, has each text handled, and waits for the end. */
async function converse(url: string, onText: (text: string, echo: (text: string) => void) => void) {
  const ended = Promise.withResolvers<SocketEnd>();
  const socket = createWebSocket({
    url,
    tls: {},
    userAgent: AGENT,
    maxMessageBytes: 32 << 20,
    closeTimeoutMs: 2_000,
  }, {
    onOpen: () => {},
    onText: (text) => onText(text, (answer) => socket.send(answer)),
    onBinary: () => {},
    onEnd: ended.resolve,
  });
  await within(`the end of ${url}`, ended.promise, CASE_MS);
}

/** A port that is free now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

async function runCases(task: Task, folder: string): Promise<RowResult> {
  const url = `ws://127.0.0.1:${await freePort()}`;
  const spec = join(folder, "spec.json");
  const outdir = join(folder, "reports");
  const cases = { cases: ["*"], "exclude-cases": LEFT_OUT, "exclude-agent-cases": {} };
  await writeFile(spec, JSON.stringify({ url, outdir, ...cases }));
  await using server = new Process([wstest, "-m", "fuzzingserver", "-w", "0", "-s", spec]);
  let count = 0;
  await eventually("the suite's server", async () => {
    await converse(`${url}/getCaseCount`, (text) => count = Number(text));
    return count > 0;
  }, 30_000).catch((cause) => {
    throw new Error(server.errors, { cause });
  });
  for (let number = 1; number <= count; number++) {
    await converse(`${url}/runCase?case=${number}&agent=${AGENT}`, (text, echo) => echo(text));
    task.progress(`${number} of ${count} cases`, number / count);
  }
  await converse(`${url}/updateReports?agent=${AGENT}`, () => {});
  const index = await eventually(
    "the report",
    () => existsSync(join(outdir, "index.json")) && readFile(join(outdir, "index.json"), "utf8"),
  );
  const results = (JSON.parse(index) as Record<string, Record<string, CaseResult>>)[AGENT]!;
  let failed = 0;
  for (const [name, { behavior, behaviorClose }] of Object.entries(results)) {
    if (RIGHT.has(behavior) && RIGHT.has(behaviorClose)) continue;
    failed++;
    task.found({ what: `case ${name}: ${behavior}, its close ${behaviorClose}` });
  }
  const total = Object.keys(results).length;
  return { measured: `${failed} of ${total} cases failed`, figures: { cases: total, failed } };
}

async function autobahn(task: Task): Promise<RowResult> {
  if (!existsSync(wstest)) {
    return { skipped: "setup/autobahn.sh has not installed the suite, which needs Python 2.7" };
  }
  const folder = await mkdtemp(join(tmpdir(), "sora-autobahn-"));
  try {
    return await runCases(task, folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

await runTask("autobahn", autobahn);
