/** The data channels of one connection, opened by the server. */
import { Buffer } from "node:buffer";
import type { SignalingFaults } from "../faults.ts";
import { Delay } from "../signaling/delay.ts";
import type { JsonObject } from "../signaling/json.ts";
import { Association } from "./association.ts";
import type { ChannelSettings, SignalingLabel } from "./channel_settings.ts";
import { compress, expand } from "./compression.ts";
import { isAck, openMessage, PayloadProtocol } from "./dcep.ts";

/** What the channels report. Nothing is called after `close()`. */
export interface MemberChannelsHandlers {
  /** Sends one SCTP packet. */
  sendPacket(packet: Buffer): void;
  /** Every channel is open. */
  onOpen(): void;
  /** A message on one of the channels for signaling. */
  onSignaling(label: SignalingLabel, text: string): void;
  /** A message of the client on one of its messaging channels. */
  onMessage(label: string, data: Buffer): void;
  /** The client closed every channel. */
  onClosed(): void;
  /** A message that cannot be accepted. */
  onInvalid(detail: string): void;
  /** The channels are of no use any more. */
  onEnd(reason: string): void;
}

/** Largest message of a client, also after expanding it. */
export const MAX_MESSAGE_BYTES = 262_144;

/** Chunks that may wait for a client that does not read before it is cut off. */
const MAX_QUEUED_CHUNKS = 65_536;

interface OpenChannel {
  readonly settings: ChannelSettings;
  readonly streamId: number;
  state: "opening" | "open" | "closing" | "closed";
  /** Directions that were reset: what was asked for by one side and granted by the other. */
  resets: number;
}

function isUsable({ state }: OpenChannel): boolean {
  return state === "opening" || state === "open";
}

export class MemberChannels {
  readonly #association: Association;
  readonly #handlers: MemberChannelsHandlers;
  readonly #byStream = new Map<number, OpenChannel>();
  readonly #byLabel = new Map<string, OpenChannel>();
  readonly #signalingProtocol: number;
  readonly #delay: Delay;
  /** The client was told of the channels. */
  #announced = false;
  #opened = false;
  #closed = false;

  /** @param faults misbehaviour on purpose */
  constructor(
    settings: readonly ChannelSettings[],
    handlers: MemberChannelsHandlers,
    faults: SignalingFaults = {},
  ) {
    this.#signalingProtocol = faults.textSignaling === true
      ? PayloadProtocol.text
      : PayloadProtocol.binary;
    this.#delay = new Delay(faults.signalingDelayMs);
    this.#handlers = handlers;
    settings.forEach((channel, index) => {
      // The DTLS server uses odd stream ids (RFC 8832, 6).
      const open: OpenChannel = {
        settings: channel,
        streamId: index * 2 + 1,
        state: "opening",
        resets: 0,
      };
      this.#byStream.set(open.streamId, open);
      this.#byLabel.set(channel.label, open);
    });
    this.#association = new Association({
      send: (packet) => handlers.sendPacket(packet),
      onEstablished: () => {
        if (faults.stopBefore !== "channels") this.#openAll();
      },
      onMessage: (streamId, protocol, data) => this.#onMessage(streamId, protocol, data),
      onReset: (streamIds) => this.#onReset(streamIds),
      onEnd: (reason) => {
        if (!this.#closed) handlers.onEnd(reason);
      },
    });
  }

  /** Takes one SCTP packet. */
  receive(packet: Buffer): void {
    this.#association.receive(packet);
  }

  /** Sends one message of the signaling. */
  sendSignaling(label: SignalingLabel, message: JsonObject): void {
    const channel = this.#byLabel.get(label);
    if (channel === undefined) return;
    const body = Buffer.from(JSON.stringify(message));
    this.#delay.do(() => this.#send(channel, this.#signalingProtocol, body));
  }

  /** Sends bytes as they are, neither compressed nor headed. Returns whether there is that channel. */
  sendRaw(label: string, data: Buffer): boolean {
    const channel = this.#byLabel.get(label);
    if (channel === undefined || channel.state !== "open" || data.length === 0) return false;
    this.#association.send(channel.streamId, PayloadProtocol.binary, data, channel.settings);
    return true;
  }

  /** Sends a message of another member, if this one has that label and receives on it. */
  sendMessage(label: string, senderId: string, data: Buffer): void {
    const channel = this.#byLabel.get(label);
    if (channel === undefined || channel.settings.direction === "sendonly") return;
    const body = channel.settings.header ? Buffer.concat([Buffer.from(senderId), data]) : data;
    this.#send(channel, PayloadProtocol.binary, body);
  }

  /** Resets every channel; `onClosed` follows when the client has done the same. */
  closeChannels(): void {
    this.#delay.do(() => this.#resetAll());
  }

  #resetAll(): void {
    const streams: number[] = [];
    for (const channel of this.#byStream.values()) {
      if (channel.state === "closing" || channel.state === "closed") continue;
      channel.state = "closing";
      streams.push(channel.streamId);
    }
    if (streams.length > 0) this.#association.reset(streams);
  }

  /** Ends the association. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#delay.clear();
    this.#association.close();
  }

  #openAll(): void {
    this.#announced = true;
    for (const { settings, streamId } of this.#byStream.values()) {
      this.#association.send(streamId, PayloadProtocol.dcep, openMessage(settings), {
        ordered: true,
      });
    }
  }

  #send(channel: OpenChannel, protocol: number, body: Buffer): void {
    if (!isUsable(channel) || !this.#announced || this.#closed) return;
    if (this.#association.queuedChunks > MAX_QUEUED_CHUNKS) {
      this.#handlers.onEnd("The client does not read its messages.");
      return;
    }
    const data = channel.settings.compress ? compress(body) : body;
    // In order until the client has answered, so that nothing overtakes what opens the channel (RFC 8832, 6).
    const reliability = channel.state === "open"
      ? channel.settings
      : { ...channel.settings, ordered: true };
    if (data.length === 0) {
      const empty = Buffer.alloc(1);
      this.#association.send(
        channel.streamId,
        PayloadProtocol.emptyBinary,
        empty,
        reliability,
      );
    } else {
      this.#association.send(channel.streamId, protocol, data, reliability);
    }
  }

  #onMessage(streamId: number, protocol: number, data: Buffer): void {
    const channel = this.#byStream.get(streamId);
    if (this.#closed || channel === undefined) return;
    if (protocol === PayloadProtocol.dcep) {
      if (isAck(data)) this.#onAck(channel);
      return;
    }
    if (!isUsable(channel)) return;
    // The client may send before its answer has come, which may have been lost meanwhile.
    this.#onAck(channel);
    if (channel.settings.direction === "recvonly") return;
    const empty = protocol === PayloadProtocol.emptyText ||
      protocol === PayloadProtocol.emptyBinary;
    this.#deliver(channel.settings, empty ? Buffer.alloc(0) : data);
  }

  #deliver(settings: ChannelSettings, data: Buffer): void {
    const body = settings.compress ? expand(data, MAX_MESSAGE_BYTES) : data;
    if (body === undefined || body.length > MAX_MESSAGE_BYTES) {
      this.#handlers.onInvalid("A data channel message is malformed or too long.");
    } else if (settings.label.startsWith("#")) {
      this.#handlers.onMessage(settings.label, body);
    } else {
      this.#handlers.onSignaling(settings.label as SignalingLabel, body.toString());
    }
  }

  #onAck(channel: OpenChannel): void {
    if (channel.state !== "opening") return;
    channel.state = "open";
    if (this.#opened || [...this.#byStream.values()].some((c) => c.state === "opening")) return;
    this.#opened = true;
    this.#handlers.onOpen();
  }

  #onReset(streamIds: readonly number[]): void {
    for (const streamId of streamIds) {
      const channel = this.#byStream.get(streamId);
      if (channel === undefined || channel.state === "closed") continue;
      // Told once for each direction, as werift answers a reset with one of its own. A client that
      // still waits for the answer to its own reset does not believe that the channel is closed.
      channel.resets++;
      channel.state = channel.resets === 2 ? "closed" : "closing";
    }
    if ([...this.#byStream.values()].every((channel) => channel.state === "closed")) {
      this.#handlers.onClosed();
    }
  }
}
