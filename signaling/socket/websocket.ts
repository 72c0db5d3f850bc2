/**
 * WebSockets over the package `ws`: the only file of signaling that imports it.
 *
 * In Deno, importing `ws` needs `--allow-env=WS_NO_BUFFER_UTIL`; connecting needs `--allow-net` for the
 * server (and the proxy) only.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { isIP } from "node:net";
import * as nodeTls from "node:tls";
import { checkServerIdentity, type ConnectionOptions } from "node:tls";
import WebSocket, { type ClientOptions, type RawData } from "ws";
import type { Pem } from "../options/options.ts";
import { redactError } from "../messages/redact.ts";
import type {
  SignalingSocket,
  SocketEnd,
  SocketEvents,
  SocketFactory,
  SocketRequest,
} from "./socket.ts";
import { ProxyRefusedError, Tunnel, withoutBrackets } from "./tunnel.ts";

/** Most bytes that may wait to be sent. */
const MAX_BUFFERED_BYTES = 4 * 1024 * 1024;
/** `ws` reports this code when no close frame came (RFC 6455, section 7.1.5). */
const NO_CLOSE_FRAME = 1006;

/** `ws` passes these on to the runtime's TLS; its types declare another `checkServerIdentity` and lack newer options. */
type WsOptions = Omit<ClientOptions, "checkServerIdentity"> & ConnectionOptions & {
  readonly closeTimeout: number;
};

/** PEM as a string, which both runtimes accept. */
function pem(value: string | Uint8Array): string {
  return typeof value === "string" ? value : new TextDecoder().decode(value);
}

let systemRoots: string[] | undefined;

/** The trusted certificates: by default the system's, as for TURN over TLS, not the list that comes with the runtime. */
function trusted(insecure: boolean, caCert: Pem | undefined): Pick<ConnectionOptions, "ca"> {
  if (caCert !== undefined) return { ca: pem(caCert) };
  if (insecure) return {};
  systemRoots ??= readSystemRoots();
  return systemRoots.length === 0 ? {} : { ca: systemRoots };
}

/** The system's certificates; none where reading them is not permitted (Deno: `--allow-sys=ca`), and the runtime's list is used. */
function readSystemRoots(): string[] {
  try {
    // Not imported by name: Deno before 2.8 has no such export, which would end the import before its version is refused.
    return nodeTls.getCACertificates("system");
  } catch {
    return [];
  }
}

function tlsOptions({ url, tls }: SocketRequest): ConnectionOptions {
  const { insecure, caCert, clientCert, clientKey } = tls;
  const host = withoutBrackets(new URL(url).hostname);
  return {
    minVersion: "TLSv1.2",
    rejectUnauthorized: insecure !== true,
    // Behind a proxy, the runtime would compare the certificate of an IP address with "localhost".
    checkServerIdentity: (_host, certificate) => checkServerIdentity(host, certificate),
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...trusted(insecure === true, caCert),
    ...(clientCert === undefined ? {} : { cert: pem(clientCert) }),
    ...(clientKey === undefined ? {} : { key: pem(clientKey) }),
  };
}

class WsSocket implements SignalingSocket {
  readonly #events: SocketEvents;
  #tunnel: Tunnel | undefined;
  #socket: WebSocket | undefined;
  #error: Error | undefined;
  #closing = false;
  #over = false;

  constructor(request: SocketRequest, events: SocketEvents) {
    this.#events = events;
    void this.#open(request);
  }

  get isEnding(): boolean {
    return this.#socket?.readyState === WebSocket.CLOSING && !this.#closing && !this.#over;
  }

  send(text: string): boolean {
    const socket = this.#socket;
    if (socket?.readyState !== WebSocket.OPEN) return false;
    if (socket.bufferedAmount + Buffer.byteLength(text) > MAX_BUFFERED_BYTES) return false;
    socket.send(text);
    return true;
  }

  close(code: number, reason: string): void {
    if (this.isEnding) return;
    this.#closing = true;
    this.#socket?.close(code, reason);
  }

  terminate(): void {
    this.#over = true;
    this.#socket?.terminate();
    this.#tunnel?.close();
  }

  async #open(request: SocketRequest): Promise<void> {
    const { url, userAgent, maxMessageBytes, closeTimeoutMs, proxy } = request;
    try {
      const tls = new URL(url).protocol === "wss:" ? tlsOptions(request) : {};
      let through = {};
      if (proxy !== undefined) {
        this.#tunnel = new Tunnel(proxy, new URL(url), tls);
        const socket = await this.#tunnel.opened;
        through = { createConnection: () => socket };
      }
      if (this.#over) return;
      const options: WsOptions = {
        ...tls,
        ...through,
        headers: { "User-Agent": userAgent },
        perMessageDeflate: false,
        maxPayload: maxMessageBytes,
        closeTimeout: closeTimeoutMs,
        followRedirects: false,
      };
      this.#listen(new WebSocket(url, options as unknown as ClientOptions));
    } catch (error) {
      const status = error instanceof ProxyRefusedError ? { httpStatus: error.httpStatus } : {};
      const end = { code: 0, reason: "", error: safeError(error), ...status };
      // A URL that ws refuses throws here; the event must not reach the caller during its own call.
      queueMicrotask(() => this.#end(end));
    }
  }

  #listen(socket: WebSocket): void {
    this.#socket = socket;
    let opened = false;
    socket.on("open", () => {
      opened = true;
      this.#unlessOver(() => this.#events.onOpen());
    });
    socket.on("message", (data: RawData, isBinary: boolean) =>
      this.#unlessOver(() => {
        if (isBinary) this.#events.onBinary();
        else this.#events.onText(data.toString());
      }));
    socket.on("error", (error) => {
      this.#error ??= safeError(error);
      // Nothing after a broken frame can be read, so there is nothing to wait for (RFC 6455, section 7.1.7).
      if (opened) socket.terminate();
    });
    socket.on("close", (code, reason) => {
      if (code === NO_CLOSE_FRAME || this.#error !== undefined) {
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
    this.#tunnel?.close();
    this.#events.onEnd(end);
  }
}

/** The HTTP status, which only the text of the error contains. */
function httpStatus(error: Error): { readonly httpStatus?: number } {
  const status = /Unexpected server response: (\d{3})\b/.exec(error.message)?.[1];
  return status === undefined ? {} : { httpStatus: Number(status) };
}

/** An error from a lower layer, safe to report: some contain the whole URL, or the request with the password of the proxy. */
function safeError(error: unknown): Error {
  const { code } = error as { code?: unknown };
  const safe = new Error(redactError(error));
  return typeof code === "string" ? Object.assign(safe, { code }) : safe;
}

/** Opens a WebSocket over `ws`: permessage-deflate off, certificates and host names verified unless `insecure`. */
export const createWebSocket: SocketFactory = (request, events): SignalingSocket =>
  new WsSocket(request, events);
