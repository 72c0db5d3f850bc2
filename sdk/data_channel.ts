/**
 * Data channels for messages between the members of a channel, as Web Streams.
 *
 * @module
 */

import type { DataChannelObserver, MessageLimit } from "../signaling/mod.ts";
import { SoraError } from "../base/errors.ts";
import { kindOf, wrongType } from "../base/checks.ts";
import { renewable, Writables } from "./streams/writables.ts";

/** Bytes that may wait to be sent before a write waits: enough to keep a fast network busy. */
const SEND_BYTES = 1024 * 1024;
/** Bytes of received messages that wait to be read before further ones are dropped. */
const RECEIVE_BYTES = 16 * 1024 * 1024;
/** Messages, of any size, that wait to be read before further ones are dropped. */
const RECEIVE_MESSAGES = 65_536;

/** What a channel needs of its connection. */
export interface DataChannelTransport {
  /** Sends; `false` unless the channel is open and has room. */
  sendDataChannel(label: string, data: Uint8Array | string): boolean;
  /** Bytes that wait to be sent. */
  bufferedAmount(label: string): number;
  /** Whether the channel is open. */
  isDataChannelOpen(label: string): boolean;
  /** The limit that a message exceeds, if that is why it was refused. */
  messageLimit(label: string, data: Uint8Array | string): MessageLimit | undefined;
}

/**
 * Checks a message to send.
 *
 * @throws {TypeError} If it is neither bytes nor text.
 */
export function checkMessage(value: unknown, path: string): void {
  if (typeof value === "string" || value instanceof Uint8Array) return;
  // What was to be sent is not shown.
  throw new TypeError(`${path} must be a Uint8Array or a string, not ${kindOf(value)}`);
}

/** Key of what only {@link DataChannelRegistry} calls. */
const control: unique symbol = Symbol("control");

/**
 * A data channel for messages, whose label starts with `#`. Made by `SoraConnection.dataChannel()`.
 *
 * It belongs to one `connect()`: the present one or, without a connection, the next. It outlives reconnections, and ends
 * with the connection.
 *
 * @example
 * ```ts
 * import { Sora } from "sora-ffi";
 * import { SoraServer } from "sora-ffi/sfu";
 *
 * await using server = await SoraServer.start({ port: 0 });
 * await using sora = new Sora();
 * const member = () =>
 *   sora.createConnection({
 *     signalingUrls: [server.url],
 *     channelId: "room",
 *     role: "recvonly",
 *     dataChannelSignaling: true,
 *     dataChannels: [{ label: "#chat", direction: "sendrecv" }],
 *   });
 * await using alice = member();
 * await using bob = member();
 * const bobIsThere = new Promise<void>((resolve) => bob.onDataChannel = () => resolve());
 * await Promise.all([alice.connect(), bob.connect()]);
 * await bobIsThere;
 *
 * const messages = bob.dataChannel("#chat").readable.getReader();
 * const writer = alice.dataChannel("#chat").writable.getWriter();
 * await writer.write("Hello");
 * const { value } = await messages.read();
 * console.log(new TextDecoder().decode(value)); // Hello
 * ```
 */
export class SoraDataChannel {
  /** Its label; starts with `#`. */
  readonly label: string;
  readonly #transport: DataChannelTransport;
  readonly #received: Uint8Array[] = [];
  #receivedBytes = 0;
  #dropped = 0;
  #ended = false;
  #readable: ReadableStream<Uint8Array> | undefined;
  readonly #writables = new Writables<Uint8Array | string>((ended) =>
    renewable<Uint8Array | string>(
      {
        start: (controller) => controller.signal.addEventListener("abort", () => this.#changed()),
        write: (chunk, controller) => this.#write(chunk, controller.signal),
        close: () => this.#flush(),
      },
      { highWaterMark: 1 },
      ended,
    )
  );
  #wakeReader: () => void = () => {};
  #change = Promise.withResolvers<void>();

  /** @internal */
  constructor(label: string, transport: DataChannelTransport) {
    this.label = label;
    this.#transport = transport;
  }

  /** Whether messages can be sent and received at present. */
  get isOpen(): boolean {
    return !this.#ended && this.#transport.isDataChannelOpen(this.label);
  }

  /** Bytes that wait to be sent (W3C WebRTC, `RTCDataChannel.bufferedAmount`). */
  get bufferedAmount(): number {
    return this.#ended ? 0 : this.#transport.bufferedAmount(this.label);
  }

  /** Received messages that {@link readable} lost because nobody read them in time. */
  get dropped(): number {
    return this.#dropped;
  }

  /**
   * The messages received since this property was first read, one chunk each, inflated and without header; closed when the
   * connection ends. Up to 16 MiB or 65,536 messages wait to be read; further ones are dropped and counted in {@link dropped}.
   * `SoraConnection.onMessage` gets every message regardless.
   */
  get readable(): ReadableStream<Uint8Array> {
    return this.#readable ??= new ReadableStream<Uint8Array>({
      pull: (controller) => this.#pull(controller),
      cancel: () => {
        // The pull that waits would take the first message from the next stream.
        this.#wakeReader = () => {};
        this.#received.length = 0;
        this.#receivedBytes = 0;
        this.#readable = undefined;
      },
    }, { highWaterMark: 0 });
  }

  /**
   * Sends each chunk as one message: bytes as a binary one, a string as text. A write waits until the channel is open and
   * less than 1 MiB waits to be sent. Closing the stream waits until everything is sent and leaves the channel open: the next
   * read of this property makes a new stream. It fails with {@link SoraError} `CLOSED` when the connection ends, and with
   * `RangeError` for a message that is larger than the server accepts (RFC 8841, `max-message-size`) or than may wait to be sent
   * here (16 MiB), measured as it is sent: compressed if its channel is.
   */
  get writable(): WritableStream<Uint8Array | string> {
    return this.#writables.present;
  }

  /** What happens to the channel. @internal */
  readonly [control] = {
    receive: (data: Uint8Array): void => this.#receive(data),
    changed: (): void => this.#changed(),
    end: (): void => this.#end(),
  };

  #receive(data: Uint8Array): void {
    if (this.#readable === undefined) return;
    const full = this.#received.length >= RECEIVE_MESSAGES ||
      this.#receivedBytes + data.byteLength > RECEIVE_BYTES;
    if (full) {
      this.#dropped++;
      return;
    }
    this.#received.push(data);
    this.#receivedBytes += data.byteLength;
    this.#wakeReader();
  }

  async #pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    if (this.#received.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => this.#wakeReader = resolve);
    }
    const data = this.#received.shift();
    if (data === undefined) {
      if (this.#ended) controller.close();
      return;
    }
    this.#receivedBytes -= data.byteLength;
    controller.enqueue(data);
  }

  async #write(chunk: Uint8Array | string, signal: AbortSignal): Promise<void> {
    checkMessage(chunk, "chunk");
    while (true) {
      signal.throwIfAborted();
      this.#checkNotEnded();
      const buffered = this.bufferedAmount;
      if (this.isOpen && buffered < SEND_BYTES) {
        if (this.#transport.sendDataChannel(this.label, chunk)) return;
        if (this.isOpen) this.#checkSize(chunk);
      }
      await this.#change.promise;
    }
  }

  /** A refused message: one over a limit never fits, any other may fit later. */
  #checkSize(chunk: Uint8Array | string): void {
    const over = this.#transport.messageLimit(this.label, chunk);
    if (over === undefined) return;
    const whose = over.whose === "server" ? "the server accepts" : "may wait to be sent";
    throw new RangeError(
      `A message of ${over.bytes} bytes for ${this.label} is larger than the ${over.limit} bytes that ${whose}`,
    );
  }

  async #flush(): Promise<void> {
    while (this.bufferedAmount > 0) await this.#change.promise;
    this.#checkNotEnded();
  }

  #checkNotEnded(): void {
    if (!this.#ended) return;
    throw new SoraError("CLOSED", `The connection of the data channel ${this.label} has ended`);
  }

  #changed(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }

  #end(): void {
    this.#ended = true;
    this.#wakeReader();
    this.#changed();
  }
}

/** The {@link SoraDataChannel}s of a connection by label, each made on first use. */
export class DataChannelRegistry implements DataChannelObserver {
  readonly #transport: DataChannelTransport;
  readonly #channels = new Map<string, SoraDataChannel>();

  /** @param transport What the channels send through. */
  constructor(transport: DataChannelTransport) {
    this.#transport = transport;
  }

  /**
   * The channel of a label.
   *
   * @throws {TypeError} When the label does not start with `#`.
   */
  get(label: string): SoraDataChannel {
    if (typeof label !== "string" || !label.startsWith("#")) {
      throw wrongType("label", "a string that starts with #", label);
    }
    let channel = this.#channels.get(label);
    if (channel === undefined) {
      channel = new SoraDataChannel(label, this.#transport);
      this.#channels.set(label, channel);
    }
    return channel;
  }

  /** A message was received. */
  message(label: string, data: Uint8Array): void {
    this.#channels.get(label)?.[control].receive(data);
  }

  /** A channel opened or closed, or less waits to be sent. */
  changed(label: string): void {
    this.#channels.get(label)?.[control].changed();
  }

  /** The connection ended. */
  ended(): void {
    for (const channel of this.#channels.values()) channel[control].end();
    this.#channels.clear();
  }
}
