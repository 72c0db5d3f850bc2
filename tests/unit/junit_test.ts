import assert from "node:assert/strict";
import { test } from "node:test";
import { parseJUnit } from "../support/junit.ts";

test("parseJUnit counts Deno's steps and not the suites around them", () => {
  const { cases, files } = parseJUnit(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="deno test" tests="6" failures="2" errors="0" time="0.007">
    <testsuite name="./tests/a_test.ts" tests="4" disabled="0" errors="0" failures="1">
        <testcase name="plain" classname="./tests/a_test.ts" time="0.001" line="3" col="1">
        </testcase>
        <testcase name="outer" classname="./tests/a_test.ts" time="0.001" line="4" col="1">
        </testcase>
        <testcase name="suite" classname="./tests/a_test.ts" time="0.003" line="5" col="1">
            <failure message="1 test step failed">1 test step failed.</failure>
        </testcase>
        <testcase name="outer &gt; inner" classname="./tests/a_test.ts" time="0.000" line="4" col="39">
        </testcase>
    </testsuite>
    <testsuite name="ext:deno_node/testing.ts" tests="2" disabled="0" errors="0" failures="1">
        <testcase name="suite &gt; one" classname="ext:deno_node/testing.ts" time="0.000" line="1" col="1">
        </testcase>
        <testcase name="suite &gt; two" classname="ext:deno_node/testing.ts" time="0.001" line="1" col="1">
            <failure message="Uncaught AssertionError: 1 !== 2">AssertionError: &lt;testcase name=&quot;no&quot;&gt;</failure>
        </testcase>
    </testsuite>
</testsuites>`);
  assert.deepEqual(cases.map((one) => [one.name, one.outcome]), [
    ["plain", "passed"],
    ["outer > inner", "passed"],
    ["suite > one", "passed"],
    ["suite > two", "failed"],
  ]);
  assert.ok(files.has("tests/a_test.ts"));
});

test("parseJUnit keeps a suite that failed by itself", () => {
  const { cases } = parseJUnit(`<testsuites><testsuite name="./a_test.ts">
    <testcase name="suite" classname="./a_test.ts"><failure message="the hook threw"></failure></testcase>
    <testcase name="suite &gt; one" classname="./a_test.ts"></testcase>
  </testsuite></testsuites>`);
  assert.deepEqual(cases.map((one) => one.outcome), ["failed", "passed"]);
});

test("parseJUnit reads Bun's nested suites, entities and skipped tests", () => {
  const { cases, files } = parseJUnit(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="bun test" tests="3" assertions="0" failures="1" skipped="1" time="0.04">
  <testsuite name="tests/a_test.ts" file="tests/a_test.ts" tests="3">
    <testcase name="a &amp; b" classname="" time="0.0007" file="tests/a_test.ts" line="3" assertions="0" />
    <testsuite name="suite" file="tests/a_test.ts" line="5" tests="2">
      <testcase name="one" classname="suite" time="0" file="tests/a_test.ts" line="5"><skipped /></testcase>
      <testcase name="two" classname="suite" time="0" file="tests/a_test.ts" line="5">
        <failure type="AssertionError" message="1 !== 2&#10;">AssertionError</failure>
      </testcase>
    </testsuite>
  </testsuite>
</testsuites>`);
  assert.deepEqual(cases.map((one) => [one.name, one.outcome]), [
    ["a & b", "passed"],
    ["suite > one", "skipped"],
    ["suite > two", "failed"],
  ]);
  assert.deepEqual([...files], ["tests/a_test.ts"]);
});

test("parseJUnit finds nothing in an empty report", () => {
  assert.deepEqual(parseJUnit("").cases, []);
});
