/**
 * Bytes of a stream, by number.
 *
 * @module
 */

/** The end of a stream of Node's that was closed before its end: how its process ended says why. */
function endOfStream(error: unknown): IteratorReturnResult<undefined> {
  if ((error as { code?: unknown }).code !== "ERR_STREAM_PREMATURE_CLOSE") throw error;
  return { done: true, value: undefined };
}

/** Reads exact numbers of bytes from chunks. */
export class Bytes {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array(0);
  #at = 0;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  async #more(): Promise<boolean> {
    if (this.#at < this.#chunk.byteLength) return true;
    const { done, value } = await this.#chunks.next().catch(endOfStream);
    if (done) return false;
    this.#chunk = value;
    this.#at = 0;
    return true;
  }

  /** Fills a buffer; false when the stream ends before. */
  async fill(into: Uint8Array): Promise<boolean> {
    for (let filled = 0; filled < into.byteLength;) {
      if (!await this.#more()) return false;
      const part = this.#chunk.subarray(this.#at, this.#at + into.byteLength - filled);
      into.set(part, filled);
      filled += part.byteLength;
      this.#at += part.byteLength;
    }
    return true;
  }

  /** Leaves bytes out; false when the stream ends before. */
  async skip(bytes: number): Promise<boolean> {
    for (let left = bytes; left > 0;) {
      if (!await this.#more()) return false;
      const part = Math.min(left, this.#chunk.byteLength - this.#at);
      this.#at += part;
      left -= part;
    }
    return true;
  }
}
