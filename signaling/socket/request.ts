/**
 * The request for a WebSocket, made from the options.
 *
 * @module
 */

import type { ClientInformation } from "../messages/connect.ts";
import type { SignalingOptions } from "../options/options.ts";
import { decoded } from "../options/percent_encoding.ts";
import type { SocketProxy, SocketRequest, SocketTls } from "./socket.ts";
import type { CheckedSignalingOptions } from "../options/validate.ts";

/** The TLS options that are set. */
function tls(options: SignalingOptions): SocketTls {
  const { insecure, caCert, clientCert, clientKey } = options;
  return {
    ...(insecure === undefined ? {} : { insecure }),
    ...(caCert === undefined ? {} : { caCert }),
    ...(clientCert === undefined ? {} : { clientCert }),
    ...(clientKey === undefined ? {} : { clientKey }),
  };
}

/** The proxy, with the credentials taken out of its URL; the explicit options take precedence. */
export function socketProxy(options: SignalingOptions): SocketProxy | undefined {
  if (options.proxyUrl === undefined) return undefined;
  const url = new URL(options.proxyUrl);
  const username = options.proxyUsername ?? decoded(url.username);
  const password = options.proxyPassword ?? decoded(url.password);
  const agent = options.proxyAgent;
  return { url: url.origin, username, password, ...(agent === undefined ? {} : { agent }) };
}

/** The request for the WebSocket to a URL. Proxies are for `wss:` only. */
export function socketRequest(
  url: string,
  options: CheckedSignalingOptions,
  client: ClientInformation,
  maxMessageBytes: number,
): SocketRequest {
  const proxy = new URL(url).protocol === "wss:" ? socketProxy(options) : undefined;
  return {
    url,
    userAgent: options.userAgent ?? `Mozilla/5.0 (${client.soraClient})`,
    tls: tls(options),
    ...(proxy === undefined ? {} : { proxy }),
    maxMessageBytes,
    closeTimeoutMs: options.webSocketCloseTimeoutMs,
  };
}
