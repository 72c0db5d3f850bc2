/**
 * Whether something grows, from figures that vary.
 *
 * @module
 */

import { mean, slopeOf } from "../../demo/statistics.ts";

/** A line through points. */
export interface Trend {
  /** By least squares. */
  readonly slope: number;
  /** The standard error of the slope, as if the points varied independently. */
  readonly error: number;
}

/** Fits a line through at least three points; NaN of fewer. */
export function trendOf(points: readonly (readonly [x: number, y: number])[]): Trend {
  const slope = slopeOf(points);
  if (points.length < 3) return { slope: NaN, error: NaN };
  const [meanX, meanY] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  let [residuals, squares] = [0, 0];
  for (const [x, y] of points) {
    residuals += (y - meanY - slope * (x - meanX)) ** 2;
    squares += (x - meanX) ** 2;
  }
  return { slope, error: Math.sqrt(residuals / (points.length - 2) / squares) };
}

/** Whether a trend is above a limit beyond doubt: by three standard errors. */
export function exceeds({ slope, error }: Trend, limit: number): boolean {
  return slope - 3 * error > limit;
}
