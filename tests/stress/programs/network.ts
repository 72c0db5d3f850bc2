/**
 * The row `network`: bad paths, paths that end, and servers that do. Each condition by itself with the figure it must reach, then
 * weather that is drawn.
 *
 * @module
 */

import { pause } from "../../support/eventually.ts";
import { type PathRules, RoutedNamespaces } from "../../support/routed_namespaces.ts";
import type { RowResult } from "../row.ts";
import {
  blackHole,
  type Condition,
  CONDITIONS,
  type Figure,
  frozen,
  makePath,
} from "./network_conditions.ts";
import { NetworkScene } from "./network_scene.ts";
import { errorText, runTask, type Task } from "./task.ts";

/** A first try that misses its figure is followed by more, of which so many decide: a busy machine misses one now and then. */
const DECIDES = 2;

/** What came of a condition, over all of its tries. */
interface Proof {
  readonly tries: number;
  readonly missed: readonly string[];
  /** The figure of the last try that came to one; one that hits, if there was any. */
  readonly figure: Figure | undefined;
}

/** Tries a condition: once if it reaches its figure, else until two of three have the same result. */
async function prove(task: Task, condition: Condition): Promise<Proof> {
  const { what, atLeast = -Infinity, atMost = Infinity } = condition;
  const missed: string[] = [];
  let [hits, tries] = [0, 0];
  let [hit, last]: [Figure?, Figure?] = [];
  while (hits < DECIDES && missed.length < DECIDES && !(tries === 1 && hits === 1)) {
    tries++;
    try {
      const figure = last = await condition.measure(task);
      if (figure.value >= atLeast && figure.value <= atMost) {
        hits++;
        hit = figure;
      } else {
        missed.push([figure.value.toFixed(1), figure.note].filter(Boolean).join(" "));
      }
    } catch (error) {
      missed.push(errorText(error));
    }
  }
  if (missed.length === DECIDES) {
    const asked = atLeast === -Infinity ? `at most ${atMost}` : `at least ${atLeast}`;
    task.found({
      what: `${what}: ${asked} asked, ${DECIDES} of ${tries} tries missed it: ${missed.join("; ")}`,
    });
  }
  return { tries, missed, figure: hit ?? last };
}

/** A path of a few seconds as it may be. */
function drawn({ random }: Task): PathRules {
  const maybe = <T>(rules: T) => random.chance(0.4) ? rules : {};
  return {
    ...maybe({ loss: random.between(0.01, 0.2) }),
    ...maybe({ delayMs: random.between(20, 500) }),
    ...maybe({ jitterMs: random.between(1, 100) }),
    ...maybe({ swapped: random.between(0.001, 0.05) }),
    ...maybe({ doubled: random.between(0.001, 0.05) }),
    ...maybe({ kbps: random.between(300, 5_000) }),
  };
}

/** What follows must bring frames back within so long: the jitter buffer and the estimate of the bit rate need a while after the worst. */
const RECOVERS_MS = 10_000;
/** Libwebrtc gives a connection up after about half of this; then it is made again. */
const LONGEST_HOLE_S = 60;

/** Draws weather for the rest of the time. Returns how many kinds there were. */
async function weather(task: Task): Promise<number> {
  const { random } = task;
  let count = 0;
  await using path = await makePath(task);
  await using scene = await NetworkScene.open({ path });
  while (task.leftMs > 0) {
    const rules = { up: drawn(task), down: drawn(task) };
    const seconds = random.between(2, 8);
    const event = random.pick(["none", "none", "none", "hole", "rebind", "freeze"]);
    const story = `${JSON.stringify(rules)} for ${seconds.toFixed(1)} s, ${event}`;
    path.set(rules);
    // The time is the subject.
    await pause(seconds * 1_000);
    if (event === "rebind") path.rebind();
    if (event === "freeze") await frozen(scene);
    const most = Math.min(LONGEST_HOLE_S, task.leftMs / 4_000);
    if (event === "hole") await blackHole(scene, random.between(1, Math.max(1, most)) * 1_000);
    path.setBoth({});
    try {
      await scene.back(Date.now(), RECOVERS_MS);
    } catch (error) {
      task.found({ what: `after ${story}: ${errorText(error)}; ${scene.events.join(", ")}` });
      return count;
    }
    task.progress(`${++count} weathers`);
  }
  if (scene.events.some((event) => event.startsWith("disconnected"))) {
    task.found({ what: `disconnected in the weather: ${scene.events.join(", ")}` });
  }
  return count;
}

async function network(task: Task): Promise<RowResult> {
  const possible = await RoutedNamespaces.make(1);
  if (typeof possible === "string") return { skipped: possible };
  await possible[Symbol.asyncDispose]();
  const figures: Record<string, number> = {};
  const said: string[] = [];
  let [tries, missed] = [0, 0];
  for (const [index, condition] of CONDITIONS.entries()) {
    const { short, unit } = condition;
    task.progress(condition.what, index / CONDITIONS.length);
    const reason = condition.without?.();
    if (reason !== undefined) {
      said.push(`${short} not tried (${reason})`);
      continue;
    }
    const proof = await prove(task, condition);
    tries += proof.tries;
    missed += proof.missed.length;
    if (proof.figure === undefined) continue;
    const rounded = Math.round(proof.figure.value * 10) / 10;
    figures[condition.figure] = rounded;
    const again = proof.missed.length === 0
      ? ""
      : ` (${proof.missed.length} of ${proof.tries} tries missed)`;
    said.push([short, rounded, unit, proof.figure.note].filter(Boolean).join(" ") + again);
  }
  const weathers = await weather(task);
  Object.assign(figures, { tries, missed, weathers });
  said.push(`${missed} of all ${tries} tries missed`, `${weathers} weathers`);
  return { measured: said.join(", "), figures };
}

await runTask("network", network);
