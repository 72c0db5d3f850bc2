/**
 * A program that reaches its limit of threads, and the errors of its connections. Its argument: the server's URL.
 * It prints a line of JSON for each step: the code and the text of the error, or "done". After "limited" it waits for another
 * client to send video into the channel "open", where a connection was opened before.
 *
 * @module
 */

import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import process from "node:process";
import { Sora, SoraError } from "../../mod.ts";
import { eventually } from "./eventually.ts";
import { MediaClient, nextFrame } from "./media_client.ts";

const RLIMIT_NPROC = 6;
/** A user for this program alone, because the system counts threads by user and exempts root. */
const USER = 1_000_000 + process.pid;

const [url = ""] = process.argv.slice(2);

interface LibC {
  setuid(user: number): number;
  getrlimit(resource: number, limits: Uint8Array): number;
  setrlimit(resource: number, limits: Uint8Array): number;
}

function openLibC(): LibC {
  if ("Bun" in globalThis) {
    const { dlopen } = createRequire(import.meta.url)("bun:ffi") as {
      dlopen(path: string, table: unknown): { symbols: unknown };
    };
    const limit = { args: ["i32", "ptr"], returns: "i32" };
    return dlopen("libc.so.6", {
      setuid: { args: ["u32"], returns: "i32" },
      getrlimit: limit,
      setrlimit: limit,
    }).symbols as LibC;
  }
  const limit = { parameters: ["i32", "buffer"], result: "i32" } as const;
  return Deno.dlopen("libc.so.6", {
    setuid: { parameters: ["u32"], result: "i32" },
    getrlimit: limit,
    setrlimit: limit,
  }).symbols as unknown as LibC;
}

const libc = openLibC();
const before = new Uint8Array(16);
libc.getrlimit(RLIMIT_NPROC, before);

/** Deno exits where it cannot start one of its threads for a call that blocks. A `Sora` needs three. */
const SPARE_THREADS = "Bun" in globalThis ? 0 : 2;

/** The threads of all processes of this user. */
function threadsOfUser(): number {
  const user = String(process.getuid?.());
  let threads = 0;
  for (const name of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const status = readFileSync(`/proc/${name}/status`, "utf8");
      if (/^Uid:\s*(\d+)/m.exec(status)?.[1] !== user) continue;
      threads += Number(/^Threads:\s*(\d+)/m.exec(status)?.[1]);
    } catch {
      // It ended in between.
    }
  }
  return threads;
}

/** Lets the system start next to no thread any more, or as many as before. */
function limitThreads(limited: boolean): void {
  const limits = before.slice();
  // The soft limit: the hard one stays.
  const most = BigInt(threadsOfUser() + SPARE_THREADS);
  if (limited) new DataView(limits.buffer).setBigUint64(0, most, true);
  if (libc.setrlimit(RLIMIT_NPROC, limits) !== 0) throw new Error("setrlimit failed");
}

async function report(step: string, body: () => unknown): Promise<void> {
  let said: unknown = "done";
  try {
    await body();
  } catch (error) {
    said = error instanceof SoraError ? { code: error.code, text: error.message } : String(error);
  }
  console.log(JSON.stringify([step, said]));
}

await using sora = new Sora();
// One that has not found out yet that there are enough threads, which counts for half a second.
await using other = new Sora();
const source = sora.createVideoSource();
const otherSource = other.createVideoSource();
const connect = async (by = sora, videoSource = source) => {
  await using connection = by.createConnection({
    signalingUrls: [url],
    channelId: "limit",
    role: "sendrecv",
    videoSource,
  });
  await connection.connect();
};
const open = new MediaClient(
  { signalingUrls: [url], channelId: "open", role: "recvonly" },
  {},
  sora,
);
await report("open", () => open.connect());
await report("before", () => connect());
if (process.getuid?.() === 0 && libc.setuid(USER) !== 0) throw new Error("setuid failed");
limitThreads(true);
await report("connect", () => connect(other, otherSource));
await report("create", () => new Sora().createVideoSource());
await report("limited", () => {});
await report("receive", async () => {
  const sink = await eventually("a track", () => [...open.received.values()][0]?.video, 15_000);
  for (let count = 0; count < 5; count++) (await nextFrame(sink)).close();
});
await open.disconnect();
limitThreads(false);
await report("after", () => connect());
