import assert from "node:assert/strict";
import process from "node:process";
import { after, test } from "node:test";
import { rowsHere } from "../support/smoke.ts";

const before = process.env["SORA_TEST_RUNTIME"];
after(() => {
  if (before === undefined) delete process.env["SORA_TEST_RUNTIME"];
  else process.env["SORA_TEST_RUNTIME"] = before;
});

test("a table of tests runs in full on one runtime, and at least one row of it on the other", () => {
  const rows = [1, 2, 3];
  const two = (row: number) => row === 2;
  process.env["SORA_TEST_RUNTIME"] = "deno";
  assert.deepEqual(rowsHere("deno", rows, two), rows);
  assert.deepEqual(rowsHere("bun", rows, two), [2]);
  assert.throws(() => rowsHere("bun", rows, (row) => row === 4), /a smoke test has one row/);
  delete process.env["SORA_TEST_RUNTIME"];
  assert.deepEqual(rowsHere("bun", rows, two), rows);
});
