/**
 * One line at the end of a terminal that is written again and again; what is printed meanwhile stands above it.
 *
 * @module
 */

import type { Output } from "../command.ts";
import { cutToWidth } from "./width.ts";

const CLEAR = "\r\u001b[K";
/** The width of a terminal that does not say. */
const COLUMNS = 80;

/** A line that changes. */
export class LiveLine implements Disposable {
  readonly #output: Output;
  #text = "";

  constructor(output: Output) {
    this.#output = output;
  }

  /** Writes over the line. */
  show(text: string): void {
    // In the last column some terminals would begin a new line.
    this.#text = cutToWidth(text, (this.#output.columns || COLUMNS) - 1);
    this.#output.write(`${CLEAR}${this.#text}`);
  }

  /** Prints a line above. */
  print(line: string): void {
    this.#output.write(`${this.#text === "" ? "" : CLEAR}${line}\n${this.#text}`);
  }

  /** Leaves the line as it is, and begins a new one. */
  [Symbol.dispose](): void {
    if (this.#text !== "") this.#output.write("\n");
    this.#text = "";
  }
}
