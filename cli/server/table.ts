/**
 * The table of a server's channels and members, for a terminal.
 *
 * @module
 */

import { escapeControls } from "../../base/text.ts";
import type { SoraServerPath, SoraServerStats } from "../../sfu/mod.ts";
import { durationText, rateText } from "../terminal/figures.ts";
import type { ConnectionRates, LayerRate } from "./rates.ts";
import { cutToWidth, padToWidth, textWidth } from "../terminal/width.ts";

/** What the table shows. */
export interface TableState {
  readonly url: string;
  readonly stats: SoraServerStats;
  readonly connections: readonly ConnectionRates[];
  /** What is to be said below: how to end, what happened last. */
  readonly footer: string;
}

/** Longest names and ids, in columns. */
const MAX_NAME = 26;

const HEAD = ["channel", "member", "role", "time", "in", "out", "path", "sends", "receives"];

function layersText(layers: readonly LayerRate[]): string {
  return layers.map(({ rid, kbps }) => `${rid === undefined ? "" : `${rid} `}${rateText(kbps)}`)
    .join(" ");
}

/** What a path carries, how long it is, and how much of it gets lost: `2.5 M 12 ms 3 %`. */
function pathText(path: SoraServerPath | undefined): string {
  if (path === undefined) return "";
  const loss = Math.round(path.lossShare * 100);
  const length = `${rateText(path.bitRate / 1000)} ${Math.round(path.roundTripMs)} ms`;
  return loss > 0 ? `${length} ${loss} %` : length;
}

/** The layers that a member receives: how many tracks of each kind, and of which layers. */
function receivesText({ connection: { subscriptions } }: ConnectionRates): string {
  const count = (kind: string) => subscriptions.filter((one) => one.kind === kind).length;
  const rids = subscriptions.flatMap(({ rid }) => rid ?? []).sort();
  const kinds = (["audio", "video"] as const).filter((kind) => count(kind) > 0)
    .map((kind) => `${count(kind)} ${kind}`);
  return [...kinds, ...(rids.length > 0 ? [`(${rids.join(" ")})`] : [])].join(" ");
}

function cellsOf(rates: ConnectionRates): string[] {
  const { connection, inKbps, outKbps, tracks } = rates;
  return [
    connection.channelId,
    connection.clientId,
    connection.role,
    durationText(connection.seconds),
    rateText(inKbps),
    rateText(outKbps),
    pathText(connection.path),
    tracks.map(({ codec, layers }) => `${codec} ${layersText(layers)}`).join(", "),
    receivesText(rates),
  ].map((cell, i) => i < 2 ? cutToWidth(escapeControls(cell), MAX_NAME) : escapeControls(cell));
}

function summaryOf({ stats, connections }: TableState): string {
  const sum = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
  const refused = sum(Object.values(stats.refusals));
  const members = stats.connections === 1 ? "1 member" : `${stats.connections} members`;
  return [
    stats.channels === 1 ? "1 channel" : `${stats.channels} channels`,
    members + (stats.pendingConnections > 0 ? ` (${stats.pendingConnections} joining)` : ""),
    `${rateText(sum(connections.map(({ inKbps }) => inKbps)))} in`,
    `${rateText(sum(connections.map(({ outKbps }) => outKbps)))} out`,
    ...(refused > 0 ? [`${refused} refused`] : []),
  ].join(", ");
}

/** The lines of the table: at most `rows`, each at most `columns` wide. */
export function tableLines(state: TableState, columns: number, rows: number): string[] {
  const byChannel = state.connections.toSorted((a, b) =>
    a.connection.channelId < b.connection.channelId
      ? -1
      : Number(a.connection.channelId > b.connection.channelId)
  );
  const cells = byChannel.map(cellsOf);
  const top = [`Sora-compatible server  ${state.url}`, summaryOf(state), ""];
  const bottom = ["", state.footer];
  const room = Math.max(0, rows - top.length - bottom.length - 1);
  const fits = cells.length <= room;
  const shown = fits ? cells : cells.slice(0, Math.max(0, room - 1));
  const widths = HEAD.map((head, i) =>
    Math.max(textWidth(head), ...shown.map((line) => textWidth(line[i]!)))
  );
  const line = (cells: readonly string[]) =>
    cells.map((cell, i) => padToWidth(cell, widths[i]!)).join("  ").trimEnd();
  const table = state.connections.length === 0 ? [] : [line(HEAD), ...shown.map(line)];
  const more = fits ? [] : [`and ${cells.length - shown.length} more`];
  return [...top, ...table, ...more, ...bottom]
    .slice(0, rows).map((text) => cutToWidth(text, columns));
}
