/** The data channels of one connection, opened by the server. */
import { Buffer } from "node:buffer";
import type { JsonObject } from "../../base/json.ts";
import type { DataChannelSettings, SignalingLabel } from "./data_channel_settings.ts";
import { compress, expand } from "./compression.ts";
import { isAck, openMessage, PayloadProtocol } from "./dcep.ts";
import {
  type DataChannelStream,
  DataChannelStreams,
  isReliable,
  isUsable,
} from "./data_channel_streams.ts";
import { HeldMessages } from "./held_messages.ts";
import { Outbox } from "./outbox.ts";
import type { RelayedMessage } from "./relayed_message.ts";
import type { AssociationHandlers, Transport } from "../transport/transport.ts";

/** Events of the data channels. Nothing is called after `close()`. */
export interface DataChannelsHandlers {
  /** Every data channel is open. */
  onOpen(): void;
  /** A message on one of the data channels for signaling. */
  onSignaling(label: SignalingLabel, text: string): void;
  /** A message of the client on one of its messaging data channels. */
  onMessage(label: string, data: Buffer): void;
  /**
   * Whether a message on that label, `rpc` included, may be delivered now. If not, call
   * `deliverHeld` when it may.
   */
  mayRelay(label: string): boolean;
  /** The client has room for messages again, or receives no more. */
  onRoom(): void;
  /** Too much signaling waits for the client. */
  onOverflow(): void;
  /** The client closed every data channel. */
  onClosed(): void;
  /** A message that cannot be accepted. */
  onInvalid(detail: string): void;
}

/** Largest message of a client, also after expanding it. */
export const MAX_MESSAGE_BYTES = 262_144;

const NO_BYTES = Buffer.alloc(0);

/** Compressed messages: the same one often goes to all members of a channel. */
const COMPRESSED = new WeakMap<JsonObject, Buffer>();

function signalingBytes(message: JsonObject, compressed: boolean): Buffer {
  if (!compressed) return Buffer.from(JSON.stringify(message));
  let bytes = COMPRESSED.get(message);
  if (bytes === undefined) {
    bytes = compress(Buffer.from(JSON.stringify(message)));
    COMPRESSED.set(message, bytes);
  }
  return bytes;
}

/** What data channels need of a transport. */
export type DataTransport = Pick<
  Transport,
  | "waitingBytes"
  | "countWaitingBytes"
  | "droppedMessages"
  | "sendMessage"
  | "resetStreams"
  | "release"
>;

export class DataChannels implements AssociationHandlers {
  readonly #transport: DataTransport;
  readonly #outbox: Outbox;
  readonly #held = new HeldMessages();
  readonly #handlers: DataChannelsHandlers;
  readonly #streams: DataChannelStreams;
  /** Whether the client knows of the data channels. */
  #announced = false;
  #closed = false;
  #dropped = 0;

  /** @param maxWaitingBytes bytes of messages that may wait for the client */
  constructor(
    settings: readonly DataChannelSettings[],
    transport: DataTransport,
    maxWaitingBytes: number,
    handlers: DataChannelsHandlers,
  ) {
    this.#handlers = handlers;
    this.#streams = new DataChannelStreams(settings);
    this.#transport = transport;
    this.#outbox = new Outbox(transport, maxWaitingBytes, () => handlers.onRoom());
  }

  /** Messages to the client that were dropped. */
  get dropped(): number {
    return this.#dropped + this.#outbox.dropped + this.#transport.droppedMessages;
  }

  /** Bytes that wait for the client. */
  get waitingBytes(): number {
    return this.#outbox.bytes;
  }

  /** Bytes that the client has not taken, those that SCTP has to send included. */
  countUnsentBytes(): number {
    return this.#outbox.bytes + this.#transport.countWaitingBytes();
  }

  /** Whether messages of the client wait until others have room. */
  get holds(): boolean {
    return this.#held.any;
  }

  /** Whether others have waited for `patienceMs` while the client took next to nothing. */
  isStuck(nowMs: number, patienceMs: number): boolean {
    return this.#outbox.isStuck(nowMs, patienceMs);
  }

  /** SCTP has room for more. */
  onWritable(): void {
    if (!this.#closed) this.#outbox.pump();
  }

  /** Sends one message of the signaling. */
  sendSignaling(label: SignalingLabel, message: JsonObject): void {
    const channel = this.#streams.ofLabel(label);
    if (channel === undefined) return;
    const { compress } = channel.settings;
    const protocol = compress ? PayloadProtocol.binary : PayloadProtocol.text;
    this.#send(channel, protocol, signalingBytes(message, compress));
  }

  /** Whether a message of another member on that label can be sent now, or need not wait. */
  takesMessage(label: string): boolean {
    const channel = this.#receiving(label);
    return channel === undefined || !isReliable(channel.settings) || this.#outbox.hasRoom();
  }

  /** Delivers one message that was held, if its receivers have room. Returns whether there was one. */
  deliverHeld(): boolean {
    return !this.#closed && this.#deliverHeld((label) => this.#handlers.mayRelay(label));
  }

  /** Delivers all messages that were held, as the client leaves. */
  deliverAllHeld(): void {
    while (this.#deliverHeld(() => true));
  }

  #deliverHeld(may: (label: string) => boolean): boolean {
    const held = this.#held.take(may);
    if (held === undefined) return false;
    const { label, data, bytes } = held;
    this.#transport.release(bytes);
    this.#deliver(this.#streams.ofLabel(label)!.settings, data);
    return true;
  }

  /** Sends bytes unmodified, neither compressed nor with a header. Returns whether the data channel is open. */
  sendRaw(label: string, data: Buffer): boolean {
    const channel = this.#streams.ofLabel(label);
    if (channel === undefined || channel.state !== "open" || data.length === 0) return false;
    return this.#outbox.addSignaling({
      streamId: channel.streamId,
      payloadProtocol: PayloadProtocol.binary,
      data,
      delivery: channel.settings,
    });
  }

  /**
   * Sends a message of another member, if this one receives on that label. An unreliable data
   * channel drops messages while as many wait as may.
   */
  sendMessage(message: RelayedMessage): void {
    const channel = this.#receiving(message.label);
    if (channel === undefined) return;
    if (this.#outbox.full && !isReliable(channel.settings)) {
      this.#dropped++;
      return;
    }
    this.#send(channel, PayloadProtocol.binary, message.bytes(channel.settings));
  }

  /** The data channel of a label, if the client receives on it now. */
  #receiving(label: string): DataChannelStream | undefined {
    const channel = this.#streams.ofLabel(label);
    return channel !== undefined && channel.settings.direction !== "sendonly" &&
        isUsable(channel) && this.#announced && !this.#closed
      ? channel
      : undefined;
  }

  /** Calls `onClosing` and resets every data channel; `onClosed` follows once the client has done the same. */
  closeChannels(onClosing: () => void): void {
    onClosing();
    const streamIds = this.#streams.close();
    this.#outbox.flush();
    if (streamIds.length > 0) this.#transport.resetStreams(streamIds);
    this.#handlers.onRoom();
  }

  /** Sends and delivers nothing any more. Idempotent. */
  close(): void {
    this.#closed = true;
    this.#outbox.clear();
  }

  /** The association is up: opens all data channels. */
  onAssociation(): void {
    if (this.#closed) return;
    this.#announced = true;
    for (const { settings, streamId } of this.#streams.all()) {
      this.#transport.sendMessage(streamId, PayloadProtocol.dcep, openMessage(settings), {
        ordered: true,
      });
    }
  }

  #send(channel: DataChannelStream, protocol: number, data: Buffer): void {
    if (!isUsable(channel) || !this.#announced || this.#closed) return;
    const { settings, streamId } = channel;
    const message = {
      streamId,
      payloadProtocol: data.length === 0 ? PayloadProtocol.emptyBinary : protocol,
      data: data.length === 0 ? Buffer.alloc(1) : data,
      // Ordered until the client has answered, so that nothing overtakes DATA_CHANNEL_OPEN (RFC 8832, 6).
      delivery: channel.state === "open" ? settings : { ...settings, ordered: true },
    };
    if (settings.label.startsWith("#")) this.#outbox.addMessage(message, performance.now());
    else if (!this.#outbox.addSignaling(message)) this.#handlers.onOverflow();
  }

  /** A message of the client. Returns whether it is held. */
  onMessage(streamId: number, protocol: number, data: Buffer): boolean {
    const channel = this.#streams.ofId(streamId);
    if (this.#closed || channel === undefined) return false;
    if (protocol === PayloadProtocol.dcep) {
      if (isAck(data)) this.#onOpen(channel);
      return false;
    }
    if (!isUsable(channel)) return false;
    // A message may arrive before DATA_CHANNEL_ACK, which may have been lost.
    this.#onOpen(channel);
    if (channel.settings.direction === "recvonly") return false;
    const empty = protocol === PayloadProtocol.emptyText ||
      protocol === PayloadProtocol.emptyBinary;
    // One byte stands for none (RFC 8831, 6.6); more is against the rules, and as if it were one.
    return this.#take(channel.settings, data, empty);
  }

  /** Delivers what the client sent, or holds it while a receiver has no room. */
  #take(settings: DataChannelSettings, data: Buffer, empty: boolean): boolean {
    const { label } = settings;
    const waits = (label.startsWith("#") || label === "rpc") &&
      (this.#held.has(label) || !this.#handlers.mayRelay(label));
    if (waits) this.#held.add({ label, data: empty ? NO_BYTES : data, bytes: data.length });
    else this.#deliver(settings, empty ? NO_BYTES : data);
    return waits;
  }

  #deliver(settings: DataChannelSettings, data: Buffer): void {
    const body = settings.compress ? expand(data, MAX_MESSAGE_BYTES) : data;
    if (body === undefined || body.length > MAX_MESSAGE_BYTES) {
      this.#handlers.onInvalid("a data channel message is malformed or too long");
    } else if (settings.label.startsWith("#")) {
      this.#handlers.onMessage(settings.label, body);
    } else {
      this.#handlers.onSignaling(settings.label as SignalingLabel, body.toString());
    }
  }

  #onOpen(channel: DataChannelStream): void {
    if (this.#streams.open(channel)) this.#handlers.onOpen();
  }

  /** The client has closed its side of these streams; this side's follows (RFC 8831, 6.7). */
  onReset(streamIds: readonly number[]): void {
    if (this.#closed) return;
    const open = this.#streams.onReset(streamIds);
    if (open.length > 0) this.#transport.resetStreams(open);
    this.#handlers.onRoom();
    if (this.#streams.allClosed) this.#handlers.onClosed();
  }
}
