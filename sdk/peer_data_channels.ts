/**
 * The data channels of a peer.
 *
 * @module
 */

import { EVENT_FLAG_BINARY, EventType } from "../ffi/constants.ts";
import type { Realm } from "../ffi/realm.ts";
import type { PeerEvents } from "../signaling/peer.ts";

/** What the native library tells of a data channel. */
export interface DataChannelDescription {
  readonly label: string;
}

/** Data channels that the server opened, by label (RFC 8831). */
export class PeerDataChannels {
  readonly #realm: Realm;
  readonly #events: PeerEvents;
  readonly #handles = new Map<string, number>();
  /** Messages that were lost because JavaScript did not take them in time. */
  dropped = 0;

  /**
   * @param realm Where the peer lives.
   * @param events Gets what happens.
   */
  constructor(realm: Realm, events: PeerEvents) {
    this.#realm = realm;
    this.#events = events;
  }

  /** Takes over a channel that is open. */
  add(handle: number, { label }: DataChannelDescription): void {
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
        this.dropped += argument;
      } else if (type === EventType.DATA_CHANNEL_CLOSED) {
        this.#remove(label, handle);
        this.#events.onDataChannelClose(label);
      }
    });
    this.#events.onDataChannelOpen(label);
  }

  /** As `Peer.sendDataChannel`. */
  send(label: string, data: Uint8Array<ArrayBuffer>, binary: boolean): boolean {
    const handle = this.#handles.get(label);
    if (handle === undefined) return false;
    const result = this.#realm.functions.sora_data_channel_send(
      handle,
      data,
      data.byteLength,
      binary ? 1 : 0,
    );
    return result >= 0;
  }

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
