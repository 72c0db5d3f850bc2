/**
 * The transports of a connection: its WebSocket and its peer connection with the data channels.
 *
 * @module
 */

import { nodeZlib } from "../../base/lazy_node.ts";
import type { Channels } from "./framing.ts";
import type { ClientMessage } from "../messages/client.ts";
import type { SignalingCounters } from "./counters.ts";
import type { Reporter } from "./handlers.ts";
import type { ManagedSocket } from "../socket/managed_socket.ts";
import type { Peer } from "./peer.ts";
import type { Carrier } from "./state.ts";
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

const encoder = new TextEncoder();

/** A limit that a message on a data channel exceeds. */
export interface MessageLimit {
  /** The size of the message as it would be sent, compressed if its channel is. */
  readonly bytes: number;
  /** The limit, in bytes. */
  readonly limit: number;
  /** `server`: the largest message that it accepts (RFC 8841); `client`: the largest buffered amount. */
  readonly whose: "server" | "client";
}

/** The WebSocket and the data channels of one connection. */
export class Transports {
  /** The WebSocket; undefined once it has ended. */
  socket: ManagedSocket | undefined;
  /** The peer connection, once there is an offer. */
  peer: Peer | undefined;
  /** Its data channels. */
  channels: Channels | undefined;
  readonly #reporter: Reporter;
  readonly #counters: SignalingCounters;
  readonly #timeline: Timeline;
  #failure: unknown;

  /** The WebSocket only, at first. @param reporter Calls handlers. @param counters Counts what could not be sent. */
  constructor(
    socket: ManagedSocket,
    reporter: Reporter,
    counters: SignalingCounters,
    timeline: Timeline,
  ) {
    this.#timeline = timeline;
    this.socket = socket;
    this.#reporter = reporter;
    this.#counters = counters;
  }

  /** What the last attempt to send failed with, when that was an exception. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Sends a message that is text already over the WebSocket; `false` if it cannot. */
  sendWebSocketText(type: ClientMessage["type"], text: string): boolean {
    let sent = false;
    this.#failure = undefined;
    try {
      sent = this.socket?.send(text) === true;
    } catch (error) {
      this.#failure = error;
    }
    if (!sent) return this.#unsent();
    this.#timeline.message(type, "SENT");
    if (REPORTED.has(type)) this.#reporter.emit("onSignalingMessage", "WEBSOCKET", "SENT", text);
    return true;
  }

  /** Sends a message over the WebSocket or the data channel `signaling`; `false` if it cannot. */
  send(message: ClientMessage, over: Carrier): boolean {
    const text = JSON.stringify(message);
    if (over === "websocket") return this.sendWebSocketText(message.type, text);
    if (!this.sendText("signaling", text, message.type)) return this.#unsent();
    this.#reporter.emit("onSignalingMessage", "DATACHANNEL", "SENT", text);
    return true;
  }

  /** Sends text on a data channel, as Sora's other native SDKs do: in a binary message. `false` if it cannot. */
  sendText(label: string, text: string, type: string = label): boolean {
    let sent = false;
    this.#failure = undefined;
    try {
      if (this.peer !== undefined && this.channels?.isOpen(label) === true) {
        const bytes = encoder.encode(text);
        const wire = this.channels.compressed.has(label) ? nodeZlib().deflateSync(bytes) : bytes;
        sent = this.peer.sendDataChannel(label, wire, true);
      }
    } catch (error) {
      // A failure to send must not keep the connection from ending.
      this.#failure = error;
    }
    if (sent) this.#timeline.message(type, "SENT", label);
    return sent;
  }

  /**
   * Sends on a data channel, compressed if the offer requires it; `false` unless it is open and has room. Unlike the
   * other methods it throws the channel's error, to the user who sends.
   */
  sendData(label: string, data: Uint8Array, binary: boolean): boolean {
    if (this.peer === undefined || this.channels?.isOpen(label) !== true) return false;
    const wire = this.channels.encode(label, data);
    return this.peer.sendDataChannel(label, wire, binary || wire !== data);
  }

  /** The limit that a message exceeds even if its channel's buffer is empty. */
  messageLimit(label: string, data: Uint8Array): MessageLimit | undefined {
    if (this.peer === undefined || this.channels === undefined) return undefined;
    const bytes = this.channels.encode(label, data).byteLength;
    const { maxMessageBytes, maxBufferedBytes } = this.peer;
    if (bytes > maxMessageBytes) return { bytes, limit: maxMessageBytes, whose: "server" };
    if (bytes > maxBufferedBytes) return { bytes, limit: maxBufferedBytes, whose: "client" };
    return undefined;
  }

  #unsent(): false {
    this.#counters.unsentMessages++;
    return false;
  }
}
