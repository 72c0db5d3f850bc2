import { availableParallelism } from "node:os";
import { eventually } from "../../support/eventually.ts";
import { endText, lastOf, start } from "../process.ts";
import type { Row } from "../row.ts";
import { StressServer } from "../server.ts";

/** From the last join to the program's end. */
const WIND_DOWN_MS = 120_000;
const GONE_MS = 20_000;

/** Members join and leave at random while both cores are busy. */
export const storm: Row = {
  name: "storm",
  what: "12 members join and leave at random with mixed codecs while all cores are busy",
  asked: "no failure, nobody left behind",
  on: "each",
  weight: 6,
  async run(context) {
    const { seed, minutes } = context;
    const seconds = minutes * 60;
    await using server = await StressServer.start(context);
    await using load = new AsyncDisposableStack();
    for (let core = 0; core < availableParallelism(); core++) {
      // Behind the members, so that the machine is busy with whatever they leave.
      load.use(start(context, ["nice", "-n", "5", "sh", "-c", "while :; do :; done"]));
    }
    const words = context.command("storm.ts", server.url, String(seed), String(seconds));
    await using child = start(context, words);
    const began = performance.now();
    let [joined, failures] = [0, 0];
    child.onLine = (line) => {
      const [, count] = /^joined (\d+)$/.exec(line) ?? [];
      if (line.startsWith("failure ")) {
        failures++;
        context.found({ what: JSON.parse(line.slice("failure ".length)) as string });
      }
      if (count === undefined) return;
      joined = Number(count);
      const passed = (performance.now() - began) / 1_000 / seconds;
      context.progress(passed, `${joined} joins, ${failures} failures`);
    };
    const end = await child.ended(seconds * 1_000 + WIND_DOWN_MS);
    if (end.code !== 0) {
      context.found({ what: `after ${joined} joins: ${endText(end)}: ${lastOf(child)}` });
    }
    let left = 0;
    const gone = async () => (left = await server.connections()) === 0;
    await eventually("an empty channel", gone, GONE_MS).catch(() => {
      context.found({ what: `${left} connections are left behind on the server` });
    });
    return {
      measured: `${joined} joins, ${failures} failures, ${left} left behind`,
      figures: { joins: joined, failures, left },
    };
  },
};
