import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "../../base/random.ts";

const take = (seed: number, count: number) => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, random);
};

test("seededRandom gives the same numbers for the same seed, and others for others", () => {
  assert.deepEqual(take(7, 100), take(7, 100));
  assert.notDeepEqual(take(7, 100), take(8, 100));
  assert.deepEqual(take(2 ** 32 + 7, 100), take(7, 100));
});

test("seededRandom spreads evenly from 0 up to 1", () => {
  const counts = new Array<number>(16).fill(0);
  for (const value of take(1, 16_000)) {
    assert.ok(value >= 0 && value < 1, `${value}`);
    counts[Math.floor(value * 16)]!++;
  }
  // Each of 16 shares has 1,000 expected, with a standard deviation of 31.
  for (const count of counts) assert.ok(count > 840 && count < 1_160, `${counts}`);
});
