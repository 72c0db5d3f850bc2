/**
 * The public types of signaling: the root module exports all of them.
 *
 * @module
 */

export type { SignalingCounters } from "./connection/counters.ts";
export type { DataChannelReliability, DataChannelSettings } from "./connection/framing.ts";
export {
  type DataChannelMessageInfo,
  type SignalingHandlers,
  SoraSignalingDirection,
  SoraSignalingType,
} from "./connection/handlers.ts";
export type { PeerConnectionState } from "./connection/peer.ts";
export type { RpcOptions } from "./connection/rpc.ts";
export type { SignalingState } from "./connection/session.ts";
export type { TimelineEntry, TimelineEvent, TimelinePhase } from "./connection/timeline.ts";
export type * from "./messages/mod.ts";
export type * from "./options/options.ts";
export type {
  ReconnectedEvent,
  ReconnectingEvent,
  ReconnectOptions,
} from "./options/reconnect_policy.ts";
