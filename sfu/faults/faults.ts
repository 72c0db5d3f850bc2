/** Misbehaviour on purpose, so that clients can be tested against it. */

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

const PHASES: readonly ConnectionStep[] = ["ice", "dtls", "sctp", "channels", "switched"];

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
  /** Each message and each close is so many milliseconds late, over WebSocket and over data channels. */
  signalingDelayMs?: number | undefined;
  /** This step and all that follow do not happen: the server is deaf to what leads there. */
  stopBefore?: ConnectionStep | undefined;
  /** Signaling over data channels is text, and so not compressed. */
  textSignaling?: boolean | undefined;
  /** A client's `disconnect` is not reacted to, over either transport. */
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

const LARGEST: ReadonlyMap<string, number> = new Map([
  ["dropReceived", 1],
  ["dropSent", 1],
  ["seed", 0xffff_ffff],
  ["signalingDelayMs", 60_000],
]);

const FLAGS: readonly string[] = ["ignoreDisconnect", "textSignaling"];

const OTHERS: readonly string[] = [
  "silentFrom",
  "cutInsteadOf",
  "stopBefore",
  "closeInsteadOf",
  "drop",
];

/** Bytes of the reason of a close frame (RFC 6455, 5.5). */
const MAX_REASON_BYTES = 123;

/**
 * Checks faults.
 *
 * @throws TypeError or RangeError naming the member.
 */
export function checkFaults(faults: ServerFaults): ServerFaults {
  for (const [name, value] of Object.entries(faults)) {
    const path = `faults.${name}`;
    const largest = LARGEST.get(name);
    if (
      value === undefined &&
      (largest !== undefined || FLAGS.includes(name) || OTHERS.includes(name))
    ) continue;
    if (largest !== undefined) number(path, value, 0, largest);
    else if (name === "silentFrom" || name === "cutInsteadOf") oneOf(path, value, MESSAGE_TYPES);
    else if (name === "stopBefore") oneOf(path, value, PHASES);
    else if (name === "closeInsteadOf") checkClose(path, value);
    else if (name === "drop") checkDrop(path, value);
    else if (!FLAGS.includes(name)) {
      throw new TypeError(`Option "faults" has no member "${name}".`);
    } else if (typeof value !== "boolean") {
      throw new TypeError(`Option "${path}" must be of type boolean.`);
    }
  }
  return { ...faults };
}

function number(path: string, value: unknown, min: number, max: number): void {
  if (typeof value !== "number" || !(value >= min && value <= max)) {
    throw new RangeError(`Option "${path}" must be a number from ${min} to ${max}.`);
  }
}

function oneOf(path: string, value: unknown, known: readonly string[]): void {
  if (!known.includes(value as string)) {
    throw new TypeError(`Option "${path}" must be one of ${known.join(", ")}.`);
  }
}

function members(path: string, value: unknown, known: readonly string[]): Record<string, unknown> {
  if (typeof value !== "object" || value === null) {
    throw new TypeError(`Option "${path}" must be an object.`);
  }
  const unknown = Object.keys(value).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new TypeError(`Option "${path}" has no member "${unknown}".`);
  return value as Record<string, unknown>;
}

function checkClose(path: string, value: unknown): void {
  const { type, code, reason } = members(path, value, ["type", "code", "reason"]);
  oneOf(`${path}.type`, type, MESSAGE_TYPES);
  if (code !== 1000) number(`${path}.code`, code, 4000, 4999);
  if (typeof reason !== "string" || new TextEncoder().encode(reason).length > MAX_REASON_BYTES) {
    throw new TypeError(
      `Option "${path}.reason" must be a string of at most ${MAX_REASON_BYTES} bytes.`,
    );
  }
}

function checkDrop(path: string, value: unknown): void {
  const { type, times = 1 } = members(path, value, ["type", "times"]);
  oneOf(`${path}.type`, type, MESSAGE_TYPES);
  number(`${path}.times`, times, 1, 1_000_000);
}
