/**
 * Progress while the demo runs, and the table at its end.
 *
 * @module
 */

import type { Judgement } from "./figures.ts";

const BAR = 40;
/** Percent from one line to the next without a terminal. */
const LINE_EVERY = 20;

/** A destination of text: `process.stdout`, or something like it. */
export interface Output {
  /** Whether it is a terminal. */
  readonly isTTY?: boolean;
  /** Writes text. */
  write(text: string): unknown;
}

/** A progress bar on a terminal; a line every {@link LINE_EVERY} percent elsewhere. */
export class Progress {
  readonly #output: Output;
  #shown = -1;

  /** @param output Where to show it. */
  constructor(output: Output) {
    this.#output = output;
  }

  /**
   * Shows the progress.
   *
   * @param share 0 to 1.
   * @param text Text after the bar.
   */
  show(share: number, text: string): void {
    const percent = Math.round(share * 100);
    const step = Math.floor(percent / (this.#output.isTTY ? 1 : LINE_EVERY));
    // Writing takes time away from the media, so each step is written once.
    if (step <= this.#shown) return;
    this.#shown = step;
    const line = `${`${percent} %`.padStart(5)}  ${text}`;
    if (!this.#output.isTTY) {
      this.#output.write(`${line}\n`);
      return;
    }
    const full = Math.round(share * BAR);
    this.#output.write(`\r[${"#".repeat(full)}${".".repeat(BAR - full)}] ${line}\x1b[K`);
  }

  /** Ends the bar's line. */
  end(): void {
    if (this.#output.isTTY) this.#output.write("\n");
  }
}

/** The table of the figures, their limits and verdicts. */
export function table(judgements: readonly Judgement[]): string {
  const lines = judgements.map(({ name, value, limit, ok }) =>
    [name, value, limit, limit === "" ? "" : ok ? "ok" : "MISSED"] as const
  );
  const width = (column: 0 | 1 | 2) =>
    Math.max(
      ...lines.filter(([, , limit]) => column < 1 || limit !== "").map((line) =>
        line[column].length
      ),
    );
  const widths = [width(0), width(1), width(2)] as const;
  return lines.map(([name, value, limit, verdict]) =>
    `  ${name.padEnd(widths[0])}  ${value.padEnd(widths[1])}  ${
      limit.padEnd(widths[2])
    }  ${verdict}`
      .trimEnd()
  ).join("\n") + "\n";
}
