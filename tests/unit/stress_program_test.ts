/** Rows of `make stress` that are a program: what it reports, and how it ends. */

import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { runsProgram, TASK_MARK, type TaskLine } from "../stress/program_row.ts";
import type { Finding, RowContext } from "../stress/row.ts";
import { onDeno } from "../support/child.ts";

const MEASURED = { measured: "3 of 3", figures: { done: 3 } };

/** Runs a program that prints these lines and executes a statement. */
async function run(lines: readonly TaskLine[], last = "", end = new AbortController()) {
  const prints = lines.map((line) =>
    `console.log(${JSON.stringify(TASK_MARK)} + ${JSON.stringify(JSON.stringify(line))});`
  );
  const code = `console.log("not the row's"); ${prints.join("")} ${last}`;
  const seen: { progress: unknown[]; found: Finding[] } = { progress: [], found: [] };
  const context: RowContext = {
    runtime: onDeno ? "deno" : "bun",
    seed: 7,
    minutes: 0.1,
    signal: end.signal,
    command: () => [process.execPath, onDeno ? "eval" : "-e", code],
    progress: (...what) => {
      seen.progress.push(what);
      if (what[1] === "end me") end.abort();
    },
    found: (finding) => void seen.found.push(finding),
  };
  return { seen, result: await runsProgram("program.ts")(context) };
}

test("runsProgram hands over what a program reports", async () => {
  const finding = { what: "it broke", replay: "again" };
  const { seen, result } = await run([
    { kind: "progress", done: 0.5, text: "half" },
    { kind: "found", finding },
    { kind: "result", result: MEASURED },
  ]);
  assert.deepEqual(seen, { progress: [[0.5, "half"]], found: [finding] });
  assert.deepEqual(result, MEASURED);
});

test("runsProgram throws when the program fails or says nothing", async () => {
  const failing = run([{ kind: "result", result: MEASURED }], 'console.error("why"); throw 1;');
  await assert.rejects(failing, /^Error: program\.ts: exit code 1: why/);
  await assert.rejects(run([]), /^Error: program\.ts: exit code 0/);
});

test("runsProgram ends the program with the row", async () => {
  const lines = [{ kind: "progress", done: 0, text: "end me" }] as const;
  // By itself it would go on for ever.
  await assert.rejects(run(lines, "setInterval(() => {}, 1_000);"), /program\.ts: /);
});
