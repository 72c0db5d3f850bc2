/**
 * Sorts what comes from the server: by transport, by label, by type.
 *
 * @module
 */

import { type Channels, decodeText } from "./framing.ts";
import type { SignalingCounters } from "./counters.ts";
import type {
  DataChannelMessageInfo,
  SignalingEvent,
  SignalingEventArguments,
} from "./handlers.ts";
import type {
  NotifyMessage,
  OfferMessage,
  PingMessage,
  PushMessage,
  ReOfferMessage,
  ServerMessage,
  SwitchedMessage,
  UpdateMessage,
} from "../messages/mod.ts";
import type { RemoteOffer } from "./negotiation.ts";
import { type ParseLimits, parseServerMessage } from "../messages/parse.ts";
import type { Timeline } from "./timeline.ts";

/** Calls a handler. */
export type Emit = <E extends SignalingEvent>(
  event: E,
  ...args: SignalingEventArguments<E>
) => void;

/** What a message makes its owner do. `false`: not in this state. */
export interface IncomingOwner {
  /** An offer came. */
  offer(message: OfferMessage, text: string): boolean;
  /** The first offer cannot be used; `problem` says why. */
  invalidOffer(problem: string): void;
  /** The server asks to connect elsewhere. */
  redirect(location: string, text: string): boolean;
  /** A new remote description came. */
  renegotiate(
    message: ReOfferMessage | UpdateMessage,
    via: RemoteOffer["via"],
    text: string,
  ): boolean;
  /** A sign of life is wanted. */
  ping(message: PingMessage): void;
  /** Something happened in the channel. */
  notify(message: NotifyMessage, text: string): boolean;
  /** Something was pushed. */
  push(message: PushMessage, text: string): boolean;
  /** Signaling moves. */
  switched(message: SwitchedMessage, text: string): boolean;
  /** Statistics are wanted. */
  reqStats(): void;
  /** The server announced the end. */
  announceClose(code: number, reason: string): boolean;
  /** A message on the data channel `rpc` came. */
  rpc(text: string): void;
  /** A message on a data channel whose label starts with `#` came. */
  message(label: string, data: Uint8Array, info: DataChannelMessageInfo): void;
}

/** Sorts the messages of one connection. */
export class Incoming {
  readonly #owner: IncomingOwner;
  readonly #emit: Emit;
  readonly #counters: SignalingCounters;
  readonly #limits: ParseLimits;
  readonly #timeline: Timeline;

  /** Tells its owner what came. @param emit Calls handlers. @param counters Counts what is dropped. */
  constructor(
    owner: IncomingOwner,
    emit: Emit,
    counters: SignalingCounters,
    limits: ParseLimits,
    timeline: Timeline,
  ) {
    this.#timeline = timeline;
    this.#owner = owner;
    this.#emit = emit;
    this.#counters = counters;
    this.#limits = limits;
  }

  /** Takes a text message from the WebSocket. */
  webSocket(text: string): void {
    const message = this.#parse(text);
    if (message === undefined) return;
    const owner = this.#owner;
    let taken = true;
    switch (message.type) {
      case "offer":
        taken = owner.offer(message, text);
        break;
      case "redirect":
        taken = owner.redirect(message.location, text);
        break;
      case "re-offer":
      case "update":
        taken = owner.renegotiate(message, "WebSocket", text);
        break;
      case "ping":
        owner.ping(message);
        break;
      case "notify":
        taken = owner.notify(message, text);
        break;
      case "push":
        taken = owner.push(message, text);
        break;
      case "switched":
        taken = owner.switched(message, text);
        break;
      default:
        taken = false;
    }
    if (!taken) this.#counters.ignoredMessages++;
  }

  /** Takes a message from a data channel. */
  dataChannel(channels: Channels, label: string, wire: Uint8Array): void {
    const decoded = channels.decode(label, wire);
    if (decoded === undefined) {
      this.#counters.invalidMessages++;
    } else if (label.startsWith("#")) {
      const { data, senderConnectionId } = decoded;
      const info = senderConnectionId === undefined ? {} : { senderConnectionId };
      this.#owner.message(label, data, info);
    } else {
      this.#text(label, decoded.data);
    }
  }

  #text(label: string, data: Uint8Array): void {
    const text = decodeText(data);
    if (text === undefined) {
      this.#counters.invalidMessages++;
    } else if (label === "rpc") {
      this.#timeline.message("rpc", "RECEIVED", label);
      this.#owner.rpc(text);
    } else {
      if (label === "signaling") {
        this.#emit("onSignalingMessage", "DATACHANNEL", "RECEIVED", text);
      }
      const message = this.#parse(text, label);
      if (message !== undefined && !this.#onLabel(label, message, text)) {
        this.#counters.ignoredMessages++;
      }
    }
  }

  #onLabel(label: string, message: ServerMessage, text: string): boolean {
    const owner = this.#owner;
    switch (`${label} ${message.type}`) {
      case "signaling re-offer":
      case "signaling update":
        return owner.renegotiate(message as ReOfferMessage | UpdateMessage, "DataChannel", text);
      case "signaling close": {
        const { code, reason } = message as { code: number; reason: string };
        return owner.announceClose(code, reason);
      }
      case "notify notify":
        return owner.notify(message as NotifyMessage, text);
      case "push push":
        return owner.push(message as PushMessage, text);
      case "stats req-stats":
        owner.reqStats();
        return true;
      default:
        return false;
    }
  }

  /** @param label The data channel; unset: the WebSocket. */
  #parse(text: string, label?: string): ServerMessage | undefined {
    const result = parseServerMessage(text, this.#limits);
    const type = result.kind === "message" ? result.message.type : result.type;
    this.#timeline.message(type ?? "invalid", "RECEIVED", label);
    if (result.kind === "message") return result.message;
    if (result.kind === "unknown") {
      this.#counters.ignoredMessages++;
      return undefined;
    }
    this.#counters.invalidMessages++;
    if (label === undefined && result.type === "offer") {
      this.#owner.invalidOffer(`${result.path} ${result.problem}`);
    }
    return undefined;
  }
}
