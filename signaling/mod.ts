/**
 * Sora's signaling in pure TypeScript: it knows neither the native library nor media.
 *
 * ```ts
 * import { checkSignalingOptions, createWebSocket, SignalingSession } from "../signaling/mod.ts";
 *
 * // Throws a TypeError that names the path of a wrong option. The second argument: options checked elsewhere.
 * const options = checkSignalingOptions(userOptions, ["audioSource", "videoSource"]);
 * const handlers: SignalingHandlers = {}; // may be filled and changed at any time; looked up at each event
 * const session = new SignalingSession({
 *   options,
 *   handlers,
 *   createPeer: (offer, events) => new NativePeer(offer, events), // called for each attempt that gets an offer
 *   createSocket: createWebSocket,
 *   client: { soraClient: "Sora FFI SDK 1.0.0", environment: "...", libwebrtc: "..." },
 * });
 * await session.connect({ signal });
 * session.sendDataChannel("#chat", bytes);
 * await session.disconnect();
 * ```
 *
 * What `sdk/` can rely on:
 *
 * - For each `connect()` that did not find its signal aborted already, `onDisconnect` is called exactly once, and nothing after
 *   it until the next `connect()`. `connect()` may be called from inside `onDisconnect`.
 * - With the option `reconnect`, a lost connection is made again with a new peer; `onReconnecting` and `onReconnected` report it, and
 *   `onDisconnect` comes when it is given up.
 * - The peer's `close()` was awaited (within 1 s, and not at all after the limit of connecting) before `onDisconnect` or
 *   `onReconnecting` is called.
 * - `onSetOffer` is called between `setRemoteOffer` and `createAnswer`; what a handler does synchronously there, adding tracks
 *   for instance, is in the answer. A peer may equally well do that at the end of its own `setRemoteOffer`.
 * - Calls to `setRemoteOffer` and `createAnswer` never overlap.
 *
 * @module
 */

export type {
  DataChannelObserver,
  SessionDependencies,
  SessionObserver,
  SignalingLimits,
} from "./connection/context.ts";
export type { SignalingEvent, SignalingEventArguments } from "./connection/handlers.ts";
export type * from "./connection/peer.ts";
export { DEFAULT_LIMITS, SignalingSession } from "./connection/session.ts";
export type { MessageLimit } from "./connection/transports.ts";
export type { ClientInformation } from "./messages/connect.ts";
export {
  type CheckedSignalingOptions,
  checkSignalingOptions,
  type SignalingTimeouts,
} from "./options/validate.ts";
export * from "./public.ts";
export { socketProxy } from "./socket/request.ts";
export type * from "./socket/socket.ts";
export { createWebSocket } from "./socket/websocket.ts";
