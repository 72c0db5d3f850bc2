import assert from "node:assert/strict";
import { test } from "node:test";
import { judge, OutputTail, type Stage } from "../support/stage.ts";

const check: Stage = { name: "a check", command: ["true"], limitS: 7 };
const run: Stage = {
  ...check,
  tests: { report: "report.xml", files: ["tests/a_test.ts", "tests/b_test.ts"] },
};
const passing = (file: string) =>
  `<testsuite name="${file}"><testcase name="one" file="${file}" /></testsuite>`;
const bothPass = passing("tests/a_test.ts") + passing("tests/b_test.ts");

test("judge counts a check as one", () => {
  assert.deepEqual(judge(check, 0, null, ""), {
    passed: 1,
    failed: 0,
    skipped: 0,
    failures: [],
    notes: [],
  });
  assert.equal(judge(check, 1, null, "").failed, 1);
});

test("judge counts each test of a report", () => {
  assert.deepEqual(judge(run, 0, null, bothPass), {
    passed: 2,
    failed: 0,
    skipped: 0,
    failures: [],
    notes: [],
  });
});

test("judge names the tests that failed, with what they say", () => {
  const report = passing("tests/a_test.ts") + `<testsuite name="tests/b_test.ts">
    <testcase name="two" file="tests/b_test.ts"><failure message="1 !== 2&#10;at b"></failure></testcase>
  </testsuite>`;
  const { failed, failures } = judge(run, 1, null, report);
  assert.deepEqual([failed, failures], [1, ["two: 1 !== 2"]]);
});

test("judge fails a file that reported no test, and names it", () => {
  const { passed, failed, notes } = judge(run, 0, null, passing("tests/a_test.ts"));
  assert.deepEqual([passed, failed], [1, 1]);
  assert.match(notes.join(), /tests\/b_test\.ts reported no test/);
});

test("judge fails a run that left no report", () => {
  assert.equal(judge(run, 0, null, "").failed, 2);
});

test("judge fails a run that ended badly after every test had passed", () => {
  const { passed, failed, notes } = judge(run, 134, "SIGABRT", bothPass);
  assert.deepEqual([passed, failed], [2, 1]);
  assert.match(notes.join(), /SIGABRT/);
});

test("judge reports when the time limit ended a run", () => {
  assert.match(judge(run, 124, null, "").notes.join(), /limit of 7 s/);
});

test("OutputTail keeps the end of what it was given", () => {
  const tail = new OutputTail();
  for (let i = 0; i < 40; i++) tail.write(new Uint8Array(1 << 16).fill(i));
  const kept = tail.chunks();
  assert.equal(kept.at(-1)?.[0], 39);
  const bytes = kept.reduce((sum, chunk) => sum + chunk.length, 0);
  assert.ok(bytes >= 1 << 20 && bytes <= (1 << 20) + (1 << 16), `${bytes} bytes were kept`);
});
