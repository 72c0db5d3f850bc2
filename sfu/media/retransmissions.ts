/** The retransmission stream of one subscription (RFC 4588). */
import type { KeptPacket } from "../rtp/packet_history.ts";
import { RepeatLimit } from "../rtp/repeat_limit.ts";
import type { Transport } from "../transport/transport.ts";
import type { PublishedTrack } from "./published_track.ts";
import type { RepeatBudget } from "./repeat_budget.ts";

/** A stream of retransmissions. */
export interface RetransmissionStream {
  readonly ssrc: number;
  readonly payloadType: number;
  /** The number of its next packet. */
  readonly sequenceNumber: number;
}

/** Sends a kept packet as it was published, under its own number, to who joins. */
export function sendKept(
  transport: Transport,
  { ssrc, kind }: PublishedTrack,
  { bytes, offset, size, timestamp, transportSequenceOffset }: KeptPacket,
  sequenceNumber: number,
): void {
  const { memory } = transport;
  const at = memory.allocate(size);
  memory.bytes.set(bytes.subarray(offset, offset + size), at);
  transport.sendRtp(at, size, ssrc, sequenceNumber, timestamp, transportSequenceOffset, kind);
}

export class Retransmissions {
  /** Packets sent again. */
  count = 0;
  readonly #track: PublishedTrack;
  readonly #transport: Transport;
  readonly #budget: RepeatBudget;
  readonly #limit = new RepeatLimit();
  #sequence = 0;

  /** @param budget that of all subscriptions of a client */
  constructor(track: PublishedTrack, transport: Transport, budget: RepeatBudget) {
    this.#track = track;
    this.#transport = transport;
    this.#budget = budget;
  }

  /** The stream; undefined when the codec has none. */
  get stream(): RetransmissionStream | undefined {
    const { rtxSsrc: ssrc, codec } = this.#track;
    const { rtxPayloadType: payloadType } = codec;
    if (ssrc === undefined || payloadType === undefined) return undefined;
    return { ssrc, payloadType, sequenceNumber: this.#sequence };
  }

  /**
   * Sends a packet again, unless that was done enough.
   *
   * @param index the extended number that it was sent under
   */
  send(kept: KeptPacket, index: number, timestampOffset: number, nowMs: number): void {
    const { stream } = this;
    if (stream === undefined || !this.#limit.take(index, nowMs)) return;
    const { bytes, offset, headerLength, transportSequenceOffset } = kept;
    const size = kept.size + 2;
    if (!this.#budget.take(size, nowMs)) return;
    const { memory } = this.#transport;
    const at = memory.allocate(size);
    const payload = at + headerLength + 2;
    memory.bytes.set(bytes.subarray(offset, offset + headerLength), at);
    memory.bytes.set(bytes.subarray(offset + headerLength, offset + kept.size), payload);
    memory.bytes[at + 1] = (memory.bytes[at + 1]! & 0x80) | stream.payloadType;
    memory.bytes[payload - 2] = (index >>> 8) & 0xff;
    memory.bytes[payload - 1] = index & 0xff;
    this.#transport.sendRtp(
      at,
      size,
      stream.ssrc,
      stream.sequenceNumber,
      (kept.timestamp + timestampOffset) >>> 0,
      transportSequenceOffset,
      this.#track.kind,
    );
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.count++;
  }
}
