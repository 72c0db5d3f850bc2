import assert from "node:assert/strict";
import { test } from "node:test";
import type { Outcome, Stage } from "../support/stage.ts";
import { mended, summary, toRunAgain } from "../support/stages.ts";

/** A stage whose tests run together, and one that does not run again. */
function stage(name: string, again = true): Stage {
  const one: Stage = { name, command: [name], limitS: 1, ...(again && { again: () => one }) };
  return one;
}
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
  assert.deepEqual([...toRunAgain(outcomes)], [[late, [late]]]);
});

test("toRunAgain takes none where many stages failed", () => {
  const outcomes = (count: number) =>
    new Map(Array.from({ length: count }, (_, index) => [stage(`s${index}`), failed]));
  assert.equal(toRunAgain(outcomes(5)).size, 5);
  assert.equal(toRunAgain(outcomes(6)).size, 0);
});

test("toRunAgain takes each test of a stage that can run them by themselves, and a file once", () => {
  const cpp: Stage = {
    ...stage("C++"),
    again: (failure) => stage(failure.replace(/:.*/, "")),
  };
  const file = stage("file");
  const both = { ...failed, failed: 2, failures: ["one: 1", "two: 2"] };
  const again = toRunAgain(new Map([[cpp, both], [file, both]]));
  assert.deepEqual(again.get(cpp)?.map(({ name }) => name), ["one", "two"]);
  assert.deepEqual(again.get(file), [file]);
});

test("mended counts what passed the second time, and keeps what failed again", () => {
  const both = { ...failed, passed: 7, failed: 2, failures: ["one: 1", "two: 2"] };
  const ofTwo = { ...failed, passed: 0, failures: ["two: 3"] };
  assert.deepEqual(mended(both, [{ ...passed, passed: 1 }, ofTwo]), {
    ...both,
    passed: 8,
    failed: 1,
    failures: ["two: 3"],
    seconds: 3,
  });
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
