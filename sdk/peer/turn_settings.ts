/**
 * Settings for TURN servers: whether they are the only way and, over TCP and TLS, the TLS settings and the proxy of the signaling
 * connection.
 *
 * @module
 */

import { type Pem, type SignalingOptions, socketProxy } from "../../signaling/mod.ts";

/** `iceTransportPolicy`, `tls` and `proxy` of the native peer's configuration, as `sora_ffi/peer.h` describes them. */
export interface TurnSettings {
  /** Unless the offer is to decide. */
  readonly iceTransportPolicy?: "relay";
  readonly tls?: {
    readonly insecure?: boolean;
    readonly caCert?: string;
    readonly clientCert?: string;
    readonly clientKey?: string;
  };
  readonly proxy?: {
    readonly host: string;
    readonly port: number;
    readonly username: string;
    readonly password: string;
    readonly agent?: string;
  };
}

const HTTP_PORT = 80;

function text(pem: Pem): string {
  return typeof pem === "string" ? pem : new TextDecoder().decode(pem);
}

/** The TURN settings of a connection's options. */
export function turnSettings(options: SignalingOptions): TurnSettings {
  const { insecure, caCert, clientCert, clientKey } = options;
  const tls = {
    ...(insecure === undefined ? {} : { insecure }),
    ...(caCert === undefined ? {} : { caCert: text(caCert) }),
    ...(clientCert === undefined ? {} : { clientCert: text(clientCert) }),
    ...(clientKey === undefined ? {} : { clientKey: text(clientKey) }),
  };
  const policy = options.iceTransportPolicy === "relay"
    ? { iceTransportPolicy: "relay" } as const
    : {};
  const proxy = socketProxy(options);
  if (proxy === undefined) return { ...policy, tls };
  const { hostname, port } = new URL(proxy.url);
  return {
    ...policy,
    tls,
    proxy: {
      host: hostname.replace(/^\[|\]$/g, ""),
      port: port === "" ? HTTP_PORT : Number(port),
      username: proxy.username,
      password: proxy.password,
      ...(proxy.agent === undefined ? {} : { agent: proxy.agent }),
    },
  };
}
