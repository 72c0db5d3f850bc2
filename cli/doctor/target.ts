/**
 * The Sora that `sora-ffi doctor` examines, and how to reach it: TCP, a tunnel through a proxy, TLS.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import * as nodeTls from "node:tls";
import type { TLSSocket } from "node:tls";
import { escapeControls } from "../../base/text.ts";
import { UsageError } from "../command.ts";
import type { ConnectionFlags } from "../connection/flags.ts";
import { limited } from "./limited.ts";

/** Longest wait for an answer. */
const LIMIT_MS = 5_000;
const MAX_HEAD_BYTES = 16_384;
const END_OF_HEAD = "\r\n\r\n";

/** A host and a port. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** An HTTP proxy. */
export interface Proxy extends Endpoint {
  readonly credentials: string | undefined;
}

/** A signaling URL, taken apart. */
export interface Target extends Endpoint {
  /** Without user name, password and query. */
  readonly text: string;
  readonly secure: boolean;
  /** Absent as well when the URL is `ws:`, for which proxies are not used. */
  readonly proxy: Proxy | undefined;
  readonly flags: ConnectionFlags;
}

/** `192.0.2.1:443`, `[2001:db8::1]:443`. */
export function endpointText({ host, port }: Endpoint): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

const hostOf = (url: URL) => url.hostname.replace(/^\[(.*)\]$/, "$1");

/** A URL of a scheme; what is given instead is not shown, as it may have a password. */
function urlOf(text: string, option: string, schemes: readonly string[]): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && schemes.includes(url.protocol) && url.hostname !== "") return url;
  throw new UsageError(`--${option} must be a URL that begins with ${schemes.join(" or ")}`);
}

/** The proxy that is given. */
export function proxyOf(
  { proxyUrl, proxyUsername, proxyPassword }: ConnectionFlags,
): Proxy | undefined {
  if (proxyUrl === undefined) return undefined;
  const url = urlOf(proxyUrl, "proxy-url", ["http:"]);
  const user = proxyUsername ?? decodeURIComponent(url.username);
  const password = proxyPassword ?? decodeURIComponent(url.password);
  const credentials = user === "" && password === "" ? undefined : `${user}:${password}`;
  return { host: hostOf(url), port: Number(url.port || 80), credentials };
}

/**
 * Takes a signaling URL apart.
 *
 * @throws {UsageError} It is none, or the proxy's is none.
 */
export function targetOf(signalingUrl: string, flags: ConnectionFlags): Target {
  const url = urlOf(signalingUrl, "signaling-url", ["ws:", "wss:"]);
  const secure = url.protocol === "wss:";
  return {
    text: escapeControls(`${url.protocol}//${url.host}${url.pathname}`),
    host: hostOf(url),
    port: Number(url.port || (secure ? 443 : 80)),
    secure,
    proxy: secure ? proxyOf(flags) : undefined,
    flags,
  };
}

/** What TCP leads to: the proxy, or the server itself. */
export function firstHop(target: Target): Endpoint {
  return target.proxy ?? target;
}

/** The proxy's answer to CONNECT is not a success. */
export class ProxyRefusal extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`status ${status}`);
    this.status = status;
  }
}

function opened(socket: Socket, event: "connect" | "secureConnect"): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once(event, () => resolve());
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("the connection was closed")));
  });
}

/** The head of an HTTP answer, after which nothing is read any more. */
function readHead(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let bytes = Buffer.alloc(0);
    const finish = (end: number) => {
      socket.removeListener("data", onData);
      resolve(bytes.toString("latin1", 0, end));
    };
    const onData = (part: Buffer) => {
      bytes = Buffer.concat([bytes, part.subarray(0, MAX_HEAD_BYTES)]);
      const end = bytes.indexOf(END_OF_HEAD);
      if (end >= 0) finish(end);
      else if (bytes.byteLength > MAX_HEAD_BYTES) reject(new Error("the answer is not HTTP"));
    };
    socket.on("data", onData);
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("the connection was closed")));
  });
}

async function connectThrough(socket: Socket, target: Target, proxy: Proxy): Promise<void> {
  const name = endpointText(target);
  const lines = [`CONNECT ${name} HTTP/1.1`, `Host: ${name}`];
  if (proxy.credentials !== undefined) {
    const text = Buffer.from(proxy.credentials).toString("base64");
    lines.push(`Proxy-Authorization: Basic ${text}`);
  }
  const head = readHead(socket);
  socket.write(lines.join("\r\n") + END_OF_HEAD);
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(await head)?.[1]);
  if (!(status >= 200 && status < 300)) throw new ProxyRefusal(status || 0);
}

/** The system's certificates, as the client trusts them; none where reading them is not permitted. */
function systemRoots(): string[] {
  try {
    return nodeTls.getCACertificates("system");
  } catch {
    return [];
  }
}

function startTls(socket: Socket, { host, flags }: Target): TLSSocket {
  const { caCert, clientCert, clientKey } = flags;
  const roots = caCert === undefined ? systemRoots() : [caCert as string];
  return nodeTls.connect({
    socket,
    minVersion: "TLSv1.2",
    // The certificate is examined even when it is not trusted.
    rejectUnauthorized: false,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(roots.length === 0 ? {} : { ca: roots }),
    ...(clientCert === undefined ? {} : { cert: clientCert as string }),
    ...(clientKey === undefined ? {} : { key: clientKey as string }),
  });
}

/** How far to go. */
export type Depth = "tcp" | "proxy" | "tls";

/** Sockets that lead to a server, until they are disposed of. */
export class Dialled implements Disposable {
  readonly tcp: Socket;
  tls: TLSSocket | undefined;

  constructor(tcp: Socket) {
    this.tcp = tcp;
  }

  /** The innermost of them. */
  get socket(): Socket {
    return this.tls ?? this.tcp;
  }

  [Symbol.dispose](): void {
    // What comes after the end is of no interest.
    for (const socket of [this.tls, this.tcp]) socket?.on("error", () => {}).destroy();
  }
}

/**
 * Connects to a server.
 *
 * @throws {Error} With the system's code, or a {@link ProxyRefusal}.
 */
export async function dial(target: Target, depth: Depth, signal: AbortSignal): Promise<Dialled> {
  const { host, port } = firstHop(target);
  const dialled = new Dialled(connectTcp({ host, port }));
  const wait = <T>(promise: Promise<T>) =>
    limited(promise, LIMIT_MS, `no answer within ${LIMIT_MS / 1_000} s`, signal);
  try {
    await wait(opened(dialled.tcp, "connect"));
    if (depth === "tcp") return dialled;
    if (target.proxy !== undefined) await wait(connectThrough(dialled.tcp, target, target.proxy));
    if (depth === "proxy" || !target.secure) return dialled;
    dialled.tls = startTls(dialled.tcp, target);
    await wait(opened(dialled.tls, "secureConnect"));
    return dialled;
  } catch (error) {
    dialled[Symbol.dispose]();
    throw error;
  }
}

/** The head of the server's answer to a request for `/`. */
export async function requestHead(target: Target, signal: AbortSignal): Promise<string> {
  using dialled = await dial(target, "tls", signal);
  const head = readHead(dialled.socket);
  dialled.socket.write(
    `HEAD / HTTP/1.1\r\nHost: ${endpointText(target)}\r\nConnection: close${END_OF_HEAD}`,
  );
  return await limited(head, LIMIT_MS, `no answer within ${LIMIT_MS / 1_000} s`, signal);
}
