/**
 * The two cores of a measurement: one for what is measured, one for what loads it.
 *
 * @module
 */

import { readFileSync } from "node:fs";

/** Words that start a program on the first core that this process may use. */
export const ON_SERVER_CORE: readonly string[] = pinned(0);

/** Words that start a program on the last core that this process may use. */
export const ON_LOAD_CORE: readonly string[] = pinned(-1);

function pinned(index: number): string[] {
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
  const cores = (list ?? "0").split(",").flatMap((range) => range.split("-").map(Number));
  return ["taskset", "--cpu-list", String(cores.at(index) ?? 0)];
}
