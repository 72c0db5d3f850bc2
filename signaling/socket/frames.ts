/**
 * Frames of a WebSocket as a client reads and writes them (RFC 6455, section 5); without extensions.
 *
 * @module
 */

/** The kinds of frames. */
export const Opcode = {
  CONTINUATION: 0,
  TEXT: 1,
  BINARY: 2,
  CLOSE: 8,
  PING: 9,
  PONG: 10,
} as const;

/** The code of a close frame that has none (RFC 6455, section 7.1.5). */
export const NO_STATUS = 1005;

/** Longest payload of a control frame, in bytes. */
const CONTROL_BYTES = 125;
const HEADER_BYTES = 10;
const FIRST_ROOM = 4_096;
const MASK_BYTES = 4;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** What a {@link FrameReader} has read. */
export interface FrameEvents {
  /** A text message. */
  onText(text: string): void;
  /** A binary message. */
  onBinary(): void;
  /** A ping; the payload is valid during the call only. */
  onPing(payload: Uint8Array): void;
  /** A close frame; nothing follows. `code` is {@link NO_STATUS} when it has none. */
  onClose(code: number, reason: string): void;
}

/** A frame to a server, which is masked. */
export function clientFrame(opcode: number, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const { length } = payload;
  const wide = length > 0xffff ? 8 : length > CONTROL_BYTES ? 2 : 0;
  const from = 2 + wide + MASK_BYTES;
  const frame = new Uint8Array(from + length);
  frame[0] = 0x80 | opcode;
  frame[1] = 0x80 | (wide === 8 ? 127 : wide === 2 ? 126 : length);
  const view = new DataView(frame.buffer);
  if (wide === 2) view.setUint16(2, length);
  if (wide === 8) view.setBigUint64(2, BigInt(length));
  const mask = crypto.getRandomValues(frame.subarray(from - MASK_BYTES, from));
  for (let i = 0; i < length; i++) frame[from + i] = payload[i]! ^ mask[i & 3]!;
  return frame;
}

/** The payload of a close frame. A reason is cut to what fits. */
export function closePayload(code: number, reason: string): Uint8Array {
  if (code === NO_STATUS) return new Uint8Array(0);
  const payload = new Uint8Array(CONTROL_BYTES);
  new DataView(payload.buffer).setUint16(0, code);
  // Whole characters alone.
  const { written } = encoder.encodeInto(reason, payload.subarray(2));
  return payload.subarray(0, 2 + written);
}

/** Whether a code may be in a close frame (RFC 6455, section 7.4, and IANA's registry). */
function isCloseCode(code: number): boolean {
  if (code >= 3_000 && code <= 4_999) return true;
  return code >= 1_000 && code <= 1_014 && code !== 1_004 && code !== 1_005 && code !== 1_006;
}

/** Bytes that come in parts, up to a limit that is checked beforehand. */
class Bytes {
  #bytes = new Uint8Array(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  add(part: Uint8Array): void {
    const length = this.#length + part.length;
    if (length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(length, 2 * this.#bytes.length, FIRST_ROOM));
      grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
    }
    this.#bytes.set(part, this.#length);
    this.#length = length;
  }

  /** What there is, valid until something is added; empty afterwards, and a large room is given up. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.#length);
    this.#length = 0;
    if (taken.buffer.byteLength > FIRST_ROOM) this.#bytes = new Uint8Array(0);
    return taken;
  }
}

function textOf(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new Error("The server sent text that is not UTF-8");
  }
}

/** Reads the frames of a server, in whatever parts they come. */
export class FrameReader {
  readonly #events: FrameEvents;
  readonly #maxBytes: number;
  readonly #header = new Uint8Array(HEADER_BYTES);
  readonly #message = new Bytes();
  readonly #control = new Bytes();
  #headerBytes = 0;
  /** Bytes of the payload that are still to come. */
  #missing = 0;
  #inPayload = false;
  /** The opcode of the message that has begun. */
  #kind: number | undefined;
  #closed = false;

  /** @param maxBytes Longest message, in bytes. */
  constructor(maxBytes: number, events: FrameEvents) {
    this.#maxBytes = maxBytes;
    this.#events = events;
  }

  /**
   * Reads what has come. After a close frame nothing is read any more.
   *
   * @throws {Error} The bytes violate the protocol, or a message is too long: nothing after them can be read.
   */
  read(part: Uint8Array): void {
    for (let at = 0; at < part.length && !this.#closed;) {
      if (!this.#inPayload) {
        this.#header[this.#headerBytes++] = part[at++]!;
        this.#readHeader();
      } else {
        const taken = part.subarray(at, at + this.#missing);
        (this.#isControl ? this.#control : this.#message).add(taken);
        at += taken.length;
        this.#missing -= taken.length;
      }
      if (this.#inPayload && this.#missing === 0) this.#endFrame();
    }
  }

  get #opcode(): number {
    return this.#header[0]! & 0x0f;
  }

  get #isFinal(): boolean {
    return (this.#header[0]! & 0x80) !== 0;
  }

  get #isControl(): boolean {
    return this.#opcode >= 8;
  }

  #readHeader(): void {
    if (this.#headerBytes < 2) return;
    const short = this.#header[1]! & 0x7f;
    if (this.#headerBytes === 2) this.#checkHeader(short);
    const wide = short === 127 ? 8 : short === 126 ? 2 : 0;
    if (this.#headerBytes < 2 + wide) return;
    const view = new DataView(this.#header.buffer);
    const length = wide === 8
      ? Number(view.getBigUint64(2))
      : wide === 2
      ? view.getUint16(2)
      : short;
    if (!this.#isControl && this.#message.length + length > this.#maxBytes) {
      throw new Error(`The server sent a message of more than ${this.#maxBytes} bytes`);
    }
    this.#inPayload = true;
    this.#missing = length;
  }

  #checkHeader(short: number): void {
    const opcode = this.#opcode;
    if ((this.#header[0]! & 0x70) !== 0) {
      throw new Error("The server sent a frame with reserved bits");
    }
    if ((this.#header[1]! & 0x80) !== 0) throw new Error("The server sent a masked frame");
    if (opcode > Opcode.PONG || (opcode > Opcode.BINARY && opcode < Opcode.CLOSE)) {
      throw new Error(`The server sent a frame with the unknown opcode ${opcode}`);
    }
    if (this.#isControl) {
      if (this.#isFinal && short <= CONTROL_BYTES) return;
      throw new Error("The server sent a control frame that is fragmented or too long");
    }
    if ((opcode === Opcode.CONTINUATION) !== (this.#kind !== undefined)) {
      throw new Error("The server sent fragments that are not in order");
    }
    this.#kind ??= opcode;
  }

  #endFrame(): void {
    this.#inPayload = false;
    this.#headerBytes = 0;
    if (this.#isControl) return this.#onControl(this.#control.take());
    if (!this.#isFinal) return;
    const kind = this.#kind;
    this.#kind = undefined;
    const message = this.#message.take();
    if (kind === Opcode.TEXT) this.#events.onText(textOf(message));
    else this.#events.onBinary();
  }

  #onControl(payload: Uint8Array): void {
    if (this.#opcode === Opcode.PING) this.#events.onPing(payload);
    if (this.#opcode !== Opcode.CLOSE) return;
    this.#closed = true;
    if (payload.length === 0) return this.#events.onClose(NO_STATUS, "");
    const code = payload.length === 1
      ? 0
      : new DataView(payload.buffer, payload.byteOffset).getUint16(0);
    if (!isCloseCode(code)) throw new Error("The server sent a close frame with an invalid code");
    this.#events.onClose(code, textOf(payload.subarray(2)));
  }
}
