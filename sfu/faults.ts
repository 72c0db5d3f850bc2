/** Misbehaviour on purpose, so that clients can be tested against it. */

/** Types of messages that the server starts by itself. */
export type ServerMessageType =
  | "offer"
  | "re-offer"
  | "switched"
  | "notify"
  | "push"
  | "ping"
  | "redirect";

/** Faults of the signaling over WebSocket. */
export interface SignalingFaults {
  /** From this message on the server sends nothing more, and does not react to `disconnect`. */
  silentFrom?: ServerMessageType;
  /** Instead of this message the WebSocket is closed with a code (1000, 4000 to 4999). */
  closeInsteadOf?: { type: ServerMessageType; code: number; reason: string };
  /** Instead of this message the TCP connection is cut. */
  cutInsteadOf?: ServerMessageType;
  /** Each message is sent so many milliseconds late. */
  signalingDelayMs?: number;
  /** A client's `disconnect` is not reacted to, over either transport. */
  ignoreDisconnect?: boolean;
}

/** Faults that a server injects. All are off unless given. */
export interface ServerFaults extends SignalingFaults {
  /** Share of the media packets from clients that get lost, 0 to 1. */
  dropReceived?: number;
  /** Share of the media packets to clients that get lost, 0 to 1. */
  dropSent?: number;
  /** Seed of the losses, so that a run can be repeated. Default 1. */
  seed?: number;
}

/** Decides which packets get lost. */
export class PacketLoss {
  /** Packets lost on purpose. */
  dropped = 0;
  readonly #faults: ServerFaults;
  #state: number;

  constructor(faults: ServerFaults) {
    this.#faults = faults;
    this.#state = (faults.seed ?? 1) >>> 0;
  }

  /** Whether the next packet from a client is lost. */
  losesReceived(): boolean {
    return this.#loses(this.#faults.dropReceived);
  }

  /** Whether the next packet to a client is lost. */
  losesSent(): boolean {
    return this.#loses(this.#faults.dropSent);
  }

  #loses(share: number | undefined): boolean {
    if (share === undefined || share === 0 || this.#random() >= share) return false;
    this.dropped++;
    return true;
  }

  /** Mulberry32: small, fast, repeatable. */
  #random(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let value = this.#state;
    value = Math.imul(value ^ (value >>> 15), value | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 0x1_0000_0000;
  }
}

const LARGEST: ReadonlyMap<string, number> = new Map([
  ["dropReceived", 1],
  ["dropSent", 1],
  ["seed", 0xffff_ffff],
  ["signalingDelayMs", 60_000],
]);

const STRINGS: readonly string[] = ["silentFrom", "cutInsteadOf"];

/**
 * Checks faults.
 *
 * @throws TypeError or RangeError naming the member.
 */
export function checkFaults(faults: ServerFaults): ServerFaults {
  for (const [name, value] of Object.entries(faults)) {
    const wrongType = (type: string) =>
      new TypeError(`Option "faults.${name}" must be of type ${type}.`);
    const largest = LARGEST.get(name);
    if (largest !== undefined) {
      if (typeof value !== "number" || !(value >= 0 && value <= largest)) {
        throw new RangeError(`Option "faults.${name}" must be a number from 0 to ${largest}.`);
      }
    } else if (STRINGS.includes(name)) {
      if (typeof value !== "string") throw wrongType("string");
    } else if (name === "closeInsteadOf") {
      if (typeof value !== "object" || value === null) throw wrongType("object");
    } else if (name === "ignoreDisconnect") {
      if (typeof value !== "boolean") throw wrongType("boolean");
    } else {
      throw new TypeError(`Option "faults" has no member "${name}".`);
    }
  }
  return { ...faults };
}
