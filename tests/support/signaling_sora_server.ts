/**
 * As much of a Sora server as signaling over one WebSocket needs, on a real socket: offer, connection.created, ping, the end.
 *
 * @module
 */

import { type RunningServer, startEchoServer } from "./signaling_servers.ts";
import { CONNECTION_ID, connectionNotify, offerMessage } from "./signaling_scene.ts";

/** The messages to the server, newest last. */
export interface SoraLikeServer extends RunningServer {
  readonly received: { readonly type: string; readonly [key: string]: unknown }[];
}

/** Starts it. */
export async function startSoraLikeServer(): Promise<SoraLikeServer> {
  const received: SoraLikeServer["received"] = [];
  const server = await startEchoServer(undefined, (socket) => {
    const send = (message: object) => socket.send(JSON.stringify(message));
    socket.on("message", (data) => {
      const message = JSON.parse(data.toString());
      received.push(message);
      if (message.type === "connect") send(offerMessage({ connection_id: CONNECTION_ID }));
      else if (message.type === "answer") {
        send(connectionNotify("created"));
        send({ type: "ping", stats: true });
      } else if (message.type === "disconnect") socket.close(1000, "TYPE-DISCONNECT");
    });
  });
  return { ...server, received };
}
