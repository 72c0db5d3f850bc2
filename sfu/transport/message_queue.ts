/** The messages of SCTP that a turn sends over one transport, as `sora_transport_send_messages` takes them. */
import type { NativeFunctions } from "../../ffi/mod.ts";
import type { DeliveryOptions } from "./transport.ts";

/** Numbers of a message. */
const COMMAND = 5;

/** Messages and bytes that cross in one call. */
const MAX_MESSAGES = 1024;
const MAX_BYTES = 1024 * 1024;

const NO_LIMIT = 0xffff_ffff;

/** What messages are gathered in before they cross. One at a time uses it. */
const commands = new Uint32Array(COMMAND * MAX_MESSAGES);
let gathered: Uint8Array | undefined;

interface Message {
  readonly streamId: number;
  readonly payloadProtocol: number;
  readonly data: Uint8Array;
  readonly delivery: DeliveryOptions;
}

export class MessageQueue {
  readonly #functions: NativeFunctions;
  readonly #transport: number;
  #messages: Message[] = [];
  /** Bytes of messages that wait here, and on the other side when it was last told. */
  #bytes = 0;
  #nativeBytes = 0;

  /** @param transport the native transport */
  constructor(functions: NativeFunctions, transport: number) {
    this.#functions = functions;
    this.#transport = transport;
  }

  /** Bytes that wait to be sent. */
  get waitingBytes(): number {
    return this.#bytes + this.#nativeBytes;
  }

  /** Asks the other side how much waits. */
  count(): number {
    const waiting = this.#functions.sora_transport_send_messages(
      this.#transport,
      commands,
      0,
      commands,
      0,
    );
    this.#nativeBytes = Math.max(0, waiting);
    return this.waitingBytes;
  }

  /** Whether messages wait for {@linkcode flush}. */
  get pending(): boolean {
    return this.#messages.length > 0;
  }

  /** No more than this waits on the other side. */
  onWritable(bytes: number): void {
    this.#nativeBytes = Math.min(this.#nativeBytes, bytes);
  }

  add(
    streamId: number,
    payloadProtocol: number,
    data: Uint8Array,
    delivery: DeliveryOptions,
  ): void {
    this.#messages.push({ streamId, payloadProtocol, data, delivery });
    this.#bytes += data.length;
  }

  /** Hands everything over. */
  flush(): void {
    const messages = this.#messages;
    this.#messages = [];
    this.#bytes = 0;
    for (let from = 0; from < messages.length;) {
      let size = 0;
      let to = from;
      while (to < messages.length && to - from < MAX_MESSAGES) {
        const { length } = messages[to]!.data;
        if (to > from && size + length > MAX_BYTES) break;
        size += length;
        write(messages[to]!, (to - from) * COMMAND);
        to++;
      }
      const data = to - from === 1 ? messages[from]!.data : gather(messages, from, to);
      const waiting = this.#functions.sora_transport_send_messages(
        this.#transport,
        data,
        size,
        commands,
        (to - from) * COMMAND,
      );
      // Negative: the association is no more, which is reported.
      this.#nativeBytes = Math.max(0, waiting);
      from = to;
    }
  }

  /** Drops everything. */
  clear(): void {
    this.#messages = [];
    this.#bytes = this.#nativeBytes = 0;
  }
}

function write({ streamId, payloadProtocol, data, delivery }: Message, at: number): void {
  const { ordered, maxRetransmits, maxPacketLifeTime } = delivery;
  commands[at] = data.length;
  commands[at + 1] = (streamId << 16) | payloadProtocol;
  commands[at + 2] = ordered ? 1 : 0;
  commands[at + 3] = maxRetransmits ?? NO_LIMIT;
  commands[at + 4] = maxPacketLifeTime === undefined ? NO_LIMIT : Math.ceil(maxPacketLifeTime);
}

function gather(messages: readonly Message[], from: number, to: number): Uint8Array {
  const all = gathered ??= new Uint8Array(MAX_BYTES);
  let at = 0;
  for (let i = from; i < to; i++) {
    const { data } = messages[i]!;
    all.set(data, at);
    at += data.length;
  }
  return all;
}
