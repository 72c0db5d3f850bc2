/** The data channels of one connection, opened by the server. */
import { Buffer } from "node:buffer";
import type { JsonObject } from "../../base/json.ts";
import { Association, type AssociationHandlers } from "./association.ts";
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

/** Events of the data channels. Nothing is called after `close()`. */
export interface DataChannelsHandlers {
  /** Sends one SCTP packet. */
  sendPacket(packet: Buffer): void;
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
  /** The association has ended. */
  onEnd(reason: string): void;
}

/** Largest message of a client, also after expanding it. */
export const MAX_MESSAGE_BYTES = 262_144;

/** Share of its sender's window that a held message takes besides its bytes. */
const HELD_OVERHEAD_BYTES = 128;

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

export class DataChannels {
  readonly #association: Association;
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
    handlers: DataChannelsHandlers,
    maxWaitingBytes: number,
    associate: (handlers: AssociationHandlers) => Association = (handlers) =>
      new Association(handlers),
  ) {
    this.#handlers = handlers;
    this.#streams = new DataChannelStreams(settings);
    this.#association = associate({
      send: (packet) => handlers.sendPacket(packet),
      onEstablished: () => this.#openAll(),
      onMessage: (streamId, protocol, data) => this.#onMessage(streamId, protocol, data),
      onReset: (streamIds) => this.#onReset(streamIds),
      onHandled: () => {
        if (!this.#closed) this.#outbox.pump();
      },
      onEnd: (reason) => {
        if (!this.#closed) handlers.onEnd(reason);
      },
    });
    this.#outbox = new Outbox(this.#association, maxWaitingBytes, () => handlers.onRoom());
  }

  /** Messages to the client that were dropped. */
  get dropped(): number {
    return this.#dropped + this.#outbox.dropped;
  }

  /** Bytes that wait for the client. */
  get waitingBytes(): number {
    return this.#outbox.bytes;
  }

  /** Whether messages of the client wait until others have room. */
  get holds(): boolean {
    return this.#held.any;
  }

  /** Whether others have waited for `patienceMs` while the client took next to nothing. */
  isStuck(nowMs: number, patienceMs: number): boolean {
    return this.#outbox.isStuck(nowMs, patienceMs);
  }

  /** Packets and chunks of the client that were dropped. */
  get droppedPackets(): number {
    return this.#association.dropped;
  }

  /** Takes one SCTP packet. */
  receive(packet: Buffer): void {
    this.#association.receive(packet);
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
    const { label, data } = held;
    this.#association.release(data.length + HELD_OVERHEAD_BYTES);
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
    if (streamIds.length > 0) this.#association.reset(streamIds);
    this.#handlers.onRoom();
  }

  /** Ends the association. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#outbox.clear();
    this.#association.close();
  }

  #openAll(): void {
    this.#announced = true;
    for (const { settings, streamId } of this.#streams.all()) {
      this.#association.send(streamId, PayloadProtocol.dcep, openMessage(settings), {
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

  #onMessage(streamId: number, protocol: number, data: Buffer): void {
    const channel = this.#streams.ofId(streamId);
    if (this.#closed || channel === undefined) return;
    if (protocol === PayloadProtocol.dcep) {
      if (isAck(data)) this.#onOpen(channel);
      return;
    }
    if (!isUsable(channel)) return;
    // A message may arrive before DATA_CHANNEL_ACK, which may have been lost.
    this.#onOpen(channel);
    if (channel.settings.direction === "recvonly") return;
    const empty = protocol === PayloadProtocol.emptyText ||
      protocol === PayloadProtocol.emptyBinary;
    this.#take(channel.settings, empty ? Buffer.alloc(0) : data);
  }

  /** Delivers what the client sent, or holds it while a receiver has no room. */
  #take(settings: DataChannelSettings, data: Buffer): void {
    const { label } = settings;
    const waits = (label.startsWith("#") || label === "rpc") &&
      (this.#held.has(label) || !this.#handlers.mayRelay(label));
    if (!waits) {
      this.#deliver(settings, data);
      return;
    }
    this.#held.add(label, data);
    this.#association.hold(data.length + HELD_OVERHEAD_BYTES);
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

  #onReset(streamIds: readonly number[]): void {
    this.#streams.onReset(streamIds);
    this.#handlers.onRoom();
    if (this.#streams.allClosed) this.#handlers.onClosed();
  }
}
