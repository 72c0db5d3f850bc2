/**
 * The framing of data channel messages: compression and headers.
 *
 * @module
 */

import { nodeZlib } from "../../base/lazy_node.ts";
import type { OfferDataChannel, OfferDataChannelHeader } from "../messages/offer.ts";
import type { SoraRole } from "../options/options.ts";

/** Limits of inflated messages, in bytes. */
export interface ChannelLimits {
  /** For `signaling`, `push`, `stats` and `rpc`. */
  readonly maxSignalingBytes: number;
  /** For `notify`, which to a newcomer carries the metadata of all members. */
  readonly maxNotifyBytes: number;
  /** For labels that start with `#`. */
  readonly maxMessageBytes: number;
}

/** The default limits. */
export const DEFAULT_CHANNEL_LIMITS: ChannelLimits = {
  maxSignalingBytes: 1024 * 1024,
  maxNotifyBytes: 16 * 1024 * 1024,
  maxMessageBytes: 16 * 1024 * 1024,
};

/** How messages are delivered on a data channel (RFC 8832, section 5.1). */
export interface DataChannelReliability {
  /** Whether messages arrive in the order they were sent. */
  readonly ordered: boolean;
  /** How long a message is retried, in milliseconds; unset: not limited by time. */
  readonly maxPacketLifeTime?: number;
  /** How often a message is sent again; unset: not limited by number. */
  readonly maxRetransmits?: number;
  /** Subprotocol; empty if there is none. */
  readonly protocol: string;
}

/** The settings of a data channel: those that the server offered and, once it is open, the actual ones. */
export interface DataChannelSettings extends DataChannelReliability {
  /** `signaling`, `notify`, `push`, `stats`, `rpc`, or a name that starts with `#`. */
  readonly label: string;
  /** Which way messages go, seen from this client. */
  readonly direction: SoraRole;
  /** Whether it is open. */
  readonly isOpen: boolean;
  /** Whether messages are compressed with zlib (RFC 1950). */
  readonly compress: boolean;
  /** The headers that the server prepends to each message. */
  readonly header?: readonly OfferDataChannelHeader[];
}

/** The reliability in an offer. */
function offeredReliability(channel: OfferDataChannel): DataChannelReliability {
  const { ordered = true, protocol = "", max_packet_life_time, max_retransmits } = channel;
  return {
    ordered,
    ...(max_packet_life_time === undefined ? {} : { maxPacketLifeTime: max_packet_life_time }),
    ...(max_retransmits === undefined ? {} : { maxRetransmits: max_retransmits }),
    protocol,
  };
}

/** A received message, parsed. */
export interface ChannelMessage {
  /** The payload, inflated, without header. */
  readonly data: Uint8Array;
  /** Who sent it, if the channel has that header. */
  readonly senderConnectionId?: string;
}

/** Length of a connection id in bytes. */
const CONNECTION_ID_BYTES = 26;

interface Framing {
  readonly compress: boolean;
  /** Bytes in front of the payload. */
  readonly headerBytes: number;
  /** Where in them the sender's connection id starts. */
  readonly senderAt: number | undefined;
}

const PLAIN: Framing = { compress: false, headerBytes: 0, senderAt: undefined };

function framing(channel: OfferDataChannel): Framing {
  let headerBytes = 0;
  let senderAt: number | undefined;
  for (const { type, length } of channel.header ?? []) {
    if (type === "sender_connection_id") {
      senderAt = headerBytes;
      headerBytes += CONNECTION_ID_BYTES;
    } else {
      headerBytes += Math.max(0, length ?? 0);
    }
  }
  return { compress: channel.compress, headerBytes, senderAt };
}

/** The data channels of one connection. */
export class Channels {
  readonly #offered: readonly OfferDataChannel[];
  /** Labels whose messages are compressed. */
  readonly compressed: ReadonlySet<string>;
  readonly #framings = new Map<string, Framing>();
  readonly #reliabilities = new Map<string, DataChannelReliability>();
  readonly #open = new Set<string>();
  readonly #announced = new Set<string>();
  readonly #limits: ChannelLimits;

  /** All closed at first. @param offered `data_channels` of the offer. @param limits Limits of inflated messages. */
  constructor(offered: readonly OfferDataChannel[], limits: ChannelLimits) {
    this.#limits = limits;
    this.#offered = offered;
    for (const channel of offered) this.#framings.set(channel.label, framing(channel));
    const compressed = [...this.#framings].filter(([, { compress }]) => compress);
    this.compressed = new Set(compressed.map(([label]) => label));
  }

  /** Those that were offered, with their settings. */
  get settings(): DataChannelSettings[] {
    return this.#offered.map((channel) => ({
      label: channel.label,
      direction: channel.direction,
      isOpen: this.isOpen(channel.label),
      compress: channel.compress,
      ...(this.#reliabilities.get(channel.label) ?? offeredReliability(channel)),
      ...(channel.header === undefined ? {} : { header: channel.header }),
    }));
  }

  /** How many are open. */
  get openCount(): number {
    return this.#open.size;
  }

  /** Whether at least one offered channel was open, and none is open any more. */
  get areLost(): boolean {
    return this.#open.size === 0 && this.#announced.size > 0;
  }

  /** Whether one is open. */
  isOpen(label: string): boolean {
    return this.#open.has(label);
  }

  /** Whether one was offered and has not been open yet. */
  isAwaited(label: string): boolean {
    return this.#framings.has(label) && !this.#announced.has(label);
  }

  /** Records that one opened. `true` if `onDataChannel` is to be called: the first time, and only for labels of messaging. */
  opened(label: string, reliability?: DataChannelReliability): boolean {
    this.#open.add(label);
    if (reliability !== undefined && this.#framings.has(label)) {
      this.#reliabilities.set(label, reliability);
    }
    if (!this.#framings.has(label) || this.#announced.has(label)) return false;
    this.#announced.add(label);
    return label.startsWith("#");
  }

  /** Records that one closed. `true` if it was the last. */
  closed(label: string): boolean {
    return this.#open.delete(label) && this.#open.size === 0;
  }

  #limit(label: string): number {
    if (label.startsWith("#")) return this.#limits.maxMessageBytes;
    return label === "notify" ? this.#limits.maxNotifyBytes : this.#limits.maxSignalingBytes;
  }

  /** The message as it is sent. */
  encode(label: string, data: Uint8Array): Uint8Array {
    return this.compressed.has(label) ? nodeZlib().deflateSync(data) : data;
  }

  /** Parses a received message; `undefined` if it is broken, too long or too short. */
  decode(label: string, wire: Uint8Array): ChannelMessage | undefined {
    const { compress, headerBytes, senderAt } = this.#framings.get(label) ?? PLAIN;
    const isMessage = label.startsWith("#");
    const limit = this.#limit(label);
    if (wire.byteLength > limit) return undefined;
    const data = compress ? inflate(wire, limit) : wire;
    if (data === undefined || !isMessage || headerBytes === 0) return data && { data };
    if (data.byteLength < headerBytes) return undefined;
    const payload = data.subarray(headerBytes);
    if (senderAt === undefined) return { data: payload };
    const id = data.subarray(senderAt, senderAt + CONNECTION_ID_BYTES);
    return { data: payload, senderConnectionId: String.fromCharCode(...id) };
  }
}

/** Synchronous, so that messages stay in the order they came; the limit bounds the time, too. */
function inflate(wire: Uint8Array, maxOutputLength: number): Uint8Array | undefined {
  try {
    const { buffer, byteOffset, byteLength } = nodeZlib().inflateSync(wire, { maxOutputLength });
    return new Uint8Array(buffer, byteOffset, byteLength);
  } catch {
    return undefined;
  }
}
