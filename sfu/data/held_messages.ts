/**
 * Messages of one client that wait until their receivers have room, in the order of each label, and
 * unmodified, compressed or not.
 */
import type { Buffer } from "node:buffer";
import { Fifo } from "./fifo.ts";

/** A message that waits. */
export interface HeldMessage {
  readonly label: string;
  readonly data: Buffer;
  /** What it takes of its sender's window. */
  readonly bytes: number;
}

export class HeldMessages {
  readonly #byLabel = new Map<string, Fifo<HeldMessage>>();

  /** Whether any message is held. */
  get any(): boolean {
    return this.#byLabel.size > 0;
  }

  /** Whether messages on a label are held, so that no later one may overtake them. */
  has(label: string): boolean {
    return this.#byLabel.has(label);
  }

  add(message: HeldMessage): void {
    const { label } = message;
    let held = this.#byLabel.get(label);
    if (held === undefined) {
      held = new Fifo();
      this.#byLabel.set(label, held);
    }
    held.push(message);
  }

  /** Takes out the oldest message of the first label that `may` be sent on. */
  take(may: (label: string) => boolean): HeldMessage | undefined {
    for (const [label, held] of this.#byLabel) {
      if (!may(label)) continue;
      const message = held.shift()!;
      // The label moves behind the others.
      this.#byLabel.delete(label);
      if (held.length > 0) this.#byLabel.set(label, held);
      return message;
    }
    return undefined;
  }
}
