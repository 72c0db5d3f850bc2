/**
 * Real servers on loopback for the tests of the WebSocket: echo over ws and wss, and a CONNECT proxy.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { createServer as createHttp, type IncomingMessage } from "node:http";
import { createServer as createHttps, type ServerOptions } from "node:https";
import {
  type AddressInfo,
  connect as connectTcp,
  createServer as createTcp,
  type Socket,
} from "node:net";
import { type WebSocket, WebSocketServer } from "ws";

/** A server that was started. */
export interface RunningServer extends AsyncDisposable {
  readonly port: number;
  /** The upgrade requests that came, newest last. */
  readonly requests: IncomingMessage[];
  /** The WebSockets that are or were open. */
  readonly sockets: WebSocket[];
}

/** Starts a WebSocket server that answers each message with itself, until `onSocket` does otherwise. */
export async function startEchoServer(
  tls?: ServerOptions,
  onSocket: (socket: WebSocket) => void = (socket) =>
    socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary })),
): Promise<RunningServer> {
  const server = tls === undefined ? createHttp() : createHttps(tls);
  const connections = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    connections.add(socket);
    socket.on("close", () => connections.delete(socket));
    socket.on("error", () => {});
  });
  server.on("tlsClientError", () => {});
  const requests: IncomingMessage[] = [];
  const sockets: WebSocket[] = [];
  const webSockets = new WebSocketServer({ server });
  webSockets.on("connection", (socket, request) => {
    requests.push(request);
    sockets.push(socket);
    socket.on("error", () => {});
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    sockets,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.terminate();
      webSockets.close();
      for (const connection of connections) connection.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** A proxy that was started. */
export interface RunningProxy extends AsyncDisposable {
  readonly port: number;
  /** The heads of the CONNECT requests that came, newest last. */
  readonly requests: { readonly target: string; readonly headers: IncomingMessage["headers"] }[];
}

/** Starts an HTTP CONNECT proxy. `credentials`: the only ones it lets through; `silent`: it never answers. */
export async function startProxy(
  { credentials, silent = false }: { credentials?: string; silent?: boolean } = {},
): Promise<RunningProxy> {
  const requests: RunningProxy["requests"] = [];
  const connections = new Set<Socket>();
  const keep = (socket: Socket) => {
    connections.add(socket);
    socket.on("close", () => connections.delete(socket));
    socket.on("error", () => socket.destroy());
  };
  const server = createHttp();
  server.on("connection", keep);
  server.on("connect", (request: IncomingMessage, client: Socket) => {
    requests.push({ target: request.url!, headers: request.headers });
    if (silent) return;
    const given = request.headers["proxy-authorization"];
    const wanted = credentials && `Basic ${btoa(credentials)}`;
    if (wanted !== undefined && given !== wanted) {
      client.end("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
      return;
    }
    const { hostname, port } = new URL(`http://${request.url}`);
    const target = connectTcp(Number(port), hostname, () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      target.pipe(client);
      client.pipe(target);
    });
    keep(target);
    target.on("close", () => client.destroy());
    client.on("close", () => target.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    [Symbol.asyncDispose]: async () => {
      for (const connection of connections) connection.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** Starts a server that opens WebSockets and then treats each connection as the test requires, byte by byte. */
export function startRawWebSocketServer(
  onOpen: (socket: Socket) => void,
  allowHalfOpen = false,
): ReturnType<typeof startRawServer> {
  return startRawServer((socket) => {
    socket.once("data", (head) => {
      const key = /Sec-WebSocket-Key: (.*)\r\n/i.exec(head.toString())![1]!;
      const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
      socket.write(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
          `Sec-WebSocket-Accept: ${accept.digest("base64")}\r\n\r\n`,
      );
      onOpen(socket);
    });
  }, allowHalfOpen);
}

/** A server's frame (RFC 6455, section 5.2) with less than 126 bytes. `first`: its first byte. */
export function rawFrame(first: number, payload: Uint8Array): Uint8Array {
  return Uint8Array.of(first, payload.byteLength, ...payload);
}

/** A server's close frame. */
export function rawCloseFrame(code: number, reason: string): Uint8Array {
  const text = new TextEncoder().encode(reason);
  return rawFrame(0x88, Uint8Array.of(code >> 8, code & 255, ...text));
}

/**
 * Starts a TCP server that treats each connection as the test requires. `allowHalfOpen`: its side stays open when the other side
 * ends.
 */
export async function startRawServer(
  onSocket: (socket: Socket) => void,
  allowHalfOpen = false,
): Promise<AsyncDisposable & { readonly port: number }> {
  const connections = new Set<Socket>();
  const server = createTcp({ allowHalfOpen }, (socket) => {
    connections.add(socket);
    socket.on("close", () => connections.delete(socket));
    socket.on("error", () => {});
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      for (const connection of connections) connection.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
