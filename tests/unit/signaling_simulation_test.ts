/**
 * `SORA_SIMULATION_SEEDS=500` runs fewer lives; `SORA_SIMULATION_SEED=123` replays one.
 */

import process from "node:process";
import { test } from "node:test";
import { simulate } from "../support/signaling_simulation.ts";

const count = Number(process.env["SORA_SIMULATION_SEEDS"] ?? 10_000);
const single = process.env["SORA_SIMULATION_SEED"];
const seeds = single === undefined
  ? Array.from({ length: count }, (_, i) => i + 1)
  : [Number(single)];

test(
  "SignalingSession ends each life exactly once, leaves nothing behind and can go on, whatever happens",
  {
    timeout: 60_000,
  },
  async () => {
    for (const seed of seeds) {
      try {
        await simulate(seed);
      } catch (cause) {
        throw new Error(`Seed ${seed} failed; replay it with SORA_SIMULATION_SEED=${seed}`, {
          cause,
        });
      }
    }
  },
);
