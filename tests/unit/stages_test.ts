import assert from "node:assert/strict";
import { test } from "node:test";
import type { Outcome, Stage } from "../support/stage.ts";
import { summary, toRunAgain } from "../support/stages.ts";

const stage = (name: string, again = true): Stage => ({
  name,
  command: ["true"],
  limitS: 1,
  again,
});
const passed: Outcome = {
  passed: 2,
  failed: 0,
  skipped: 0,
  failures: [],
  notes: [],
  seconds: 1,
};
const failed: Outcome = { ...passed, passed: 1, failed: 1, failures: ["plays: 26 < 27"] };

test("toRunAgain takes the stages of media whose tests failed, and no other", () => {
  const late = stage("late");
  const outcomes = new Map([
    [late, failed],
    [stage("well"), passed],
    [stage("C++", false), failed],
    [stage("crashed"), { ...failed, notes: ["crashed with SIGSEGV"] }],
    [stage("not loaded"), { ...failed, failures: [] }],
  ]);
  assert.deepEqual([...toRunAgain(outcomes).keys()], [late]);
});

test("toRunAgain takes none where many stages failed", () => {
  const outcomes = (count: number) =>
    new Map(Array.from({ length: count }, (_, index) => [stage(`s${index}`), failed]));
  assert.equal(toRunAgain(outcomes(5)).size, 5);
  assert.equal(toRunAgain(outcomes(6)).size, 0);
});

test("summary lists what failed and what failed once, and ends with the counts", () => {
  const [steady, late, broken, check] = ["steady", "late", "broken", "deno fmt"].map((name) =>
    stage(name)
  );
  const outcomes = new Map([
    [steady!, passed],
    [late!, passed],
    [broken!, { ...failed, notes: ["crashed with SIGSEGV"] }],
    [check!, { ...failed, passed: 0, failures: [] }],
  ]);
  assert.deepEqual(summary(outcomes, new Map([[late!, failed]])), [
    "unsteady late: plays: 26 < 27",
    "failed   broken: plays: 26 < 27",
    "failed   broken: crashed with SIGSEGV",
    "failed   deno fmt",
    "5 passed, 2 failed",
  ]);
});
