/**
 * The transitions of a connection: a pure function, without time, transports or handlers. `state.ts` has the table.
 *
 * @module
 */

import {
  addressLost,
  associationLost,
  dataChannelsClosed,
  invalidOffer,
  PEER_FAILED,
  webSocketLost,
} from "./ending.ts";
import type { PeerConnectionState } from "./peer.ts";
import {
  abandons,
  closing,
  closingState,
  ends,
  HANDLE,
  IGNORE,
  NOTHING,
  selfClosed,
  shutDown,
  startTimer,
  stays,
  stopTimer,
} from "./shutdown.ts";
import {
  afterSignalingClosed,
  afterSignalingOpened,
  afterWebSocketClosed,
  type BeforeOffer,
  type Connected,
  type Effect,
  ENDED,
  type Input,
  isBeforeOffer,
  isReported,
  isWithout,
  type Negotiating,
  type Offering,
  type Route,
  type State,
  type Transition,
} from "./state.ts";

const BEFORE_OFFER: BeforeOffer = { kind: "websocket", channel: "none" };

/** The next state and the effects of an input. */
export function transition(state: State, input: Input): Transition {
  switch (input.type) {
    case "broken":
      return { state, effects: HANDLE };
    case "unknown":
      return { state, effects: IGNORE };
    case "ping":
      return { state, effects: state.kind === "ended" ? NOTHING : HANDLE };
    // They come over data channels.
    case "req-stats":
    case "rpc":
    case "message":
      return { state, effects: hasPeer(state) ? HANDLE : NOTHING };
  }
  if (state.kind === "ended") return stays(state, input);
  if (state.kind === "offering") return offering(state, input);
  if (state.kind === "closing") return closing(state, input);
  const { route } = state;
  switch (input.type) {
    case "re-offer":
    case "update": {
      const { type, sdp } = input.message;
      // What comes over the data channel was reported before it was parsed.
      if (input.carrier !== "websocket") {
        const offer = { type, sdp, via: "DataChannel" } as const;
        return { state, effects: [{ type: "negotiate", offer }] };
      }
      const offer = { type, sdp, via: "WebSocket" } as const;
      const report = { type: "report-received", text: input.text } as const;
      return { state, effects: [report, { type: "negotiate", offer }] };
    }
    case "invalid-offer":
    case "notify":
      return { state, effects: HANDLE };
    case "switched":
      return switches(state, input);
    case "switch-reported":
      return leaves(state, input);
    case "signaling-opened":
      return signalingOpened(state);
    case "signaling-closed":
      return withRoute(state, afterSignalingClosed(route));
    case "channels-closed":
      if (isWithout(route)) return ends(route, dataChannelsClosed(undefined));
      // The server may just be ending the connection for a reason of its own, which comes over the WebSocket.
      if (input.lost && route.kind !== "websocket") {
        return { state, effects: [startTimer("channels")] };
      }
      return stays(state, input);
    case "channels-timeout":
      if (!input.lost || isWithout(route)) return stays(state, input);
      return { state, effects: [{ type: "disconnect", root: associationLost(input.waitedMs) }] };
    case "websocket-ended":
      return liveWebSocketEnded(state, input);
    case "peer-state":
      if (input.state === "failed") return ends(route, PEER_FAILED);
      return state.kind === "negotiating" ? peerState(state, input.state) : stays(state, input);
    case "created":
      return state.kind === "negotiating" ? created(state) : stays(state, input);
    case "address-lost":
      return ends(route, addressLost(input.waitedMs));
    case "close": {
      const { code, reason } = input.message;
      const announced = { mode: "announced", code, reason } as const;
      return { state: closingState(route, announced), effects: [startTimer("server")] };
    }
    case "disconnect":
      return shutDown(route, input);
    case "abandon":
      return state.kind === "negotiating" ? abandons(state) : stays(state, input);
    default:
      return isReported(input) ? { state, effects: HANDLE } : stays(state, input);
  }
}

function hasPeer(state: State): boolean {
  return "route" in state && !isBeforeOffer(state.route);
}

function offering(state: Offering, input: Input): Transition {
  switch (input.type) {
    case "offer":
    case "redirect":
      return { state, effects: HANDLE };
    case "invalid-offer": {
      const root = invalidOffer(input.problem);
      return { state, effects: [...HANDLE, { type: "disconnect", root }] };
    }
    case "peer-created": {
      const channel = input.signaling ? "awaited" : "gone";
      const route: Route = { kind: "websocket", channel };
      return { state: { kind: "negotiating", route, missing: "both" }, effects: NOTHING };
    }
    case "websocket-ended":
      return ends(BEFORE_OFFER, webSocketLost(input.end, false), input.end);
    case "disconnect":
      return shutDown(BEFORE_OFFER, input);
    case "abandon":
      return abandons(state);
    case "redirected":
      return { state: ENDED, effects: [{ type: "release" }] };
    default:
      return stays(state, input);
  }
}

function withRoute(
  state: Negotiating | Connected,
  route: Route,
  effects: readonly Effect[] = NOTHING,
): Transition {
  return { state: route === state.route ? state : { ...state, route }, effects };
}

function switches(
  state: Negotiating | Connected,
  { message }: Extract<Input, { type: "switched" }>,
): Transition {
  const { route } = state;
  if (route.kind !== "websocket") return { state, effects: IGNORE };
  if (route.channel === "open") return withRoute(state, { kind: "both" }, HANDLE);
  const webSocket = message.ignore_disconnect_websocket ? "dropped" : "kept";
  return withRoute(state, { kind: "switching", channel: route.channel, webSocket }, HANDLE);
}

/** `switched` can overtake the event that the channel is open, so the WebSocket is left once both have come. */
function leaves(
  state: Negotiating | Connected,
  { ignore, lost }: Extract<Input, { type: "switch-reported" }>,
): Transition {
  const { route } = state;
  if (route.kind === "both") {
    if (!ignore) return { state, effects: [stopTimer("switch")] };
    const left = { kind: "datachannel", webSocket: "closing" } as const;
    return withRoute(state, left, [stopTimer("switch"), { type: "leave-websocket" }]);
  }
  return { state, effects: lost ? [startTimer("channels")] : NOTHING };
}

function signalingOpened(state: Negotiating | Connected): Transition {
  const { route } = state;
  const effects: Effect[] = route.kind === "websocket" ? [] : [stopTimer("switch")];
  if (route.kind === "switching" && route.webSocket === "dropped") {
    effects.push({ type: "leave-websocket" });
    return withRoute(state, { kind: "datachannel", webSocket: "closing" }, effects);
  }
  return withRoute(state, afterSignalingOpened(route), effects);
}

function liveWebSocketEnded(
  state: Negotiating | Connected,
  { end, timedOut, lost }: Extract<Input, { type: "websocket-ended" }>,
): Transition {
  const { route } = state;
  if (isWithout(route)) {
    return withRoute(state, afterWebSocketClosed(route), [selfClosed(end, timedOut)]);
  }
  if (route.kind === "switching" && route.webSocket === "dropped" && !lost) {
    const close = { code: end.code, reason: end.reason };
    return withRoute(state, { kind: "none", webSocket: "closed" }, [{
      type: "report-close",
      close,
    }]);
  }
  return ends(route, webSocketLost(end, route.kind !== "websocket"), end);
}

function created(state: Negotiating): Transition {
  const effects: Effect[] = [stopTimer("created")];
  if (state.missing === "created") return connects(state, effects);
  return { state: state.missing === "peer" ? state : { ...state, missing: "peer" }, effects };
}

function peerState(state: Negotiating, peer: PeerConnectionState): Transition {
  const { missing } = state;
  const effects: Effect[] = [stopTimer("created")];
  if (peer !== "connected") {
    return { state: missing === "created" ? { ...state, missing: "both" } : state, effects };
  }
  if (missing === "peer") return connects(state, effects);
  // A server whose authentication sets `signaling_notify: false` never sends `connection.created`.
  effects.push(startTimer("created"));
  return { state: missing === "created" ? state : { ...state, missing: "created" }, effects };
}

function connects({ route }: Negotiating, effects: Effect[]): Transition {
  return { state: { kind: "connected", route }, effects: [...effects, { type: "connected" }] };
}
