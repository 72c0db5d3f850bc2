/**
 * Whether STUN and TURN servers answer, and allocate an address with the credentials that the Sora gives.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { escapeControls } from "../../base/text.ts";
import type { ConnectionFlags } from "../connection/flags.ts";
import { failed, type Finding, messageOf, ok } from "./finding.ts";
import { limited } from "./limited.ts";
import { type Link, linkOverTcp, linkOverUdp } from "./link.ts";
import { Attribute, type Credential, makeRequest, Method } from "./stun.ts";
import { endpointText, proxyOf } from "./target.ts";

const LIMIT_MS = 5_000;
/** The most servers that are asked. */
const MAX_SERVERS = 16;
/** Attempts to allocate: the first lacks credentials, and the nonce of the second may be stale. */
const MAX_ATTEMPTS = 3;
/** UDP by its number in IP. */
const REQUESTED_UDP = [Attribute.REQUESTED_TRANSPORT, Buffer.of(17, 0, 0, 0)] as const;
const NOW = [Attribute.LIFETIME, Buffer.alloc(4)] as const;
const UNAUTHORIZED = 401;
const STALE_NONCE = 438;

/** What a Sora offers: URLs, and the credentials for them. */
export interface OfferedIceServer {
  readonly urls: readonly string[];
  readonly username?: string | undefined;
  readonly credential?: string | undefined;
}

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

/** A server that answers, and refuses. */
class Refusal extends Error {}

/** What to do about the number of an error. */
function refusalText(code: number | undefined): string {
  switch (code) {
    case UNAUTHORIZED:
      return "the credentials that the Sora gives are wrong (401): look at both servers' settings";
    case 403:
      return "it forbids addresses for this client (403): look at its settings";
    case 486:
    case 508:
      return `it has no more addresses for this user (${code}): look at its quota`;
    default:
      return `it gives no address (${code ?? "no reason"}): look at its log`;
  }
}

/** Allocates an address and gives it back. A server that wants no credentials of ours is taken as it is. */
async function allocate(
  link: Link,
  { username = "", credential = "" }: OfferedIceServer,
): Promise<void> {
  let proof: Credential | undefined;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const response = await link.ask(makeRequest(Method.ALLOCATE, [REQUESTED_UDP], proof));
    if (response.isSuccess) {
      link.tell(makeRequest(Method.REFRESH, [NOW], proof));
      return;
    }
    const { errorCode, attributes } = response;
    const [realm, nonce] = [attributes.get(Attribute.REALM), attributes.get(Attribute.NONCE)];
    const isChallenge = (errorCode === UNAUTHORIZED && proof === undefined) ||
      errorCode === STALE_NONCE;
    if (!isChallenge || realm === undefined || nonce === undefined) {
      throw new Refusal(refusalText(errorCode));
    }
    proof = { username, password: credential, realm, nonce };
  }
  throw new Refusal(refusalText(STALE_NONCE));
}

async function askServer(
  server: IceServer,
  offered: OfferedIceServer,
  flags: ConnectionFlags,
  signal: AbortSignal,
): Promise<void> {
  const { text, host, port, transport, isTurn } = server;
  const target = { text, host, port, secure: transport === "tls", proxy: proxyOf(flags), flags };
  using link = transport === "udp" ? await linkOverUdp(server) : await linkOverTcp(target, signal);
  const asked = isTurn
    ? allocate(link, offered)
    : link.ask(makeRequest(Method.BINDING, [])).then(() => {});
  await limited(asked, LIMIT_MS, `nothing within ${LIMIT_MS / 1_000} s`, signal);
}

/** What became of asking a server. */
interface Answer {
  readonly url: string;
  readonly text: string;
  readonly ms: number | null;
}

async function ask(
  server: IceServer,
  offered: OfferedIceServer,
  flags: ConnectionFlags,
  signal: AbortSignal,
): Promise<Answer> {
  const { text: url, transport, isTurn } = server;
  const by = transport.toUpperCase();
  const began = performance.now();
  try {
    await askServer(server, offered, flags, signal);
  } catch (error) {
    signal.throwIfAborted();
    const message = escapeControls(messageOf(error));
    const text = error instanceof Refusal
      ? `${url} answers over ${by}, but ${message}`
      : `${url} does not answer over ${by} (${message}): allow outgoing ${by} to ${
        endpointText(server)
      }, or look at that server`;
    return { url, text, ms: null };
  }
  const ms = performance.now() - began;
  const does = isTurn ? "allocates an address" : "answers";
  return { url, text: `${url} ${does} over ${by} in ${ms.toFixed(1)} ms`, ms };
}

/** Asks all servers: failed when none of them does what it is for. */
export async function turnFinding(
  offered: readonly OfferedIceServer[],
  flags: ConnectionFlags,
  signal: AbortSignal,
): Promise<Finding> {
  const servers = offered.flatMap((one) =>
    one.urls.flatMap((url) => {
      const server = iceServerOf(url);
      return server === undefined ? [] : [{ server, one }];
    })
  ).slice(0, MAX_SERVERS);
  const answers = await Promise.all(
    servers.map(({ server, one }) => ask(server, one, flags, signal)),
  );
  const text = answers.map((answer) => answer.text).join("\n");
  const data = { servers: answers.map(({ url, ms }) => ({ url, ms })) };
  return answers.some(({ ms }) => ms !== null) ? ok(text, data) : failed(text, data);
}
