/**
 * Whether STUN and TURN servers answer: each is sent a request without credentials (RFC 8489, RFC 8656), which it answers or refuses.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { isIP, type Socket } from "node:net";
import { lookup } from "node:dns/promises";
import { escapeControls } from "../../base/text.ts";
import type { ConnectionFlags } from "../connection/flags.ts";
import { failed, type Finding, messageOf, ok } from "./finding.ts";
import { limited } from "./limited.ts";
import { dial, endpointText, proxyOf, type Target } from "./target.ts";

const LIMIT_MS = 5_000;
/** When a datagram is sent again. */
const RESEND_MS = 500;
/** The most servers that are asked. */
const MAX_SERVERS = 16;

const BINDING = 0x0001;
const ALLOCATE = 0x0003;
const COOKIE = 0x2112a442;
const HEADER_BYTES = 20;
const REQUESTED_TRANSPORT = 0x0019;
const UDP = 17;
/** The bits of a response's class: success or error. */
const RESPONSE = 0x0100;

/** A STUN or TURN server. */
export interface IceServer {
  /** Its URL; what is written like credentials is left out. */
  readonly text: string;
  readonly host: string;
  readonly port: number;
  readonly transport: "udp" | "tcp" | "tls";
  readonly isTurn: boolean;
}

/** Takes the URL of a server apart (RFC 7064, RFC 7065); undefined when it is none. */
export function iceServerOf(url: string): IceServer | undefined {
  const parts =
    /^(stuns?|turns?):(?:[^/?]*@)?(\[[^\]]+\]|[^:?/]+)(?::(\d{1,5}))?(?:\?transport=(\w+))?$/
      .exec(url);
  if (parts === null) return undefined;
  const [, scheme = "", host = "", port, transport = "udp"] = parts;
  const secure = scheme.endsWith("s");
  return {
    text: escapeControls(url.replace(/^(\w+:)[^/?]*@/, "$1")),
    host: host.replace(/^\[(.*)\]$/, "$1"),
    port: Number(port ?? (secure ? 5349 : 3478)),
    transport: secure ? "tls" : transport === "tcp" ? "tcp" : "udp",
    isTurn: scheme.startsWith("turn"),
  };
}

function makeRequest({ isTurn }: IceServer): Buffer {
  const attributes = isTurn
    ? Buffer.of(0, REQUESTED_TRANSPORT, 0, 4, UDP, 0, 0, 0)
    : Buffer.alloc(0);
  const header = Buffer.alloc(8);
  header.writeUInt16BE(isTurn ? ALLOCATE : BINDING, 0);
  header.writeUInt16BE(attributes.byteLength, 2);
  header.writeUInt32BE(COOKIE, 4);
  return Buffer.concat([header, randomBytes(12), attributes]);
}

/** Whether bytes are the response to a request: its cookie and transaction are there again. */
function isResponse(bytes: Buffer, request: Buffer): boolean {
  return bytes.byteLength >= HEADER_BYTES && (bytes.readUInt16BE(0) & RESPONSE) !== 0 &&
    bytes.subarray(4, HEADER_BYTES).equals(request.subarray(4, HEADER_BYTES));
}

async function askOverUdp(server: IceServer, signal: AbortSignal): Promise<void> {
  const { host, port } = server;
  const family = isIP(host) || (await lookup(host)).family;
  const socket = createSocket(family === 6 ? "udp6" : "udp4");
  const request = makeRequest(server);
  let timer: ReturnType<typeof setInterval> | undefined;
  try {
    const answered = new Promise<void>((resolve, reject) => {
      socket.on("error", reject);
      socket.on("message", (bytes) => {
        if (isResponse(bytes, request)) resolve();
      });
      const send = () => socket.send(request, port, host, (error) => error && reject(error));
      send();
      timer = setInterval(send, RESEND_MS);
    });
    await limited(answered, LIMIT_MS, `nothing within ${LIMIT_MS / 1_000} s`, signal);
  } finally {
    clearInterval(timer);
    socket.close();
  }
}

/** The first bytes of an answer. */
function readHeader(socket: Socket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let bytes = Buffer.alloc(0);
    socket.on("data", (part: Buffer) => {
      bytes = Buffer.concat([bytes, part.subarray(0, HEADER_BYTES)]);
      if (bytes.byteLength >= HEADER_BYTES) resolve(bytes);
    });
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("the connection was closed")));
  });
}

async function askOverTcp(
  server: IceServer,
  flags: ConnectionFlags,
  signal: AbortSignal,
): Promise<void> {
  const { host, port, transport, text } = server;
  const secure = transport === "tls";
  const target: Target = { text, host, port, secure, proxy: proxyOf(flags), flags };
  using dialled = await dial(target, "tls", signal);
  const request = makeRequest(server);
  const answer = readHeader(dialled.socket);
  dialled.socket.write(request);
  const late = `nothing within ${LIMIT_MS / 1_000} s`;
  const bytes = await limited(answer, LIMIT_MS, late, signal);
  if (!isResponse(bytes, request)) throw new Error("what answers is no TURN server");
}

/** What became of asking a server. */
interface Answer {
  readonly text: string;
  readonly ms: number | null;
}

async function ask(
  server: IceServer,
  flags: ConnectionFlags,
  signal: AbortSignal,
): Promise<Answer> {
  const { text, transport } = server;
  const by = transport.toUpperCase();
  const began = performance.now();
  try {
    if (transport === "udp") await askOverUdp(server, signal);
    else await askOverTcp(server, flags, signal);
  } catch (error) {
    signal.throwIfAborted();
    const where = endpointText(server);
    return {
      text: `${text} does not answer over ${by} (${
        escapeControls(messageOf(error))
      }): allow outgoing ${by} to ${where}, or look at that server`,
      ms: null,
    };
  }
  const ms = performance.now() - began;
  return { text: `${text} answers over ${by} in ${ms.toFixed(1)} ms`, ms };
}

/** Asks all servers: failed when none of them answers. */
export async function turnFinding(
  urls: readonly string[],
  flags: ConnectionFlags,
  signal: AbortSignal,
): Promise<Finding> {
  const servers = urls.slice(0, MAX_SERVERS).flatMap((url) => iceServerOf(url) ?? []);
  const answers = await Promise.all(servers.map((server) => ask(server, flags, signal)));
  const text = answers.map((answer) => answer.text).join("\n");
  const data = { servers: servers.map((server, i) => ({ url: server.text, ms: answers[i]!.ms })) };
  return answers.some(({ ms }) => ms !== null) ? ok(text, data) : failed(text, data);
}
