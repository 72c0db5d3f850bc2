/**
 * The row `media`: of each codec, datagrams are changed on their way after they were encrypted, frames before, and a member sends
 * changed packets of its own.
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
import { TestClient } from "../../support/sfu_client.ts";
import type { RowResult } from "../row.ts";
import type { Flow } from "./media_flow.ts";
import { errorText, runTask, type Task } from "./task.ts";

const serverProgram = new URL("../../support/hostile_server_program.ts", import.meta.url);
const flowProgram = new URL("media_flow.ts", import.meta.url);

/** What is changed. */
const HOWS = ["datagrams", "frames", "packets"] as const;
type How = typeof HOWS[number];

const CODECS = ["VP8", "VP9", "AV1", "H264"] as const;
/** One datagram in so many is changed. */
const CHANGED = 20;
const KEPT = 64;
/** From one packet of a mimic to the next. */
const STEP_MS = 10;
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

/** A member that sends what others send again, changed: authentic packets whose payloads make no sense. */
class Mimic implements AsyncDisposable {
  readonly #client: TestClient;
  readonly #mutator: Mutator;
  readonly #payloads: Buffer[] = [];
  #timestamp = 0;

  private constructor(client: TestClient, seed: number) {
    this.#client = client;
    this.#mutator = new Mutator(seed);
  }

  static async join(url: string, codec: string, seed: number): Promise<Mimic> {
    const room = { role: "sendrecv", channel_id: "media", video: { codec_type: codec } };
    return new Mimic(await TestClient.join(url, room), seed);
  }

  /** Sends one packet, once it has heard some. */
  send(): void {
    const { packets } = this.#client;
    for (const { kind, payload } of packets.splice(0)) {
      if (kind === "video") this.#payloads[this.#mutator.integer(KEPT)] = payload;
    }
    const heard = this.#payloads.filter((payload) => payload !== undefined);
    if (heard.length === 0) return;
    const payload = this.#mutator.bytes(heard).subarray(0, 1_200);
    // Several packets of a frame have the same.
    if (this.#mutator.once(3)) this.#timestamp = (this.#timestamp + 3_000) >>> 0;
    this.#client.sendRtp("video", payload, this.#timestamp);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#client.cut();
  }
}

/** One codec for a while. Returns how many datagrams were changed. */
async function prove(
  task: Task,
  { codec, ms, seed, how }: { codec: string; ms: number; seed: number; how: How },
): Promise<Changed> {
  await using server = new Child(serverProgram);
  const url = await server.line("listening ");
  const changes = new Changes(seed);
  await using relay = await startDatagramRelay({
    target: url,
    loses: () => false,
    changes: (datagram) => changes.apply(datagram),
    seed,
  });
  await using flow = new Child(flowProgram, [
    relay.url,
    codec,
    String(how === "frames" ? seed : 0),
  ]);
  const flows = new Records<Flow>(flow, "flow ");
  const what = `${codec}, ${how} changed (seed ${seed})`;
  const problems = () => flow.lines.filter((line) => line.startsWith("ended "));
  try {
    await eventually("media", () => {
      const last = flows.read().at(-1);
      return last !== undefined && Object.values(last).every((count) => count > 0);
    }, STARTS_MS);
    {
      await using mimic = how === "packets" ? await Mimic.join(url, codec, seed) : undefined;
      changes.active = how === "datagrams";
      const end = performance.now() + ms;
      while (performance.now() < end && problems().length === 0) {
        mimic?.send();
        // The time is the subject.
        await pause(STEP_MS);
      }
      changes.active = false;
    }
    const before = flows.read().at(-1)!;
    await eventually("media afterwards", () => {
      const now = flows.read().at(-1)!;
      return problems().length > 0 ||
        (now.frames > before.frames && now.blocks > before.blocks &&
          now.messages > before.messages);
    }, RECOVERS_MS);
    for (const problem of problems()) task.found({ what: `${what}: ${problem}` });
  } catch (error) {
    task.found({
      what: `${what}: ${errorText(error)}; ${problems()}\n${flow.errors}\n${server.errors}`,
    });
  }
  return changes.counts;
}

async function media(task: Task): Promise<RowResult> {
  const codecs = CODECS.filter((codec) => codec !== "H264" || openh264Files.size > 0);
  const total: Changed = { rtp: 0, rtcp: 0, dtls: 0, other: 0 };
  const turns = codecs.flatMap((codec) => HOWS.map((how) => ({ codec, how })));
  const ms = Math.max(SHORTEST_MS, task.leftMs / turns.length - SHORTEST_MS);
  for (const [index, turn] of turns.entries()) {
    task.progress(`${turn.codec}, ${turn.how}`, index / turns.length);
    const counts = await prove(task, { ...turn, ms, seed: task.random.below(2 ** 31) });
    for (const kind of Object.keys(total) as (keyof Changed)[]) total[kind] += counts[kind];
  }
  const seconds = Math.round(ms / 1_000);
  return {
    measured: `${codecs.join(", ")}, ${seconds} s for each of datagrams, frames and packets: ` +
      `${total.rtp} RTP, ${total.rtcp} RTCP and ${total.dtls} DTLS datagrams changed`,
    figures: { ...total, codecs: codecs.length, secondsEach: seconds },
  };
}

await runTask("media", media);
