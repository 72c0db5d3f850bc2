/**
 * `sora-ffi load`: a load test of a Sora by many members.
 *
 * @module
 */

import { type Command, ExitCode } from "../command.ts";
import { LOAD_FLAGS, loadPlan } from "../load/plan.ts";
import type { LoadReport } from "../load/report.ts";
import { runLoad } from "../load/run.ts";
import { loadLines } from "../load/table.ts";
import { Screen } from "../terminal/screen.ts";
import { cutToWidth } from "../terminal/width.ts";

/** `sora-ffi load` */
export const load: Command = {
  summary: "let many members send and receive, and print what came of it",
  options: LOAD_FLAGS,
  async run(values, { stdout, signal }) {
    const plan = loadPlan(values);
    const isTerminal = stdout.isTTY === true;
    let summary: LoadReport;
    {
      using screen = isTerminal ? new Screen(stdout) : undefined;
      summary = await runLoad(plan, signal, (report, state) => {
        if (screen === undefined) stdout.write(`${JSON.stringify(report)}\n`);
        screen?.draw((columns, rows) =>
          [...loadLines(report, state), "", "Ctrl-C ends the test"].slice(0, rows)
            .map((line) => cutToWidth(line, columns))
        );
      });
    }
    const state = signal.aborted ? "interrupted" : "done";
    stdout.write(
      isTerminal ? `${loadLines(summary, state).join("\n")}\n` : `${JSON.stringify(summary)}\n`,
    );
    if (signal.aborted) return ExitCode.INTERRUPTED;
    return summary.senders.failed + summary.receivers.failed === 0 ? ExitCode.OK : ExitCode.FAILED;
  },
};
