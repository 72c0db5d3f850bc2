/**
 * Valid messages at the wrong time or on the wrong way, all of which are ignored.
 *
 * @module
 */

/** How far a connection has come. */
export type Phase = "before the offer" | "connected" | "switched";

const MESSAGES = {
  "a second offer": {
    type: "offer",
    sdp: "offer sdp",
    connection_id: "ANOTHER",
    config: { iceServers: [] },
  },
  "a type with a null character": { type: "off\0er" },
  "answer": { type: "answer", sdp: "x" },
  "candidate": { type: "candidate", candidate: "x" },
  "close": { type: "close", code: 1000, reason: "x" },
  "connect": { type: "connect", role: "sendrecv", channel_id: "c" },
  "constructor": { type: "constructor" },
  "disconnect": { type: "disconnect", reason: "NO-ERROR" },
  "notify": { type: "notify", event_type: "anything" },
  "ping": { type: "ping", stats: true },
  "pong": { type: "pong" },
  "push": { type: "push", data: 1 },
  "re-answer": { type: "re-answer", sdp: "x" },
  "re-offer": { type: "re-offer", sdp: "x" },
  "redirect": { type: "redirect", location: "ws://elsewhere.example/" },
  "req-stats": { type: "req-stats" },
  "switched": { type: "switched", ignore_disconnect_websocket: true },
  "switched again": { type: "switched", ignore_disconnect_websocket: true },
  "unknown": { type: "unheard-of", a: [1] },
  "update": { type: "update", sdp: "x" },
};

const ROWS: readonly (readonly [Phase, via: string, (keyof typeof MESSAGES)[]])[] = [
  ["before the offer", "WebSocket", [
    "a type with a null character",
    "answer",
    "candidate",
    "close",
    "constructor",
    "notify",
    "push",
    "re-offer",
    "req-stats",
    "switched",
    "unknown",
    "update",
  ]],
  ["connected", "WebSocket", [
    "a second offer",
    "answer",
    "candidate",
    "close",
    "connect",
    "disconnect",
    "pong",
    "re-answer",
    "redirect",
    "req-stats",
    "unknown",
  ]],
  ["switched", "notify", ["close", "push", "re-offer", "req-stats"]],
  ["switched", "push", ["notify", "re-offer", "switched"]],
  ["switched", "signaling", [
    "a second offer",
    "answer",
    "connect",
    "disconnect",
    "notify",
    "ping",
    "push",
    "redirect",
    "req-stats",
    "switched",
    "unknown",
  ]],
  ["switched", "stats", ["close", "notify", "re-offer"]],
  ["switched", "WebSocket", ["switched again"]],
];

/** Valid messages that are ignored; `via` is `WebSocket` or the label of a data channel. */
export const UNTIMELY = ROWS.flatMap(([phase, via, kinds]) =>
  kinds.map((kind) => ({
    name: `${phase}, on ${via}: ${kind}`,
    phase,
    via,
    message: MESSAGES[kind] as object,
  }))
);
