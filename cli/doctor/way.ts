/**
 * The checks of the way to a Sora: its name, TCP, a proxy, TLS, and the clock.
 *
 * @module
 */

import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { checkServerIdentity, type PeerCertificate } from "node:tls";
import { escapeControls } from "../../base/text.ts";
import { isLoopback } from "../../base/loopback.ts";
import { type Check, type CheckName, failed, type Finding, messageOf, ok } from "./finding.ts";
import { skippedWithout } from "./finding.ts";
import { limited } from "./limited.ts";
import { dial, endpointText, firstHop, ProxyRefusal, requestHead, type Target } from "./target.ts";

const LOOKUP_LIMIT_MS = 5_000;
/** From this difference on, tokens and certificates are judged wrongly. */
const MAX_SKEW_S = 30;
const SOON_DAYS = 14;
const DAY_MS = 86_400_000;

const codeOf = (error: unknown) => String((error as { code?: unknown }).code ?? "");

/** Makes a check of all targets: their texts one below the other, and failed when one is. */
function ofEach(
  targets: readonly Target[],
  needs: readonly CheckName[],
  each: (target: Target, signal: AbortSignal) => Promise<Finding>,
): Check {
  return async (findings, signal) => {
    for (const name of needs) {
      const skipped = skippedWithout(findings, name);
      if (skipped !== undefined) return skipped;
    }
    const found: Finding[] = [];
    for (const target of targets) {
      try {
        found.push(await each(target, signal));
      } catch (error) {
        signal.throwIfAborted();
        found.push(failed(`${target.text}: ${messageOf(error)}`));
      }
    }
    const text = escapeControls(found.map((one) => one.text).join("\u0000"))
      .replaceAll("\\u0000", "\n");
    const servers = targets.map(({ text: url }, i) => ({ url, ...found[i]?.data }));
    return { verdict: found.some(isBad) ? "failed" : "ok", text, data: { servers } };
  };
}

const isBad = ({ verdict }: Finding) => verdict !== "ok";

/** The name of the server, or of the proxy. */
export const checkDns = (targets: readonly Target[]): Check =>
  ofEach(targets, [], async (target, signal) => {
    const { host } = firstHop(target);
    if (isIP(host) !== 0) return ok(`${host} is an address, which needs no DNS`);
    const late = `no answer within ${LOOKUP_LIMIT_MS / 1_000} s`;
    try {
      const found = await limited(lookup(host, { all: true }), LOOKUP_LIMIT_MS, late, signal);
      const addresses = found.map(({ address }) => address);
      return ok(`${host} has the addresses ${addresses.join(", ")}`, { host, addresses });
    } catch (error) {
      signal.throwIfAborted();
      return failed(
        `the name ${host} is not found (${codeOf(error) || messageOf(error)}): look for a typing ` +
          `error in it, and at this machine's DNS ("getent hosts ${host}")`,
        { host },
      );
    }
  });

/** What to do about a failure of TCP. */
function tcpAdvice(error: unknown, where: string, isProxy: boolean): string {
  switch (codeOf(error)) {
    case "ECONNREFUSED":
      return `nothing listens on ${where}: look whether ${
        isProxy ? "the proxy" : "Sora"
      } runs and the port is right`;
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return `there is no route to ${where}: look at this machine's network, VPN and IPv6`;
    default:
      return `${where} does not answer (${messageOf(error)}): a firewall may drop it; allow ` +
        `outgoing TCP to it${isProxy ? "" : ", or give --proxy-url where there is a proxy"}`;
  }
}

/** TCP to the server, or to the proxy. */
export const checkTcp = (targets: readonly Target[]): Check =>
  ofEach(targets, ["dns"], async (target, signal) => {
    const where = endpointText(firstHop(target));
    const began = performance.now();
    try {
      using _dialled = await dial(target, "tcp", signal);
    } catch (error) {
      signal.throwIfAborted();
      return failed(tcpAdvice(error, where, target.proxy !== undefined), { endpoint: where });
    }
    const ms = performance.now() - began;
    return ok(`${where} answers in ${ms.toFixed(1)} ms`, { endpoint: where, ms });
  });

/** A tunnel through the proxy. */
export const checkProxy = (targets: readonly Target[]): Check =>
  ofEach(targets, ["tcp"], async (target, signal) => {
    const { proxy } = target;
    if (proxy === undefined) return ok(`${target.text} is reached without the proxy: it is ws:`);
    const [by, to] = [endpointText(proxy), endpointText(target)];
    try {
      using _dialled = await dial(target, "proxy", signal);
      return ok(`${by} opens a tunnel to ${to}`);
    } catch (error) {
      signal.throwIfAborted();
      const status = error instanceof ProxyRefusal ? error.status : undefined;
      const advice = status === 407
        ? "it wants other credentials: give --proxy-username, and the password in SORA_PROXY_PASSWORD"
        : status === 403
        ? "it does not allow that server: ask who runs it"
        : `look whether it is an HTTP proxy that allows CONNECT (${messageOf(error)})`;
      return failed(`${by} opens no tunnel to ${to}: ${advice}`, { status: status ?? null });
    }
  });

/** Why a chain of certificates is not trusted, and what to do. */
const CHAIN_ADVICE: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT:
    "it is signed by itself: give it with --ca-cert, or install one of an authority",
  SELF_SIGNED_CERT_IN_CHAIN: "its authority is not known here: give that with --ca-cert",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    "the server sends no complete chain, or its authority is not known here: install the chain with the intermediate certificates on the server, or give the authority with --ca-cert",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its authority is not known here: give that with --ca-cert",
  CERT_HAS_EXPIRED: "it has expired: renew it, or look at this machine's clock",
  CERT_NOT_YET_VALID: "it is not valid yet: look at this machine's clock",
};

/** What is wrong with a certificate; nothing when all is well. */
function certificateFaults(
  certificate: PeerCertificate,
  host: string,
  chainError: string | undefined,
): string[] {
  const faults: string[] = [];
  if (checkServerIdentity(host, certificate) !== undefined) {
    faults.push(
      `it is for ${certificate.subjectaltname ?? "no name"}, not for ${host}: give the name that ` +
        "it is for in --signaling-url, or install another one",
    );
  }
  // Deno reports what is out of its time as not trusted.
  const now = Date.now();
  const time = Date.parse(certificate.valid_to) < now
    ? "CERT_HAS_EXPIRED"
    : Date.parse(certificate.valid_from) > now
    ? "CERT_NOT_YET_VALID"
    : undefined;
  const error = time ?? chainError;
  // The name has been looked at already, without the proxy in between.
  if (error !== undefined && error !== "ERR_TLS_CERT_ALTNAME_INVALID") {
    faults.push(CHAIN_ADVICE[error] ?? `it is not trusted (${error})`);
  }
  return faults;
}

/** What to do about a handshake that fails. */
function handshakeAdvice(error: unknown): string {
  const text = messageOf(error);
  if (
    /certificate.required|bad.certificate|CERTIFICATE_REQUIRED/i.test(`${codeOf(error)} ${text}`)
  ) {
    return `the server wants a certificate of this client: give --client-cert and --client-key (${text})`;
  }
  return `no TLS: look whether the server speaks wss: on this port (${text})`;
}

/** TLS: chain, name and expiry of the certificate. */
export const checkTls = (targets: readonly Target[]): Check =>
  ofEach(targets, ["tcp", "proxy"], async (target, signal) => {
    const { text, host, secure, flags } = target;
    if (!secure) {
      return ok(
        `${text} is not encrypted${isLoopback(host) ? "" : ": beyond this machine, use wss:"}`,
      );
    }
    let certificate: PeerCertificate;
    let protocol: string | null;
    let chainError: string | undefined;
    try {
      using dialled = await dial(target, "tls", signal);
      const tls = dialled.tls!;
      certificate = tls.getPeerCertificate(true);
      protocol = tls.getProtocol();
      const { authorizationError } = tls as { authorizationError?: unknown };
      chainError = tls.authorized ? undefined : codeOf(authorizationError) ||
        String(authorizationError);
    } catch (error) {
      signal.throwIfAborted();
      return failed(`${text}: ${handshakeAdvice(error)}`);
    }
    const until = new Date(certificate.valid_to);
    const days = Math.floor((until.getTime() - Date.now()) / DAY_MS);
    const issuer = String(certificate.issuer?.CN ?? certificate.issuer?.O ?? "unknown");
    const data = {
      protocol,
      names: certificate.subjectaltname ?? null,
      issuer,
      validFrom: certificate.valid_from,
      validTo: certificate.valid_to,
    };
    const about = `${text}: ${protocol}, certificate of ${issuer} until ${
      until.toISOString().slice(0, 10)
    }`;
    const faults = certificateFaults(certificate, host, chainError);
    if (faults.length > 0 && flags.insecure !== true) {
      return failed(`${about}; ${faults.join("; ")}`, data);
    }
    const soon = days < SOON_DAYS && days >= 0 ? `; renew it, it has ${days} days left` : "";
    const ignored = faults.length > 0 ? `; --insecure ignores that ${faults.join("; ")}` : "";
    return ok(about + soon + ignored, data);
  });

/** How far this machine's clock is from that of the server, in seconds; undefined when the server does not say. */
async function skewOf(target: Target, signal: AbortSignal): Promise<number | undefined> {
  const before = Date.now();
  const head = await requestHead(target, signal);
  const middle = (before + Date.now()) / 2;
  const date = /^date:\s*(.+?)\s*$/im.exec(head)?.[1];
  const server = date === undefined ? NaN : Date.parse(date);
  // The server's time is in whole seconds, cut off.
  return Number.isNaN(server) ? undefined : (middle - server - 500) / 1_000;
}

/** The clock of this machine, next to that of the server. */
export const checkClock = (targets: readonly Target[]): Check =>
  ofEach(targets, ["tcp", "proxy"], async (target, signal) => {
    let skew: number | undefined;
    try {
      skew = await skewOf(target, signal);
    } catch (error) {
      signal.throwIfAborted();
      return ok(`${target.text} does not say its time (${messageOf(error)})`, { skewS: null });
    }
    if (skew === undefined) return ok(`${target.text} does not say its time`, { skewS: null });
    const amount = Math.abs(skew);
    const data = { skewS: Math.round(skew * 10) / 10 };
    if (amount <= MAX_SKEW_S) {
      return ok(`this machine's clock is within ${Math.ceil(amount)} s of the server's`, data);
    }
    return failed(
      `this machine's clock is ${amount.toFixed(0)} s ${
        skew > 0 ? "ahead of" : "behind"
      } that of ` +
        `${target.text}, so that tokens and certificates are refused: set it ("timedatectl set-ntp true")`,
      data,
    );
  });
