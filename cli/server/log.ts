/**
 * The log of `sora-ffi server`: a line for each event, for people or as JSON.
 *
 * @module
 */

import { escapeControls } from "../../base/text.ts";
import type { SoraServerEvent } from "../../sfu/mod.ts";
import type { Output } from "../command.ts";

/** What happens to the server as a whole. */
export type ServerStep =
  | { readonly event: "listening"; readonly url: string; readonly page?: string }
  /** Members have some time to leave. */
  | { readonly event: "closing"; readonly connections: number; readonly drainMs: number }
  | { readonly event: "closed" };

/** An event of the log. */
export type LogEvent = ServerStep | SoraServerEvent;

/** A line for programs. Connections have the time of the event. */
export function jsonLine(event: LogEvent, time: Date): string {
  const { event: name, ...rest } = event;
  const when = name === "listening" ? {} : { time: time.toISOString() };
  return `${JSON.stringify({ event: name, ...rest, ...when })}\n`;
}

/** A sentence for people. What clients choose has its control characters escaped. */
export function textLine(event: LogEvent, time: Date): string {
  return `${time.toTimeString().slice(0, 8)} ${escapeControls(sentence(event))}\n`;
}

function sentence(event: LogEvent): string {
  switch (event.event) {
    case "listening":
      return `listening on ${event.url}`;
    case "closing":
      return closingText(event);
    case "closed":
      return "closed";
    case "connection.created":
      return `${event.connectionId} joined ${event.channelId} as ${event.role}`;
    case "connection.destroyed":
      return `${event.connectionId} left ${event.channelId} after ${
        Math.round(event.seconds)
      } s: ${event.reason}`;
    case "connection.refused":
      return `${event.connectionId ?? "a client"} was refused: ${event.reason}, ${event.detail}`;
  }
}

/** What the command says when it begins to end. */
export function closingText(
  { connections, drainMs }: Extract<LogEvent, { event: "closing" }>,
): string {
  const members = connections === 1 ? "1 connection has" : `${connections} connections have`;
  return `closing: ${members} ${drainMs / 1000} s to leave (Ctrl-C ends them at once)`;
}

/** Writes events as lines. */
export function logTo(
  output: Output,
  format: (event: LogEvent, time: Date) => string,
): (event: LogEvent) => void {
  return (event) => void output.write(format(event, new Date()));
}
