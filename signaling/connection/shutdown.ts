/**
 * The shutdown of a connection: how either side begins it, and the transitions of the state `closing`. Pure, as `transition.ts`.
 *
 * @module
 */

import { CANCELED } from "../socket/managed_socket.ts";
import type { SocketEnd } from "../socket/socket.ts";
import {
  addressLost,
  alreadyReleased,
  type DataChannelClosing,
  dataChannelsClosed,
  dataChannelsNotClosed,
  disconnectNotWritten,
  type Ending,
  forcedEnding,
  SELF_CLOSED,
  WAIT_TIMEOUT,
  webSocketClosed,
  type WebSocketClosing,
  webSocketLost,
  type WsClose,
} from "./ending.ts";
import {
  afterSignalingClosed,
  afterSignalingOpened,
  afterWebSocketClosed,
  type BeforeOffer,
  type Carrier,
  carrier,
  type Closing,
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
  type Timer,
  type Transition,
  type WithoutWebSocket,
} from "./state.ts";

/** A message is handled. */
export const HANDLE: readonly Effect[] = [{ type: "handle" }];
/** A message is counted as ignored. */
export const IGNORE: readonly Effect[] = [{ type: "ignore" }];
/** Nothing is to be done. */
export const NOTHING: readonly Effect[] = [];

/** Stops a timer. */
export const stopTimer = (timer: Timer): Effect => ({ type: "stop-timer", timer });
/** Starts a timer. */
export const startTimer = (timer: Timer): Effect => ({ type: "start-timer", timer });

function farewell(over: Carrier, reason: "NO-ERROR" | "INTERNAL-ERROR" = "NO-ERROR"): Effect {
  return { type: "send-disconnect", over, reason };
}

/** An input that a state does not name. */
export function stays(state: State, input: Input): Transition {
  return { state, effects: "message" in input ? IGNORE : NOTHING };
}

/** The connection has ended. `close` is to be reported first. */
export function ends(route: BeforeOffer | Route, ending: Ending, close?: WsClose): Transition {
  const cut = isWithout(route) && route.webSocket === "closing";
  const effect = {
    type: "end",
    ending,
    close: close && { code: close.code, reason: close.reason },
    cut,
  } as const;
  return { state: ENDED, effects: [effect] };
}

/** Reports the end of a WebSocket that was not needed any more. */
export function selfClosed(end: SocketEnd, timedOut: boolean): Effect {
  const code = timedOut || end.error !== undefined ? 4999 : 1000;
  return { type: "report-close", close: { code, reason: SELF_CLOSED } };
}

/** Connecting took too long: nothing is waited for. */
export function abandons(state: Offering | Negotiating): Transition {
  const effect = farewell(carrier(state), "INTERNAL-ERROR");

  return { state: ENDED, effects: [effect, { type: "release" }] };
}

/** The state in which both kinds of route wait for the end that the server announced, or for that of the data channels. */
export function closingState(
  route: BeforeOffer | Route,
  how: WebSocketClosing & DataChannelClosing,
): Closing {
  const root = undefined;
  if (isWithout(route)) return { kind: "closing", route, how, root };
  return { kind: "closing", route, how, root };
}

type OverDataChannels = Extract<Closing, { route: WithoutWebSocket }>;

/** This side begins the end. */
export function shutDown(
  route: BeforeOffer | Route,
  { root, serverCloses, channelsOpen }: Extract<Input, { type: "disconnect" }>,
): Transition {
  const stop = { type: "stop" } as const;
  if (isWithout(route)) {
    if (!channelsOpen) {
      const { state, effects } = ends(route, forced(root, alreadyReleased()));
      return { state, effects: [stop, ...effects] };
    }
    return {
      state: { kind: "closing", route, how: { mode: "datachannel" }, root },
      effects: [stop, startTimer("server"), farewell("datachannel")],
    };
  }
  const to = (mode: "websocket" | "hybrid" | "lost", ...effects: Effect[]): Transition => ({
    state: { kind: "closing", route, how: { mode }, root },
    effects: [stop, ...effects],
  });
  if (serverCloses) {
    // The socket bounds this by half the time and then reports the server's reason, so it comes first.
    return to("lost", startTimer("websocket-lost"));
  }
  const reason = root === undefined ? "NO-ERROR" : "INTERNAL-ERROR";
  if (route.kind === "both") {
    return to("hybrid", farewell("datachannel", reason), startTimer("server"));
  }
  if (route.kind === "switching" && route.channel === "gone") {
    // The server listens only on the data channel that is gone, so there is nothing to wait for.
    return to("hybrid", farewell("websocket", reason), { type: "give-up" });
  }
  return to("websocket", startTimer("websocket-close"), farewell("websocket"));
}

function forced(root: Ending | undefined, ending: Ending): Ending {
  return root === undefined ? ending : forcedEnding(root, ending);
}

/** A connection that ends. */
export function closing(state: Closing, input: Input): Transition {
  const { route, root } = state;
  const end = (ending: Ending, close?: WsClose) => ends(route, forced(root, ending), close);
  switch (input.type) {
    case "invalid-offer":
      return { state, effects: HANDLE };
    case "notify":
      return { state, effects: isBeforeOffer(route) ? IGNORE : HANDLE };
    case "created":
    case "peer-state":
      return { state, effects: [stopTimer("created")] };
    case "signaling-opened":
    case "signaling-closed":
      return closingRoute(state, input.type === "signaling-opened");
    case "websocket-ended":
      return closingWebSocketEnded(state, input);
    case "channels-closed":
      return isOverDataChannels(state) ? end(dataChannelsClosed(state.how)) : stays(state, input);
    case "closing-timeout":
      if (isOverDataChannels(state)) return end(dataChannelsNotClosed(CANCELED));
      return end(
        webSocketClosed({ ...WAIT_TIMEOUT, error: new Error(CANCELED) }, state.how),
        WAIT_TIMEOUT,
      );
    case "disconnect-unsent":
      if (state.how.mode === "websocket") return end(disconnectNotWritten());
      if (state.how.mode !== "datachannel") return stays(state, input);
      return end(
        dataChannelsNotClosed("The data channel signaling is not open or its buffer is full"),
      );
    case "address-lost":
      return ends(route, addressLost(input.waitedMs));
    default:
      if (!isReported(input) || isBeforeOffer(route)) return stays(state, input);
      return { state, effects: HANDLE };
  }
}

function isOverDataChannels(state: Closing): state is OverDataChannels {
  return isWithout(state.route);
}

/** The data channel `signaling` opens or closes while the connection ends; whether the WebSocket is needed stays. */
function closingRoute(state: Closing, opened: boolean): Transition {
  const { route } = state;
  if (isBeforeOffer(route)) return { state, effects: NOTHING };
  const next = opened ? afterSignalingOpened(route) : afterSignalingClosed(route);
  const effects = opened && next.kind !== "websocket" ? [stopTimer("switch")] : NOTHING;
  return { state: next === route ? state : { ...state, route: next } as Closing, effects };
}

function closingWebSocketEnded(
  state: Closing,
  { end, timedOut }: Extract<Input, { type: "websocket-ended" }>,
): Transition {
  if (isOverDataChannels(state)) {
    const route = afterWebSocketClosed(state.route);
    const next = route === state.route ? state : { ...state, route };
    return { state: next, effects: [selfClosed(end, timedOut)] };
  }
  const { how, route, root } = state;
  const ending = how.mode === "lost"
    ? webSocketLost(end, route.kind !== "websocket", true)
    : webSocketClosed(end, how);
  return ends(route, forced(root, ending), end);
}
