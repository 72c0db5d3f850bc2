/**
 * The options of the command for a connection to a Sora: where it is, who may come in, TLS and proxy.
 *
 * @module
 */

import { isObject, type JsonValue, parseJson } from "../../base/json.ts";
import type { SoraConnectionOptions } from "../../mod.ts";
import {
  environment,
  type Option,
  readFile,
  textOf,
  textsOf,
  UsageError,
  type Values,
} from "../command.ts";

/** Where `sora-ffi server` listens. */
const SIGNALING_URL = "ws://127.0.0.1:5000/signaling";
/** The channel that the page of `sora-ffi server` joins. */
const CHANNEL_ID = "sora";

/** The environment variables that have secrets, which others would see on the command line. */
const TOKEN_VARIABLE = "SORA_ACCESS_TOKEN";
const PASSWORD_VARIABLE = "SORA_PROXY_PASSWORD";

/** Deepest nesting of metadata. */
const MAX_DEPTH = 32;

/** The options of TLS and of a proxy. */
const NETWORK_FLAGS: Readonly<Record<string, Option>> = {
  "ca-cert": { value: "FILE", summary: "authorities in PEM to trust instead of the system's" },
  "client-cert": { value: "FILE", summary: "this client's certificate in PEM" },
  "client-key": { value: "FILE", summary: "its private key in PEM" },
  insecure: { summary: "do not verify the server's certificate" },
  "proxy-url": { value: "URL", summary: "an http: proxy for wss:, and for TURN over TCP" },
  "proxy-username": {
    value: "TEXT",
    summary: `its user; the password is in the environment variable ${PASSWORD_VARIABLE}`,
  },
};

/** The options of a connection, for the help of a command. */
export const CONNECTION_FLAGS: Readonly<Record<string, Option>> = {
  "signaling-url": {
    value: "URL",
    isRepeatable: true,
    property: "signalingUrls",
    summary: `where Sora is; may be given several times (default ${SIGNALING_URL})`,
  },
  "channel-id": { value: "TEXT", summary: `the channel (default ${CHANNEL_ID})` },
  "client-id": { value: "TEXT", summary: "a name for this client" },
  metadata: { value: "JSON", summary: "metadata for the server's authentication" },
  "access-token-file": {
    value: "FILE",
    summary: `file with metadata's access_token, which may also be in ${TOKEN_VARIABLE}`,
  },
  ...NETWORK_FLAGS,
};

/** What leads to a Sora and lets one in. */
export type ConnectionFlags =
  & Pick<SoraConnectionOptions, "signalingUrls" | "channelId">
  & Partial<Omit<SoraConnectionOptions, "signalingUrls" | "channelId" | "role">>;

/** The metadata, with the access token in it. */
function metadataOf(values: Values): JsonValue | undefined {
  const text = textOf(values, "metadata");
  const file = textOf(values, "access-token-file");
  const token = file === undefined
    ? environment(TOKEN_VARIABLE)
    : readFile("access-token-file", file).trim();
  const metadata = text === undefined ? undefined : parseJson(text, MAX_DEPTH);
  // The text is not shown: it may have a secret.
  if (text !== undefined && metadata === undefined) {
    throw new UsageError("--metadata must be JSON");
  }
  if (token === undefined || token === "") return metadata;
  if (metadata === undefined) return { access_token: token };
  if (!isObject(metadata)) {
    throw new UsageError("--metadata must be a JSON object when there is an access token");
  }
  return { ...metadata, access_token: token };
}

/**
 * Reads the options of a connection; what is in them, the library checks.
 *
 * @throws {UsageError} A file cannot be read, or metadata is no JSON.
 */
export function connectionOptions(values: Values): ConnectionFlags {
  const urls = textsOf(values, "signaling-url");
  const file = (name: string) => {
    const path = textOf(values, name);
    return path === undefined ? undefined : readFile(name, path);
  };
  const proxyUrl = textOf(values, "proxy-url");
  return {
    signalingUrls: urls.length === 0 ? [SIGNALING_URL] : urls,
    channelId: textOf(values, "channel-id") ?? CHANNEL_ID,
    clientId: textOf(values, "client-id"),
    metadata: metadataOf(values),
    caCert: file("ca-cert"),
    clientCert: file("client-cert"),
    clientKey: file("client-key"),
    insecure: values["insecure"] === true ? true : undefined,
    proxyUrl,
    proxyUsername: textOf(values, "proxy-username"),
    proxyPassword: proxyUrl === undefined ? undefined : environment(PASSWORD_VARIABLE),
  };
}
