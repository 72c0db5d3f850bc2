/** Chance, growth and slopes in `make stress`. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { growthOf } from "../stress/growth.ts";
import { Random } from "../stress/random.ts";
import { exceeds, trendOf } from "../stress/slope.ts";

test("Random repeats itself for a seed and a name, and differs for others", () => {
  const draw = (seed: number, name: string) => {
    const random = new Random(seed, name);
    return Array.from({ length: 5 }, () => random.below(1_000));
  };
  assert.deepEqual(draw(1, "storm"), draw(1, "storm"));
  assert.notDeepEqual(draw(1, "storm"), draw(2, "storm"));
  assert.notDeepEqual(draw(1, "storm"), draw(1, "exits"));
  const random = new Random(3);
  const all = Array.from({ length: 20 }, (_, i) => i);
  const other = random.shuffled(all);
  assert.notDeepEqual(other, all);
  assert.deepEqual(other.toSorted((a, b) => a - b), all);
  for (let i = 0; i < 1_000; i++) {
    assert.ok([2, 3].includes(random.pick([2, 3])));
    const between = random.between(5, 6);
    assert.ok(between >= 5 && between < 6);
  }
  assert.throws(() => random.pick([]), RangeError);
});

test("trendOf knows how sure a slope is", () => {
  const line = Array.from({ length: 10 }, (_, x): [number, number] => [x, 3 * x + 1]);
  assert.ok(Math.abs(trendOf(line).slope - 3) < 1e-9);
  assert.ok(trendOf(line).error < 1e-9);
  assert.ok(exceeds(trendOf(line), 2.9));
  assert.ok(!exceeds(trendOf(line), 3.1));
  // By hand: slope 0.8, residuals 2.8 over 2 degrees of freedom, squares 5.
  const { slope, error } = trendOf([[0, 1], [1, 2], [2, 1], [3, 4]]);
  assert.ok(Math.abs(slope - 0.8) < 1e-9);
  assert.ok(Math.abs(error - Math.sqrt(2.8 / 2 / 5)) < 1e-9);
  assert.ok(Number.isNaN(trendOf([[0, 1], [1, 2]]).slope));
});

test("growthOf compares the last quarter with the second, and needs four samples", () => {
  assert.equal(growthOf([1, 5, 9]), 0);
  assert.equal(growthOf([100, 900, 10, 20, 0, 0, 25, 15]), 5);
  assert.equal(growthOf([1, 2, 30, 4]), 2);
  assert.equal(growthOf(Array.from({ length: 1_000_000 }, (_, i) => i)), 500_000);
});
