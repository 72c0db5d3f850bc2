/**
 * What the engines over drivers of hardware codecs cost, on the stand-ins of the tests: their own time for each frame, and a `new
 * Sora()` that names none of them.
 *
 * @module
 */

import process from "node:process";
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { median } from "../demo/statistics.ts";
import { Child } from "../tests/support/child.ts";
import { type Benchmark, inTurns, type Measurement } from "./measurement.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("..", import.meta.url));
const program = `${root}zig-out/bin/sora_ffi_drivers`;
const drivers = `${root}zig-out/drivers`;
const libraries = [
  ...["nvidia", "vpl", "amf"].map((vendor) => `${drivers}/${vendor}`),
  // Intel's dispatcher.
  `${root}.deps/drivers/usr/lib/x86_64-linux-gnu`,
].join(":");

const [WIDTH, HEIGHT, FRAMES] = [1280, 720, 300];
const ROUNDS = 9;
const limits: Readonly<Record<string, string>> = {
  encode: "libyuv's I420 to NV12 and a copy of it, in turns",
  decode: "a copy of the luma and libyuv's NV12 to I420, in turns",
};

/** The time of each frame, less that of the stand-in's own work: its codecs return the first frame for each. */
async function* frames(): AsyncIterable<Measurement> {
  const args = [WIDTH, HEIGHT, FRAMES].map(String);
  const env = { ...process.env, LD_LIBRARY_PATH: libraries };
  const { stdout } = await run(program, args, { env, maxBuffer: 1 << 24 });
  const times = new Map(
    stdout.trim().split("\n").map((line) => {
      const [engine, direction, which, ...values] = line.split(" ");
      return [`${engine} ${direction} ${which}`, values.map(Number)] as const;
    }),
  );
  for (const [key, values] of times) {
    const [engine, direction = "", which] = key.split(" ");
    if (which !== "added") continue;
    yield {
      name: `time that ${engine} adds to a ${WIDTH}x${HEIGHT} frame: ${direction}`,
      ...inTurns(values, times.get(`${engine} ${direction} limit`) ?? []),
      unit: "µs",
      limitIs: limits[direction] ?? "",
      reach: { ratio: 1.1 },
    };
  }
}

/** How long a first `new Sora()` takes in a new process, in ms. */
async function firstSora(env: Readonly<Record<string, string>>): Promise<number> {
  const url = new URL("./first_sora_program.ts", import.meta.url);
  await using child = new Child(url, [], undefined, env);
  return Number(await child.line("ms "));
}

/** What hardware costs. */
export const driverCost: Benchmark = {
  name: "driver cost",
  async *run() {
    // Intel has no headers for arm64.
    if (process.arch !== "x64") return;
    yield* frames();
    const [without, present]: [number[], number[]] = [[], []];
    for (let round = 0; round < ROUNDS; round++) {
      without.push(await firstSora({}));
      present.push(await firstSora({ LD_LIBRARY_PATH: libraries }));
    }
    yield {
      name: "what the drivers of all engines add to new Sora(), which opens none",
      value: median(present) - median(without),
      unit: "ms",
      limit: median(without),
      limitIs: "new Sora() on a machine without them, in turns",
      reach: { value: 1 },
    };
  },
};
