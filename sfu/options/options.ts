/** Options of the server, with their defaults and limits. */
import {
  type Check,
  checkBoolean,
  checkEach,
  checkFunction,
  checkInteger,
  checkNonEmptyString,
  checkObject,
  checkOneOf,
  checkSecret,
  shown,
  wrongType,
} from "../../base/checks.ts";
import type { SoraServerEvent } from "../events.ts";
import { checkFaults, type ServerFaults } from "../faults/faults.ts";
import { isLoopback } from "../../base/loopback.ts";
import { checkIceServer, type IceServer, type IceServerOption } from "./ice_config.ts";
import { REQUEST_RIDS, type RequestRid, RIDS } from "../sdp/rids.ts";
import { RPC_METHODS } from "../signaling/rpc/methods.ts";
import { SPOTLIGHT_NUMBER } from "../signaling/spotlight_request.ts";
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
  /** Connections at a time that are not established yet. Default 400. */
  maxPendingConnections?: number | undefined;
  /**
   * Connections at a time that are not established yet, of one address or /64 network of IPv6.
   * Default 200. At the limit a newcomer takes the place of one whose client has been silent for
   * long, as measured by how many are pending: `connectTimeoutMs` / 5, divided by their number. Of
   * TCP connections without a place there may be four times as many; the oldest beyond that are cut.
   */
  maxPendingConnectionsPerAddress?: number | undefined;
  /**
   * Signaling messages a second of one connection, over its WebSocket or data channels; as many may come at once. A client that
   * sends more is refused. RPC calls have a limit of their own. Default 200.
   */
  maxSignalingRate?: number | undefined;
  /**
   * Bit rate of the media of one connection in kbit/s, with retransmissions and probes. RTP packets beyond it are dropped and
   * counted, which makes the sender send less. Default 50,000.
   */
  maxReceivedBitRate?: number | undefined;
  /** Largest signaling message in bytes. Default 1 MiB. */
  maxMessageBytes?: number | undefined;
  /**
   * Bytes of data channel messages that may wait for one slow client. Beyond that a channel with
   * `max_retransmits` or `max_packet_life_time` drops messages; on all others no more is read from
   * the senders. Default 4 MiB.
   */
  maxWaitingMessageBytes?: number | undefined;
  /** Bit rate of video in kbit/s when `connect` has none: that of the offer, which limits the sender. Default 1,000. */
  defaultVideoBitRate?: number | undefined;
  /**
   * The simulcast layer that a receiver gets when its `connect` requests none: `r0` (the default),
   * the smallest, `r1` or `r2`.
   */
  defaultSimulcastRid?: "r0" | "r1" | "r2" | undefined;
  /** Members of a spotlight that are focused at a time when no `connect` says it, 1 to 8. Default 3. */
  defaultSpotlightNumber?: number | undefined;
  /** Layer of focused senders for members of a spotlight whose `connect` has none. Default `r1`. */
  defaultSpotlightFocusRid?: "none" | "r0" | "r1" | "r2" | undefined;
  /** Layer of all other senders for members of a spotlight whose `connect` has none. Default `r0`. */
  defaultSpotlightUnfocusRid?: "none" | "r0" | "r1" | "r2" | undefined;
  /** Time for `connect` after the WebSocket opened, in ms. Default 10,000. */
  connectTimeoutMs?: number | undefined;
  /** Time for `answer` and `re-answer`, in ms. Default 30,000. */
  answerTimeoutMs?: number | undefined;
  /** Time for ICE and DTLS after the answer, in ms. Default 30,000. */
  establishTimeoutMs?: number | undefined;
  /** Time between pings in ms. Default 5,000. */
  pingIntervalMs?: number | undefined;
  /** Time between `connection.updated` notifications to the connection itself, in ms. Default 60,000. */
  updateIntervalMs?: number | undefined;
  /** Time without a pong after which a connection ends, in ms. Default 60,000. */
  pongTimeoutMs?: number | undefined;
  /**
   * Time in ms after which a connection ends when its client sends no packets, or accepts hardly
   * any of the messages that wait for it. Default 30,000.
   */
  mediaTimeoutMs?: number | undefined;
  /** Whether signaling moves to data channels, unless `connect` says. Default false. */
  dataChannelSignaling?: boolean | undefined;
  /** Whether the WebSocket may close after that, unless `connect` says. Default false. */
  ignoreDisconnectWebSocket?: boolean | undefined;
  /** Whether the server announces an end of its own on the data channel `signaling`. Default true. */
  dataChannelSignalingCloseMessage?: boolean | undefined;
  /** Time after which each connection ends with `LIFETIME-EXPIRED`, in ms. Default 0: never. */
  connectionLifetimeMs?: number | undefined;
  /**
   * Secret of HS256 access tokens (RFC 7519). With it `connect.metadata.access_token` must be one;
   * its private claims override properties of `connect`. Default none: everybody may connect.
   */
  secret?: string | undefined;
  /**
   * Whether the secret itself is accepted as an access token, without any claims. Sora's own test suites hand it out in this
   * way; whoever has it can make any token. Default false.
   */
  secretAsToken?: boolean | undefined;
  /**
   * RPC methods that a connection may call unless its access token has `rpc_methods`. Default: all
   * methods of the server.
   */
  rpcMethods?: readonly string[] | undefined;
  /** The certificate of signaling over `wss`. Default none: `ws`. */
  tls?: ServerTls | undefined;
  /**
   * Whether `POST /` with the header `x-sora-target` is answered as Sora's HTTP API. On loopback
   * the headers `host` and `origin` must name loopback as well; on any other address the option
   * `secret` is required, and the header `authorization: Bearer SECRET` with each request. Default
   * false.
   */
  httpApi?: boolean | undefined;
  /**
   * Whether `GET /metrics` is answered in the text format of Prometheus: connections by role, traffic, drops by kind, refusals by
   * reason, memory and CPU time of this process. Who may ask is the same as with `httpApi`. Default false.
   */
  metrics?: boolean | undefined;
  /**
   * Whether `GET /` is answered with a page that shows channels, members, layers and bit rates, and lets a person join a channel from
   * the browser. Who may see the members is the same as with `httpApi`; beyond loopback the page asks for the secret, and browsers
   * lend camera and microphone only over TLS. Default false: what a test suite starts answers nothing that nobody asked for.
   */
  page?: boolean | undefined;
  /** Signaling URL that clients are redirected to, or a function of the channel. Default none. */
  redirect?: string | ((channelId: string) => string | undefined) | undefined;
  /**
   * Gets what a function of these options throws, and an error for a result of the wrong type. Without it the error is
   * written to the console.
   */
  onError?: ((error: unknown) => unknown) | undefined;
  /**
   * Gets what happens on the server: a connection was created, destroyed or refused, and why. It holds no secrets.
   */
  onEvent?: ((event: SoraServerEvent) => unknown) | undefined;
  /**
   * Whether a client that was redirected here may be redirected again. Default false: two servers
   * that point at each other must not redirect clients for ever.
   */
  redirectAgain?: boolean | undefined;
  /** STUN and TURN servers for clients. Default none: clients reach this server directly. */
  iceServers?: readonly IceServerOption[] | undefined;
  /** `relay`: clients use TURN only. Default `all`. */
  iceTransportPolicy?: "all" | "relay" | undefined;
  /**
   * Path of the native library. Default: the one in `SORA_FFI_LIBRARY`, else `zig-out/lib` in a
   * checkout, else the platform package.
   */
  library?: string | undefined;
  /** Deliberate misbehaviour, for tests of clients. Default none. */
  faults?: ServerFaults | undefined;
}

/** Options with every default filled in. */
export type ServerConfig =
  & {
    readonly [K in keyof Omit<SoraServerOptions, MayBeNone>]-?: Exclude<
      SoraServerOptions[K],
      undefined
    >;
  }
  & { readonly [K in Exclude<MayBeNone, "iceServers">]: SoraServerOptions[K] | undefined }
  & { readonly iceServers: readonly IceServer[] };

/** Options without a value as default, and those with another type. */
type MayBeNone = "tls" | "secret" | "onError" | "onEvent" | "redirect" | "iceServers" | "library";

/** What an option is when it is not given, and what it may be. */
interface Rule<T> {
  readonly fallback: T;
  readonly check: Check<T>;
}

const integer = (fallback: number, min: number, max: number): Rule<number> => ({
  fallback,
  check: (value, path) => checkInteger(value, path, min, max),
});

const milliseconds = (fallback: number, min = 1) => integer(fallback, min, 3_600_000);

const boolean = (fallback: boolean): Rule<boolean> => ({ fallback, check: checkBoolean });

const requestRid = (fallback: RequestRid): Rule<RequestRid> => ({
  fallback,
  check: (value, path) => checkOneOf(value, path, REQUEST_RIDS),
});

const RULES: { readonly [K in keyof ServerConfig]: Rule<ServerConfig[K]> } = {
  port: integer(0, 0, 65_535),
  host: { fallback: "127.0.0.1", check: checkNonEmptyString },
  path: { fallback: "/signaling", check: checkPath },
  maxConnections: integer(1000, 1, 100_000),
  maxChannelConnections: integer(100, 1, 10_000),
  maxPendingConnections: integer(400, 1, 100_000),
  maxPendingConnectionsPerAddress: integer(200, 1, 100_000),
  maxSignalingRate: integer(200, 1, 100_000),
  maxReceivedBitRate: integer(50_000, 1, 1_000_000),
  maxMessageBytes: integer(1024 * 1024, 1024, 64 * 1024 * 1024),
  maxWaitingMessageBytes: integer(4 * 1024 * 1024, 64 * 1024, 1024 * 1024 * 1024),
  defaultVideoBitRate: integer(1000, 1, 50_000),
  defaultSimulcastRid: {
    fallback: "r0",
    check: (value, path) => checkOneOf(value, path, RIDS),
  },
  defaultSpotlightNumber: integer(3, SPOTLIGHT_NUMBER.min, SPOTLIGHT_NUMBER.max),
  defaultSpotlightFocusRid: requestRid("r1"),
  defaultSpotlightUnfocusRid: requestRid("r0"),
  connectTimeoutMs: milliseconds(10_000),
  answerTimeoutMs: milliseconds(30_000),
  establishTimeoutMs: milliseconds(30_000),
  pingIntervalMs: milliseconds(5000, 10),
  updateIntervalMs: milliseconds(60_000, 10),
  pongTimeoutMs: milliseconds(60_000, 10),
  mediaTimeoutMs: milliseconds(30_000, 100),
  dataChannelSignaling: boolean(false),
  ignoreDisconnectWebSocket: boolean(false),
  dataChannelSignalingCloseMessage: boolean(true),
  connectionLifetimeMs: integer(0, 0, 2_000_000_000),
  secret: { fallback: undefined, check: checkTokenSecret },
  secretAsToken: boolean(false),
  rpcMethods: {
    fallback: RPC_METHODS,
    check: (value, path) =>
      checkEach(value, path, (name, path) => checkOneOf(name, path, RPC_METHODS)),
  },
  tls: { fallback: undefined, check: checkTls },
  httpApi: boolean(false),
  metrics: boolean(false),
  page: boolean(false),
  redirect: { fallback: undefined, check: checkRedirect },
  onError: { fallback: undefined, check: checkFunction },
  onEvent: { fallback: undefined, check: checkFunction },
  redirectAgain: boolean(false),
  iceServers: { fallback: [], check: (value, path) => checkEach(value, path, checkIceServer) },
  iceTransportPolicy: {
    fallback: "all",
    check: (value, path) => checkOneOf(value, path, ["all", "relay"]),
  },
  library: { fallback: undefined, check: checkNonEmptyString },
  faults: { fallback: {}, check: checkFaults },
};

/** The options by which the server answers over HTTP, to those who have access. */
const HTTP_OPTIONS = ["httpApi", "metrics", "page"] as const;

/**
 * Checks options and fills in the defaults.
 *
 * @throws TypeError or RangeError with the path of the option.
 */
export function resolveOptions(options: SoraServerOptions): ServerConfig {
  const given = checkObject(options, "options", Object.keys(RULES));
  const entries = Object.entries<Rule<unknown>>(RULES).map(([name, { fallback, check }]) => {
    const value = given[name];
    return [name, value === undefined ? fallback : check(value, `options.${name}`)];
  });
  const config: ServerConfig = Object.fromEntries(entries);
  if (config.secretAsToken && config.secret === undefined) {
    throw new TypeError("options.secret must be given with options.secretAsToken");
  }
  const open = HTTP_OPTIONS.find((name) => config[name]);
  if (open !== undefined && config.secret === undefined && !isLoopback(config.host)) {
    throw new TypeError(
      `options.secret must be given with options.${open} when options.host is not loopback, but ${
        shown(config.host)
      }`,
    );
  }
  return config;
}

function checkPath(value: unknown, path: string): string {
  if (typeof value === "string" && value.startsWith("/")) return value;
  throw wrongType(path, 'a path that begins with "/"', value);
}

function checkTokenSecret(value: unknown, path: string): string {
  const secret = checkSecret(value, path);
  if (secret === "") throw new RangeError(`${path} must not be empty`);
  return secret;
}

function checkRedirect(value: unknown, path: string): ServerConfig["redirect"] {
  if (typeof value === "string" || typeof value === "function") {
    return value as ServerConfig["redirect"];
  }
  throw wrongType(path, "a URL or a function", value);
}
