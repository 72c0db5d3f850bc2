/**
 * A process that connects through a proxy that never opens a tunnel, gives up when its time is over, and ends. Its argument is
 * the URL of the proxy.
 *
 * @module
 */

import process from "node:process";
import { checkSignalingOptions, SignalingSession } from "../../signaling/mod.ts";
import { createWebSocket } from "../../signaling/socket/websocket.ts";

const session = new SignalingSession({
  options: checkSignalingOptions({
    signalingUrls: ["wss://127.0.0.1:1/signaling"],
    role: "recvonly",
    channelId: "channel",
    proxyUrl: process.argv[2],
    webSocketConnectionTimeoutMs: 300,
  }),
  handlers: { onDisconnect: (code, message) => console.log(`${code} ${message}`) },
  createPeer: () => {
    throw new Error("There is no server");
  },
  createSocket: createWebSocket,
  client: { soraClient: "Sora FFI SDK 0.0.0" },
});
await session.connect().catch(() => {});
