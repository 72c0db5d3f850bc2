/**
 * The arguments of `make stress`.
 *
 * @module
 */

import { parseArgs } from "node:util";
import {
  choiceOf,
  integerOf,
  numberOf,
  textsOf,
  UsageError,
  type Values,
} from "../../cli/command.ts";
import { type Runtime, RUNTIMES } from "./row.ts";

/** What the help says. */
export const USAGE = `make stress ARGS='…'
  --minutes N        how long all rows take together (default 30)
  --only NAME        rows whose name begins with it, or has all of its words; may be repeated
  --runtime NAME     deno, bun or both (default)
  --seed N           repeats the random choices of a run (default: another one each time)
  --hours N          how long the soak takes on each runtime (default: its share of the minutes)
  --json             prints the results as JSON, and progress on standard error
  --list             prints the rows, and how long each takes
  --write            runs nothing, and writes the figures of out/stress.json into docs/reliability.md
`;

const MOST_MINUTES = 7 * 24 * 60;
const MINUTES = 30;

/** What was asked for. */
export interface StressOptions {
  readonly minutes: number;
  readonly hours: number | undefined;
  readonly only: readonly string[];
  readonly runtimes: readonly Runtime[];
  readonly seed: number;
  readonly json: boolean;
  readonly list: boolean;
  readonly write: boolean;
  readonly help: boolean;
}

/**
 * Reads the arguments.
 *
 * @param newSeed Makes a seed when there is none.
 * @throws {UsageError} When they are wrong.
 */
export function stressOptions(args: readonly string[], newSeed: () => number): StressOptions {
  const values = parsed(args);
  const runtime = choiceOf(values, "runtime", [...RUNTIMES, "both"]) ?? "both";
  return {
    minutes: numberOf(values, "minutes", 0.1, MOST_MINUTES) ?? MINUTES,
    hours: numberOf(values, "hours", 0.001, MOST_MINUTES / 60),
    only: textsOf(values, "only"),
    runtimes: runtime === "both" ? RUNTIMES : [runtime],
    seed: integerOf(values, "seed", 0, 0xffff_ffff) ?? newSeed(),
    json: values["json"] === true,
    list: values["list"] === true,
    write: values["write"] === true,
    help: values["help"] === true,
  };
}

function parsed(args: readonly string[]): Values {
  try {
    return parseArgs({
      args: [...args],
      options: {
        minutes: { type: "string" },
        hours: { type: "string" },
        only: { type: "string", multiple: true },
        runtime: { type: "string" },
        seed: { type: "string" },
        json: { type: "boolean" },
        list: { type: "boolean" },
        write: { type: "boolean" },
        help: { type: "boolean" },
      },
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}
