/**
 * Attributes of spans and metrics. None holds a secret: neither metadata nor tokens, and of URLs scheme, host and port alone.
 *
 * @module
 */

import type { Attributes } from "@opentelemetry/api";
import { SoraError, SoraRpcError } from "../mod.ts";

/** The server of a URL. */
export function serverOf(url: string | undefined): Attributes {
  if (url === undefined || !URL.canParse(url)) return {};
  const { hostname, port, protocol } = new URL(url);
  const scheme = protocol.replace(/:$/, "");
  return {
    "server.address": hostname.replace(/^\[(.*)\]$/, "$1"),
    "server.port": Number(port || (scheme === "wss" ? 443 : 80)),
    "url.scheme": scheme,
  };
}

/** The kind of an error, of which there are few: a stable code, or the name of a class. */
export function errorOf(error: unknown): Attributes {
  if (error === undefined) return {};
  if (error instanceof SoraRpcError) {
    const code = String(error.rpcCode);
    return { "error.type": code, "rpc.response.status_code": code };
  }
  if (error instanceof SoraError) return { "error.type": error.code };
  return { "error.type": error instanceof Error ? error.name : "_OTHER" };
}

/** What failed, in words that have no secrets: those of this library, not those of the server. */
export function messageOf(error: unknown): string {
  if (error instanceof SoraRpcError) return `the server answered with error ${error.rpcCode}`;
  if (error instanceof SoraError) return error.message;
  return error instanceof Error ? error.name : "unknown";
}
