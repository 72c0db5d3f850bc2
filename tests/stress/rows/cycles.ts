import { endText, lastOf, start } from "../process.ts";
import type { Cycle, Memory } from "../programs/cycles.ts";
import { GIVING_BACK } from "../../support/memory_in_use.ts";
import type { Row } from "../row.ts";
import { exceeds, trendOf } from "../slope.ts";

const CYCLES = 1_000;
/** Pools, heaps and compiled code grow during these. */
const WARM_UP = 200;
const LIMIT_KB = 1;
/** A slope over fewer cycles says nothing. */
const LEAST_CYCLES = 200;
const SIDES = ["client", "server"] as const;
/** All of it, and what can be told exactly: the rest of resident memory is pages that something else than these keeps. */
const KINDS = [["RSS", "rssKb"], ["heap", "heapKb"], ["native", "nativeKb"]] as const;
/** A cycle and the end of the program. */
const WIND_DOWN_MS = 90_000;

/** Connect, media and disconnect, many times in one process. */
export const cycles: Row = {
  name: "cycles",
  what: `connect, media, disconnect, ${CYCLES} times in one process, codecs and transports in turn`,
  asked: "no failure; RSS, heap, native memory ≤ 1 kB a cycle, client and server",
  on: "each",
  weight: 5,
  async run(context) {
    const seconds = context.minutes * 60;
    await using server = start(context, context.command("server.ts"), GIVING_BACK);
    const urls = [await server.line("listening "), await server.line("memory ")];
    const words = context.command("cycles.ts", ...urls, String(CYCLES), String(seconds));
    await using child = start(context, words, GIVING_BACK);
    const began = performance.now();
    const memories: Memory[] = [];
    let [count, failures] = [0, 0];
    child.onLine = (line) => {
      const [word = "", text = ""] = line.split(/ (.*)/);
      if (word === "memory") memories.push(JSON.parse(text) as Memory);
      if (word !== "cycle") return;
      const { number, error } = JSON.parse(text) as Cycle;
      count = number + 1;
      if (error !== undefined) {
        failures++;
        context.found({ what: `cycle ${number}: ${error}` });
      }
      const passed = (performance.now() - began) / 1_000 / seconds;
      context.progress(
        Math.max(count / CYCLES, passed),
        `${count} of ${CYCLES} cycles, ${failures} failures`,
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
    if (server.pid === undefined) context.found({ what: `the server ended: ${lastOf(server)}` });
    const figures: Record<string, number> = { cycles: count, failures };
    const texts = [`${count} of ${CYCLES} cycles, ${failures} failures`];
    for (const side of count < WARM_UP + LEAST_CYCLES ? [] : SIDES) {
      const warm = memories.filter(({ cycles }) => cycles >= WARM_UP);
      const slopes = KINDS.map(([kind, key]) => {
        const trend = trendOf(warm.map((memory) => [memory.cycles, memory[side][key]] as const));
        figures[`${side}${kind}KbACycle`] = trend.slope;
        figures[`${side}${kind}KbACycleError`] = trend.error;
        const text = `${trend.slope.toFixed(2)} ± ${(2 * trend.error).toFixed(2)}`;
        if (exceeds(trend, LIMIT_KB)) {
          const what = `${kind} of the ${side} grows by ${text} kB a cycle, after the first`;
          context.found({ what: `${what} ${WARM_UP}` });
        }
        return `${kind} ${text}`;
      });
      texts.push(`${side}, kB a cycle: ${slopes.join(", ")}`);
    }
    if (texts.length === 1) texts.push("too few for a slope");
    return { measured: texts.join("; "), figures };
  },
};
