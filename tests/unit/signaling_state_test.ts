/** The state machine of signaling against the tables in the head of `state.ts`: every state with every input. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Input, State, Transition } from "../../signaling/connection/state.ts";
import { transition } from "../../signaling/connection/transition.ts";
import { INPUTS, printedTable, rendered, STATES, type Table } from "../support/signaling_states.ts";

const KINDS = ["offering", "negotiating", "connected", "closing", "ended"];
const ROUTES = ["websocket", "switching", "both", "datachannel", "none"];
const ROUTING = [
  "switched",
  "switch-reported",
  "signaling-opened",
  "signaling-closed",
  "websocket-ended",
];

const isLive = (state: State) => state.kind === "negotiating" || state.kind === "connected";
const route = (state: State) => "route" in state ? state.route.kind : "";
const text = (value: unknown) =>
  JSON.stringify(value, (_, item) => item instanceof Error ? item.message : item);

/** A state without what it carries from elsewhere: why this side ends it, and what the server said. */
const shape = (state: State) => {
  if (state.kind !== "closing") return text(state);
  const { kind, route, how, root } = state;
  return text({ kind, route, mode: how.mode, root: root === undefined });
};

/** Every state with every input, and what it led to. */
function* walk(): Generator<[State, Input, Transition]> {
  for (const state of STATES) {
    for (const input of INPUTS) yield [state, input, transition(state, input)];
  }
}

/** What the walk found, as a table. */
function found(
  rows: readonly string[],
  cell: (state: State, input: Input, next: Transition) => [row: string, column: string, to: string],
  only: (state: State, input: Input) => boolean = () => true,
): Table {
  const table = new Map(rows.map((row) => [row, new Map<string, Set<string>>()]));
  for (const [state, input, next] of walk()) {
    if (!only(state, input)) continue;
    const [row, column, to] = cell(state, input, next);
    const cells = table.get(row)!;
    if (!cells.has(column)) cells.set(column, new Set());
    cells.get(column)!.add(to);
  }
  return table;
}

/** `-`: nothing happens, but for a message to be counted; `=`: something does, in the same state. */
function outcome(state: State, next: Transition): string {
  if (next.state.kind !== state.kind) return next.state.kind;
  const effects = next.effects.filter(({ type }) => type !== "ignore");
  return next.state === state && effects.length === 0 ? "-" : "=";
}

const inputTypes = [...new Set(INPUTS.map(({ type }) => type))];

test("each state takes the inputs that the table in state.ts names, and goes where it says", () => {
  const table = found(inputTypes, (state, input, next) => [
    input.type,
    state.kind,
    outcome(state, next),
  ]);
  assert.equal(rendered("Input", KINDS, printedTable("Input")), rendered("Input", KINDS, table));
});

test("each route leads to those that the table in state.ts names", () => {
  const table = found(
    ROUTES,
    (state, input, next) => [
      route(state),
      input.type,
      next.state.kind === "ended" ? "ended" : route(next.state),
    ],
    (state, input) => isLive(state) && ROUTING.includes(input.type),
  );
  const printed = printedTable("Route");
  assert.equal(rendered("Route", ROUTING, printed), rendered("Route", ROUTING, table));
});

test("no input leads to a state that is not one of the states", () => {
  const legal = new Set(STATES.map(shape));
  for (const [state, input, next] of walk()) {
    assert.ok(legal.has(shape(next.state)), `${text(state)} ${text(input)} ${text(next.state)}`);
  }
});

test("what ends a connection releases it, once and last, and nothing follows", () => {
  for (const [state, input, { state: next, effects }] of walk()) {
    const about = `${text(state)} ${text(input)} ${text(effects)}`;
    const ends = effects.filter(({ type }) => type === "end" || type === "release");
    const enters = state.kind !== "ended" && next.kind === "ended";
    assert.equal(ends.length, enters ? 1 : 0, about);
    if (enters) assert.equal(effects.at(-1), ends[0], about);
    if (state.kind === "ended") assert.equal(next, state, about);
  }
});

test("a state that stays as it is is the same object", () => {
  for (const [state, input, next] of walk()) {
    if (next.state === state) continue;
    const same = text(next.state) === text(state);
    assert.ok(!same, `${text(state)} ${text(input)}`);
  }
});

test("a WebSocket is left once, and only when data channels carry signaling", () => {
  for (const [state, input, next] of walk()) {
    if (!next.effects.some(({ type }) => type === "leave-websocket")) continue;
    assert.ok(isLive(state) && isLive(next.state), text(state));
    assert.equal(route(next.state), "datachannel", `${text(state)} ${text(input)}`);
    assert.ok(["switching", "both"].includes(route(state)), text(state));
  }
});
