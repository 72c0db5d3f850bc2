/**
 * Messages of one client that wait until their receivers have room, in the order of each label, and
 * unmodified, compressed or not.
 */
import type { Buffer } from "node:buffer";
import { Fifo } from "./fifo.ts";

export class HeldMessages {
  readonly #byLabel = new Map<string, Fifo<Buffer>>();

  /** Whether any message is held. */
  get any(): boolean {
    return this.#byLabel.size > 0;
  }

  /** Whether messages on a label are held, so that no later one may overtake them. */
  has(label: string): boolean {
    return this.#byLabel.has(label);
  }

  add(label: string, data: Buffer): void {
    let held = this.#byLabel.get(label);
    if (held === undefined) {
      held = new Fifo();
      this.#byLabel.set(label, held);
    }
    held.push(data);
  }

  /** Takes out the oldest message of the first label that `may` be sent on. */
  take(may: (label: string) => boolean): { label: string; data: Buffer } | undefined {
    for (const [label, held] of this.#byLabel) {
      if (!may(label)) continue;
      const data = held.shift()!;
      // The label moves behind the others.
      this.#byLabel.delete(label);
      if (held.length > 0) this.#byLabel.set(label, held);
      return { label, data };
    }
    return undefined;
  }
}
