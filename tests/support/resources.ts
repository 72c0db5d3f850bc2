/**
 * The resources of a process: native objects, threads, file descriptors.
 *
 * @module
 */

import assert from "node:assert/strict";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import process from "node:process";
import v8 from "node:v8";
import vm from "node:vm";
import { openRealm } from "../../ffi/realm.ts";
import { eventually } from "./eventually.ts";

/** What a process holds. */
export interface Resources {
  /** Native objects that are alive (`sora_live_objects`). */
  readonly objects: number;
  /** Threads of the process, without those of the runtime's pools, which come and go. */
  readonly threads: number;
  /** Open file descriptors. */
  readonly descriptors: number;
}

/** Names of threads (cut at 15 bytes by Linux) with which an engine compiles, collects garbage or does file operations. */
const POOLS =
  /^(V8 DefaultWorke|tokio-runtime-w|HeapHelper|JITWorker|JSCWarmUp|.*llector Thread|Bun Pool.*)$/;

function threads(): string[] {
  return readdirSync("/proc/self/task").flatMap((id) => {
    try {
      const name = readFileSync(`/proc/self/task/${id}/comm`, "utf8").trim();
      return POOLS.test(name) ? [] : [name];
    } catch {
      // It ended in between.
      return [];
    }
  });
}

/** What this process holds now. */
export function resources(): Resources {
  const { events, functions } = openRealm();
  // The queue stays for good, so it is there from the first count on.
  assert.notEqual(events.queue, 0);
  return {
    objects: functions.sora_live_objects(),
    threads: threads().length,
    // The folder that is being read is open itself.
    descriptors: readdirSync("/proc/self/fd").length - 1,
  };
}

/**
 * Waits until the process holds no more than it held before.
 *
 * @throws {Error} With both counts, when that takes longer than `limitMs`.
 */
export async function backTo(base: Resources, limitMs = 10_000): Promise<void> {
  let now = resources();
  const back = () => {
    now = resources();
    return now.objects <= base.objects && now.threads <= base.threads &&
      now.descriptors <= base.descriptors;
  };
  await eventually("base", back, limitMs).catch((cause) => {
    const counts = `held ${JSON.stringify(base)} before, ${JSON.stringify(now)} now`;
    throw new Error(`${counts}; threads: ${threads().join(", ")}`, { cause });
  });
}

/** Lets Deno start its thread for signals now: with its pair of sockets it may come at any time, and stays. */
export function startSignalThread(): void {
  const ignore = () => {};
  process.on("SIGUSR2", ignore).off("SIGUSR2", ignore);
}

/** The sockets that this process has open: `socket:[NUMBER]`, of which no two are alike. */
export function openSockets(): string[] {
  return readdirSync("/proc/self/fd").flatMap((descriptor) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`);
    } catch {
      // Closed in between.
      return [];
    }
  }).filter((what) => what.startsWith("socket:"));
}

/** What Linux says of sockets of {@link openSockets}: protocol and local address in hexadecimal, so that a failure names their owner. */
export function describeSockets(sockets: readonly string[]): string {
  const rows = ["tcp", "tcp6", "udp", "udp6", "unix"].flatMap((protocol) =>
    readFileSync(`/proc/self/net/${protocol}`, "utf8").split("\n").map((row) => {
      const columns = row.trim().split(/\s+/);
      return { columns, text: `${protocol} ${columns[1]}` };
    })
  );
  return sockets.map((socket) => {
    const inode = socket.slice("socket:[".length, -1);
    return rows.find(({ columns }) => columns.includes(inode))?.text ?? `${socket}, of no table`;
  }).join("; ");
}

/** Collects garbage at once, on either runtime. */
export const collectGarbage: () => void = findCollector();

function findCollector(): () => void {
  const { Bun } = globalThis as { Bun?: { gc(synchronous: boolean): void } };
  if (Bun !== undefined) return () => Bun.gc(true);
  v8.setFlagsFromString("--expose-gc");
  return vm.runInNewContext("gc");
}
