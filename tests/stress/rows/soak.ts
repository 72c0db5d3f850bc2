import type { Process } from "../../support/child.ts";
import { pause } from "../../support/eventually.ts";
import type { MemoryInUse } from "../../support/memory_in_use.ts";
import type { Report } from "../programs/soak.ts";
import { endText, lastOf, start } from "../process.ts";
import type { Row, RowContext } from "../row.ts";
import { exceeds, type Trend, trendOf } from "../slope.ts";

const SENDERS = 2;
const RECEIVERS = 4;
const LOOK_MS = 5_000;
/** Jitter buffers, bandwidth estimation and lip-sync settle in the first reports. */
const SETTLING_REPORTS = 8;
/** Heaps and pools have come to their size after this, or a third of a shorter run. */
const WARM_UP_S = 3_600;
const DRIFT_MB = 5;
/** In a shorter run what grows is mostly the runtime's: of it, native memory in use alone is judged. */
const LEAST_RSS_S = 1_200;
const STALL_MS = 1_000;
/** EBU R 37. */
const LIP_SYNC_MS = 45;
/** Fewer points say nothing of a drift. */
const LEAST_POINTS = 10;
const KB_IN_MB = 1_000;

/** One process of the soak, and its memory over time. */
interface Watched {
  readonly name: string;
  readonly memory: (MemoryInUse & { readonly at: number })[];
}

/** How much a process has grown since it was warm, in MB. */
interface Drift {
  readonly name: string;
  readonly mb: number;
  /** Of it, JavaScript's objects with garbage, and what was allocated in native code. */
  readonly heapMb: number;
  readonly nativeMb: number;
  /** Whether it is too much beyond doubt. */
  readonly beyond: boolean;
}

/** Undefined when it is too early to say. */
function driftOf({ name, memory }: Watched, seconds: number): Drift | undefined {
  const from = Math.min(WARM_UP_S, seconds / 3);
  const points = memory.filter(({ at }) => at >= from);
  if (points.length < LEAST_POINTS) return undefined;
  const span = points.at(-1)!.at - points[0]!.at;
  const trend = (key: keyof MemoryInUse) =>
    trendOf(points.map((point) => [point.at, point[key]] as const));
  const mb = ({ slope }: Trend) => slope * span / KB_IN_MB;
  const [rss, native] = [trend("rssKb"), trend("nativeKb")];
  const judged = seconds >= LEAST_RSS_S ? rss : native;
  return {
    name,
    mb: mb(rss),
    heapMb: mb(trend("heapKb")),
    nativeMb: mb(native),
    beyond: exceeds(judged, DRIFT_MB * KB_IN_MB / span),
  };
}

const driftText = ({ mb, heapMb, nativeMb }: Drift) =>
  `${mb.toFixed(1)} MB (heap ${heapMb.toFixed(1)}, native ${nativeMb.toFixed(1)})`;

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
    await using server = start(context, context.command("server.ts"));
    const url = await server.line("listening ");
    const memoryUrl = await server.line("memory ");
    await using members = new AsyncDisposableStack();
    const began = performance.now();
    const at = () => (performance.now() - began) / 1_000;
    const watched: Watched[] = [{ name: "server", memory: [] }];
    const running: [string, Process][] = [["server", server]];
    let [frames, stallMs, lipSyncMs] = [0, 0, 0];
    for (let number = 0; number < SENDERS + RECEIVERS; number++) {
      const how = number < SENDERS ? "send" : "receive";
      const one: Watched = { name: `member ${number} (${how})`, memory: [] };
      watched.push(one);
      let reports = 0;
      const child = startMember(context, url, how, (report) => {
        one.memory.push({ ...report, at: at() });
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
      const memory = await (await fetch(memoryUrl)).json() as MemoryInUse;
      watched[0]!.memory.push({ ...memory, at: at() });
      context.progress(
        at() / seconds,
        `${frames} frames, stall ${stallMs.toFixed()} ms, lip-sync ${lipSyncMs.toFixed()} ms`,
      );
      await pause(Math.min(LOOK_MS, Math.max(0, seconds - at()) * 1_000));
    }
    if (frames === 0) context.found({ what: "no receiver got a frame" });
    const drifts = watched.flatMap((one) => driftOf(one, at()) ?? [])
      .toSorted((a, b) => b.mb - a.mb);
    for (const drift of drifts) {
      if (!drift.beyond) continue;
      context.found({ what: `${drift.name} grew by ${driftText(drift)} once it was warm` });
    }
    const [worst] = drifts;
    const drift = worst === undefined
      ? "too short for RSS"
      : `RSS ${driftText(worst)} of ${worst.name}`;
    return {
      measured: `${(seconds / 60).toFixed()} min: ${drift}, stall ≤ ${stallMs.toFixed()} ms, ` +
        `audio against video ≤ ${lipSyncMs.toFixed()} ms`,
      figures: {
        frames,
        stallMs,
        lipSyncMs,
        ...(worst === undefined ? {} : { driftMb: worst.mb }),
      },
    };
  },
};
