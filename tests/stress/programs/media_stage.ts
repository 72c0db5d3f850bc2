/**
 * What the row `media` changes packets of: a server, a sender and a receiver of one codec, and a relay between them.
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import { h265Library } from "../../support/codec_libraries.ts";
import { Child } from "../../support/child.ts";
import { type DatagramRelay, isDtls, startDatagramRelay } from "../../support/datagram_relay.ts";
import { eventually } from "../../support/eventually.ts";
import { Records } from "../../support/hostile_arena.ts";
import { Mutator } from "../../support/mutations.ts";
import type { Flow } from "./media_flow.ts";

const serverProgram = new URL("../../support/hostile_server_program.ts", import.meta.url);
const flowProgram = new URL("media_flow.ts", import.meta.url);

/** One datagram in so many is changed. */
const CHANGED = 20;
const KEPT = 64;
/** Larger than a path carries. */
const LARGEST = 1_500;
const STARTS_MS = 30_000;
/** Once nothing is changed any more, all flows again within so long: a decoder may wait for a key frame, SCTP for a timer. */
const RECOVERS_MS = 15_000;
/** The content type of DTLS records that carry SCTP, once there is a connection (RFC 6347, RFC 8261). */
const APPLICATION_DATA = 23;

/** What was changed, by kind (RFC 7983, RFC 5761). */
export interface Changed {
  rtp: number;
  rtcp: number;
  sctp: number;
  other: number;
}

function kindOf(datagram: Uint8Array): keyof Changed {
  const [first = 0, second = 0] = datagram;
  if (isDtls(datagram)) return first === APPLICATION_DATA ? "sctp" : "other";
  if (first < 128 || first > 191) return "other";
  return second >= 192 && second <= 223 ? "rtcp" : "rtp";
}

/** Changes datagrams: in their place or besides them come mutated ones, others' parts, and old ones. */
class Changes {
  readonly counts: Changed = { rtp: 0, rtcp: 0, sctp: 0, other: 0 };
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
    const sent = changed.subarray(0, LARGEST);
    return mutator.once(2) ? [sent] : [datagram, sent];
  }
}

/** What one is made for. */
export interface StageOptions {
  readonly codec: string;
  readonly seed: number;
  /** Whether the sender changes its encoded frames. */
  readonly frames: boolean;
}

/** All of it. */
export class MediaStage implements AsyncDisposable {
  readonly options: StageOptions;
  /** The signaling URL of the server itself. */
  readonly url: string;
  readonly changes: Changes;
  readonly #started: AsyncDisposableStack;
  readonly #server: Child;
  readonly #flow: Child;
  readonly #flows: Records<Flow>;

  private constructor(
    options: StageOptions,
    url: string,
    changes: Changes,
    programs: { readonly server: Child; readonly flow: Child },
    started: AsyncDisposableStack,
  ) {
    this.options = options;
    this.url = url;
    this.changes = changes;
    this.#server = programs.server;
    this.#flow = programs.flow;
    this.#flows = new Records(programs.flow, "flow ");
    this.#started = started;
  }

  /** Starts it, and waits until all flows. */
  static async open(options: StageOptions): Promise<MediaStage> {
    const { codec, seed, frames } = options;
    await using started = new AsyncDisposableStack();
    const server = started.use(new Child(serverProgram));
    const url = await server.line("listening ");
    const changes = new Changes(seed);
    const relay: DatagramRelay = started.use(
      await startDatagramRelay({
        target: url,
        loses: () => false,
        changes: (datagram) => changes.apply(datagram),
        seed,
      }),
    );
    const library = codec === "H265" ? [h265Library] : [];
    const words = [relay.url, codec, String(frames ? seed : 0), ...library];
    const flow = started.use(new Child(flowProgram, words));
    const stage = new MediaStage(options, url, changes, { server, flow }, started.move());
    try {
      await eventually("media", () => {
        const { last } = stage;
        if (flow.pid === undefined) throw new Error("the sender's and receiver's program ended");
        return last !== undefined && last.frames > 0 && last.blocks > 0 && last.messages > 0;
      }, STARTS_MS);
      return stage;
    } catch (cause) {
      const { errors } = stage;
      await stage[Symbol.asyncDispose]();
      throw new Error(`no media: ${errors}`, { cause });
    }
  }

  /** What came so far. */
  get last(): Flow | undefined {
    return this.#flows.read().at(-1);
  }

  /** What must not have happened. */
  get problems(): readonly string[] {
    const ended = [this.#server, this.#flow].filter(({ pid }) => pid === undefined);
    return [
      ...this.#flow.lines.filter((line) => line.startsWith("ended ")),
      ...ended.map((one) => one === this.#server ? "the server ended" : "the clients ended"),
    ];
  }

  /** What the programs wrote to their standard errors. */
  get errors(): string {
    return [this.#flow.errors, this.#server.errors].join("\n").trim();
  }

  /** Waits until all flows again, or there is a problem. */
  async recovers(): Promise<void> {
    const before = this.last!;
    await eventually("media afterwards", () => {
      const now = this.last!;
      return this.problems.length > 0 ||
        (now.frames > before.frames && now.blocks > before.blocks &&
          now.messages > before.messages);
    }, RECOVERS_MS);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#started[Symbol.asyncDispose]();
  }
}
