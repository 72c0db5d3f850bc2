/**
 * The data channels of a peer.
 *
 * @module
 */

import { EVENT_FLAG_BINARY, EventType, type Realm } from "../../ffi/mod.ts";
import type { DataChannelReliability, PeerEvents } from "../../signaling/mod.ts";

/** The native library's description of a data channel. */
export interface DataChannelDescription extends DataChannelReliability {
  readonly label: string;
}

/** How many bytes may wait to be sent on a channel: the limit of `sora_data_channel_send`. */
export const MAX_BUFFERED_BYTES = 16 * 1024 * 1024;

/** The default of RFC 8841 for an SDP without `max-message-size`. */
const DEFAULT_MAX_MESSAGE_BYTES = 65_536;

/** The largest message that the sender of an SDP accepts, in bytes (RFC 8841, section 6). */
export function maxMessageBytes(sdp: string): number {
  const given = /^a=max-message-size:(\d{1,15})\s*$/m.exec(sdp)?.[1];
  if (given === undefined) return DEFAULT_MAX_MESSAGE_BYTES;
  return Number(given) === 0 ? Infinity : Number(given);
}

/** The data channels that the server opened, by label (RFC 8831). */
export class NativeDataChannels {
  readonly #realm: Realm;
  readonly #events: PeerEvents;
  readonly #handles = new Map<string, number>();
  /** The largest message that the server accepts, in bytes (RFC 8841, `max-message-size`). */
  maxMessageBytes = DEFAULT_MAX_MESSAGE_BYTES;

  /**
   * @param realm The peer's realm.
   * @param events Gets the events of the channels.
   */
  constructor(realm: Realm, events: PeerEvents) {
    this.#realm = realm;
    this.#events = events;
  }

  /** Adds an open channel. */
  add(handle: number, { label, ...reliability }: DataChannelDescription): void {
    const { functions, events } = this.#realm;
    if (handle === 0) return;
    if (this.#handles.has(label)) {
      // One label, one channel: a second one would make `send` ambiguous.
      functions.sora_data_channel_close(handle);
      return;
    }
    this.#handles.set(label, handle);
    events.listen(handle, (type, argument, payload, flags) => {
      if (type === EventType.MESSAGE) {
        const binary = (flags & EVENT_FLAG_BINARY) !== 0;
        this.#events.onDataChannelMessage(label, payload.slice(), binary);
      } else if (type === EventType.MESSAGES_DROPPED) {
        this.#events.onDataChannelMessagesDropped(label, argument);
      } else if (type === EventType.BUFFERED_AMOUNT) {
        this.#events.onDataChannelBufferedAmount(label);
      } else if (type === EventType.DATA_CHANNEL_CLOSED) {
        this.#remove(label, handle);
        this.#events.onDataChannelClose(label);
      }
    });
    this.#events.onDataChannelOpen(label, reliability);
  }

  /** As `Peer.sendDataChannel`, which is this very function. */
  readonly send = (label: string, data: Uint8Array, binary: boolean): boolean => {
    const handle = this.#handles.get(label);
    // libwebrtc closes a channel that is asked to send more.
    if (handle === undefined || data.byteLength > this.maxMessageBytes) return false;
    const result = this.#realm.functions.sora_data_channel_send(
      handle,
      data,
      data.byteLength,
      binary ? 1 : 0,
    );
    return result >= 0;
  };

  /** As `Peer.bufferedAmount`. */
  bufferedAmount(label: string): number {
    const handle = this.#handles.get(label);
    if (handle === undefined) return 0;
    return Math.max(0, this.#realm.functions.sora_data_channel_buffered_amount(handle));
  }

  /** Forgets all channels: their peer is closed. */
  clear(): void {
    for (const [label, handle] of [...this.#handles]) this.#remove(label, handle);
  }

  #remove(label: string, handle: number): void {
    this.#handles.delete(label);
    this.#realm.events.unlisten(handle);
  }
}
