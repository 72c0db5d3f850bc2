/** Decides what becomes of the messages to one connection, over its WebSocket and its data channels. */
import type { SignalingFaults } from "./faults.ts";

/** What becomes of a message; `close` and `cut` end the connection instead. */
export type Fate = "send" | "drop" | "close" | "cut";

export class MessageFate {
  readonly #faults: SignalingFaults;
  #silent = false;
  #dropped = 0;

  constructor(faults: SignalingFaults) {
    this.#faults = faults;
  }

  /** Whether the server sends nothing any more, and ignores what arrives. */
  get silent(): boolean {
    return this.#silent;
  }

  /** What becomes of the next message, which is of this type. */
  of(type: string): Fate {
    const { silentFrom, closeInsteadOf, cutInsteadOf, drop } = this.#faults;
    if (type === silentFrom) this.#silent = true;
    if (type === closeInsteadOf?.type) return "close";
    if (type === cutInsteadOf) return "cut";
    if (type === drop?.type && this.#dropped < (drop.times ?? 1)) {
      this.#dropped++;
      return "drop";
    }
    return this.#silent ? "drop" : "send";
  }
}
