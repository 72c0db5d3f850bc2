/**
 * `make bench-peers`: this SDK on both runtimes beside its peers, round by round in one run. Prints a table in Markdown and
 * keeps what it has measured in `out/peers.json`, scene by scene. `ARGS='video --rounds 5'` measures one scene, and how often;
 * `--resume` goes on after an interruption; `--write` writes the tables into the pages.
 *
 * @module
 */

import { availableParallelism, loadavg } from "node:os";
import process from "node:process";
import { type Contender, findContenders, RESULTS, type SceneName, SOME } from "./contenders.ts";
import { writeFrames } from "./frames.ts";
import { type Options, parseOptions } from "./options.ts";
import { bundlePeers, install } from "./ours.ts";
import { writePages } from "./pages.ts";
import { Progress } from "./progress.ts";
import { type Measured, readResults, type Results, writeResults } from "./results.ts";
import type { Figures } from "./rows.ts";
import { SCENES } from "./scenes.ts";
import { startLivekit, startSora } from "./servers.ts";
import type { Surroundings } from "./stage.ts";
import { digits } from "./summary.ts";
import { report } from "./tables.ts";

const sceneNames = Object.keys(SCENES) as SceneName[];

/** What was measured before and stays. */
function kept({ contenders, scenes, rounds, resume }: Options): readonly Measured[] {
  if (contenders.length > 0) return [];
  const before = readResults(RESULTS)?.measured ?? [];
  return before.filter(({ scene, round }) => !scenes.includes(scene) || (resume && round < rounds));
}

/** Starts the servers that somebody needs; whoever's does not start is left out, unless it is this SDK's own. */
async function startServers(
  contenders: readonly Contender[],
  servers: AsyncDisposableStack,
): Promise<{ urls: Surroundings["urls"]; missing: Readonly<Record<string, string>> }> {
  const needs = (through: Contender["through"]) =>
    contenders.some((one) => one.through === through);
  const urls: { -readonly [Through in Contender["through"]]?: string } = {};
  if (needs("sora")) urls.sora = servers.use(await startSora()).url;
  try {
    if (needs("livekit")) urls.livekit = servers.use(await startLivekit()).url;
    return { urls, missing: {} };
  } catch (error) {
    return { urls, missing: { livekit: `its server did not start: ${error}` } };
  }
}

const figuresIn = (figures: Figures) =>
  Object.entries(figures).map(([key, value]) => `${key} ${digits(value)}`).join(", ");

async function measure(options: Options, installed: string): Promise<Results> {
  const { scenes, rounds } = options;
  const chosen = findContenders(installed).filter(({ key }) =>
    options.contenders.length === 0 || options.contenders.includes(key)
  );
  const reasons = chosen.flatMap(({ key, missing }) =>
    missing === undefined ? [] : [[key, missing]]
  );
  let missing: Readonly<Record<string, string>> = Object.fromEntries(reasons);
  const load = loadavg()[0]!;
  const frames = writeFrames();
  await using servers = new AsyncDisposableStack();
  const present = chosen.filter(({ key }) => !(key in missing));
  const started = await startServers(present, servers);
  missing = { ...missing, ...started.missing };
  const here = present.filter(({ key }) => !(key in missing));
  for (const [key, why] of Object.entries(missing)) console.error(`${key} is left out: ${why}`);

  let results: Results = { cores: availableParallelism(), missing, measured: kept(options) };
  const steps = Array.from({ length: rounds }, (_, round) => round)
    .flatMap((round) => scenes.map((scene) => ({ round, scene })))
    .filter((step) =>
      !results.measured.some(({ scene, round }) => scene === step.scene && round === step.round)
    );
  const takingPart = (scene: SceneName) => here.filter(({ cannot }) => cannot[scene] === undefined);
  const secondsOf = (scene: SceneName) => SCENES[scene].seconds(takingPart(scene).length);
  const whole = steps.reduce((sum, { scene }) => sum + secondsOf(scene), 0);
  console.error(`It takes about ${Math.ceil(whole / 60)} minutes.`);
  const progress = new Progress(whole);
  for (const { round, scene } of steps) {
    const part = takingPart(scene);
    // Who is first changes from round to round.
    const order = part.map((_, at) => part[(at + round) % part.length]!);
    const figures: Record<string, Figures> = {};
    const failures: Record<string, string> = {};
    const seconds = secondsOf(scene) / part.length;
    await SCENES[scene].run(order, { urls: started.urls, frames }, ({ key, ours }, outcome) => {
      progress.advance(seconds);
      const failed = outcome instanceof Error;
      if (failed) failures[key] = outcome.message.slice(-300);
      else figures[key] = outcome;
      if (failed && ours) process.exitCode = 1;
      const what = failed ? `failed: ${failures[key]}` : figuresIn(outcome);
      console.error(`${progress} round ${round + 1} of ${rounds}, ${scene}, ${key}: ${what}`);
    });
    results = {
      ...results,
      measured: [...results.measured, { scene, round, load, figures, failures }],
    };
    writeResults(options.contenders.length > 0 ? SOME : RESULTS, results);
  }
  return results;
}

function print(results: Results, contenders: readonly Contender[]): void {
  console.log(report(results, contenders));
  for (const [key, why] of Object.entries(results.missing)) {
    console.log(`Left out: ${key}: ${why}`);
  }
  for (const { scene, round, failures } of results.measured) {
    for (const [key, why] of Object.entries(failures)) {
      console.log(`Failed: ${key} in ${scene}, round ${round + 1}: ${why}`);
    }
  }
  for (const { name, cannot } of contenders) {
    for (const [scene, why] of Object.entries(cannot)) {
      console.log(`Not measured: ${name} in ${scene}: ${why}`);
    }
  }
}

const keys = findContenders().map(({ key }) => key);
const options = parseOptions(process.argv.slice(2), sceneNames, keys);
// What a signal interrupts ends what it has started, and leaves nothing in the folder for temporary files.
const stop = new AsyncDisposableStack();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    void stop.disposeAsync().finally(() => process.exit(1));
  });
}
console.error("Packing this SDK, and installing it from its package.");
const { path } = stop.use(install());
bundlePeers();
const results = await measure(options, path).finally(() => stop.disposeAsync());
print(
  results,
  findContenders().filter(({ key }) => {
    const asked = options.contenders.length === 0 || options.contenders.includes(key);
    return asked && !(key in results.missing);
  }),
);
if (options.write) writePages(results);
