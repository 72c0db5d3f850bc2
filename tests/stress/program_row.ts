/**
 * A row that is one program on the row's runtime: it prints a line of JSON for each thing that the row reports.
 *
 * @module
 */

import { endText, limited, start } from "./process.ts";
import type { Finding, Row, RowContext, RowResult } from "./row.ts";

/** A line of such a program. */
export type TaskLine =
  | { readonly kind: "progress"; readonly done: number; readonly text: string }
  | { readonly kind: "found"; readonly finding: Finding }
  | { readonly kind: "result"; readonly result: RowResult };

/** Lines of a task begin with it; others are anybody's. */
export const TASK_MARK = "stress ";

/** What a program may take besides its minutes: for what it must do once, and for its end. */
const EXTRA_S = 180;
/** Of what it wrote to its standard error. */
const KEPT_CHARACTERS = 3_000;

/** Makes the `run` of a row: `program` is one of `tests/stress/programs`, which calls `runTask`. */
export function runsProgram(program: string): Row["run"] {
  return async (context: RowContext) => {
    const { seed, minutes, progress, found } = context;
    const words = context.command(program, String(seed), String(minutes));
    const limitS = minutes * 60 + EXTRA_S;
    // With everything that it has started.
    await using child = start(context, limited(words, limitS), {}, "SIGTERM");
    let result: RowResult | undefined;
    child.onLine = (text) => {
      if (!text.startsWith(TASK_MARK)) return;
      const line = JSON.parse(text.slice(TASK_MARK.length)) as TaskLine;
      if (line.kind === "progress") progress(line.done, line.text);
      else if (line.kind === "found") found(line.finding);
      else result = line.result;
    };
    const end = await child.ended((limitS + 30) * 1_000);
    if (end.code === 0 && result !== undefined) return result;
    throw new Error(`${program}: ${endText(end)}: ${child.errors.slice(-KEPT_CHARACTERS)}`);
  };
}
