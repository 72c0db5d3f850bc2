/** The native rows of `make stress`: what they read out of what native programs print. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { CANARIES } from "../stress/rows/canaries.ts";
import { callsThatFit, sweeps } from "../stress/rows/drivers.ts";
import { faultOf, fuzzTargets, inputsOf } from "../stress/rows/fuzz.ts";
import { totalsOf, valgrind } from "../stress/rows/memory.ts";
import { callsOf, reportsOf } from "../stress/rows/threads.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

test("fuzzTargets finds one in each file at least", () => {
  const folder = `${root}csrc/fuzz`;
  const targets = fuzzTargets(folder);
  const files = readdirSync(folder).filter((name) => name.endsWith("_fuzz.cpp"));
  assert.equal(new Set(targets).size, targets.length);
  assert.ok(targets.length >= files.length, `${targets.length} targets of ${files.length} files`);
  for (const known of ["api", "log", "offer", "sctp", "srtp"]) {
    assert.ok(targets.includes(known), known);
  }
});

test("sweeps finds the tests of every fault that a driver may have, in both directions", () => {
  const found = sweeps(`${root}csrc/tests/hardware/sweep_test.cpp`);
  for (const fault of ["fail", "busy", "lost"]) {
    for (const part of ["encoder", "decoder"]) {
      const pattern = new RegExp(`_${fault}_in_any_call_of_an?_${part}_`);
      assert.equal(found.filter((name) => pattern.test(name)).length, 1, String(pattern));
    }
  }
  assert.ok(found.some((name) => name.includes("while_they_are_opened")));
});

test("callsThatFit is what the time is enough for, and no more calls than there are", () => {
  const first = { calls: 2, seconds: 10 };
  assert.equal(callsThatFit([first], 100), 14);
  assert.equal(callsThatFit([first], 100_000), 200);
  assert.equal(callsThatFit([first], -5), 0);
});

test("callsThatFit tells the time of starting from that of calls", () => {
  // 8 s to start, and 1 s a call.
  const passes = [{ calls: 2, seconds: 10 }, { calls: 12, seconds: 20 }] as const;
  assert.equal(callsThatFit([...passes], 100), 62);
  assert.equal(callsThatFit([...passes], 10), 0);
  assert.equal(callsThatFit([passes[0], { calls: 12, seconds: 9 }], 10), 200);
});

test("faultOf finds the input and the fault in libFuzzer's output", () => {
  const output = `#2	INITED cov: 30
csrc/fuzz/offer_fuzz.cpp:150: this does not hold: answer != nullptr
==12== ERROR: libFuzzer: deadly signal
artifact_prefix='out/fuzz/offer-'; Test unit written to out/fuzz/offer-crash-0a1b
`;
  assert.deepEqual(faultOf(output), {
    input: "out/fuzz/offer-crash-0a1b",
    what: "csrc/fuzz/offer_fuzz.cpp:150: this does not hold: answer != nullptr",
  });
  assert.deepEqual(faultOf("killed"), { what: "killed" });
});

test("inputsOf counts the inputs of a target", () => {
  assert.equal(
    inputsOf("Done\nstat::number_of_executed_units: 12345\nstat::peak_rss_mb: 90\n"),
    12_345,
  );
  assert.equal(inputsOf(""), 0);
});

test("reportsOf lists each report of ThreadSanitizer once", () => {
  const report = (stack: string, what: string) =>
    `WARNING: ThreadSanitizer: data race (pid=7)\n${stack}\nSUMMARY: ThreadSanitizer: ${what}`;
  const race = "data race csrc/core/event_queue.cpp:86:5 in Interrupt";
  const texts = [report("#0 a", race), report("#0 b", race), report("#0 c", "data race in memcpy")];
  const line = "=".repeat(18);
  const output = texts.map((text) => `${line}\n${text}\n${line}\n`).join("ok something\n");
  assert.deepEqual(reportsOf(output), [
    { what: race, text: texts[0] },
    { what: "data race in memcpy", text: texts[2] },
  ]);
  assert.deepEqual(reportsOf("# 99 calls\n1 passed, 0 failed\n"), []);
  assert.equal(callsOf("# SORA_TEST_SEED=1\n# 99 calls\n"), 99);
});

test("totalsOf reads the last line of the C++ tests", () => {
  assert.deepEqual(totalsOf("ok a\n12 passed, 3 failed\n"), { passed: 12, failed: 3 });
  assert.deepEqual(totalsOf("not ok a: crashed\n"), { passed: 0, failed: 0 });
});

test("valgrind runs the tests of a group with an exit code of its own", () => {
  const words = valgrind(["queue_"]);
  assert.equal(words.at(-1), "queue_");
  assert.ok(words.includes("--error-exitcode=99"));
});

test("CANARIES are those that csrc has, each found by what a row runs", () => {
  const planted = (readdirSync(`${root}csrc`, { recursive: true }) as string[])
    .filter((path) => path.endsWith(".cpp"))
    .flatMap((path) => [
      ...readFileSync(`${root}csrc/${path}`, "utf8").matchAll(/IsPlanted\("(\w+)"\)/g),
    ]).map(([, name]) => name).sort();
  assert.deepEqual(CANARIES.map(({ name }) => name).sort(), planted);
});
