import { endText, lastOf, start } from "../process.ts";
import type { Cycle, Memory } from "../programs/cycles.ts";
import type { Row } from "../row.ts";
import { exceeds, trendOf } from "../slope.ts";

const CYCLES = 1_000;
/** Pools, heaps and compiled code grow during these. */
const WARM_UP = 200;
const LIMIT_KB = 1;
/** A slope over fewer cycles says nothing. */
const LEAST_CYCLES = 200;
/** A cycle and the end of the program. */
const WIND_DOWN_MS = 90_000;

/** Connect, media and disconnect, many times in one process. */
export const cycles: Row = {
  name: "cycles",
  what: `connect, media, disconnect, ${CYCLES} times in one process, codecs and transports in turn`,
  asked: "no failure; RSS in use ≤ 1 kB a cycle, client and server",
  on: "each",
  weight: 4,
  async run(context) {
    const seconds = context.minutes * 60;
    await using server = start(context, context.command("server.ts"));
    const url = await server.line("listening ");
    const words = context.command("cycles.ts", url, String(CYCLES), String(seconds));
    await using child = start(context, words);
    const began = performance.now();
    const kb: Record<"client" | "heap" | "server", [number, number][]> = {
      client: [],
      heap: [],
      server: [],
    };
    let [count, failures, at] = [0, 0, 0];
    const readMemory = ({ cycles, rssKb, heapKb }: Memory) => {
      kb.client.push([cycles, rssKb]);
      kb.heap.push([cycles, heapKb]);
      at = cycles;
      // The server prints its own.
      server.kill("SIGUSR2");
    };
    server.onLine = (line) => {
      const [, rssKb] = /^memory (.*)$/.exec(line) ?? [];
      if (rssKb !== undefined) kb.server.push([at, Number(rssKb)]);
    };
    child.onLine = (line) => {
      const [word = "", text = ""] = line.split(/ (.*)/);
      if (word === "memory") readMemory(JSON.parse(text) as Memory);
      if (word !== "cycle") return;
      const { number, error } = JSON.parse(text) as Cycle;
      count = number + 1;
      if (error !== undefined) {
        failures++;
        context.found({ what: `cycle ${number}: ${error}` });
      }
      const passed = (performance.now() - began) / 1_000 / seconds;
      context.progress(Math.max(count / CYCLES, passed), `${count} cycles, ${failures} failures`);
    };
    const end = await child.ended(seconds * 1_000 + WIND_DOWN_MS);
    if (end.code !== 0) {
      context.found({ what: `after ${count} cycles: ${endText(end)}: ${lastOf(child)}` });
    }
    const line = child.lines.find((line) => line.startsWith("left "))?.slice("left ".length);
    for (const [what, left] of Object.entries(JSON.parse(line ?? "{}") as Record<string, number>)) {
      if (left > 0) context.found({ what: `${left} ${what} are left after ${count} cycles` });
    }
    if (server.pid === undefined) context.found({ what: `the server ended: ${lastOf(server)}` });
    const figures: Record<string, number> = { cycles: count, failures };
    const texts = [`${count} cycles, ${failures} failures`];
    for (const [side, all] of Object.entries(kb)) {
      if (count < WARM_UP + LEAST_CYCLES) continue;
      const trend = trendOf(all.filter(([cycles]) => cycles >= WARM_UP));
      const text = `${trend.slope.toFixed(2)} ± ${(2 * trend.error).toFixed(2)} kB`;
      texts.push(`${side} ${text}`);
      figures[`${side}KbACycle`] = trend.slope;
      figures[`${side}KbACycleError`] = trend.error;
      if (exceeds(trend, LIMIT_KB)) {
        context.found({ what: `the ${side} grows by ${text} a cycle, after the first ${WARM_UP}` });
      }
    }
    if (texts.length === 1) texts.push("too few for a slope");
    return { measured: texts.join("; "), figures };
  },
};
