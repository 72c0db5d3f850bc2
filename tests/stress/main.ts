/**
 * `make stress`: what time, chance and bad company do to the library, row by row. Prints a table, writes `out/stress.json`, and
 * exits with status 1 when anything was found.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import os from "node:os";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { ExitCode, UsageError } from "../../cli/command.ts";
import { columns } from "../../cli/terminal/columns.ts";
import { stressOptions, USAGE } from "./options.ts";
import { PAGES, withFigures } from "./page.ts";
import { chosen, listed, type Turn, turnsOf } from "./plan.ts";
import { commitOf, machine, merged, readResults, type Recorded, writeResults } from "./results.ts";
import type { Runtime } from "./row.ts";
import { ROWS } from "./rows.ts";
import { Display, table } from "./table.ts";
import { type Outcome, runTurn } from "./turn.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
// Rows name files of the checkout.
process.chdir(root);
const programs = new URL("programs/", import.meta.url);
const file = `${root}out/stress.json`;
const runtimes: Readonly<Record<Runtime, readonly [string, ...string[]]>> = {
  deno: [`${root}.deps/bin/deno`, "run", "--quiet", "--no-check", "-A"],
  bun: [`${root}.deps/bin/bun`],
};

function command(
  runtime: Runtime,
  program: string,
  args: readonly string[],
): [string, ...string[]] {
  return [...runtimes[runtime], fileURLToPath(new URL(program, programs)), ...args];
}

/** Hands over whatever is thrown in no promise that somebody awaits. */
function watch(onError: (error: unknown) => void): Disposable {
  const events = ["uncaughtException", "unhandledRejection"] as const;
  for (const event of events) process.on(event, onError);
  return {
    [Symbol.dispose]: () => {
      for (const event of events) process.off(event, onError);
    },
  };
}

/** A signal that Ctrl-C aborts; the second one ends the process. */
function interruption(): AbortSignal {
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      if (interrupted.signal.aborted) process.exit(ExitCode.INTERRUPTED);
      interrupted.abort(new Error("interrupted"));
    });
  }
  return interrupted.signal;
}

async function runAll(
  turns: readonly Turn[],
  seed: number,
  json: boolean,
): Promise<number> {
  const signal = interruption();
  const now = { machine: machine(), rows: [] as Recorded[] };
  const commit = commitOf(root);
  const outcomes: Outcome[] = [];
  {
    using display = new Display(json ? process.stderr : process.stdout, turns);
    for (const turn of turns) {
      if (signal.aborted) break;
      display.begin(turn);
      const [load = 0] = os.loadavg();
      const outcome = await runTurn(turn, {
        seed,
        signal,
        command,
        watch,
        progress: (done, text) => display.progress(done, text),
        found: (finding) => display.found(finding),
      });
      if (outcome === undefined) break;
      display.end(outcome);
      outcomes.push(outcome);
      now.rows.push({ ...outcome, date: new Date().toISOString(), commit, seed, load });
      // Each time: a run over night may end at any moment.
      writeResults(file, merged(readResults(file), now, ROWS.map(({ name }) => name)));
    }
  }
  process.stdout.write(
    json ? `${JSON.stringify(now, undefined, 2)}\n` : `\n${table(outcomes)}seed ${seed}\n`,
  );
  if (signal.aborted) return ExitCode.INTERRUPTED;
  return outcomes.some(({ findings }) => findings.length > 0) ? ExitCode.FAILED : ExitCode.OK;
}

/** Writes the figures of the file into the pages. */
function writePages(): number {
  const results = readResults(file);
  if (results === undefined) {
    throw new UsageError("--write needs out/stress.json, which is not there");
  }
  for (const language of ["en", "ja"] as const) {
    const path = PAGES[language];
    writeFileSync(path, withFigures(readFileSync(path, "utf8"), results, language));
  }
  execFileSync(runtimes.deno[0], ["fmt", "--quiet", ...Object.values(PAGES)]);
  return ExitCode.OK;
}

async function main(): Promise<number> {
  try {
    const options = stressOptions(process.argv.slice(2), () => Date.now() >>> 0);
    if (options.help) {
      process.stdout.write(USAGE);
      return ExitCode.OK;
    }
    if (options.write) return writePages();
    const rows = chosen(ROWS, options.only);
    const turns = turnsOf(rows, options);
    if (options.list) {
      process.stdout.write(columns(listed(turns)));
      return ExitCode.OK;
    }
    return await runAll(turns, options.seed, options.json);
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof RangeError)) throw error;
    process.stderr.write(`${error.message}\n\n${USAGE}`);
    return ExitCode.USAGE;
  }
}

// Something that a row left behind must not keep it.
process.exit(await main());
