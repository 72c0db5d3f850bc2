/**
 * What takes samples of a running program: perf, or gdb where perf is missing or may not be used.
 *
 * @module
 */

import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { type Cost, readFrames, readReport } from "./costs.ts";

/** Takes samples of programs for some seconds; resolves with their costs in the same order. */
export interface Sampler {
  /** Its name. */
  readonly name: string;
  /** Takes samples of processes at the same time. */
  sample(pids: readonly number[], seconds: number): Promise<readonly Cost[][]>;
}

const HERTZ = 999;
const MOST_BYTES = 64 << 20;
/** What gdb, which stops a program for each sample, takes of each. */
const GDB_SAMPLES = 40;

function works(command: string, words: readonly string[]): boolean {
  return spawnSync(command, words, { stdio: "ignore" }).status === 0;
}

function finished(command: string, words: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, words, { stdio: ["ignore", "pipe", "ignore"] });
    let text = "";
    child.stdout!.setEncoding("utf8").on("data", (part: string) => text += part);
    child.once("error", reject);
    child.once("close", () => resolve(text));
  });
}

/**
 * Finds one that works here.
 *
 * @throws {Error} When there is none.
 */
export function findSampler(): Sampler {
  const folder = mkdtempSync(`${tmpdir()}/sora-ffi-profile-`);
  const file = (pid: number | string) => `${folder}/${pid}.data`;
  // The clock of the processor: virtual machines often have no counters.
  const record = ["record", "--quiet", "-e", "cpu-clock", "-F", String(HERTZ)];
  const clear = () => rmSync(folder, { recursive: true, force: true });
  if (works("perf", [...record, "-o", file("try"), "true"])) {
    return {
      name: "perf, by the processor's clock",
      async sample(pids, seconds) {
        await Promise.all(
          pids.map((pid) =>
            finished("perf", [
              ...record,
              "-o",
              file(pid),
              "-p",
              String(pid),
              "--",
              "sleep",
              String(seconds),
            ])
          ),
        );
        const sort = [
          "--no-children",
          "-g",
          "none",
          "--sort",
          "comm,dso,symbol",
          "-t",
          "|",
          "--stdio",
        ];
        try {
          return pids.map((pid) =>
            readReport(execFileSync("perf", ["report", "-i", file(pid), ...sort], {
              encoding: "utf8",
              maxBuffer: MOST_BYTES,
              stdio: ["ignore", "pipe", "ignore"],
            }))
          );
        } finally {
          clear();
        }
      },
    };
  }
  clear();
  const gdb = (pid: number) =>
    finished("gdb", ["-nx", "-batch", "-p", String(pid), "-ex", "thread apply all frame"]);
  if (works("gdb", ["--version"])) {
    return {
      name:
        `gdb, ${GDB_SAMPLES} samples: perf does not work here (Debian's linux-perf, and perf_event_paranoid ≤ 2)`,
      async sample(pids) {
        const texts: string[][] = pids.map(() => []);
        for (let turn = 0; turn < GDB_SAMPLES; turn++) {
          for (const [at, pid] of pids.entries()) texts[at]!.push(await gdb(pid));
        }
        return texts.map(readFrames);
      },
    };
  }
  throw new Error("A profile needs perf (Debian's linux-perf) or gdb, and neither works here");
}
