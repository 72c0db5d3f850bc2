/** Shares what a path carries among several videos. */

/** What each video would need, at each of its levels: the first is the smallest. */
export type Levels = readonly number[];

/**
 * The level of each video so that all of them fit into `available`. Each has its smallest, whether it
 * fits or not: then the smallest levels are raised first, one step at a time.
 *
 * @param available bit/s
 * @param videos bit/s of their levels, at least one each
 */
export function allocate(available: number, videos: readonly Levels[]): number[] {
  const levels = videos.map(() => 0);
  let left = available - videos.reduce((sum, [least]) => sum + least!, 0);
  const highest = Math.max(0, ...videos.map(({ length }) => length));
  for (let level = 1; level < highest; level++) {
    videos.forEach((video, i) => {
      // One that was left behind is not raised by two steps.
      if (levels[i] !== level - 1 || level >= video.length) return;
      const more = video[level]! - video[level - 1]!;
      if (more > left) return;
      left -= more;
      levels[i] = level;
    });
  }
  return levels;
}
