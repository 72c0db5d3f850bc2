/**
 * What a person sees of a run: a bar and what runs, what was found, and the table at the end.
 *
 * @module
 */

import type { Output } from "../../cli/command.ts";
import { columns } from "../../cli/terminal/columns.ts";
import { durationText } from "../../cli/terminal/figures.ts";
import { LiveLine } from "../../cli/terminal/live_line.ts";
import type { Turn } from "./plan.ts";
import type { Finding } from "./row.ts";
import type { Outcome } from "./turn.ts";

const BAR = 20;
/** From one line to the next without a terminal. */
const LINE_EVERY_MS = 30_000;

/** `ok`, `skipped`, or how much was found. */
export function verdict({ findings, skipped }: Pick<Outcome, "findings" | "skipped">): string {
  if (findings.length > 0) return `FOUND ${findings.length}`;
  return skipped === undefined ? "ok" : "skipped";
}

/** How long a row took, and building what it runs where that was anything. */
function timeText({ seconds, builtSeconds = 0 }: Outcome): string {
  const time = durationText(seconds);
  return builtSeconds < 1 ? time : `${time}, built in ${durationText(builtSeconds)}`;
}

/** What a row came to, in a few words. */
function came({ measured, skipped }: Outcome): string {
  return measured ?? skipped ?? "no figure";
}

/** The table of a run, and below it what was found. */
export function table(outcomes: readonly Outcome[]): string {
  if (outcomes.length === 0) return "nothing ran to its end\n";
  const rows = outcomes.map((one) => [
    verdict(one),
    one.name,
    one.runtime,
    timeText(one),
    came(one),
    one.asked,
  ]);
  const lines = columns([["", "row", "on", "time", "measured", "asked"], ...rows]);
  const found = outcomes.flatMap(({ name, runtime, findings }) =>
    findings.map(({ what, replay }) => `\n${name} on ${runtime}: ${what}\n  again: ${replay}\n`)
  );
  return lines + found.join("");
}

/** Shows a run while it goes on: a line with a bar on a terminal; lines elsewhere. */
export class Display implements Disposable {
  readonly #output: Output;
  readonly #live: LiveLine | undefined;
  readonly #now: () => number;
  readonly #minutes: number;
  #before = 0;
  #turn: Turn | undefined;
  #shownAt = 0;
  #shown = "";

  /**
   * @param output Where to show it.
   * @param turns All that will run.
   * @param now The time in milliseconds.
   */
  constructor(output: Output, turns: readonly Turn[], now: () => number = () => performance.now()) {
    this.#output = output;
    this.#live = output.isTTY ? new LiveLine(output) : undefined;
    this.#now = now;
    this.#minutes = turns.reduce((sum, { minutes }) => sum + minutes, 0);
  }

  /** A turn begins. */
  begin(turn: Turn): void {
    this.#turn = turn;
    this.#shownAt = this.#now();
    this.#shown = "";
    if (this.#live) this.progress(0, turn.row.what);
    else {
      const { row, runtime, minutes } = turn;
      this.#print(`${row.name} on ${runtime}, ${minutes.toFixed(1)} min: ${row.what}`);
    }
  }

  /** A turn has come so far, of 1. */
  progress(done: number, text: string): void {
    const { row, runtime, minutes } = this.#turn!;
    const share = (this.#before + done * minutes) / this.#minutes;
    const percent = `${Math.round(share * 100)} %`.padStart(5);
    if (this.#live) {
      const full = Math.round(share * BAR);
      const bar = "#".repeat(full) + ".".repeat(BAR - full);
      this.#live.show(`[${bar}]${percent}  ${row.name} on ${runtime}: ${text}`);
      return;
    }
    const line = `${row.name} on ${runtime}: ${text}`;
    if (this.#now() - this.#shownAt < LINE_EVERY_MS || line === this.#shown) return;
    this.#shownAt = this.#now();
    this.#shown = line;
    this.#print(`${percent}  ${line}`);
  }

  /** Something was found. */
  found({ what, replay }: Required<Finding>): void {
    const { row, runtime } = this.#turn!;
    this.#print(`FOUND  ${row.name} on ${runtime}: ${what}\n       again: ${replay}`);
  }

  /** A turn has ended. */
  end(outcome: Outcome): void {
    const { name, runtime } = outcome;
    this.#before += this.#turn!.minutes;
    this.#print(
      `${verdict(outcome).padEnd(8)} ${name} on ${runtime}: ${came(outcome)} (${
        timeText(outcome)
      })`,
    );
  }

  #print(line: string): void {
    if (this.#live) this.#live.print(line);
    else this.#output.write(`${line}\n`);
  }

  [Symbol.dispose](): void {
    this.#live?.[Symbol.dispose]();
  }
}
