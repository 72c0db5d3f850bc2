/**
 * WebSockets over TCP and TLS (RFC 6455): without extensions, certificates and host names verified unless `insecure`.
 *
 * In Deno, connecting needs `--allow-net` for the server (and the proxy) only. The server's side of this repository uses the package
 * `ws`; with it a client would load HTTP, zlib and cryptography before it connects, a tenth of the time from the start of a process
 * to connected.
 *
 * @module
 */

import type { Socket } from "node:net";
import type { ConnectionOptions } from "node:tls";
import { afterListening, systemClock } from "../../base/clock.ts";
import { nodeNet, nodeTls } from "../../base/lazy_node.ts";
import { redactError } from "../messages/redact.ts";
import type { Pem } from "../options/options.ts";
import { clientFrame, closePayload, type FrameEvents, FrameReader, Opcode } from "./frames.ts";
import type {
  SignalingSocket,
  SocketEnd,
  SocketEvents,
  SocketFactory,
  SocketRequest,
} from "./socket.ts";
import { Tunnel, withoutBrackets } from "./tunnel.ts";
import { readAnswer, requireSwitching, Upgrade } from "./upgrade.ts";

/** Most bytes that may wait to be sent. */
const MAX_BUFFERED_BYTES = 4 * 1024 * 1024;

const encoder = new TextEncoder();

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
    return nodeTls().getCACertificates("system");
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
    checkServerIdentity: (_host, certificate) => nodeTls().checkServerIdentity(host, certificate),
    ...(nodeNet().isIP(host) === 0 ? { servername: host } : {}),
    ...trusted(insecure === true, caCert),
    ...(clientCert === undefined ? {} : { cert: pem(clientCert) }),
    ...(clientKey === undefined ? {} : { key: pem(clientKey) }),
  };
}

class ClientSocket implements SignalingSocket, FrameEvents {
  readonly #events: SocketEvents;
  readonly #closeTimeoutMs: number;
  readonly #reader: FrameReader;
  #tunnel: Tunnel | undefined;
  #socket: Socket | undefined;
  #upgrade: Upgrade | undefined;
  #answer = new Uint8Array(0);
  #opened = false;
  /** This side closes it. */
  #closing = false;
  #closeSent = false;
  /** The server's close frame. */
  #close: { readonly code: number; readonly reason: string } | undefined;
  #failure: Pick<SocketEnd, "error" | "httpStatus"> | undefined;
  #cancelTimer: () => void = () => {};
  #over = false;

  constructor(request: SocketRequest, events: SocketEvents) {
    this.#events = events;
    this.#closeTimeoutMs = request.closeTimeoutMs;
    this.#reader = new FrameReader(request.maxMessageBytes, this);
    void this.#open(request);
  }

  get isEnding(): boolean {
    if (this.#closing || this.#over) return false;
    return this.#close !== undefined || (this.#opened && this.#failure !== undefined);
  }

  send(text: string): boolean {
    const socket = this.#socket;
    if (socket === undefined || !this.#opened || this.#closeSent || this.#over) return false;
    if (this.#failure !== undefined) return false;
    const bytes = encoder.encode(text);
    if (socket.writableLength + bytes.length > MAX_BUFFERED_BYTES) return false;
    socket.write(clientFrame(Opcode.TEXT, bytes));
    return true;
  }

  close(code: number, reason: string): void {
    if (this.isEnding || this.#closing) return;
    this.#closing = true;
    if (this.#opened) this.#sendClose(code, reason);
    else this.#failLater(new Error("The WebSocket was closed before it was open"));
  }

  terminate(): void {
    this.#over = true;
    this.#cut();
  }

  onText(text: string): void {
    if (!this.#over) this.#events.onText(text);
  }

  onBinary(): void {
    if (!this.#over) this.#events.onBinary();
  }

  onPing(payload: Uint8Array): void {
    const socket = this.#socket!;
    // Of several pings one may be answered (RFC 6455, section 5.5.3): a server that reads nothing gets no more.
    if (this.#over || this.#closeSent || socket.writableLength > MAX_BUFFERED_BYTES) return;
    socket.write(clientFrame(Opcode.PONG, payload));
  }

  onClose(code: number, reason: string): void {
    if (this.#over) return;
    this.#close = { code, reason };
    if (this.#closeSent) this.#socket!.end();
    else this.#sendClose(code, "");
  }

  async #open(request: SocketRequest): Promise<void> {
    try {
      const url = new URL(request.url);
      if (url.hash !== "") throw new Error("The URL must have no fragment");
      // While TCP connects.
      const made = Upgrade.make(url, request.userAgent);
      await this.#connect(url, request);
      this.#upgrade = await made;
      if (!this.#over) this.#socket!.write(this.#upgrade.request);
    } catch (error) {
      this.#failLater(error);
    }
  }

  async #connect(url: URL, request: SocketRequest): Promise<void> {
    const host = withoutBrackets(url.hostname);
    const isSecure = url.protocol === "wss:";
    if (request.proxy !== undefined) {
      this.#tunnel = new Tunnel(request.proxy, url, tlsOptions(request));
      this.#listen(await this.#tunnel.opened);
    } else {
      const port = url.port === "" ? (isSecure ? 443 : 80) : Number(url.port);
      const to = { host, port, noDelay: true };
      const socket = isSecure
        ? nodeTls().connect({ ...tlsOptions(request), ...to })
        : nodeNet().connect(to);
      this.#listen(socket);
      // Its failure ends everything.
      await new Promise<void>((resolve) =>
        socket.once(isSecure ? "secureConnect" : "connect", resolve)
      );
    }
  }

  #listen(socket: Socket): void {
    this.#socket = socket;
    socket.on("data", (part: Uint8Array) => this.#onData(part));
    // Once it is open, the frames tell how it ended.
    socket.on("error", (error) => {
      if (!this.#opened) this.#failure ??= failureOf(error);
    });
    socket.on("close", () => this.#onEnd());
    if (this.#over) this.#cut();
  }

  #onData(part: Uint8Array): void {
    if (this.#over || this.#failure !== undefined) return;
    try {
      this.#reader.read(this.#opened ? part : this.#readAnswer(part));
    } catch (error) {
      // Nothing after it can be read, so there is nothing to wait for (RFC 6455, section 7.1.7).
      this.#failure ??= failureOf(error);
      this.#cut();
    }
  }

  /** Reads the server's answer to the upgrade; gives what follows it. */
  #readAnswer(part: Uint8Array): Uint8Array {
    const whole = new Uint8Array(this.#answer.length + part.length);
    whole.set(this.#answer);
    whole.set(part, this.#answer.length);
    this.#answer = whole;
    const head = readAnswer(whole);
    if (head === undefined) return new Uint8Array(0);
    requireSwitching(head);
    if (this.#upgrade === undefined) throw new Error("The server answered before it was asked");
    this.#upgrade.check(head);
    this.#answer = new Uint8Array(0);
    this.#opened = true;
    this.#events.onOpen();
    return whole.subarray(head.length);
  }

  #sendClose(code: number, reason: string): void {
    this.#closeSent = true;
    const socket = this.#socket!;
    socket.write(clientFrame(Opcode.CLOSE, closePayload(code, reason)));
    // The server closes TCP first (RFC 6455, section 7.1.1).
    if (this.#close !== undefined) socket.end();
    this.#cancelTimer = afterListening(systemClock, this.#closeTimeoutMs, () => this.#cut());
  }

  /** Reports a failure after the present call, during which no event must be fired. */
  #failLater(error: unknown): void {
    this.#failure ??= failureOf(error);
    queueMicrotask(() => this.#onEnd());
  }

  #onEnd(): void {
    if (this.#over) return;
    this.#over = true;
    this.#cut();
    this.#events.onEnd(this.#end());
  }

  #end(): SocketEnd {
    if (this.#failure === undefined && this.#close !== undefined) return this.#close;
    const error = new Error(
      this.#opened
        ? "The connection was closed without a close frame"
        : "The server closed the connection before it opened a WebSocket",
    );
    return { code: 0, reason: "", ...this.#failure ?? { error } };
  }

  #cut(): void {
    this.#cancelTimer();
    this.#socket?.destroy();
    this.#tunnel?.close();
  }
}

/** What an error says of the end. */
function failureOf(error: unknown): Pick<SocketEnd, "error" | "httpStatus"> {
  const { httpStatus } = error as { httpStatus?: unknown };
  const safe = { error: safeError(error) };
  return typeof httpStatus === "number" ? { ...safe, httpStatus } : safe;
}

/** An error from a lower layer, safe to report: some contain the whole URL, or the request with the password of the proxy. */
function safeError(error: unknown): Error {
  const { code } = error as { code?: unknown };
  const safe = new Error(redactError(error));
  return typeof code === "string" ? Object.assign(safe, { code }) : safe;
}

/** Opens a WebSocket. */
export const createWebSocket: SocketFactory = (request, events): SignalingSocket =>
  new ClientSocket(request, events);
