/**
 * `make bench-peers`: this SDK on both runtimes beside its peers, round by round in one run. Prints a table in Markdown and
 * writes `out/peers.json`. `ARGS='video python --rounds 5'` measures one scene, or some contenders, and how often.
 *
 * @module
 */

import process from "node:process";
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import { type Contender, findContenders, folder, root, type SceneName } from "./contenders.ts";
import { writeFrames } from "./frames.ts";
import { type Figures, type Row, type RowKey, ROWS, SCENES } from "./scenes.ts";
import { type Server, startLivekit, startSora } from "./servers.ts";
import {
  bestPeer,
  isBehind,
  markdown,
  ratioOf,
  type Rounds,
  showSpread,
  spreadOf,
} from "./summary.ts";

/** Node.js runs no TypeScript, and finds packages beside the file that asks for them. */
const BUNDLED = ["livekit", "wrtc", "node_datachannel"];

function bundle(): void {
  for (const name of BUNDLED) {
    const source = `${root}bench/peers/programs/${name}.ts`;
    const output = `${folder}/programs/${name}.mjs`;
    const words = ["build", source, "--target=node", "--format=esm", `--outfile=${output}`];
    execFileSync(`${root}.deps/bin/bun`, words, { stdio: ["ignore", "ignore", "inherit"] });
  }
}

/** What was measured: by row and contender, a figure for each round. */
type Measured = Map<RowKey, Map<string, (number | undefined)[]>>;

function keep(measured: Measured, round: number, key: string, figures: Figures): void {
  for (const [row, value] of Object.entries(figures) as [RowKey, number][]) {
    const columns = measured.get(row) ?? new Map<string, (number | undefined)[]>();
    measured.set(row, columns);
    const rounds = columns.get(key) ?? [];
    columns.set(key, rounds);
    rounds[round] = value;
  }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: "string", default: "3" } },
});
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1 || rounds > 100) {
  throw new RangeError(`--rounds must be an integer from 1 to 100, not "${values.rounds}"`);
}
const contenders = findContenders();
const sceneNames = Object.keys(SCENES) as SceneName[];
const known = new Set<string>([...sceneNames, ...contenders.map(({ key }) => key)]);
for (const word of positionals) {
  if (known.has(word)) continue;
  throw new TypeError(`A word must be one of ${[...known].join(", ")}, not "${word}"`);
}
const asked = new Set(positionals);
const scenes = sceneNames.some((one) => asked.has(one))
  ? sceneNames.filter((one) => asked.has(one))
  : sceneNames;
const chosen = contenders.some(({ key }) => asked.has(key))
  ? contenders.filter(({ key }) => asked.has(key))
  : contenders;

const here = chosen.filter(({ missing }) => missing === undefined);
bundle();
const frames = writeFrames();
const load = loadavg()[0]!;
await using servers = new AsyncDisposableStack();
const urls: Partial<Record<Contender["through"], string>> = {};
const starters = { sora: startSora, livekit: startLivekit } as const;
for (
  const [through, start] of Object.entries(starters) as [
    keyof typeof starters,
    () => Promise<Server>,
  ][]
) {
  if (!here.some((one) => one.through === through)) continue;
  urls[through] = servers.use(await start()).url;
}

const measured: Measured = new Map();
const notes: string[] = chosen.flatMap(({ name, missing }) =>
  missing === undefined ? [] : [`${name} is left out: ${missing}`]
);
for (const scene of scenes) {
  for (const contender of here) {
    const why = contender.cannot[scene];
    if (why !== undefined) notes.push(`${contender.name} has no part in ${scene}: ${why}`);
  }
}
for (let round = 0; round < rounds; round++) {
  for (const scene of scenes) {
    // Who is first changes from round to round.
    const order = here.map((_, at) => here[(at + round) % here.length]!);
    for (const contender of order) {
      if (contender.cannot[scene] !== undefined) continue;
      const what = `round ${round + 1} of ${rounds}, ${scene}, ${contender.key}`;
      try {
        const figures = await SCENES[scene](contender, { urls, frames });
        keep(measured, round, contender.key, figures);
        console.error(`${what}: ${JSON.stringify(figures)}`);
      } catch (error) {
        notes.push(
          `${what} failed: ${error instanceof Error ? error.message.slice(0, 300) : error}`,
        );
        console.error(notes.at(-1));
        process.exitCode = 1;
      }
    }
  }
}

/** Whether this SDK is compared with it in a row. */
function isMeasure(row: Row, { ours, through, ready }: Contender): boolean {
  if (ours || (row.hop === true && through === "each other")) return false;
  return row.reads === undefined || !ready.includes(row.reads);
}

const ours = here.filter((one) => one.ours);
const nameOf = (key: string) => contenders.find((one) => one.key === key)!.name;
const heads = [
  "what",
  ...here.map(({ name }) => name),
  ...ours.map(({ key }) => `${key} ÷ best peer`),
];
const cell = (row: Row, one: Contender, rounds: Rounds) => {
  const spread = spreadOf(rounds);
  return spread !== undefined && !one.ours && !isMeasure(row, one)
    ? `${showSpread(spread)} *`
    : showSpread(spread);
};
const table: string[][] = [];
const behind: string[] = [];
const json: object[] = [];
for (const [key, row] of Object.entries(ROWS) as [RowKey, Row][]) {
  const columns = measured.get(key);
  if (columns === undefined) continue;
  const of = (contender: string): Rounds => columns.get(contender) ?? [];
  const peers = new Map(
    here.filter((one) => isMeasure(row, one)).map((one) => [one.key, of(one.key)]),
  );
  const best = bestPeer(row, peers);
  const ratios = new Map(ours.map((one) => [
    one.key,
    best === undefined ? undefined : ratioOf(of(one.key), of(best)),
  ]));
  for (const [one, ratio] of ratios) {
    if (ratio === undefined || !isBehind(row, ratio)) continue;
    behind.push(`${row.name}: ${one} ${showSpread(ratio)} times that of ${nameOf(best!)}`);
  }
  table.push([
    `${row.name}, ${row.unit}`,
    ...here.map((one) => cell(row, one, of(one.key))),
    ...ours.map((one) => showSpread(ratios.get(one.key))),
  ]);
  json.push({
    key,
    ...row,
    rounds: Object.fromEntries(columns),
    best,
    ratios: Object.fromEntries(ratios),
  });
}

console.log(markdown(heads, table));
console.log(
  `\nMedians of ${rounds} rounds (least–most). Load of the machine before: ${load.toFixed(1)}. ` +
    "Not compared (*): who connects to itself saves the way through a server, and " +
    "who converts each frame before it is handed out reads it for nothing.",
);
for (const line of behind) console.log(`Behind: ${line}`);
for (const note of notes) console.log(`Note: ${note}`);
mkdirSync(`${root}out`, { recursive: true });
writeFileSync(
  `${root}out/peers.json`,
  `${JSON.stringify({ rounds, load, rows: json, behind, notes }, undefined, 2)}\n`,
);
