/**
 * Every state and every input of the state machine of signaling, and the tables in the head of `state.ts`.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import type { ServerMessage } from "../../signaling/mod.ts";
import type { Closing, Input, Route, State } from "../../signaling/connection/state.ts";
import { connectionNotify, offerMessage } from "./signaling_scene.ts";

/** A route and the columns of its table. */
export type Table = ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>;

const WITH_WEBSOCKET = [
  { kind: "websocket", channel: "awaited" },
  { kind: "websocket", channel: "open" },
  { kind: "websocket", channel: "gone" },
  { kind: "switching", channel: "awaited", webSocket: "kept" },
  { kind: "switching", channel: "awaited", webSocket: "dropped" },
  { kind: "switching", channel: "gone", webSocket: "kept" },
  { kind: "switching", channel: "gone", webSocket: "dropped" },
  { kind: "both" },
] as const;

const WITHOUT_WEBSOCKET = [
  { kind: "datachannel", webSocket: "closing" },
  { kind: "datachannel", webSocket: "closed" },
  { kind: "none", webSocket: "closing" },
  { kind: "none", webSocket: "closed" },
] as const;

const ROUTES: readonly Route[] = [...WITH_WEBSOCKET, ...WITHOUT_WEBSOCKET];
const ROOTS = [undefined, { code: "INTERNAL_ERROR", message: "root" }] as const;
const ANNOUNCED = [
  { mode: "announced", code: 1000, reason: "DISCONNECTED-API" },
  { mode: "announced", code: 4490, reason: "SOMETHING" },
] as const;

const CLOSING: readonly Closing[] = ROOTS.flatMap((root): Closing[] => {
  const kind = "closing";
  const modes = ["websocket", "hybrid", "lost"] as const;
  return [
    ...[{ kind: "websocket", channel: "none" } as const, ...WITH_WEBSOCKET].flatMap((route) =>
      [...modes.map((mode) => ({ mode })), ...ANNOUNCED].map((how) => ({ kind, route, how, root }))
    ),
    ...WITHOUT_WEBSOCKET.flatMap((route) =>
      [{ mode: "datachannel" } as const, ...ANNOUNCED].map((how) => ({ kind, route, how, root }))
    ),
  ] as Closing[];
});

/** Every state. */
export const STATES: readonly State[] = [
  { kind: "offering" },
  ...ROUTES.flatMap((route) =>
    (["created", "peer", "both"] as const).map((missing): State => ({
      kind: "negotiating",
      route,
      missing,
    }))
  ),
  ...ROUTES.map((route): State => ({ kind: "connected", route })),
  ...CLOSING,
  { kind: "ended" },
];

const MESSAGES: readonly ServerMessage[] = [
  offerMessage(),
  { type: "redirect", location: "ws://node2.example/" },
  { type: "re-offer", sdp: "sdp" },
  { type: "update", sdp: "sdp" },
  { type: "ping" },
  { type: "ping", stats: true },
  connectionNotify("created") as ServerMessage,
  { type: "push", data: 1 },
  { type: "switched", ignore_disconnect_websocket: true },
  { type: "switched", ignore_disconnect_websocket: false },
  { type: "req-stats" },
  { type: "close", code: 1000, reason: "DISCONNECTED-API" },
];

const BOTH = [true, false] as const;
const ENDS = [
  { code: 1000, reason: "TYPE-DISCONNECT" },
  { code: 1000, reason: "DISCONNECTED-API" },
  { code: 4490, reason: "SOMETHING" },
  { code: 0, reason: "", error: new Error("read ECONNRESET") },
];
const PEER_STATES = ["new", "connecting", "connected", "disconnected", "failed", "closed"] as const;

/** Every input: each type with everything that a transition may depend on. */
export const INPUTS: readonly Input[] = [
  ...MESSAGES.flatMap((message) =>
    ["websocket", "signaling"].map((carrier) =>
      ({ type: message.type, message, carrier, text: JSON.stringify(message) }) as Input
    )
  ),
  { type: "invalid-offer", problem: "sdp must not be empty" },
  { type: "rpc", text: "{}" },
  { type: "message", label: "#chat", data: new Uint8Array(1), info: {} },
  { type: "unknown" },
  { type: "broken" },
  ...BOTH.map((signaling): Input => ({ type: "peer-created", signaling })),
  ...PEER_STATES.map((state): Input => ({ type: "peer-state", state })),
  { type: "created" },
  ...BOTH.flatMap((ignore) =>
    BOTH.map((lost): Input => ({ type: "switch-reported", ignore, lost }))
  ),
  { type: "signaling-opened" },
  { type: "signaling-closed" },
  ...BOTH.map((lost): Input => ({ type: "channels-closed", lost })),
  ...BOTH.map((lost): Input => ({ type: "channels-timeout", lost, waitedMs: 5_000 })),
  ...ENDS.flatMap((end) =>
    BOTH.flatMap((timedOut) =>
      BOTH.map((lost): Input => ({ type: "websocket-ended", end, timedOut, lost }))
    )
  ),
  { type: "address-lost", waitedMs: 3_000 },
  ...ROOTS.flatMap((root) =>
    BOTH.flatMap((serverCloses) =>
      BOTH.map((channelsOpen): Input => ({ type: "disconnect", root, serverCloses, channelsOpen }))
    )
  ),
  { type: "disconnect-unsent" },
  { type: "closing-timeout" },
  { type: "abandon" },
  { type: "redirected" },
];

/** A table of the head of `state.ts`: by row, then by column. `title`: the first word of its first line. */
export function printedTable(title: string): Table {
  const source = readFileSync(new URL("../../signaling/connection/state.ts", import.meta.url));
  const lines = source.toString().split("\n").map((line) => line.replace(/^ \* ?/, ""));
  const start = lines.findIndex((line) => line.startsWith(`| ${title} `));
  const end = lines.findIndex((line, i) => i > start && !line.startsWith("|"));
  const rows = lines.slice(start, end).map((line) => line.split("|").slice(1, -1));
  const [head, , ...body] = rows.map((cells) => cells.map((cell) => cell.trim()));
  return new Map(body.map(([name, ...cells]) => [
    name!,
    new Map(cells.map((cell, i) => [head![i + 1]!, new Set(cell.split(", "))])),
  ]));
}

/** The same as text, as it is printed. */
export function rendered(title: string, columns: readonly string[], table: Table): string {
  const rows = [
    [title, ...columns],
    ...[...table].map(([name, cells]) => [
      name,
      ...columns.map((column) => [...cells.get(column) ?? []].sort().join(", ")),
    ]),
  ];
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  const line = (cells: readonly string[], pad: string) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i]!, pad)).join(" | ")} |`;
  const [head, ...body] = rows;
  return [
    line(head!, " "),
    line(columns.concat("").map(() => ""), "-"),
    ...body.map((row) => line(row, " ")),
  ]
    .join("\n");
}
