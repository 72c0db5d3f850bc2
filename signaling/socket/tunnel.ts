/**
 * A TLS connection to a server through a proxy: HTTP CONNECT (RFC 9110, section 9.3.6), then TLS inside.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import type { ConnectionOptions, TLSSocket } from "node:tls";
import { nodeNet, nodeTls } from "../../base/lazy_node.ts";
import type { SocketProxy } from "./socket.ts";

/** Longest answer of a proxy to CONNECT, in bytes. */
export const MAX_PROXY_ANSWER_BYTES = 16 * 1024;

const HTTP_PORT = 80;
const END_OF_HEAD = "\r\n\r\n";

/** The host of a URL, without the brackets of IPv6. */
export function withoutBrackets(host: string): string {
  return host.replace(/^\[|\]$/g, "");
}

/** The refusal of a proxy: it answered CONNECT with another status than 2xx. */
export class ProxyRefusedError extends Error {
  /** The status. */
  readonly httpStatus: number;

  /** A refusal. @param httpStatus The status of the proxy's answer. */
  constructor(httpStatus: number) {
    super(
      httpStatus === 407
        ? "The proxy requires other credentials: status 407"
        : `The proxy did not open a tunnel: status ${httpStatus}`,
    );
    this.httpStatus = httpStatus;
  }
}

function connectHead(target: string, { username, password, agent }: SocketProxy): string {
  const credentials = Buffer.from(`${username}:${password}`).toString("base64");
  return [
    `CONNECT ${target} HTTP/1.1`,
    `Host: ${target}`,
    `Proxy-Authorization: Basic ${credentials}`,
    ...(agent === undefined ? [] : [`User-Agent: ${agent}`]),
  ].join("\r\n") + END_OF_HEAD;
}

/** The verdict on a proxy's answer: `undefined` while it is incomplete, otherwise `open` or an error. */
function judge(answer: Buffer): Error | "open" | undefined {
  const end = answer.indexOf(END_OF_HEAD);
  if (end < 0) {
    return answer.length < MAX_PROXY_ANSWER_BYTES ? undefined : new Error(
      `The proxy's answer has no end within ${MAX_PROXY_ANSWER_BYTES} bytes`,
    );
  }
  const status = /^HTTP\/1\.[01] (\d{3})(?: |\r)/.exec(answer.toString("latin1", 0, end + 1))?.[1];
  if (status === undefined) return new Error("The proxy's answer is not HTTP/1.1");
  if (!status.startsWith("2")) return new ProxyRefusedError(Number(status));
  // In TLS the client speaks first, so anything early is an error that TLS itself would not see.
  const early = answer.length - end - END_OF_HEAD.length;
  return early === 0 ? "open" : new Error(`The proxy sent ${early} bytes before TLS began`);
}

/** A tunnel through a proxy. Owns its connections until `close()`, also after it is open. */
export class Tunnel {
  /** Resolves when TLS to the server is up. Rejects when that fails or `close()` comes first. */
  readonly opened: Promise<TLSSocket>;
  readonly #tcp: Socket;
  readonly #tls: ConnectionOptions;
  readonly #settle: { readonly resolve: (socket: TLSSocket) => void; readonly reject: Reject };
  #secure: TLSSocket | undefined;

  /** Starts to connect. @param url The server's `wss:` URL. @param tls Its TLS settings. */
  constructor(proxy: SocketProxy, url: URL, tls: ConnectionOptions) {
    const { promise, resolve, reject } = Promise.withResolvers<TLSSocket>();
    this.opened = promise;
    this.#settle = { resolve, reject };
    this.#tls = tls;
    const { hostname, port } = new URL(proxy.url);
    this.#tcp = nodeNet().connect({
      host: withoutBrackets(hostname),
      port: port === "" ? HTTP_PORT : Number(port),
    });
    this.#tcp.on("error", (error) => this.#fail(error));
    this.#tcp.on("close", () => this.#fail(new Error("The proxy closed the connection")));
    const target = `${url.hostname}:${url.port === "" ? 443 : url.port}`;
    this.#tcp.write(connectHead(target, proxy));
    this.#read();
  }

  /** Cuts the connections. */
  close(): void {
    this.#fail(new Error("The tunnel was closed"));
    this.#secure?.destroy();
    this.#tcp.destroy();
  }

  #read(): void {
    let answer: Buffer = Buffer.alloc(0);
    const onData = (part: Buffer): void => {
      answer = Buffer.concat([answer, part.subarray(0, MAX_PROXY_ANSWER_BYTES)]);
      const verdict = judge(answer);
      if (verdict === undefined) return;
      this.#tcp.off("data", onData);
      if (verdict === "open") this.#secureIt();
      else this.#fail(verdict);
    };
    this.#tcp.on("data", onData);
  }

  #secureIt(): void {
    const secure = nodeTls().connect({ ...this.#tls, socket: this.#tcp });
    this.#secure = secure;
    secure.on("error", (error) => this.#fail(error));
    secure.once("secureConnect", () => this.#settle.resolve(secure));
  }

  /** Only the first outcome counts. */
  #fail(error: Error): void {
    this.#settle.reject(error);
  }
}

type Reject = (error: Error) => void;
