/**
 * Whether something that goes up and down goes up in the long run.
 *
 * @module
 */

/**
 * What the highest of the last quarter is above the highest of the second: by then pools, caches and compiled code are there. 0 when
 * there are fewer than four samples.
 */
export function growthOf(samples: readonly number[]): number {
  const quarter = Math.floor(samples.length / 4);
  if (quarter === 0) return 0;
  // Of a night there are more than a call takes arguments.
  const highest = (some: readonly number[]) => some.reduce((most, one) => Math.max(most, one));
  return highest(samples.slice(-quarter)) - highest(samples.slice(quarter, 2 * quarter));
}
