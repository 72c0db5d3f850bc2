/**
 * What servers and networks do to a session in a simulation, in their right mind or not.
 *
 * @module
 */

import type { SocketEnd } from "../../signaling/socket/socket.ts";
import {
  BUILT_IN_LABELS,
  connectionNotify,
  dataChannelOffer,
  offerMessage,
} from "./signaling_scene.ts";

/** Of data channels, one of them unknown. */
export const LABELS = [...BUILT_IN_LABELS, "#chat", "#zlib", "#unknown"];
const CHAT = [
  { label: "#chat", direction: "sendrecv", compress: false },
  { label: "#zlib", direction: "sendrecv", compress: true },
];

/** Messages that a server may send, in its right mind or not. */
export const MESSAGES: readonly (object | string)[] = [
  offerMessage(),
  offerMessage(),
  dataChannelOffer(CHAT),
  dataChannelOffer(CHAT),
  { type: "offer", sdp: "no more" },
  { type: "re-offer", sdp: "re-offer sdp" },
  { type: "update", sdp: "update sdp" },
  { type: "ping" },
  { type: "ping", stats: true },
  connectionNotify("created"),
  connectionNotify("created"),
  connectionNotify("created", { connection_id: "SOMEBODY" }),
  connectionNotify("destroyed"),
  { type: "push", data: [1] },
  { type: "switched", ignore_disconnect_websocket: true },
  { type: "switched", ignore_disconnect_websocket: false },
  { type: "redirect", location: "ws://node2.example/signaling" },
  { type: "redirect", location: "nonsense" },
  { type: "req-stats" },
  { type: "close", code: 1000, reason: "DISCONNECTED-API" },
  { type: "close", code: 4490, reason: "SOMETHING" },
  { type: "invented" },
  { jsonrpc: "2.0", id: 1, result: 1 },
  "rubbish",
  "",
];

/** Ends of a WebSocket. */
export const ENDS: readonly SocketEnd[] = [
  { code: 0, reason: "", error: new Error("read ECONNRESET") },
  { code: 1000, reason: "TYPE-DISCONNECT" },
  { code: 1000, reason: "DISCONNECTED-API" },
  { code: 1001, reason: "" },
  { code: 4490, reason: "AUTHENTICATION-FAILURE" },
];

/** States of a peer connection. */
export const STATES = [
  "connecting",
  "connected",
  "connected",
  "disconnected",
  "failed",
  "closed",
] as const;
