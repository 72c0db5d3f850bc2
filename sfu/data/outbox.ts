/**
 * The outbox of one client: signaling first, then messages of other members, both bounded. SCTP gets
 * only a share of it: what it has can be neither overtaken nor dropped.
 */
import type { Buffer } from "node:buffer";
import type { DeliveryOptions } from "../transport/transport.ts";
import { Fifo } from "./fifo.ts";

/** One message with its stream. */
export interface OutgoingMessage {
  readonly streamId: number;
  readonly payloadProtocol: number;
  /** Not empty, and unchanged until it was sent. */
  readonly data: Buffer;
  readonly delivery: DeliveryOptions;
}

/** The transport as an outbox uses it. */
export interface OutboxTransport {
  /** Bytes that wait to be sent. */
  readonly waitingBytes: number;
  sendMessage(
    streamId: number,
    payloadProtocol: number,
    data: Buffer,
    delivery: DeliveryOptions,
  ): void;
}

/** Share of the bytes that may wait which SCTP may have besides. */
const SCTP_SHARE = 1 / 4;

/** Bytes that wait in SCTP when it gets more. */
export function lowWaterBytes(limitBytes: number): number {
  return Math.floor(limitBytes * SCTP_SHARE / 2);
}

/** Memory of a waiting message besides its bytes. */
const OVERHEAD_BYTES = 128;

/** Bytes of signaling that may wait for a client. */
const MAX_SIGNALING_BYTES = 4 * 1024 * 1024;

/** Bytes that a client must take within `patienceMs` while others wait for it. */
const MIN_PROGRESS_BYTES = 16 * 1024;

/** Most that a pause of this process counts: it is not the client's. */
const MAX_TICK_MS = 1000;

interface Waiting extends OutgoingMessage {
  /** `performance.now()` at which its life time ends. */
  readonly expiresAt: number;
}

export class Outbox {
  /** Messages that were dropped: out of date, or more than may wait. */
  dropped = 0;
  readonly #transport: OutboxTransport;
  readonly #limitBytes: number;
  readonly #shareBytes: number;
  readonly #onDrained: () => void;
  readonly #signaling = new Fifo<OutgoingMessage>();
  readonly #messages = new Fifo<Waiting>();
  #signalingBytes = 0;
  #messageBytes = 0;
  /** Whether somebody waits until there is room. */
  #awaited = false;
  /** Bytes of messages that went to SCTP, and how many had when the patience began anew. */
  #takenBytes = 0;
  #takenBefore = 0;
  #stuckMs = 0;
  #checkedAt: number | undefined;

  /**
   * @param limitBytes bytes of messages that may wait
   * @param onDrained called when {@linkcode hasRoom} was false and half of that has gone
   */
  constructor(transport: OutboxTransport, limitBytes: number, onDrained: () => void) {
    this.#transport = transport;
    this.#limitBytes = limitBytes;
    this.#shareBytes = limitBytes * SCTP_SHARE;
    this.#onDrained = onDrained;
  }

  /** Bytes that wait. */
  get bytes(): number {
    return this.#signalingBytes + this.#messageBytes;
  }

  /** Whether as many messages wait as may. */
  get full(): boolean {
    return this.#messageBytes >= this.#limitBytes;
  }

  /** Whether another message may come; `onDrained` follows when not. */
  hasRoom(): boolean {
    this.#awaited ||= this.full;
    return !this.full;
  }

  /** Adds signaling. Returns false when too much of it waits already. */
  addSignaling(message: OutgoingMessage): boolean {
    if (this.#signalingBytes + message.data.length > MAX_SIGNALING_BYTES) return false;
    this.#signalingBytes += message.data.length + OVERHEAD_BYTES;
    this.#signaling.push(message);
    this.pump();
    return true;
  }

  /**
   * Adds a message, also over the limit: senders that leave cannot be made to wait. At twice the
   * limit it is dropped.
   */
  addMessage(message: OutgoingMessage, nowMs: number): void {
    if (this.#messageBytes >= 2 * this.#limitBytes) {
      this.dropped++;
      return;
    }
    const { maxPacketLifeTime = Infinity } = message.delivery;
    this.#messageBytes += message.data.length + OVERHEAD_BYTES;
    this.#messages.push({ ...message, expiresAt: nowMs + maxPacketLifeTime });
    this.pump();
  }

  /** Passes to SCTP as much as it may have. */
  pump(): void {
    while (this.#transport.waitingBytes < this.#shareBytes && this.#sendNext());
    if (!this.#awaited || this.#messageBytes > this.#limitBytes / 2) return;
    this.#awaited = false;
    this.#onDrained();
  }

  /** Passes everything to SCTP: the streams are about to be closed. */
  flush(): void {
    while (this.#sendNext());
  }

  /** Drops everything. */
  clear(): void {
    this.#signaling.clear();
    this.#messages.clear();
    this.#signalingBytes = 0;
    this.#messageBytes = 0;
    this.#awaited = false;
  }

  /** Whether others have waited for `patienceMs` while the client took next to nothing. */
  isStuck(nowMs: number, patienceMs: number): boolean {
    const elapsedMs = Math.min(nowMs - (this.#checkedAt ?? nowMs), MAX_TICK_MS);
    this.#checkedAt = nowMs;
    if (!this.#awaited || this.#takenBytes - this.#takenBefore >= MIN_PROGRESS_BYTES) {
      this.#takenBefore = this.#takenBytes;
      this.#stuckMs = 0;
      return false;
    }
    this.#stuckMs += elapsedMs;
    return this.#stuckMs > patienceMs;
  }

  #sendNext(): boolean {
    const signal = this.#signaling.shift();
    if (signal !== undefined) {
      this.#signalingBytes -= signal.data.length + OVERHEAD_BYTES;
      this.#send(signal);
      return true;
    }
    const message = this.#messages.shift();
    if (message === undefined) return false;
    this.#messageBytes -= message.data.length + OVERHEAD_BYTES;
    this.#takenBytes += message.data.length;
    if (message.expiresAt === Infinity) this.#send(message);
    else this.#sendTimed(message);
    return true;
  }

  /** Sends a message of limited life time, which began when it was added. */
  #sendTimed(message: Waiting): void {
    const maxPacketLifeTime = message.expiresAt - performance.now();
    if (maxPacketLifeTime < 0) this.dropped++;
    else this.#send({ ...message, delivery: { ...message.delivery, maxPacketLifeTime } });
  }

  #send({ streamId, payloadProtocol, data, delivery }: OutgoingMessage): void {
    this.#transport.sendMessage(streamId, payloadProtocol, data, delivery);
  }
}
