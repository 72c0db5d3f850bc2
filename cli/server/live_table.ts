/**
 * The table of a running server, drawn once a second.
 *
 * @module
 */

import { escapeControls } from "../../base/text.ts";
import type { SoraServer } from "../../sfu/mod.ts";
import type { Output } from "../command.ts";
import { closingText, type LogEvent, textLine } from "./log.ts";
import { Rates } from "./rates.ts";
import { Screen } from "../terminal/screen.ts";
import { tableLines } from "./table.ts";

const INTERVAL_MS = 1000;

/** Draws a server's state until it is disposed of. */
export class LiveTable implements Disposable {
  readonly #server: SoraServer;
  readonly #screen: Screen;
  readonly #rates = new Rates();
  readonly #timer: ReturnType<typeof setInterval>;
  #footer = "Ctrl-C ends the server";

  constructor(server: SoraServer, output: Output) {
    this.#server = server;
    this.#screen = new Screen(output);
    this.#timer = setInterval(() => this.#draw(), INTERVAL_MS);
    this.#draw();
  }

  /** Shows what happened last below the table. */
  log(event: LogEvent): void {
    if (event.event === "connection.refused") this.#footer = textLine(event, new Date()).trimEnd();
    if (event.event !== "closing") return;
    this.#footer = closingText(event);
    this.#draw();
  }

  #draw(): void {
    const server = this.#server;
    const state = {
      url: server.url,
      stats: server.stats(),
      connections: this.#rates.next(server.connections(), performance.now()),
      footer: escapeControls(this.#footer),
    };
    this.#screen.draw((columns, rows) => tableLines(state, columns, rows));
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#screen[Symbol.dispose]();
  }
}
