/**
 * The table of `sora-ffi stats`, for a terminal.
 *
 * @module
 */

import { escapeControls } from "../../base/text.ts";
import { columns } from "../terminal/columns.ts";
import { durationText, rateText } from "../terminal/figures.ts";
import { cutToWidth } from "../terminal/width.ts";
import type { Overview, PathRow, StreamRow } from "./streams.ts";

const HEAD = [
  "",
  "",
  "layer",
  "codec",
  "size",
  "frames/s",
  "bit/s",
  "lost",
  "jitter",
  "engine",
  "",
];

/** What the table shows. */
export interface StatsState extends Overview {
  readonly url: string;
  readonly channelId: string;
  readonly connectionId: string;
  readonly seconds: number;
  /** Where Prometheus finds the same. */
  readonly metrics: string | undefined;
}

const shown = (value: number | undefined, digits: number, unit = "") =>
  value === undefined ? "" : `${value.toFixed(digits)}${unit}`;

function cells(row: StreamRow): string[] {
  return [
    row.direction,
    row.kind,
    row.rid ?? "",
    row.codec ?? "",
    row.size ?? "",
    shown(row.fps, 0),
    row.kbps === undefined ? "" : rateText(row.kbps),
    row.lossShare === undefined ? "" : `${Number((row.lossShare * 100).toFixed(1))} %`,
    shown(row.jitterMs, 0, " ms"),
    row.engine ?? "",
    row.remark ?? "",
  ];
}

function pathText({ local, remote, roundTripMs, availableKbps }: PathRow): string {
  const trip = roundTripMs === undefined ? "" : `, round trip ${roundTripMs.toFixed(0)} ms`;
  const room = availableKbps === undefined ? "" : `, room for ${rateText(availableKbps)}bit/s`;
  return `path ${local} to ${remote}${trip}${room}`;
}

/** The lines of the table: at most `rows`, each at most `width` wide. */
export function statsLines(state: StatsState, width: number, rows: number): string[] {
  const { streams, path, url, channelId, connectionId, seconds, metrics } = state;
  const table = streams.length === 0
    ? ["nothing is sent or received"]
    : columns([HEAD, ...streams.map(cells)]).trimEnd().split("\n");
  const top = [
    `${channelId} of ${url}`,
    `as ${connectionId}, ${durationText(seconds)}`,
    path === undefined ? "no path yet" : pathText(path),
    ...(metrics === undefined ? [] : [`Prometheus: ${metrics}`]),
    "",
  ];
  const bottom = ["", "Ctrl-C ends it"];
  const room = Math.max(0, rows - top.length - bottom.length);
  const fits = table.length <= room
    ? table
    : [...table.slice(0, Math.max(0, room - 1)), `and ${table.length - room + 1} more`];
  return [...top, ...fits, ...bottom].slice(0, rows)
    .map((line) => cutToWidth(escapeControls(line), width));
}
