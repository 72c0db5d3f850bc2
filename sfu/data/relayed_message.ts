/** A message that is relayed to other members; each form of it is made once. */
import { Buffer } from "node:buffer";
import { compress } from "./compression.ts";

export class RelayedMessage {
  readonly label: string;
  readonly #senderId: string;
  readonly #data: Buffer;
  #headed: Buffer | undefined;
  readonly #compressed = new Map<boolean, Buffer>();

  /** @param data the message, neither compressed nor with a header */
  constructor(label: string, senderId: string, data: Buffer) {
    this.label = label;
    this.#senderId = senderId;
    this.#data = data;
  }

  /** The bytes for a data channel. */
  bytes(channel: { readonly header: boolean; readonly compress: boolean }): Buffer {
    const plain = channel.header
      ? this.#headed ??= Buffer.concat([Buffer.from(this.#senderId), this.#data])
      : this.#data;
    if (!channel.compress) return plain;
    let compressed = this.#compressed.get(channel.header);
    if (compressed === undefined) {
      compressed = compress(plain);
      this.#compressed.set(channel.header, compressed);
    }
    return compressed;
  }
}
