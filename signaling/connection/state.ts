/**
 * The states of a connection, its inputs and its effects. `transition.ts` decides what an input leads to; `connection.ts` alone
 * writes the state and runs the effects.
 *
 * A connection begins as `offering`, with an open WebSocket. In this table `=` is an input that a state handles without leaving
 * it (its route may change), and `-` one that it ignores; ignored server messages are counted. Where a cell has several
 * results, the contents of state and input decide. `message` comes from another member; `push` stands for all server messages
 * that are only reported.
 *
 * | Input             | offering    | negotiating         | connected      | closing  | ended |
 * | ----------------- | ----------- | ------------------- | -------------- | -------- | ----- |
 * | offer             | =           | -                   | -              | -        | -     |
 * | redirect          | =           | -                   | -              | -        | -     |
 * | re-offer          | -           | =                   | =              | -        | -     |
 * | update            | -           | =                   | =              | -        | -     |
 * | ping              | =           | =                   | =              | =        | -     |
 * | notify            | -           | =                   | =              | -, =     | -     |
 * | push              | -           | =                   | =              | -, =     | -     |
 * | switched          | -           | -, =                | -, =           | -        | -     |
 * | req-stats         | -           | =                   | =              | -, =     | -     |
 * | close             | -           | closing             | closing        | -        | -     |
 * | invalid-offer     | =           | =                   | =              | =        | -     |
 * | rpc               | -           | =                   | =              | -, =     | -     |
 * | message           | -           | =                   | =              | -, =     | -     |
 * | unknown           | -           | -                   | -              | -        | -     |
 * | broken            | =           | =                   | =              | =        | =     |
 * | peer-created      | negotiating | -                   | -              | -        | -     |
 * | peer-state        | -           | =, connected, ended | -, ended       | =        | -     |
 * | created           | -           | =, connected        | -              | =        | -     |
 * | switch-reported   | -           | -, =                | -, =           | -        | -     |
 * | signaling-opened  | -           | -, =                | -, =           | -, =     | -     |
 * | signaling-closed  | -           | -, =                | -, =           | -, =     | -     |
 * | channels-closed   | -           | -, =, ended         | -, =, ended    | -, ended | -     |
 * | channels-timeout  | -           | -, =                | -, =           | -        | -     |
 * | websocket-ended   | ended       | =, ended            | =, ended       | =, ended | -     |
 * | address-lost      | -           | ended               | ended          | ended    | -     |
 * | disconnect        | closing     | closing, ended      | closing, ended | -        | -     |
 * | disconnect-unsent | -           | -                   | -              | -, ended | -     |
 * | closing-timeout   | -           | -                   | -              | ended    | -     |
 * | abandon           | ended       | ended               | -              | -        | -     |
 * | redirected        | ended       | -                   | -              | -        | -     |
 *
 * The route is the transport of signaling messages, from the offer until the end. While a connection closes, its route still
 * follows the data channel, but keeps its WebSocket.
 *
 * | Route       | switched        | switch-reported   | signaling-opened  | signaling-closed | websocket-ended |
 * | ----------- | --------------- | ----------------- | ----------------- | ---------------- | --------------- |
 * | websocket   | both, switching | websocket         | websocket         | websocket        | ended           |
 * | switching   | switching       | switching         | both, datachannel | switching        | ended, none     |
 * | both        | both            | both, datachannel | both              | switching        | ended           |
 * | datachannel | datachannel     | datachannel       | datachannel       | none             | datachannel     |
 * | none        | none            | none              | datachannel       | none             | none            |
 *
 * A test walks every state with every input and compares the results with these tables; the simulation of 10,000 seeds must
 * make no other transition.
 *
 * @module
 */

import type { DataChannelClosing, Ending, WebSocketClosing, WsClose } from "./ending.ts";
import { type DataChannelMessageInfo, REPORTED_MESSAGES } from "./handlers.ts";
import type { ServerMessage } from "../messages/mod.ts";
import type { RemoteOffer } from "./negotiation.ts";
import type { PeerConnectionState } from "./peer.ts";
import type { SocketEnd } from "../socket/socket.ts";

/** The route before the offer: there is no peer connection. */
export type BeforeOffer = { readonly kind: "websocket"; readonly channel: "none" };

/** Routes with a WebSocket that the connection depends on. `channel` is the data channel `signaling`. */
export type WithWebSocket =
  /** The server has not sent `switched`. */
  | { readonly kind: "websocket"; readonly channel: "awaited" | "open" | "gone" }
  /** It has, and the data channel is not open. `webSocket`: whether it is kept once the channel is. */
  | {
    readonly kind: "switching";
    readonly channel: "awaited" | "gone";
    readonly webSocket: "kept" | "dropped";
  }
  /** Signaling goes over the data channel, and the connection ends with the WebSocket. */
  | { readonly kind: "both" };

/** Routes without: `webSocket` is that which is not needed any more. */
export type WithoutWebSocket =
  /** Signaling goes over the data channel. */
  | { readonly kind: "datachannel"; readonly webSocket: "closing" | "closed" }
  /** The data channel is not open. */
  | { readonly kind: "none"; readonly webSocket: "closing" | "closed" };

/** The transport of signaling messages. */
export type Route = WithWebSocket | WithoutWebSocket;

/** `connect` is sent, the offer has not come. */
export interface Offering {
  readonly kind: "offering";
}

/** There is a peer connection. */
export interface Negotiating {
  readonly kind: "negotiating";
  readonly route: Route;
  /** What it takes to be connected. `created`: the own `connection.created`. */
  readonly missing: "created" | "peer" | "both";
}

/** The peer connection has been connected, and `connect()` has resolved. */
export interface Connected {
  readonly kind: "connected";
  readonly route: Route;
}

/** One side has begun to end the connection. `root`: why this side did, unless the user requested it. */
export type Closing =
  | {
    readonly kind: "closing";
    readonly route: BeforeOffer | WithWebSocket;
    readonly how: WebSocketClosing;
    readonly root: Ending | undefined;
  }
  | {
    readonly kind: "closing";
    readonly route: WithoutWebSocket;
    readonly how: DataChannelClosing;
    readonly root: Ending | undefined;
  };

/** Everything is released. */
export interface Ended {
  readonly kind: "ended";
}

/** The state of a connection. */
export type State = Offering | Negotiating | Connected | Closing | Ended;

/** A server message that was received over one of its carriers. */
export type MessageInput = {
  [T in ServerMessage["type"]]: {
    readonly type: T;
    readonly message: Extract<ServerMessage, { readonly type: T }>;
    readonly text: string;
    /** `websocket`, or the label of a data channel. */
    readonly carrier: string;
  };
}[ServerMessage["type"]];

/** An input: a server message, an event of a transport, a request of the user, or a timer. */
export type Input =
  | MessageInput
  /** An offer that cannot be used. */
  | { readonly type: "invalid-offer"; readonly problem: string }
  /** A message on the data channel `rpc`. */
  | { readonly type: "rpc"; readonly text: string }
  /** A message of another member. */
  | {
    readonly type: "message";
    readonly label: string;
    readonly data: Uint8Array;
    readonly info: DataChannelMessageInfo;
  }
  /** A message of a type that this version does not know, or that does not belong where it came. */
  | { readonly type: "unknown" }
  /** A message that is broken. */
  | { readonly type: "broken" }
  /** The peer connection is made. `signaling`: whether the offer has the data channel of that name. */
  | { readonly type: "peer-created"; readonly signaling: boolean }
  | { readonly type: "peer-state"; readonly state: PeerConnectionState }
  /** The own `connection.created` has come, or is not waited for any more. */
  | { readonly type: "created" }
  /** `onSwitched` was called. `ignore`: the WebSocket is not needed; `lost`: no data channel is left. */
  | { readonly type: "switch-reported"; readonly ignore: boolean; readonly lost: boolean }
  /** The data channel `signaling` is open. */
  | { readonly type: "signaling-opened" }
  | { readonly type: "signaling-closed" }
  /** The last open data channel closed. `lost`: it was one of those that were offered. */
  | { readonly type: "channels-closed"; readonly lost: boolean }
  /** `disconnectWaitTimeoutMs` has passed since. `lost`: there is still none. */
  | { readonly type: "channels-timeout"; readonly lost: boolean; readonly waitedMs: number }
  | {
    readonly type: "websocket-ended";
    readonly end: SocketEnd;
    readonly timedOut: boolean;
    /** No data channel is left. */
    readonly lost: boolean;
  }
  /** This machine's address changed, and the peer connection did not come back. */
  | { readonly type: "address-lost"; readonly waitedMs: number }
  /** This side ends the connection. `root`: why, unless the user requested it. */
  | {
    readonly type: "disconnect";
    readonly root: Ending | undefined;
    /** The server has begun to close the WebSocket. */
    readonly serverCloses: boolean;
    /** A data channel is open. */
    readonly channelsOpen: boolean;
  }
  /** `disconnect` could not be sent. */
  | { readonly type: "disconnect-unsent" }
  /** The other side did not end it in time. */
  | { readonly type: "closing-timeout" }
  /** Connecting took too long: nothing is waited for. */
  | { readonly type: "abandon" }
  /** Another server is connected to. */
  | { readonly type: "redirected" };

/** What a timer waits for. The last four replace each other. */
export type Timer =
  | "switch"
  | "created"
  | "channels"
  | "websocket-close"
  | "websocket-lost"
  | "server";

/** An effect of an input. Effects run in order, until one leads to another state. */
export type Effect =
  /** Handles the message. */
  | { readonly type: "handle" }
  /** Answers a new remote description. */
  | { readonly type: "negotiate"; readonly offer: RemoteOffer }
  /** Reports a message that came over the WebSocket. */
  | { readonly type: "report-received"; readonly text: string }
  /** A message is counted as ignored. */
  | { readonly type: "ignore" }
  /** Ends the connection because of `root`. */
  | { readonly type: "disconnect"; readonly root: Ending }
  | { readonly type: "start-timer"; readonly timer: Timer }
  | { readonly type: "stop-timer"; readonly timer: Timer }
  /** Stops the timers and the negotiation. */
  | { readonly type: "stop" }
  | {
    readonly type: "send-disconnect";
    readonly over: Carrier;
    readonly reason: "NO-ERROR" | "INTERNAL-ERROR";
  }
  /** Waits for nothing more. */
  | { readonly type: "give-up" }
  /** Closes the WebSocket, which is not needed any more. */
  | { readonly type: "leave-websocket" }
  | { readonly type: "report-close"; readonly close: WsClose }
  | { readonly type: "connected" }
  | { readonly type: "release" }
  /** Releases everything and reports the end. `cut`: the WebSocket was just being left. */
  | {
    readonly type: "end";
    readonly ending: Ending;
    readonly close: WsClose | undefined;
    readonly cut: boolean;
  };

/** A transport for messages. */
export type Carrier = "websocket" | "datachannel";

/** The next state, and the effects. */
export interface Transition {
  /** The very same object when nothing changes. */
  readonly state: State;
  readonly effects: readonly Effect[];
}

/** The state of a connection whose WebSocket is open. */
export const OFFERING: Offering = { kind: "offering" };
/** The state of a connection of which everything is released. */
export const ENDED: Ended = { kind: "ended" };

/** Where the messages of a state are sent. */
export function carrier(state: State): Carrier {
  if (state.kind === "offering" || state.kind === "ended") return "websocket";
  const { kind } = state.route;
  return kind === "websocket" || kind === "switching" ? "websocket" : "datachannel";
}

/** Whether the peer connection is connected while the rest is still missing. */
export function isPeerConnected(state: State): boolean {
  return state.kind === "negotiating" && state.missing === "created";
}

/** What is still missing before a connection counts as connected, in the words of error texts. */
export function missing(state: State): string | undefined {
  if (state.kind === "offering") return "offer";
  if (state.kind !== "negotiating") return undefined;
  return state.missing === "peer" ? "peer connection" : "connection.created";
}

/** Whether the connection has a WebSocket and depends on it. */
export function needsWebSocket(state: State): boolean {
  if (state.kind === "ended") return false;
  return state.kind === "offering" || !isWithout(state.route);
}

/** Whether a route has no WebSocket that the connection depends on. */
export function isWithout(route: BeforeOffer | Route): route is WithoutWebSocket {
  return route.kind === "datachannel" || route.kind === "none";
}

/** Whether a route is that before the offer. */
export function isBeforeOffer(route: BeforeOffer | Route): route is BeforeOffer {
  return route.kind === "websocket" && route.channel === "none";
}

/** The route once the data channel `signaling` is open. */
export function afterSignalingOpened<R extends Route>(route: R): Route {
  switch (route.kind) {
    case "websocket":
      return route.channel === "open" ? route : { kind: "websocket", channel: "open" };
    case "switching":
      return { kind: "both" };
    case "none":
      return { kind: "datachannel", webSocket: route.webSocket };
    default:
      return route;
  }
}

/** The route once the data channel `signaling` is closed. */
export function afterSignalingClosed(route: Route): Route {
  switch (route.kind) {
    case "websocket":
      return route.channel === "open" ? { kind: "websocket", channel: "gone" } : route;
    case "both":
      return { kind: "switching", channel: "gone", webSocket: "kept" };
    case "datachannel":
      return { kind: "none", webSocket: route.webSocket };
    default:
      return route;
  }
}

/** The route once the WebSocket that is not needed any more is closed. */
export function afterWebSocketClosed(route: WithoutWebSocket): WithoutWebSocket {
  return route.webSocket === "closed" ? route : { ...route, webSocket: "closed" };
}

/** Whether an input is a message that is only reported. */
export function isReported(
  input: Input,
): input is Extract<MessageInput, { type: keyof typeof REPORTED_MESSAGES }> {
  return Object.hasOwn(REPORTED_MESSAGES, input.type);
}
