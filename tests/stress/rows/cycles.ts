import { endText, lastOf, start } from "../process.ts";
import type { Cycle } from "../programs/cycles.ts";
import type { Row } from "../row.ts";
import { StressServer } from "../server.ts";
import { exceeds, trendOf } from "../slope.ts";

const CYCLES = 1_000;
/** Pools, heaps and compiled code grow during these. */
const WARM_UP = 200;
const LIMIT_KB = 1;
/** A cycle and the end of the program. */
const WIND_DOWN_MS = 90_000;
/** Cycles from one look at the server's memory to the next. */
const SERVER_EVERY = 5;
/** A slope over fewer cycles says nothing. */
const LEAST_CYCLES = 200;

/** Connect, media and disconnect, many times in one process. */
export const cycles: Row = {
  name: "cycles",
  what: `connect, media, disconnect, ${CYCLES} times in one process, codecs and transports in turn`,
  asked: "no failure; RSS ≤ 1 kB a cycle, client and server",
  on: "each",
  weight: 4,
  async run(context) {
    const seconds = context.minutes * 60;
    await using server = await StressServer.start(context);
    const words = context.command("cycles.ts", server.url, String(CYCLES), String(seconds));
    await using child = start(context, words);
    const began = performance.now();
    const rss: Record<"client" | "server", [number, number][]> = { client: [], server: [] };
    let [count, failures] = [0, 0];
    child.onLine = (line) => {
      if (!line.startsWith("cycle ")) return;
      const { number, rssKb, error } = JSON.parse(line.slice("cycle ".length)) as Cycle;
      count = number + 1;
      rss.client.push([number, rssKb]);
      if (error !== undefined) {
        failures++;
        context.found({ what: `cycle ${number}: ${error}` });
      }
      const passed = (performance.now() - began) / 1_000 / seconds;
      context.progress(Math.max(count / CYCLES, passed), `${count} cycles, ${failures} failures`);
      if (number % SERVER_EVERY !== 0) return;
      server.residentMb().then(
        (mb) => rss.server.push([number, mb * 1_000]),
        // Whether it runs is asked in the end.
        () => {},
      );
    };
    const end = await child.ended(seconds * 1_000 + WIND_DOWN_MS);
    if (end.code !== 0) {
      context.found({ what: `after ${count} cycles: ${endText(end)}: ${lastOf(child)}` });
    }
    const line = child.lines.find((line) => line.startsWith("left "))?.slice("left ".length);
    for (const [what, left] of Object.entries(JSON.parse(line ?? "{}") as Record<string, number>)) {
      if (left > 0) context.found({ what: `${left} ${what} are left after ${count} cycles` });
    }
    if (!server.runs) context.found({ what: `the server ended: ${server.errors}` });
    const figures: Record<string, number> = { cycles: count, failures };
    const texts = [`${count} cycles, ${failures} failures`];
    for (const side of ["client", "server"] as const) {
      const points = rss[side].filter(([number]) => number >= WARM_UP);
      if (count < WARM_UP + LEAST_CYCLES) continue;
      const trend = trendOf(points);
      const text = `${trend.slope.toFixed(2)} ± ${(2 * trend.error).toFixed(2)} kB`;
      texts.push(`${side} ${text}`);
      figures[`${side}KbACycle`] = trend.slope;
      figures[`${side}KbACycleError`] = trend.error;
      if (exceeds(trend, LIMIT_KB)) {
        context.found({
          what: `the ${side} grows by ${text} a cycle, after the first ${WARM_UP}`,
        });
      }
    }
    if (texts.length === 1) texts.push("too few for a slope");
    return { measured: texts.join("; "), figures };
  },
};
