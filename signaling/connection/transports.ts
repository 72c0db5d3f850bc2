/**
 * The two ways to the server, and which of them are there.
 *
 * @module
 */

import type { Channels } from "./framing.ts";
import type { ClientMessage } from "../messages/client.ts";
import type { SignalingCounters } from "./counters.ts";
import type { Emit } from "./incoming.ts";
import type { ManagedSocket } from "../socket/managed_socket.ts";
import type { Peer } from "./peer.ts";
import type { Timeline } from "./timeline.ts";

/** Messages that `onSignalingMessage` reports. */
const REPORTED: ReadonlySet<ClientMessage["type"]> = new Set<ClientMessage["type"]>([
  "connect",
  "answer",
  "candidate",
  "re-answer",
  "update",
  "disconnect",
]);

/** A limit that a message on a data channel is over. */
export interface MessageLimit {
  /** The size of the message as it would be sent, compressed if its channel is. */
  readonly bytes: number;
  /** The limit, in bytes. */
  readonly limit: number;
  /** `server`: what the server takes (RFC 8841); `client`: what may wait for sending here. */
  readonly whose: "server" | "client";
}

/** The WebSocket and the data channels of one connection. */
export class Transports {
  /** The WebSocket; undefined once it has ended. */
  socket: ManagedSocket | undefined;
  /** This side has closed the WebSocket, or may lose it, because the data channels do. */
  detached = false;
  /** The server has said `switched`. */
  switched = false;
  /** The peer connection, once there is an offer. */
  peer: Peer | undefined;
  /** Its data channels. */
  channels: Channels | undefined;
  readonly #emit: Emit;
  readonly #counters: SignalingCounters;
  readonly #timeline: Timeline;
  #failure: unknown;

  /** The WebSocket only, at first. @param emit Calls handlers. @param counters Counts what could not be sent. */
  constructor(
    socket: ManagedSocket,
    emit: Emit,
    counters: SignalingCounters,
    timeline: Timeline,
  ) {
    this.#timeline = timeline;
    this.socket = socket;
    this.#emit = emit;
    this.#counters = counters;
  }

  /** Whether the WebSocket is there and needed. */
  get hasWebSocket(): boolean {
    return this.socket !== undefined && !this.detached;
  }

  /** Whether signaling goes over the data channel `signaling`. */
  get usesDataChannel(): boolean {
    return this.switched && this.channels?.isOpen("signaling") === true;
  }

  /** Whether signaling had moved to its data channel, or should have, and that is gone or was never offered. */
  get lostSignaling(): boolean {
    return this.switched && !this.usesDataChannel &&
      this.channels?.isAwaited("signaling") === false;
  }

  /** What the last attempt to send failed with, when that was an exception. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Sends over the WebSocket; `false` if it cannot. */
  sendWebSocket(message: ClientMessage): boolean {
    return this.sendWebSocketText(message.type, JSON.stringify(message));
  }

  /** Sends a message that is text already over the WebSocket; `false` if it cannot. */
  sendWebSocketText(type: ClientMessage["type"], text: string): boolean {
    if (!this.#attempt(() => this.socket?.send(text) === true)) return this.#unsent();
    this.#timeline.message(type, "SENT");
    if (REPORTED.has(type)) this.#emit("onSignalingMessage", "WEBSOCKET", "SENT", text);
    return true;
  }

  /** Sends over the data channel `signaling`; `false` if it cannot. */
  sendSignaling(message: ClientMessage): boolean {
    const text = JSON.stringify(message);
    if (!this.sendText("signaling", text, message.type)) return this.#unsent();
    this.#emit("onSignalingMessage", "DATACHANNEL", "SENT", text);
    return true;
  }

  /** Sends over the data channel once signaling has moved there, over the WebSocket before; `false` if it cannot. */
  send(message: ClientMessage): boolean {
    return this.usesDataChannel ? this.sendSignaling(message) : this.sendWebSocket(message);
  }

  /** Sends text on a data channel, as Sora's other native SDKs do: in a binary message. `false` if it cannot. */
  sendText(label: string, text: string, type: string = label): boolean {
    const bytes = new TextEncoder().encode(text);
    const sent = this.#attempt(() => this.sendData(label, bytes, true));
    if (sent) this.#timeline.message(type, "SENT", label);
    return sent;
  }

  /**
   * Sends on a data channel, compressed if the offer said so; `false` unless it is open and has room. Unlike the other
   * methods it throws what the channel throws, which is the user's who sends.
   */
  sendData(label: string, data: Uint8Array, binary: boolean): boolean {
    if (this.peer === undefined || this.channels?.isOpen(label) !== true) return false;
    const wire = this.channels.encode(label, data);
    return this.peer.sendDataChannel(label, wire, binary || wire !== data);
  }

  /** The limit that a message is over, however empty its channel's buffer. */
  messageLimit(label: string, data: Uint8Array): MessageLimit | undefined {
    if (this.peer === undefined || this.channels === undefined) return undefined;
    const bytes = this.channels.encode(label, data).byteLength;
    const { maxMessageBytes, maxBufferedBytes } = this.peer;
    if (bytes > maxMessageBytes) return { bytes, limit: maxMessageBytes, whose: "server" };
    if (bytes > maxBufferedBytes) return { bytes, limit: maxBufferedBytes, whose: "client" };
    return undefined;
  }

  /** What cannot be sent must not stop those who send: an end has to come about all the same. */
  #attempt(send: () => boolean): boolean {
    this.#failure = undefined;
    try {
      return send();
    } catch (error) {
      this.#failure = error;
      return false;
    }
  }

  #unsent(): false {
    this.#counters.unsentMessages++;
    return false;
  }
}
