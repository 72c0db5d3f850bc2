/**
 * `make profile`: where processor time goes when 1280x720 at 30 fps and audio are sent, received and forwarded, by function, with
 * the names of the library's functions. Prints tables in Markdown and writes `out/profile.json`.
 *
 * @module
 */

import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Program } from "../server/program.ts";
import { delay } from "../measurement.ts";
import { digits, markdown } from "../peers/summary.ts";
import { type Cost, type Kind, kindOf, nameOf, sumBy } from "./costs.ts";
import { findSampler } from "./sampler.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const LIBRARY = `${root}zig-out/lib/symbols/libsora_ffi.so`;
const SETTLE_MS = 5_000;
const SHOWN = 12;
const LARGEST = 5;
const CHANNEL = "profile";

const { values } = parseArgs({
  options: {
    runtime: { type: "string", default: "deno" },
    seconds: { type: "string", default: "15" },
  },
});
const seconds = Number(values.seconds);
if (!(seconds >= 1 && seconds <= 600)) {
  throw new RangeError(`--seconds must be a number from 1 to 600, not "${values.seconds}"`);
}
// V8 writes the names of what it compiles where perf looks for them, and a log.
const folder = mkdtempSync(`${tmpdir()}/sora-ffi-profile-`);
const v8Flags = `--v8-flags=--perf-basic-prof,--logfile=${folder}/v8.log`;
const commands: Readonly<Record<string, readonly string[]>> = {
  deno: [
    `${root}.deps/bin/deno`,
    ..."run -A --no-check --quiet --unstable-net".split(" "),
    v8Flags,
  ],
  bun: [`${root}.deps/bin/bun`],
};
const command = commands[values.runtime];
if (command === undefined) {
  throw new TypeError(`--runtime must be deno or bun, not "${values.runtime}"`);
}
if (!existsSync(LIBRARY)) throw new Error(`${LIBRARY} is missing: make profile builds it`);
process.env["SORA_FFI_LIBRARY"] = LIBRARY;

const sampler = findSampler();
const load = loadavg()[0]!;
const programs: Program[] = [];
const start = (...words: string[]) => {
  const program = new Program([...command, ...words]);
  programs.push(program);
  return program;
};

function show(name: string, costs: readonly Cost[]): void {
  const table = (head: string, sums: readonly (readonly [string, number])[]) =>
    markdown([head, "%"], sums.slice(0, SHOWN).map(([what, percent]) => [what, digits(percent)]));
  console.log(`\n## ${name}\n`);
  console.log(`${table("what", sumBy(costs, kindOf))}\n`);
  console.log(`${table("thread", sumBy(costs, ({ thread }) => thread))}\n`);
  console.log(`${table("library", sumBy(costs, ({ library }) => library))}\n`);
  console.log(`${table("function", sumBy(costs, nameOf))}\n`);
  console.log(table(`the ${LARGEST} largest outside codec, pixels and kernel`, largest(costs)));
}

/** The largest costs that are neither a codec's nor of pixels nor the kernel's, with their threads. */
function largest(costs: readonly Cost[]): [string, number][] {
  const outside: ReadonlySet<Kind> = new Set(["other"]);
  const rest = costs.filter((cost) => outside.has(kindOf(cost)));
  return sumBy(rest, (cost) => `${nameOf(cost)} on ${cost.thread}`).slice(0, LARGEST);
}

try {
  const server = start("cli/mod.ts", "server", "--port", "0");
  const { url } = await server.line("url") as { readonly url: string };
  const sender = start("bench/profile/sender.ts", url, CHANNEL);
  await sender.line("ready");
  const receiver = start("bench/profile/receiver.ts", url, CHANNEL);
  await receiver.line("ready");
  await delay(SETTLE_MS);
  const names = ["sending", "receiving", "forwarding"];
  const watched = [sender, receiver, server];
  const before = watched.map((one) => one.cpuMs());
  const began = performance.now();
  const profiles = await sampler.sample(watched.map(({ pid }) => pid), seconds);
  const took = performance.now() - began;
  const cores = watched.map((one, at) => (one.cpuMs() - before[at]!) / took * 100);
  console.log(
    `${values.runtime}, 1280x720 at 30 fps and audio, by ${sampler.name}. Load of the machine before: ${
      load.toFixed(1)
    }.`,
  );
  for (const [at, name] of names.entries()) {
    show(`${name}: ${digits(cores[at]!)} % of a core`, profiles[at]!);
  }
  mkdirSync(`${root}out`, { recursive: true });
  const json = names.map((name, at) => {
    const costs = profiles[at]!;
    const kinds = Object.fromEntries(sumBy(costs, kindOf));
    return { name, percentOfACore: cores[at], kinds, largest: largest(costs), costs };
  });
  writeFileSync(
    `${root}out/profile.json`,
    `${JSON.stringify({ load, profiles: json }, undefined, 2)}\n`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
  for (const program of programs) {
    await program[Symbol.asyncDispose]();
    const maps = readdirSync("/tmp").filter((file) => file === `perf-${program.pid}.map`);
    for (const file of maps) rmSync(`/tmp/${file}`);
  }
}
