/**
 * The row `hostile client`: clients do anything to a server, while others have media from it.
 *
 * @module
 */

import { SharedArena } from "../../support/hostile_arena.ts";
import { Mutator } from "../../support/mutations.ts";
import type { RowResult } from "../row.ts";
import { CLIENT_ATTACKS } from "./client_attacks.ts";
import { errorText, runTask, type Task } from "./task.ts";

const MOST_BUSY_MS = 1_000;
/** Once each attack has been there. */
const MOST_GROWTH_MB = 64;
/** For a while, in one attack: a flood fills all the places that the server has. */
const MOST_SWOLLEN_MB = 256;
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
  let warmRssMb = 0;
  let growthMb = 0;
  try {
    while ((attacks < names.length || task.leftMs > 0) && failures < MOST_FAILURES) {
      if (task.signal.aborted) break;
      const name = attacks < names.length ? names[attacks]! : task.random.pick(names);
      const seed = task.random.below(2 ** 31);
      try {
        await shared.use(async (arena) => {
          const attack = () => CLIENT_ATTACKS[name]!(arena.url, new Mutator(seed));
          const cost = await arena.survives(attack, MOST_SWOLLEN_MB);
          dropped += cost.dropped;
          busyMs = Math.max(busyMs, cost.busyMs);
          leastShare = Math.min(leastShare, cost.leastShare);
          if (cost.busyMs > MOST_BUSY_MS) {
            task.found({
              what: `${name} (seed ${seed}): the server was busy for ${cost.busyMs} ms`,
            });
          }
          // By then each attack has been there once.
          if (attacks >= names.length) growthMb = arena.rssMb - (warmRssMb ||= arena.rssMb);
        });
      } catch (error) {
        failures++;
        warmRssMb = 0;
        task.found({ what: `${name} (seed ${seed}): ${errorText(error)}` });
      }
      attacks++;
      task.progress(`${attacks} attacks`);
    }
  } finally {
    await shared.close();
  }
  if (growthMb > MOST_GROWTH_MB) task.found({ what: `the server grew by ${growthMb} MB` });
  const leastFps = Number((leastShare * FPS).toFixed(1));
  return {
    measured:
      `${failures} failures in ${attacks} attacks, at least ${leastFps} fps beside, busy for at most ` +
      `${busyMs} ms, memory ${growthMb >= 0 ? "+" : ""}${growthMb} MB`,
    figures: { attacks, failures, dropped, leastFps, busyMs, growthMb },
  };
}

await runTask("hostile client", hostileClient);
