import { endText, lastOf, start } from "../process.ts";
import type { WorkersTask } from "../programs/workers.ts";
import type { Row } from "../row.ts";
import { StressServer } from "../server.ts";

const WORKERS = 500;
const AT_ONCE = 8;
const GO_ON_MS = 10_000;
/** From the last Worker's beginning to the program's end. */
const WIND_DOWN_MS = 150_000;

/** Workers are born and end at random in a process that goes on. */
export const workers: Row = {
  name: "workers",
  what:
    `${WORKERS} Workers, ${AT_ONCE} at a time, end at any moment of media in a process that goes on`,
  asked: "no crash; objects, threads, descriptors at base",
  on: "each",
  weight: 3,
  async run(context) {
    const { seed, minutes } = context;
    const seconds = minutes * 60;
    const task: WorkersTask = {
      count: WORKERS,
      atOnce: AT_ONCE,
      seed,
      goOnMs: GO_ON_MS,
      seconds,
      anyMoment: true,
    };
    await using server = await StressServer.start(context);
    await using child = start(
      context,
      context.command("workers.ts", server.url, JSON.stringify(task)),
    );
    const began = performance.now();
    let ended = 0;
    child.onLine = (line) => {
      const [, count] = /^ended (\d+)$/.exec(line) ?? [];
      if (count === undefined) return;
      ended = Number(count);
      const passed = (performance.now() - began) / 1_000 / seconds;
      context.progress(Math.max(ended / WORKERS, passed), `${ended} of ${WORKERS} Workers ended`);
    };
    const end = await child.ended(seconds * 1_000 + WIND_DOWN_MS);
    if (end.code !== 0) {
      context.found({ what: `after ${ended} Workers: ${endText(end)}: ${lastOf(child)}` });
    }
    const line = child.lines.find((line) => line.startsWith("left "))?.slice("left ".length);
    const left = JSON.parse(line ?? "{}") as Record<string, number>;
    for (const [what, count] of Object.entries(left)) {
      if (count > 0) context.found({ what: `${count} ${what} are left after ${ended} Workers` });
    }
    if (!server.runs) context.found({ what: `the server ended: ${server.errors}` });
    const crashes = end.code === 0 ? 0 : 1;
    const rest = Object.entries(left).map(([what, count]) => `${count} ${what}`).join(", ");
    return {
      measured: `${ended} of ${WORKERS} Workers, ${crashes} crashes, left: ${rest || "unknown"}`,
      figures: { workers: ended, crashes, ...left },
    };
  },
};
