import assert from "node:assert/strict";
import { test } from "node:test";
import { isReached, type Measurement } from "../../bench/measurement.ts";
import { showTable } from "../../bench/table.ts";

const rate = { name: "rate", unit: "frames/s", limit: 30, limitIs: "sent" } as const;
const cases: readonly (readonly [Measurement, boolean | undefined, string])[] = [
  [{ ...rate, value: 25, reach: { least: 25 } }, true, "≥ 25 frames/s: reached"],
  [{ ...rate, value: 24.9, reach: { least: 25 } }, false, "≥ 25 frames/s: MISSED"],
  [{ ...rate, value: 25, reach: { value: 25 } }, true, "≤ 25 frames/s: reached"],
  [{ ...rate, value: 25.1, reach: { value: 25 } }, false, "≤ 25 frames/s: MISSED"],
  [{ ...rate, value: 33, reach: { ratio: 1.1 } }, true, "≤ 1.1 times: reached"],
  [{ ...rate, value: 34, reach: { ratio: 1.1 } }, false, "≤ 1.1 times: MISSED"],
  [{ ...rate, value: 34 }, undefined, "1.13   "],
];

test("isReached and showTable judge a figure by the kind of what it shall reach", () => {
  for (const [measurement, reached, verdict] of cases) {
    assert.equal(isReached(measurement), reached, verdict);
    const table = showTable([{ ...measurement, runtime: "deno" }]);
    assert.ok(table.includes(verdict), table);
  }
});
