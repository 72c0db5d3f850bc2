import type { Process } from "../../support/child.ts";
import { pause } from "../../support/eventually.ts";
import type { Report } from "../programs/soak.ts";
import { endText, lastOf, start } from "../process.ts";
import type { Row, RowContext } from "../row.ts";
import { StressServer } from "../server.ts";
import { exceeds, trendOf } from "../slope.ts";

const SENDERS = 2;
const RECEIVERS = 4;
const LOOK_MS = 5_000;
/** Jitter buffers, bandwidth estimation and lip-sync settle in the first reports. */
const SETTLING_REPORTS = 4;
/** Heaps and pools have come to their size after this, or a third of a shorter run. */
const WARM_UP_S = 3_600;
const DRIFT_MB = 5;
const STALL_MS = 1_000;
/** EBU R 37. */
const LIP_SYNC_MS = 45;
/** Fewer points say nothing of a drift. */
const LEAST_POINTS = 10;
const KB_IN_MB = 1_000;

/** One process of the soak, and its memory over time. */
interface Watched {
  readonly name: string;
  readonly rss: [seconds: number, kb: number][];
}

/** How much a process has grown since it was warm, in MB; NaN when it is too early to say. */
function driftOf({ rss }: Watched, seconds: number): { mb: number; beyond: boolean } {
  const from = Math.min(WARM_UP_S, seconds / 3);
  const points = rss.filter(([at]) => at >= from);
  if (points.length < LEAST_POINTS) return { mb: NaN, beyond: false };
  const span = points.at(-1)![0] - points[0]![0];
  const trend = trendOf(points);
  return {
    mb: trend.slope * span / KB_IN_MB,
    beyond: exceeds(trend, DRIFT_MB * KB_IN_MB / span),
  };
}

/** A member, whose reports go to `onReport`. */
function startMember(
  context: RowContext,
  url: string,
  how: "send" | "receive",
  onReport: (report: Report) => void,
): Process {
  const child = start(context, context.command("soak.ts", url, how));
  child.onLine = (line) => {
    if (line.startsWith("report ")) onReport(JSON.parse(line.slice("report ".length)) as Report);
  };
  return child;
}

/** Some members stay for long. */
export const soak: Row = {
  name: "soak",
  what:
    `${SENDERS} senders and ${RECEIVERS} receivers of 720p with audio, for as long as --hours says`,
  asked: `RSS ≤ ${DRIFT_MB} MB, no stall > 1 s, audio against video ≤ ${LIP_SYNC_MS} ms`,
  on: "each",
  weight: 4,
  takesHours: true,
  async run(context) {
    const seconds = context.minutes * 60;
    await using server = await StressServer.start(context);
    await using members = new AsyncDisposableStack();
    const began = performance.now();
    const at = () => (performance.now() - began) / 1_000;
    const watched: Watched[] = [{ name: "server", rss: [] }];
    const running: [string, Process][] = [];
    let [frames, stallMs, lipSyncMs] = [0, 0, 0];
    for (let number = 0; number < SENDERS + RECEIVERS; number++) {
      const how = number < SENDERS ? "send" : "receive";
      const one: Watched = { name: `member ${number} (${how})`, rss: [] };
      watched.push(one);
      let reports = 0;
      const child = startMember(context, server.url, how, (report) => {
        one.rss.push([at(), report.rssKb]);
        for (const error of report.errors) context.found({ what: `${one.name}: ${error}` });
        if (how === "send" || ++reports <= SETTLING_REPORTS) return;
        frames += report.frames;
        const when = `${one.name}, after ${at().toFixed()} s`;
        if (report.stallMs > STALL_MS) {
          context.found({ what: `${when}: no frame for ${report.stallMs.toFixed()} ms` });
        }
        if (report.lipSyncMs > LIP_SYNC_MS) {
          context.found({
            what: `${when}: audio and video are ${report.lipSyncMs.toFixed()} ms apart`,
          });
        }
        stallMs = Math.max(stallMs, report.stallMs);
        lipSyncMs = Math.max(lipSyncMs, report.lipSyncMs);
      });
      members.use(child);
      running.push([one.name, child]);
      await child.line("ready", 60_000);
    }
    while (at() < seconds && !context.signal.aborted) {
      for (const [name, child] of running) {
        if (child.pid !== undefined) continue;
        const end = endText(await child.ended());
        throw new Error(`${name} ended after ${at().toFixed()} s: ${end}: ${lastOf(child)}`);
      }
      watched[0]!.rss.push([at(), await server.residentMb() * KB_IN_MB]);
      context.progress(
        at() / seconds,
        `${frames} frames, stall ${stallMs.toFixed()} ms, lip-sync ${lipSyncMs.toFixed()} ms`,
      );
      await pause(Math.min(LOOK_MS, Math.max(0, seconds - at()) * 1_000));
    }
    if (frames === 0) context.found({ what: "no receiver got a frame" });
    const drifts = watched.map((one) => ({ name: one.name, ...driftOf(one, at()) }));
    for (const { name, mb, beyond } of drifts) {
      if (beyond) context.found({ what: `${name} grew by ${mb.toFixed(1)} MB once it was warm` });
    }
    const known = drifts.map(({ mb }) => mb).filter((mb) => !Number.isNaN(mb));
    const driftMb = known.length === 0 ? undefined : Math.max(...known);
    const drift = driftMb === undefined ? "too short for RSS" : `RSS ${driftMb.toFixed(1)} MB`;
    return {
      measured: `${(seconds / 60).toFixed()} min: ${drift}, stall ≤ ${stallMs.toFixed()} ms, ` +
        `audio against video ≤ ${lipSyncMs.toFixed()} ms`,
      figures: { frames, stallMs, lipSyncMs, ...(driftMb === undefined ? {} : { driftMb }) },
    };
  },
};
