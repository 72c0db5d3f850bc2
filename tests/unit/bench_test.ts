import assert from "node:assert/strict";
import { test } from "node:test";
import { doubling, inTurns, isReached, type Measurement } from "../../bench/measurement.ts";
import { slopeOf } from "../../demo/statistics.ts";
import { showTable } from "../../bench/table.ts";

const rate = { name: "rate", unit: "frames/s", limit: 30, limitIs: "sent" } as const;
const slope = { name: "slope", unit: "kB a frame", limit: 115, limitIs: "a frame" } as const;
const cases: readonly (readonly [Measurement, boolean | undefined, string])[] = [
  [{ ...rate, value: 25, reach: { least: 25 } }, true, "≥ 25 frames/s: reached"],
  [{ ...rate, value: 24.9, reach: { least: 25 } }, false, "≥ 25 frames/s: MISSED"],
  [{ ...rate, value: 25, reach: { value: 25 } }, true, "≤ 25 frames/s: reached"],
  [{ ...rate, value: 25.1, reach: { value: 25 } }, false, "≤ 25 frames/s: MISSED"],
  [{ ...rate, value: 33, reach: { ratio: 1.1 } }, true, "≤ 1.1 times: reached"],
  [{ ...rate, value: 34, reach: { ratio: 1.1 } }, false, "≤ 1.1 times: MISSED"],
  [{ ...slope, value: -1, reach: { within: 1 } }, true, "0 ± 1 kB a frame: reached"],
  [{ ...slope, value: 1, reach: { within: 1 } }, true, "0 ± 1 kB a frame: reached"],
  [{ ...slope, value: -1.01, reach: { within: 1 } }, false, "0 ± 1 kB a frame: MISSED"],
  [{ ...slope, value: 1.01, reach: { within: 1 } }, false, "0 ± 1 kB a frame: MISSED"],
  [{ ...rate, value: 34, ratio: 1.05, reach: { ratio: 1.1 } }, true, "1.05  ≤ 1.1 times: reached"],
  [{ ...rate, value: 33, ratio: 1.15, reach: { ratio: 1.1 } }, false, "1.15  ≤ 1.1 times: MISSED"],
  [{ ...rate, value: 34 }, undefined, "1.13   "],
];

test("isReached and showTable judge a figure by the kind of what it shall reach", () => {
  for (const [measurement, reached, verdict] of cases) {
    assert.equal(isReached(measurement), reached, verdict);
    const table = showTable([{ ...measurement, runtime: "deno" }]);
    assert.ok(table.includes(verdict), table);
  }
});

test("inTurns takes the ratio of each turn, so that it holds where the machine is slow half of the time", () => {
  const limits = [10, 20, 10, 20, 20];
  const values = [...limits.map((limit) => limit * 1.1), 11, 11];
  const { value, limit, ratio } = inTurns(values, limits);
  assert.deepEqual([value, limit], [11, 20]);
  assert.ok(Math.abs(ratio - 1.1) < 1e-9, String(ratio));
});

test("slopeOf fits a line by least squares", () => {
  assert.equal(slopeOf([[0, 5], [10, 25], [20, 45]]), 2);
  // By hand: the means are 1.5 and 2, the products sum to 4, the squares to 5.
  assert.equal(slopeOf([[0, 1], [1, 2], [2, 1], [3, 4]]), 0.8);
  assert.equal(slopeOf([[1, 7], [2, 7], [3, 7]]), 0);
});

test("doubling is what all together grow by when there are twice as many, over any number of doublings", () => {
  assert.equal(doubling([3, 1], [6, 2]), 2);
  assert.equal(doubling([10, 4], [90, 16]), 3);
  assert.equal(doubling([7, 1], [7, 64]), 1);
  // By hand: one and a half doublings, and 8 = 4^1.5.
  assert.ok(Math.abs(doubling([1, 1], [8, 2 ** 1.5]) - 4) < 1e-9);
});
