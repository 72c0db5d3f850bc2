/**
 * The command line of `make bench-peers`.
 *
 * @module
 */

import { parseArgs } from "node:util";
import type { SceneName } from "./contenders.ts";

/** What is asked for. */
export interface Options {
  /** The scenes to measure. */
  readonly scenes: readonly SceneName[];
  /** The contenders that are named; all of them where that is nobody. */
  readonly contenders: readonly string[];
  /** How often. */
  readonly rounds: number;
  /** Whether what was measured before is kept, and only the rest measured. */
  readonly resume: boolean;
  /** Whether the pages get the tables. */
  readonly write: boolean;
}

const MOST_ROUNDS = 100;

/**
 * Reads the command line.
 *
 * @throws {TypeError} A word names neither a scene nor a contender, or the pages shall have some contenders alone.
 * @throws {RangeError} The number of rounds is none.
 */
export function parseOptions(
  args: readonly string[],
  scenes: readonly SceneName[],
  contenders: readonly string[],
): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      rounds: { type: "string", default: "3" },
      resume: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
    },
  });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > MOST_ROUNDS) {
    throw new RangeError(
      `--rounds must be an integer from 1 to ${MOST_ROUNDS}, not "${values.rounds}"`,
    );
  }
  const known: readonly string[] = [...scenes, ...contenders];
  for (const word of positionals) {
    if (known.includes(word)) continue;
    throw new TypeError(`A word must be one of ${known.join(", ")}, not "${word}"`);
  }
  const named = contenders.filter((one) => positionals.includes(one));
  if (named.length > 0 && (values.write || values.resume)) {
    const option = values.write ? "--write" : "--resume";
    throw new TypeError(`${option} needs everybody, not ${named.join(" and ")} alone`);
  }
  const asked = scenes.filter((one) => positionals.includes(one));
  return {
    scenes: asked.length > 0 ? asked : scenes,
    contenders: named,
    rounds,
    resume: values.resume,
    write: values.write,
  };
}
