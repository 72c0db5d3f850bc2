/**
 * A process that connects once, with a peer connection that is always connected, and ends. Its argument is the URL.
 *
 * @module
 */

import process from "node:process";
import { checkSignalingOptions, type Peer, SignalingSession } from "../../signaling/mod.ts";
import { createWebSocket } from "../../signaling/socket/websocket.ts";

const peer: Peer = {
  maxMessageBytes: Infinity,
  maxBufferedBytes: Infinity,
  setRemoteOffer: () => Promise.resolve(),
  createAnswer: () => Promise.resolve("answer sdp"),
  getStats: () => Promise.resolve("[]"),
  sendDataChannel: () => false,
  bufferedAmount: () => 0,
  close: () => Promise.resolve(),
};

const session = new SignalingSession({
  options: checkSignalingOptions({
    signalingUrls: [process.argv[2]],
    role: "sendrecv",
    channelId: "channel",
    metadata: { token: "hunter2" },
  }),
  handlers: { onDisconnect: (code, message) => console.log(`${code} ${message}`) },
  createPeer: (_offer, events) => {
    queueMicrotask(() => events.onConnectionStateChange("connected"));
    return peer;
  },
  createSocket: createWebSocket,
  client: { soraClient: "Sora FFI SDK 0.0.0" },
});
await session.connect();
console.log("connected");
await session.disconnect();
