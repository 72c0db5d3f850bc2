/**
 * The row `hostile client`: clients do anything to a server, while others have media from it.
 *
 * @module
 */

import { SharedArena } from "../../support/hostile_arena.ts";
import { Mutator } from "../../support/mutations.ts";
import { growthOf } from "../growth.ts";
import type { RowResult } from "../row.ts";
import { CLIENT_ATTACKS } from "./client_attacks.ts";
import { errorText, runTask, type Task } from "./task.ts";

const MOST_BUSY_MS = 1_000;
/** From the second quarter of the run to the last: floods fill places and pools, which are used again. */
const MOST_GROWTH_MB = 64;
/** For a while, in one attack: a flood fills all the places that the server has. */
const LIMITS = { maxGrowthMb: 256 } as const;
/** Of the bystanders. */
const FPS = 30;
const MOST_FAILURES = 20;

async function hostileClient(task: Task): Promise<RowResult> {
  const shared = new SharedArena();
  const names = Object.keys(CLIENT_ATTACKS);
  let attacks = 0;
  let failures = 0;
  let dropped = 0;
  let busyMs = 0;
  let leastShare = 1;
  let again = 0;
  /** After each attack on the server that there is now. */
  const rssMb: number[] = [];
  try {
    while ((attacks < names.length || task.leftMs > 0) && failures < MOST_FAILURES) {
      const name = attacks < names.length ? names[attacks]! : task.random.pick(names);
      const seed = task.random.below(2 ** 31);
      try {
        await shared.use(async (arena) => {
          const attack = () => CLIENT_ATTACKS[name]!(arena.url, new Mutator(seed));
          const cost = await arena.survives(attack, LIMITS);
          dropped += cost.dropped;
          busyMs = Math.max(busyMs, cost.busyMs);
          leastShare = Math.min(leastShare, cost.leastShare);
          again += cost.tries - 1;
          if (cost.busyMs > MOST_BUSY_MS) {
            task.found({
              what: `${name} (seed ${seed}): the server was busy for ${cost.busyMs} ms`,
            });
          }
          rssMb.push(arena.rssMb);
        });
      } catch (error) {
        failures++;
        rssMb.length = 0;
        task.found({ what: `${name} (seed ${seed}): ${errorText(error)}` });
      }
      attacks++;
      task.progress(`${attacks} attacks`);
    }
  } finally {
    await shared.close();
  }
  const growthMb = growthOf(rssMb);
  if (growthMb > MOST_GROWTH_MB) task.found({ what: `the server grew by ${growthMb} MB` });
  const leastFps = Number((leastShare * FPS).toFixed(1));
  return {
    measured:
      `${failures} failures in ${attacks} attacks, at least ${leastFps} fps beside in each ` +
      `second (${again} tried again), busy for at most ` +
      `${busyMs} ms, memory ${growthMb >= 0 ? "+" : ""}${growthMb} MB`,
    figures: { attacks, failures, again, dropped, leastFps, busyMs, growthMb },
  };
}

await runTask("hostile client", hostileClient);
