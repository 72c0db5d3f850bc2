/**
 * Handshake messages of a DTLS 1.2 client, put together from their fragments (RFC 6347, 4.2.3).
 *
 * werift allocates whatever length a fragment claims, mixes fragments of different messages, and handles a message that is sent
 * again a second time, which spoils its master secret. It is shown whole messages only, each once and in their order.
 */
import { Buffer } from "node:buffer";

/** Types of the messages that a client sends in plain text (RFC 5246, 7.4). */
const HandshakeType = {
  clientHello: 1,
  certificate: 11,
  certificateVerify: 15,
  clientKeyExchange: 16,
} as const;

const PLAIN_TEXT_TYPES: ReadonlySet<number> = new Set(Object.values(HandshakeType));

const FINISHED = 20;
const FINISHED_BYTES = 12;

const HEADER_BYTES = 12;

/** Bytes of one message. Real ones are a few hundred, or a few thousand with a chain of certificates. */
const MAX_MESSAGE_BYTES = 16 * 1024;

/** How far ahead of the message that is waited for another one may be. */
const MAX_AHEAD = 8;

/**
 * ClientHellos answered, of those without and with a cookie each: one without costs a key pair. A client that gets no answer
 * sends its own again nine times in ten seconds.
 */
const MAX_HELLOS = 12;

interface Partial {
  readonly type: number;
  readonly body: Buffer;
  /** 1 for each byte that is there. */
  readonly present: Uint8Array;
  missing: number;
}

export class HandshakeReassembly {
  /** Fragments that were dropped: malformed, too long, or not to be expected now. */
  dropped = 0;
  readonly #partial = new Map<number, Partial>();
  readonly #whole = new Map<number, Buffer>();
  /** Sequence number of the next message. */
  #next = 0;
  readonly #hellos = [0, 0];

  /**
   * Takes the content of one plain-text handshake record. Returns the messages that are complete and whose turn it is, each
   * with its header.
   */
  take(content: Buffer): Buffer[] {
    const ready: Buffer[] = [];
    for (let at = 0; at < content.length;) {
      const end = at + HEADER_BYTES +
        (at + HEADER_BYTES <= content.length ? content.readUIntBE(at + 9, 3) : Infinity);
      if (end > content.length) {
        this.dropped++;
        break;
      }
      const message = this.#takeFragment(content.subarray(at, end));
      if (message !== undefined) this.#order(message, ready);
      at = end;
    }
    return ready;
  }

  /** The message that a fragment completes. */
  #takeFragment(fragment: Buffer): Buffer | undefined {
    const type = fragment[0]!;
    const length = fragment.readUIntBE(1, 3);
    const sequence = fragment.readUInt16BE(4);
    const offset = fragment.readUIntBE(6, 3);
    const part = fragment.subarray(HEADER_BYTES);
    if (
      !PLAIN_TEXT_TYPES.has(type) || length > MAX_MESSAGE_BYTES || part.length === 0 ||
      offset + part.length > length || !this.#isExpected(type, sequence)
    ) {
      this.dropped++;
      return undefined;
    }
    const partial = this.#partial.get(sequence) ??
      { type, body: Buffer.alloc(length), present: new Uint8Array(length), missing: length };
    if (partial.type !== type || partial.body.length !== length) {
      this.dropped++;
      return undefined;
    }
    part.copy(partial.body, offset);
    for (let i = offset; i < offset + part.length; i++) {
      partial.missing -= 1 - partial.present[i]!;
      partial.present[i] = 1;
    }
    if (partial.missing > 0) {
      this.#partial.set(sequence, partial);
      return undefined;
    }
    this.#partial.delete(sequence);
    return wholeMessage(type, sequence, partial.body);
  }

  #isExpected(type: number, sequence: number): boolean {
    // A hello is sent again when its answer was lost, until the client goes on.
    if (type === HandshakeType.clientHello) return sequence === 0 ? this.#next < 2 : sequence === 1;
    return sequence >= this.#next && sequence < this.#next + MAX_AHEAD;
  }

  /** Adds a message, and those that waited for it, to what is ready. */
  #order(message: Buffer, ready: Buffer[]): void {
    const sequence = message.readUInt16BE(4);
    if (message[0] === HandshakeType.clientHello) {
      const hellos = this.#hellos[sequence]! + 1;
      this.#hellos[sequence] = hellos;
      if (hellos > MAX_HELLOS) {
        this.dropped++;
        return;
      }
      this.#next = Math.max(this.#next, sequence + 1);
      ready.push(message);
    } else {
      this.#whole.set(sequence, message);
    }
    for (let next = this.#whole.get(this.#next); next; next = this.#whole.get(this.#next)) {
      this.#whole.delete(this.#next++);
      ready.push(next);
    }
  }
}

/** A message with the header that it has when it is sent in one piece. */
function wholeMessage(type: number, sequence: number, body: Buffer): Buffer {
  const message = Buffer.alloc(HEADER_BYTES + body.length);
  message[0] = type;
  message.writeUIntBE(body.length, 1, 3);
  message.writeUInt16BE(sequence, 4);
  message.writeUIntBE(body.length, 9, 3);
  body.copy(message, HEADER_BYTES);
  return message;
}

/** Whether a decrypted handshake record holds what a client may send encrypted: its Finished (RFC 5246, 7.4.9), whole. */
export function isFinished(content: Buffer): boolean {
  return content.length === HEADER_BYTES + FINISHED_BYTES && content[0] === FINISHED &&
    content.readUIntBE(1, 3) === FINISHED_BYTES && content.readUIntBE(6, 3) === 0 &&
    content.readUIntBE(9, 3) === FINISHED_BYTES;
}
