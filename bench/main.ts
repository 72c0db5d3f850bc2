/**
 * All benchmarks on both runtimes: prints a table and writes `out/bench.json`. `make bench ARGS='bun connect'` runs only the
 * benchmarks with one of the words in their name, on one runtime. Exits with status 1 if a figure misses its limit.
 *
 * @module
 */

import process from "node:process";
import { spawn } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { isReached, type Measurement, ratioOf } from "./measurement.ts";
import { showTable } from "./table.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const bin = `${root}.deps/bin`;
const runtimes = {
  deno: [`${bin}/deno`, "run", "-A", "--no-check", "--quiet"],
  bun: [`${bin}/bun`],
} as const;
type Runtime = keyof typeof runtimes;

/** Runs a command in the checkout and passes each line that it prints to `onLine`. */
async function run(
  [command, ...args]: readonly [string, ...string[]],
  onLine: (line: string) => void,
): Promise<void> {
  const child = spawn(command, args, { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise<number | string>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(code ?? signal ?? "nothing"));
  });
  createInterface(child.stdout).on("line", onLine);
  const end = await ended;
  if (end !== 0) throw new Error(`${command} ${args.join(" ")} must exit with 0, not ${end}`);
}

const words = process.argv.slice(2);
const isRuntime = (word: string): word is Runtime => word in runtimes;
const names = words.filter((word) => !isRuntime(word));
const wanted = words.some(isRuntime)
  ? words.filter(isRuntime)
  : Object.keys(runtimes).filter(isRuntime);

await run([`${root}.deps/venv/bin/python`, "-m", "ziglang", "build", "bench"], console.log);
const measured: (Measurement & { readonly runtime: Runtime })[] = [];
for (const runtime of wanted) {
  await run([...runtimes[runtime], "bench/run.ts", ...names], (line) => {
    const measurement = { ...JSON.parse(line) as Measurement, runtime };
    measured.push(measurement);
    const { name, value, unit } = measurement;
    console.error(`${runtime}: ${name}: ${value.toPrecision(3)} ${unit}`);
  }).catch((error) => {
    // What was measured is shown all the same.
    console.error(error);
    process.exitCode = 1;
  });
}
console.log(showTable(measured));

const json = measured.map((one) => {
  const { name, runtime, value, unit, limit, limitIs, reach } = one;
  const ratio = ratioOf(one);
  return { name, runtime, value, unit, limit, ratio, limitIs, reach, reached: isReached(one) };
});
await mkdir(`${root}out`, { recursive: true });
await writeFile(`${root}out/bench.json`, `${JSON.stringify(json, undefined, 2)}\n`);

const missed = measured.filter((one) => isReached(one) === false);
for (const { name, runtime } of missed) console.error(`missed on ${runtime}: ${name}`);
if (missed.length > 0) process.exitCode = 1;
