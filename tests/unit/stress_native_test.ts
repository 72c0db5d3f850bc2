/** The native rows of `make stress`: what they read out of what native programs print. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { faultOf, fuzzTargets, inputsOf } from "../stress/rows/fuzz.ts";

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
