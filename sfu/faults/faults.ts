/** Misbehaviour on purpose, so that clients can be tested against it. */
import {
  type Check,
  checkBoolean,
  checkNumber,
  checkObject,
  checkOneOf,
  checkString,
  optional,
} from "../../base/checks.ts";

const MESSAGE_TYPES: readonly ServerMessageType[] = [
  "redirect",
  "offer",
  "re-offer",
  "switched",
  "notify",
  "push",
  "ping",
  "req-stats",
  "close",
];

/** Types of messages that the server starts by itself, over either transport. */
export type ServerMessageType =
  | "redirect"
  | "offer"
  | "re-offer"
  | "switched"
  | "notify"
  | "push"
  | "ping"
  | "req-stats"
  | "close";

const STEPS: readonly ConnectionStep[] = ["ice", "dtls", "sctp", "channels", "switched"];

/** Steps of a connection after its offer and answer. */
export type ConnectionStep = "ice" | "dtls" | "sctp" | "channels" | "switched";

/** Faults of the signaling, over WebSocket and over data channels. */
export interface SignalingFaults {
  /** From this message on the server sends nothing more, and does not react to `disconnect`. */
  silentFrom?: ServerMessageType | undefined;
  /** Instead of this message the connection is closed with a code (1000, 4000 to 4999). */
  closeInsteadOf?: { type: ServerMessageType; code: number; reason: string } | undefined;
  /** Instead of this message the TCP connection is cut, and the transport of a switched client. */
  cutInsteadOf?: ServerMessageType | undefined;
  /** The first messages of a type to each connection are not sent. */
  drop?: {
    type: ServerMessageType;
    /** How many. Default 1. */
    times?: number | undefined;
  } | undefined;
  /** Delay of each message and each close in milliseconds, over WebSocket and over data channels. */
  signalingDelayMs?: number | undefined;
  /** This step and all that follow do not happen: the server ignores what leads there. */
  stopBefore?: ConnectionStep | undefined;
  /** Sends signaling over data channels as text, and so not compressed. */
  textSignaling?: boolean | undefined;
  /** Ignores a client's `disconnect`, over either transport. */
  ignoreDisconnect?: boolean | undefined;
}

/** Faults that a server injects. All are off unless given. */
export interface ServerFaults extends SignalingFaults {
  /** Share of the media packets from clients that get lost, 0 to 1. */
  dropReceived?: number | undefined;
  /** Share of the media packets to clients that get lost, 0 to 1. */
  dropSent?: number | undefined;
  /** Seed of the losses, so that a run can be repeated. Default 1. */
  seed?: number | undefined;
}

/** Bytes of the reason of a close frame (RFC 6455, 5.5). */
const MAX_REASON_BYTES = 123;

type Checks<T> = { readonly [K in keyof T]-?: Check<Exclude<T[K], undefined>> };

const checkMessageType: Check<ServerMessageType> = (value, path) =>
  checkOneOf(value, path, MESSAGE_TYPES);
const checkShare: Check<number> = (value, path) => checkNumber(value, path, 0, 1);

const CHECKS: Checks<ServerFaults> = {
  silentFrom: checkMessageType,
  closeInsteadOf: checkClose,
  cutInsteadOf: checkMessageType,
  drop: checkDrop,
  signalingDelayMs: (value, path) => checkNumber(value, path, 0, 60_000),
  stopBefore: (value, path) => checkOneOf(value, path, STEPS),
  textSignaling: checkBoolean,
  ignoreDisconnect: checkBoolean,
  dropReceived: checkShare,
  dropSent: checkShare,
  seed: (value, path) => checkNumber(value, path, 0, 0xffff_ffff),
};

/**
 * Checks faults.
 *
 * @throws TypeError or RangeError with the path of the fault.
 */
export function checkFaults(value: unknown, path: string): ServerFaults {
  const given = checkObject(value, path, Object.keys(CHECKS));
  const entries = Object.entries<Check<unknown>>(CHECKS);
  return Object.assign({}, ...entries.map(([name, check]) => optional(given, name, path, check)));
}

function checkClose(value: unknown, path: string) {
  const { type, code, reason } = checkObject(value, path, ["type", "code", "reason"]);
  return {
    type: checkMessageType(type, `${path}.type`),
    code: code === 1000 ? code : checkNumber(code, `${path}.code`, 4000, 4999),
    reason: checkString(reason, `${path}.reason`, MAX_REASON_BYTES),
  };
}

function checkDrop(value: unknown, path: string) {
  const given = checkObject(value, path, ["type", "times"]);
  return {
    type: checkMessageType(given.type, `${path}.type`),
    ...optional(given, "times", path, (times, at) => checkNumber(times, at, 1, 1_000_000)),
  };
}
