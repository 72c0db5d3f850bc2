/**
 * WebSockets over the package `ws`: the only file of signaling that imports it.
 *
 * In Deno, importing `ws` needs `--allow-env=WS_NO_BUFFER_UTIL,WS_NO_UTF_8_VALIDATE`; connecting needs `--allow-net` for the
 * server (and the proxy) only.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { Agent } from "node:http";
import { checkServerIdentity, type ConnectionOptions } from "node:tls";
import WebSocket, { type ClientOptions, type RawData } from "ws";
import { redactError } from "./redact.ts";
import type {
  SignalingSocket,
  SocketEnd,
  SocketEvents,
  SocketFactory,
  SocketProxy,
  SocketRequest,
} from "./socket.ts";

/** How much may wait to be sent, in bytes. */
const MAX_BUFFERED_BYTES = 4 * 1024 * 1024;
/** `ws` reports this code when no close frame came (RFC 6455, section 7.1.5). */
const NO_CLOSE_FRAME = 1006;

/** `ws` hands these on to the runtime's TLS; its own type of `checkServerIdentity` is not the runtime's. */
type WsOptions =
  & Omit<ClientOptions, "checkServerIdentity">
  & Pick<ConnectionOptions, "checkServerIdentity">;

/** PEM text in the form that both runtimes take. */
function pem(value: string | Uint8Array): string {
  return typeof value === "string" ? value : new TextDecoder().decode(value);
}

function clientOptions({ url, userAgent, tls, maxMessageBytes }: SocketRequest): WsOptions {
  const { insecure, caCert, clientCert, clientKey } = tls;
  const host = new URL(url).hostname.replace(/^\[|\]$/g, "");
  return {
    headers: { "User-Agent": userAgent },
    perMessageDeflate: false,
    maxPayload: maxMessageBytes,
    followRedirects: false,
    minVersion: "TLSv1.2",
    rejectUnauthorized: insecure !== true,
    // Behind a proxy, the runtime would compare an IP address' certificate with "localhost".
    checkServerIdentity: (_host, certificate) => checkServerIdentity(host, certificate),
    ...(caCert === undefined ? {} : { ca: pem(caCert) }),
    ...(clientCert === undefined ? {} : { cert: pem(clientCert) }),
    ...(clientKey === undefined ? {} : { key: pem(clientKey) }),
  };
}

/** Loaded only when needed, because importing it reads more of the environment than `ws` does. */
async function proxyAgent(proxy: SocketProxy): Promise<Agent> {
  const { HttpsProxyAgent } = await import("https-proxy-agent");
  const credentials = Buffer.from(`${proxy.username}:${proxy.password}`).toString("base64");
  const headers: Record<string, string> = { "Proxy-Authorization": `Basic ${credentials}` };
  if (proxy.agent !== undefined) headers["User-Agent"] = proxy.agent;
  return new HttpsProxyAgent(proxy.url, { headers });
}

class WsSocket implements SignalingSocket {
  readonly #events: SocketEvents;
  #socket: WebSocket | undefined;
  #error: Error | undefined;
  #over = false;

  constructor(request: SocketRequest, events: SocketEvents) {
    this.#events = events;
    void this.#open(request);
  }

  send(text: string): boolean {
    const socket = this.#socket;
    if (socket?.readyState !== WebSocket.OPEN) return false;
    if (socket.bufferedAmount + text.length > MAX_BUFFERED_BYTES) return false;
    socket.send(text);
    return true;
  }

  close(code: number, reason: string): void {
    this.#socket?.close(code, reason);
  }

  terminate(): void {
    this.#over = true;
    this.#socket?.terminate();
  }

  async #open(request: SocketRequest): Promise<void> {
    const options = clientOptions(request);
    try {
      const agent = request.proxy && await proxyAgent(request.proxy);
      if (this.#over) return;
      const all = agent === undefined ? options : { ...options, agent };
      this.#listen(new WebSocket(request.url, all as unknown as ClientOptions));
    } catch (error) {
      // A URL that ws refuses throws in here; the caller must not hear of it while it is still in its own call.
      queueMicrotask(() => this.#end({ code: 0, reason: "", error: safeError(error) }));
    }
  }

  #listen(socket: WebSocket): void {
    this.#socket = socket;
    socket.on("open", () => this.#unlessOver(() => this.#events.onOpen()));
    socket.on("message", (data: RawData, isBinary: boolean) =>
      this.#unlessOver(() => {
        if (isBinary) this.#events.onBinary();
        else this.#events.onText(data.toString());
      }));
    socket.on("error", (error) => this.#error ??= safeError(error));
    socket.on("close", (code, reason) => {
      if (code === NO_CLOSE_FRAME) {
        const error = this.#error ?? new Error("The connection was closed without a close frame");
        this.#end({ code: 0, reason: "", error, ...httpStatus(error) });
      } else {
        this.#end({ code, reason: reason.toString() });
      }
    });
  }

  #unlessOver(act: () => void): void {
    if (!this.#over) act();
  }

  #end(end: SocketEnd): void {
    if (this.#over) return;
    this.#over = true;
    this.#events.onEnd(end);
  }
}

/** Only the text tells the status; that of a proxy has words of its own in Bun. */
function httpStatus(error: Error): { readonly httpStatus?: number } {
  const pattern = /(?:Unexpected server response|Proxy authentication required): (\d{3})\b/;
  const status = pattern.exec(error.message)?.[1];
  return status === undefined ? {} : { httpStatus: Number(status) };
}

/** What may be told of an error from below: some hold the whole URL, or the request with the proxy's password. */
function safeError(error: unknown): Error {
  const { code } = error as { code?: unknown };
  const safe = new Error(redactError(error));
  return typeof code === "string" ? Object.assign(safe, { code }) : safe;
}

/** Opens a WebSocket over `ws`: permessage-deflate off, certificates and host names verified unless `insecure`. */
export const createWebSocket: SocketFactory = (request, events): SignalingSocket =>
  new WsSocket(request, events);
