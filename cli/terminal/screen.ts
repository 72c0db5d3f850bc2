/**
 * A screen of a terminal that is drawn again and again, and given back at the end.
 *
 * @module
 */

import type { Output } from "../command.ts";

const ESCAPE = "\u001b[";
/** The second screen of xterm and its like, and no cursor; then back. */
const ENTER = `${ESCAPE}?1049h${ESCAPE}?25l`;
const LEAVE = `${ESCAPE}?25h${ESCAPE}?1049l`;
/** What is between these is shown at once, where the terminal knows that. */
const BEGIN = `${ESCAPE}?2026h${ESCAPE}H`;
const END = `${ESCAPE}J${ESCAPE}?2026l`;
const CLEAR_LINE = `${ESCAPE}K`;

/** The size of a terminal that does not say. */
const COLUMNS = 80;
const ROWS = 24;

/** Lines on a screen of their own. */
export class Screen implements Disposable {
  readonly #output: Output;
  #left = false;

  constructor(output: Output) {
    this.#output = output;
    output.write(ENTER);
  }

  /**
   * Draws lines over those before, without clearing them first, so that nothing flickers.
   *
   * @param lines gets the size of the terminal
   */
  draw(lines: (columns: number, rows: number) => readonly string[]): void {
    if (this.#left) return;
    // A terminal without a window has the size 0.
    const { columns, rows } = this.#output;
    const text = lines(columns || COLUMNS, rows || ROWS).map((line) => line + CLEAR_LINE).join(
      "\r\n",
    );
    this.#output.write(`${BEGIN}${text}${END}`);
  }

  /** Gives the terminal back as it was. Idempotent. */
  [Symbol.dispose](): void {
    if (this.#left) return;
    this.#left = true;
    this.#output.write(LEAVE);
  }
}
