/**
 * The row `media`: of each codec, datagrams are changed on their way after they were encrypted, and frames before.
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import { openh264Files } from "../../support/codec_libraries.ts";
import { Child } from "../../support/child.ts";
import { isDtls, startDatagramRelay } from "../../support/datagram_relay.ts";
import { eventually, pause } from "../../support/eventually.ts";
import { Records } from "../../support/hostile_arena.ts";
import { Mutator } from "../../support/mutations.ts";
import type { RowResult } from "../row.ts";
import type { Flow } from "./media_flow.ts";
import { errorText, runTask, type Task } from "./task.ts";

const serverProgram = new URL("../../support/hostile_server_program.ts", import.meta.url);
const flowProgram = new URL("media_flow.ts", import.meta.url);

const CODECS = ["VP8", "VP9", "AV1", "H264"] as const;
/** One datagram in so many is changed. */
const CHANGED = 20;
const KEPT = 64;
const SHORTEST_MS = 5_000;
const STARTS_MS = 30_000;
/** Once nothing is changed any more, all flows again within so long: a decoder may wait for a key frame, SCTP for a timer. */
const RECOVERS_MS = 15_000;

/** What was changed, by kind (RFC 7983, RFC 5761). */
interface Changed {
  rtp: number;
  rtcp: number;
  dtls: number;
  other: number;
}

function kindOf(datagram: Uint8Array): keyof Changed {
  if (isDtls(datagram)) return "dtls";
  const [first = 0, second = 0] = datagram;
  if (first < 128 || first > 191) return "other";
  return second >= 192 && second <= 223 ? "rtcp" : "rtp";
}

/** Changes datagrams: in their place or besides them come mutated ones, others' parts, and old ones. */
class Changes {
  readonly counts: Changed = { rtp: 0, rtcp: 0, dtls: 0, other: 0 };
  active = false;
  readonly #mutator: Mutator;
  readonly #recent: Buffer[] = [];

  constructor(seed: number) {
    this.#mutator = new Mutator(seed);
  }

  apply(datagram: Buffer): readonly Buffer[] {
    if (!this.active) return [datagram];
    const mutator = this.#mutator;
    if (this.#recent.length < KEPT) this.#recent.push(datagram);
    else this.#recent[mutator.integer(KEPT)] = datagram;
    if (!mutator.once(CHANGED)) return [datagram];
    this.counts[kindOf(datagram)]++;
    const changed = mutator.once(4)
      ? mutator.pick(this.#recent)
      : mutator.bytes([datagram, mutator.pick(this.#recent)]);
    // Larger than a path carries.
    const sent = changed.subarray(0, 1_500);
    return mutator.once(2) ? [sent] : [datagram, sent];
  }
}

/** One codec for a while. Returns how many datagrams were changed. */
async function prove(
  task: Task,
  { codec, ms, seed, frames }: { codec: string; ms: number; seed: number; frames: boolean },
): Promise<Changed> {
  await using server = new Child(serverProgram);
  const changes = new Changes(seed);
  await using relay = await startDatagramRelay({
    target: await server.line("listening "),
    loses: () => false,
    changes: (datagram) => changes.apply(datagram),
    seed,
  });
  await using flow = new Child(flowProgram, [relay.url, codec, String(frames ? seed : 0)]);
  const flows = new Records<Flow>(flow, "flow ");
  const what = `${codec}, ${frames ? "frames" : "datagrams"} changed (seed ${seed})`;
  const problems = () => flow.lines.filter((line) => line.startsWith("ended "));
  try {
    await eventually("media", () => {
      const last = flows.read().at(-1);
      return last !== undefined && Object.values(last).every((count) => count > 0);
    }, STARTS_MS);
    changes.active = !frames;
    const end = performance.now() + ms;
    while (performance.now() < end && !task.signal.aborted && problems().length === 0) {
      // The time is the subject.
      await pause(100);
    }
    changes.active = false;
    const before = flows.read().at(-1)!;
    await eventually("media afterwards", () => {
      const now = flows.read().at(-1)!;
      return problems().length > 0 ||
        (now.frames > before.frames && now.blocks > before.blocks &&
          now.messages > before.messages);
    }, RECOVERS_MS);
    for (const problem of problems()) task.found({ what: `${what}: ${problem}` });
  } catch (error) {
    if (!task.signal.aborted) {
      task.found({
        what: `${what}: ${errorText(error)}; ${problems()}\n${flow.errors}\n${server.errors}`,
      });
    }
  }
  return changes.counts;
}

async function media(task: Task): Promise<RowResult> {
  const codecs = CODECS.filter((codec) => codec !== "H264" || openh264Files.size > 0);
  const total: Changed = { rtp: 0, rtcp: 0, dtls: 0, other: 0 };
  const ms = Math.max(SHORTEST_MS, task.leftMs / codecs.length / 2 - SHORTEST_MS);
  for (const [index, codec] of codecs.entries()) {
    for (const frames of [false, true]) {
      if (task.signal.aborted) break;
      task.progress(
        `${codec}, ${frames ? "frames" : "datagrams"}`,
        (index + Number(frames) / 2) / codecs.length,
      );
      const counts = await prove(task, { codec, ms, seed: task.random.below(2 ** 31), frames });
      for (const kind of Object.keys(total) as (keyof Changed)[]) total[kind] += counts[kind];
    }
  }
  return {
    measured:
      `${
        codecs.join(", ")
      }: ${total.rtp} RTP, ${total.rtcp} RTCP and ${total.dtls} DTLS packets changed, ` +
      `and one frame in ten for ${Math.round(ms / 1_000)} s each`,
    figures: { ...total, codecs: codecs.length, secondsEach: Math.round(ms / 1_000) },
  };
}

await runTask("media", media);
