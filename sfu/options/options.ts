/** Options of the server, with their defaults and limits. */
import { checkFaults, type ServerFaults } from "../faults/faults.ts";
import { isLoopback } from "./http_access.ts";
import { checkIceServers, type IceServer, type IceServerOption } from "./ice_config.ts";
import { RPC_METHODS } from "../signaling/rpc.ts";
import { checkTls, type ServerTls } from "./tls_options.ts";

/** Options of {@linkcode SoraServer.start}. */
export interface SoraServerOptions {
  /** TCP port of the signaling WebSocket; 0 (the default) picks a free one. */
  port?: number | undefined;
  /**
   * Address to bind, for signaling as well as for media. Default `127.0.0.1`. With a wildcard
   * (`0.0.0.0`, `::`) a client's media uses the address under which it reached the signaling.
   */
  host?: string | undefined;
  /** Path of the signaling WebSocket. Default `/signaling`. */
  path?: string | undefined;
  /** Connections at a time over all channels. Default 1,000. */
  maxConnections?: number | undefined;
  /** Connections at a time in one channel. Default 100. */
  maxChannelConnections?: number | undefined;
  /** Connections that are not established yet. Default 400. */
  maxPendingConnections?: number | undefined;
  /**
   * Of which of one address, or one /64 network of IPv6. Default 200. When places are short, one
   * whose client has been silent for a fifth of `connectTimeoutMs` gives its place to a newcomer.
   */
  maxPendingConnectionsPerAddress?: number | undefined;
  /** Largest signaling message in bytes. Default 1 MiB. */
  maxMessageBytes?: number | undefined;
  /**
   * Bytes of data channel messages that may wait for one client that reads slowly. Beyond, a
   * channel with `max_retransmits` or `max_packet_life_time` drops messages, and on all others
   * nothing more is read from those who send. Default 4 MiB.
   */
  maxWaitingMessageBytes?: number | undefined;
  /** Start bit rate of video in kbit/s when `connect` names none. Default 1,000. */
  defaultVideoBitRate?: number | undefined;
  /** Time for `connect` after the WebSocket opened, in ms. Default 10,000. */
  connectTimeoutMs?: number | undefined;
  /** Time for `answer` and `re-answer`, in ms. Default 30,000. */
  answerTimeoutMs?: number | undefined;
  /** Time for ICE and DTLS after the answer, in ms. Default 30,000. */
  establishTimeoutMs?: number | undefined;
  /** Time between pings in ms. Default 5,000. */
  pingIntervalMs?: number | undefined;
  /** Time between `connection.updated` notifications to a connection itself, in ms. Default 60,000. */
  updateIntervalMs?: number | undefined;
  /** Time without a pong after which a connection ends, in ms. Default 60,000. */
  pongTimeoutMs?: number | undefined;
  /**
   * Time in ms after which a connection ends when the client sends no packet, or takes next to
   * nothing of the messages that others wait to send it. Default 30,000.
   */
  mediaTimeoutMs?: number | undefined;
  /** Whether signaling moves to data channels when `connect` does not say. Default false. */
  dataChannelSignaling?: boolean | undefined;
  /** Whether the WebSocket may close after that when `connect` does not say. Default false. */
  ignoreDisconnectWebSocket?: boolean | undefined;
  /** Whether an end by the server is told on the data channel `signaling`. Default true. */
  dataChannelSignalingCloseMessage?: boolean | undefined;
  /** Time after which each connection ends with `LIFETIME-EXPIRED`, in ms. Default 0: never. */
  connectionLifetimeMs?: number | undefined;
  /**
   * Secret of the HS256 access tokens that `connect.metadata.access_token` must then carry; their
   * private claims override what `connect` asks for. Default none: everybody may connect.
   */
  secret?: string | undefined;
  /**
   * RPC methods that a connection may call when its access token has no `rpc_methods`. Default:
   * all that the server knows.
   */
  rpcMethods?: readonly string[] | undefined;
  /** Makes the signaling `wss`. Default none. */
  tls?: ServerTls | undefined;
  /**
   * Whether `POST /` with the header `x-sora-target` is answered as Sora's API. Bound to loopback,
   * only requests to a loopback name are answered, and only pages of loopback may send them; on any
   * other address the option `secret` is needed, and the header `authorization: Bearer SECRET` with
   * each request. Default false.
   */
  httpApi?: boolean | undefined;
  /** Signaling URL that clients are redirected to, or a function of the channel. Default none. */
  redirect?: string | ((channelId: string) => string | undefined) | undefined;
  /**
   * Gets what a function of these options throws, or what it returns instead of what it should. Without it the error is
   * written to the console.
   */
  onError?: ((error: unknown) => unknown) | undefined;
  /**
   * Whether a client that was redirected here may be redirected again, over several hops. Default
   * false: two servers that point at each other must not send clients round for ever.
   */
  redirectAgain?: boolean | undefined;
  /** STUN and TURN servers that clients are told of. Default none: this server is reached directly. */
  iceServers?: readonly IceServerOption[] | undefined;
  /** `relay`: clients are told to use nothing but TURN. Default `all`. */
  iceTransportPolicy?: "all" | "relay" | undefined;
  /** Misbehaviour on purpose, for tests of clients. Default none. */
  faults?: ServerFaults | undefined;
}

/** Options that are all set. */
type Filled<T> = { [K in keyof T]-?: Exclude<T[K], undefined> };

/** Options with every default filled in. */
export type ServerConfig = Readonly<
  Filled<Omit<SoraServerOptions, "iceServers" | "tls" | "secret" | "onError">> & {
    iceServers: readonly IceServer[];
    tls: ServerTls | undefined;
    secret: string | undefined;
    onError: SoraServerOptions["onError"] | undefined;
  }
>;

const FLAGS = {
  dataChannelSignaling: false,
  ignoreDisconnectWebSocket: false,
  dataChannelSignalingCloseMessage: true,
  httpApi: false,
  redirectAgain: false,
};

const OTHERS = [
  "host",
  "path",
  "secret",
  "rpcMethods",
  "tls",
  "redirect",
  "onError",
  "iceServers",
  "iceTransportPolicy",
  "faults",
] as const;

const NUMBERS: Readonly<
  Record<
    Exclude<keyof SoraServerOptions, keyof typeof FLAGS | (typeof OTHERS)[number]>,
    readonly [value: number, min: number, max: number]
  >
> = {
  port: [0, 0, 65_535],
  maxConnections: [1000, 1, 100_000],
  maxChannelConnections: [100, 1, 10_000],
  maxPendingConnections: [400, 1, 100_000],
  maxPendingConnectionsPerAddress: [200, 1, 100_000],
  maxMessageBytes: [1024 * 1024, 1024, 64 * 1024 * 1024],
  maxWaitingMessageBytes: [4 * 1024 * 1024, 64 * 1024, 1024 * 1024 * 1024],
  defaultVideoBitRate: [1000, 1, 50_000],
  connectionLifetimeMs: [0, 0, 2_000_000_000],
  connectTimeoutMs: [10_000, 1, 3_600_000],
  answerTimeoutMs: [30_000, 1, 3_600_000],
  establishTimeoutMs: [30_000, 1, 3_600_000],
  pingIntervalMs: [5000, 10, 3_600_000],
  updateIntervalMs: [60_000, 10, 3_600_000],
  pongTimeoutMs: [60_000, 10, 3_600_000],
  mediaTimeoutMs: [30_000, 100, 3_600_000],
};

/**
 * Checks options and fills in the defaults.
 *
 * @throws TypeError or RangeError naming the option.
 */
export function resolveOptions(options: SoraServerOptions): ServerConfig {
  const known = new Set([
    ...Object.keys(NUMBERS),
    ...Object.keys(FLAGS),
    ...OTHERS,
  ]);
  for (const key of Object.keys(options)) {
    if (!known.has(key)) throw new TypeError(`SoraServer has no option "${key}".`);
  }
  const numbers: Partial<Record<keyof typeof NUMBERS, number>> = {};
  for (const [name, [fallback, min, max]] of Object.entries(NUMBERS)) {
    const key = name as keyof typeof NUMBERS;
    const value = options[key] ?? fallback;
    if (typeof value !== "number") throw new TypeError(`Option "${name}" must be a number.`);
    if (!Number.isInteger(value) || value < min || value > max) {
      throw new RangeError(
        `Option "${name}" must be an integer from ${min} to ${max}, but is ${value}.`,
      );
    }
    numbers[key] = value;
  }
  const host = options.host ?? "127.0.0.1";
  const path = options.path ?? "/signaling";
  if (typeof host !== "string" || host === "") {
    throw new TypeError('Option "host" must be an address.');
  }
  if (typeof path !== "string" || !path.startsWith("/")) {
    throw new TypeError('Option "path" must start with "/".');
  }
  const flags = { ...FLAGS };
  for (const name of Object.keys(FLAGS) as (keyof typeof FLAGS)[]) {
    const value = options[name] ?? FLAGS[name];
    if (typeof value !== "boolean") throw new TypeError(`Option "${name}" must be a boolean.`);
    flags[name] = value;
  }
  const { secret } = options;
  if (secret !== undefined && (typeof secret !== "string" || secret === "")) {
    throw new TypeError('Option "secret" must be a string that is not empty.');
  }
  if (flags.httpApi && secret === undefined && !isLoopback(host)) {
    throw new TypeError(
      `Option "httpApi" needs the option "secret" when "host" is not loopback, but is "${host}".`,
    );
  }
  const rpcMethods = options.rpcMethods ?? RPC_METHODS;
  if (!Array.isArray(rpcMethods) || !rpcMethods.every((name) => RPC_METHODS.includes(name))) {
    throw new TypeError(`Option "rpcMethods" must be a list of ${RPC_METHODS.join(", ")}.`);
  }
  const redirect = options.redirect ?? (() => undefined);
  if (typeof redirect !== "string" && typeof redirect !== "function") {
    throw new TypeError('Option "redirect" must be a URL or a function.');
  }
  const { onError } = options;
  if (onError !== undefined && typeof onError !== "function") {
    throw new TypeError('Option "onError" must be a function.');
  }
  const iceTransportPolicy = options.iceTransportPolicy ?? "all";
  if (iceTransportPolicy !== "all" && iceTransportPolicy !== "relay") {
    throw new TypeError('Option "iceTransportPolicy" must be "all" or "relay".');
  }
  const faults = options.faults ?? {};
  if (typeof faults !== "object" || faults === null) {
    throw new TypeError('Option "faults" must be an object.');
  }
  return {
    ...numbers,
    ...flags,
    host,
    path,
    secret,
    rpcMethods: [...rpcMethods],
    redirect,
    onError,
    tls: checkTls(options.tls),
    iceServers: checkIceServers(options.iceServers ?? []),
    iceTransportPolicy,
    faults: checkFaults(faults),
  } as ServerConfig;
}
