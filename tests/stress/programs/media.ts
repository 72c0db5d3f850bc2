/**
 * The row `media`: of each codec, datagrams are changed on their way after they were encrypted, frames before, and members send
 * authentic packets, of media and of data channels, that make no sense.
 *
 * @module
 */

import { h265Library, openh264Files } from "../../support/codec_libraries.ts";
import { pause } from "../../support/eventually.ts";
import { Mutator } from "../../support/mutations.ts";
import { existsSync } from "node:fs";
import type { RowResult } from "../row.ts";
import { Chunker, type Intruder, Mimic } from "./media_intruders.ts";
import { type Changed, MediaStage } from "./media_stage.ts";
import { errorText, runTask, type Task } from "./task.ts";

/** What is changed. Those that leave the sender as it is come first, since they share one. */
const HOWS = ["datagrams", "packets", "chunks", "frames"] as const;
type How = typeof HOWS[number];

/** One kind of change of one codec's media. */
interface Turn {
  readonly codec: string;
  readonly how: How;
}

const CODECS = ["VP8", "VP9", "AV1", "H264", "H265"] as const;
/** From one packet of an intruder to the next. */
const STEP_MS = 10;
const SHORTEST_MS = 5_000;
/** What a stage takes to open and a turn to recover, about. */
const OPENS_MS = 5_000;

const INTRUDERS: Partial<
  Record<How, (url: string, codec: string, mutator: Mutator) => Promise<Intruder>>
> = { packets: Mimic.join, chunks: Chunker.join };

function missing(codec: string): boolean {
  if (codec === "H264") return openh264Files.size === 0;
  return codec === "H265" && !existsSync(h265Library);
}

/** One turn. Returns how much was changed. */
async function change(stage: MediaStage, how: How, ms: number): Promise<number> {
  const { changes, options: { codec, seed } } = stage;
  const sum = () => Object.values(changes.counts).reduce((sum, count) => sum + count, 0);
  const [before, framesBefore] = [sum(), stage.last!.changed];
  await using intruder = await INTRUDERS[how]?.(stage.url, codec, new Mutator(seed));
  changes.active = how === "datagrams";
  const end = performance.now() + ms;
  while (performance.now() < end && stage.problems.length === 0) {
    await intruder?.send();
    // The time is the subject.
    await pause(STEP_MS);
  }
  changes.active = false;
  return sum() - before + (stage.last!.changed - framesBefore) + (intruder?.sent ?? 0);
}

async function media(task: Task): Promise<RowResult> {
  const total: Changed = { rtp: 0, rtcp: 0, sctp: 0, other: 0 };
  const all = CODECS.flatMap((codec) => HOWS.map((how): Turn => ({ codec, how })));
  const turns = all.filter(({ codec }) => !missing(codec));
  const isOfSame = ({ options }: MediaStage, { codec, how }: Turn) =>
    options.codec === codec && options.frames === (how === "frames");
  let stage: MediaStage | undefined;
  let [kinds, ms] = [0, 0];
  const close = async () => {
    if (stage === undefined) return;
    for (const kind of Object.keys(total) as (keyof Changed)[]) {
      total[kind] += stage.changes.counts[kind];
    }
    await stage[Symbol.asyncDispose]();
    stage = undefined;
  };
  for (const [index, turn] of turns.entries()) {
    const { codec, how } = turn;
    const text = `${codec}, ${how}`;
    task.progress(text, index / turns.length);
    const seed = stage?.options.seed ?? task.random.below(2 ** 31);
    const left = turns.length - index;
    ms = Math.max(SHORTEST_MS, (task.leftMs - OPENS_MS * left / 2) / left);
    const problem = (what: string) =>
      task.found({ what: `${text} changed (seed ${seed}): ${what}\n${stage?.errors ?? ""}` });
    try {
      if (stage !== undefined && !isOfSame(stage, turn)) await close();
      stage ??= await MediaStage.open({ codec, seed, frames: how === "frames" });
      const changed = await change(stage, how, ms);
      await stage.recovers();
      if (changed > 0) kinds++;
      else problem("nothing was changed");
      for (const what of stage.problems) problem(what);
      if (stage.problems.length > 0) await close();
    } catch (error) {
      problem(errorText(error));
      await close();
    }
  }
  await close();
  const seconds = Math.round(ms / 1_000);
  const { rtp, rtcp, sctp } = total;
  const codecs = turns.length / HOWS.length;
  return {
    measured: `${kinds} of ${all.length} kinds (${codecs} codecs, each with ${HOWS.join(", ")} ` +
      `changed) for about ${seconds} s: ${rtp} RTP, ${rtcp} RTCP and ${sctp} SCTP datagrams among them`,
    figures: { ...total, kinds, allKinds: all.length, codecs, secondsEach: seconds },
  };
}

await runTask("media", media);
