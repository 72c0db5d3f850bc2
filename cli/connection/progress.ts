/**
 * The progress of a command that sends or receives: a line that changes on a terminal, lines of JSON elsewhere.
 *
 * @module
 */

import { escapeControls } from "../../base/text.ts";
import type { Output } from "../command.ts";
import { durationText, rateText } from "../terminal/figures.ts";
import { LiveLine } from "../terminal/live_line.ts";
import type { Flow } from "./flow.ts";

/** A flow as people read it. */
export function flowText({ fps, kbps, codec, width, height, rttMs, loss }: Flow): string {
  return [
    ...(codec === null
      ? []
      : [`${codec} ${width ?? "?"}x${height ?? "?"}`, `${Math.round(fps)} fps`]),
    `${rateText(kbps)}bit/s`,
    ...(rttMs === null ? [] : [`RTT ${rttMs} ms`]),
    ...(loss === null ? [] : [`loss ${Number((loss * 100).toFixed(1))} %`]),
  ].join("  ");
}

/** Something that happened, with what programs want to know about it. */
export interface ProgressEvent {
  readonly event: string;
  readonly [name: string]: unknown;
}

/** Reports progress. */
export class Progress implements Disposable {
  readonly #output: Output;
  readonly #line: LiveLine | undefined;
  #beganMs = performance.now();

  constructor(output: Output) {
    this.#output = output;
    this.#line = output.isTTY === true ? new LiveLine(output) : undefined;
  }

  /** Seconds since it began. */
  get seconds(): number {
    return Number(((performance.now() - this.#beganMs) / 1_000).toFixed(1));
  }

  /** The time begins now. */
  begin(): void {
    this.#beganMs = performance.now();
  }

  /** Reports something: a sentence for people, an event for programs. */
  tell(text: string, event: ProgressEvent): void {
    if (this.#line !== undefined) this.#line.print(escapeControls(text));
    else this.#output.write(`${JSON.stringify(event)}\n`);
  }

  /** Reports what flows. */
  flow(flow: Flow, extra: Readonly<Record<string, unknown>> = {}, text = ""): void {
    const { seconds } = this;
    if (this.#line !== undefined) {
      this.#line.show(`${durationText(seconds)}  ${flowText(flow)}${text && `  ${text}`}`);
    } else {
      this.#output.write(`${JSON.stringify({ event: "progress", seconds, ...flow, ...extra })}\n`);
    }
  }

  /** The last line stays as it is. */
  [Symbol.dispose](): void {
    this.#line?.[Symbol.dispose]();
  }
}
