/**
 * A relay between a client and a signaling server, which can change the messages of the server.
 *
 * @module
 */

import type { RawData } from "ws";
import { WebSocket, WebSocketServer } from "ws";
import type { AddressInfo } from "node:net";

/** A relay that was started. */
export interface SignalingRelay extends AsyncDisposable {
  /** Where clients connect. */
  readonly url: string;
  /** Sends a message to all clients, as if from the server. */
  inject(data: string | Uint8Array): void;
}

/**
 * Starts a relay on loopback.
 *
 * @param target The server's URL.
 * @param toClient Changes a message of the server; several may be sent in its place, or none.
 */
export async function startRelay(
  target: string,
  toClient: (text: string) => readonly (string | Uint8Array)[] = (text) => [text],
): Promise<SignalingRelay> {
  const relay = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await new Promise<void>((resolve) => relay.once("listening", resolve));
  const upstreams = new Set<WebSocket>();
  relay.on("connection", (client) => {
    const server = new WebSocket(target);
    upstreams.add(server);
    const early: string[] = [];
    const pass = (from: WebSocket, to: WebSocket) => {
      from.on("error", () => {});
      from.on("close", (code, reason) => {
        // 1005 and 1006 stand for the lack of a code (RFC 6455, 7.4.1) and cannot be sent.
        if (code === 1006) to.terminate();
        else if (code === 1005) to.close();
        else to.close(code, reason);
      });
    };
    pass(client, server);
    pass(server, client);
    client.on("message", (data: RawData) => {
      if (server.readyState === WebSocket.OPEN) server.send(String(data));
      else early.push(String(data));
    });
    server.on("open", () => {
      for (const text of early) server.send(text);
    });
    server.on("message", (data: RawData) => {
      for (const message of toClient(String(data))) client.send(message);
    });
  });
  return {
    url: `ws://127.0.0.1:${(relay.address() as AddressInfo).port}/signaling`,
    inject: (data) => {
      for (const client of relay.clients) client.send(data);
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of [...relay.clients, ...upstreams]) socket.terminate();
      await new Promise<void>((resolve) => relay.close(() => resolve()));
    },
  };
}
