/**
 * The options of `sora-ffi server`, and the options of the server that come of them.
 *
 * @module
 */

import { isObject, parseJson } from "../../base/json.ts";
import { isLoopback } from "../../base/loopback.ts";
import type { SoraServerOptions } from "../../sfu/mod.ts";
import {
  environment,
  integerOf,
  type Option,
  readFile,
  textOf,
  UsageError,
  type Values,
} from "../command.ts";

/** The environment variable that has the secret. */
export const SECRET_VARIABLE = "SORA_SERVER_SECRET";

/** The port, unless it is given. */
const PORT = 5000;

/** Deepest nesting of a configuration. */
const MAX_DEPTH = 16;

/** An option of the command that is one of the server: its value is a text, a number or, without a value, `true`. */
interface Flag extends Option {
  readonly property: keyof SoraServerOptions;
  readonly isNumber?: boolean;
}

const text = (property: Flag["property"], value: string, summary: string): Flag => ({
  property,
  value,
  summary,
});
const number = (property: Flag["property"], summary: string): Flag => ({
  ...text(property, "NUMBER", summary),
  isNumber: true,
});
const flag = (property: Flag["property"], summary: string): Flag => ({ property, summary });

const FLAGS: Readonly<Record<string, Flag>> = {
  port: number("port", "TCP port of the signaling WebSocket (default 5000; 0 picks a free one)"),
  host: text(
    "host",
    "ADDRESS",
    "address to bind (default 127.0.0.1). Firefox never pairs a loopback address with another one: for Firefox, give this machine's own address",
  ),
  path: text("path", "PATH", "path of the signaling WebSocket (default /signaling)"),
  "max-connections": number("maxConnections", "connections at a time (default 1000)"),
  "max-channel-connections": number(
    "maxChannelConnections",
    "of which in one channel (default 100)",
  ),
  "max-signaling-rate": number(
    "maxSignalingRate",
    "signaling messages a second of one connection (default 200)",
  ),
  "max-received-bit-rate": number(
    "maxReceivedBitRate",
    "bit rate of one connection's media in kbit/s; more is dropped (default 50000)",
  ),
  "http-api": flag("httpApi", "answer Sora's HTTP API; beyond loopback only with the secret"),
  "secret-as-token": flag(
    "secretAsToken",
    "accept the secret itself as an access token, for tests alone",
  ),
  "data-channel-signaling": flag(
    "dataChannelSignaling",
    "move signaling to data channels unless a client says otherwise",
  ),
  redirect: text("redirect", "URL", "signaling URL that clients are redirected to"),
};

/** What the server answers over HTTP by default on loopback, where nobody but this machine reaches it. */
const ON_LOOPBACK: Readonly<Record<string, Flag>> = {
  page: flag(
    "page",
    "answer / with a page that shows the members and lets one join; the default on loopback",
  ),
  metrics: flag("metrics", "answer /metrics in Prometheus' format; the default on loopback"),
};

const FILES: Readonly<Record<string, Option>> = {
  "tls-cert": { value: "FILE", summary: "certificate chain in PEM, for wss and https" },
  "tls-key": { value: "FILE", summary: "its private key in PEM" },
  "client-ca": {
    value: "FILE",
    summary: "authorities in PEM; clients must have a certificate of one of them",
  },
  secret: {
    value: "TEXT",
    summary:
      `secret of access tokens; others see it in the list of processes: --secret-file or ${SECRET_VARIABLE} hide it`,
  },
  "secret-file": {
    value: "FILE",
    summary: "file with the secret; one line ending is not part of it",
  },
  config: {
    value: "FILE",
    summary: "JSON with options as SoraServer.start() has them; the command line wins",
  },
};

/** The options that switch off what is on by default. */
const OFF = Object.fromEntries(
  Object.keys(ON_LOOPBACK).map((name) => [`no-${name}`, { summary: `switch --${name} off` }]),
);

/** The options of the command that make those of the server, for its help. */
export const SERVER_FLAGS: Readonly<Record<string, Option>> = {
  ...FLAGS,
  ...ON_LOOPBACK,
  ...OFF,
  ...FILES,
};

function fileOf(values: Values, name: string): string | undefined {
  const path = textOf(values, name);
  return path === undefined ? undefined : readFile(name, path);
}

function secretOf(values: Values): string | undefined {
  const secret = textOf(values, "secret");
  const inFile = fileOf(values, "secret-file")?.replace(/\r?\n$/, "");
  if (secret !== undefined && inFile !== undefined) {
    throw new UsageError("--secret and --secret-file exclude each other");
  }
  return secret ?? inFile ?? environment(SECRET_VARIABLE);
}

function tlsOf(values: Values): SoraServerOptions["tls"] {
  const cert = fileOf(values, "tls-cert");
  const key = fileOf(values, "tls-key");
  const clientCa = fileOf(values, "client-ca");
  if (cert === undefined && key === undefined && clientCa === undefined) return undefined;
  if (cert === undefined) throw new UsageError("--tls-cert must be given with the rest of TLS");
  if (key === undefined) throw new UsageError("--tls-key must be given with --tls-cert");
  return { cert, key, clientCa };
}

/** The options in the file of `--config`: an object. What is in it, the server checks. */
function configOf(values: Values): Readonly<Record<string, unknown>> {
  const text = fileOf(values, "config");
  if (text === undefined) return {};
  const config = parseJson(text, MAX_DEPTH);
  if (isObject(config)) return config;
  throw new UsageError("--config must be a file with a JSON object");
}

function valueOf(values: Values, name: string, { isNumber }: Flag): unknown {
  return isNumber === true ? integerOf(values, name) : values[name];
}

/** What is given, without what is not. */
function given(options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

/** The options of a server, and the names of those that are from the file of `--config`. */
export interface ServerOptions {
  readonly options: SoraServerOptions;
  readonly fromConfig: ReadonlySet<string>;
}

/**
 * Reads the options of the server.
 *
 * @throws {UsageError} A value is wrong, or a file cannot be read.
 */
export function serverOptions(values: Values): ServerOptions {
  const config = configOf(values);
  const flags = given({
    ...Object.fromEntries(
      Object.entries(FLAGS).map(([name, flag]) => [flag.property, valueOf(values, name, flag)]),
    ),
    tls: tlsOf(values),
    secret: secretOf(values),
  });
  const { host = "127.0.0.1" } = { ...config, ...flags };
  const isHere = typeof host === "string" && isLoopback(host);
  for (const [name, { property }] of Object.entries(ON_LOOPBACK)) {
    if (values[name] === true && values[`no-${name}`] === true) {
      throw new UsageError(`--${name} and --no-${name} exclude each other`);
    }
    if (values[name] === true) flags[property] = true;
    else if (values[`no-${name}`] === true) flags[property] = false;
    else if (isHere && config[property] === undefined) flags[property] = true;
  }
  const fromConfig = new Set(Object.keys(config).filter((name) => !Object.hasOwn(flags, name)));
  return { options: { port: PORT, ...config, ...flags } as SoraServerOptions, fromConfig };
}

/** What the server says about an option, in the words of the command line or of the file. */
export function asUsage(error: unknown, { fromConfig }: ServerOptions, file: string): unknown {
  if (!(error instanceof TypeError || error instanceof RangeError)) return error;
  const [, first = ""] = /^options\.(\w+)/.exec(error.message) ?? [];
  if (first === "") return error;
  const isOurs = !fromConfig.has(first);
  const message = error.message.replaceAll(/\boptions\.(\w+)/g, (whole, property: string) => {
    const name = property.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    if (!isOurs || fromConfig.has(property)) return property;
    return Object.hasOwn(SERVER_FLAGS, name) ? `--${name}` : whole;
  });
  return new UsageError(isOurs ? message : `${file}: ${message}`, { cause: error });
}
