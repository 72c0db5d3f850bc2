/**
 * Writable streams that are renewed when they end.
 *
 * @module
 */

/** Makes a stream; `ended` is called when nothing more can be written to it. */
type Open<T> = (ended: () => void) => WritableStream<T>;

/**
 * The present writable stream of a source: the same until it is closed, aborted or broken by a wrong chunk, and a new one after
 * that. A WritableStream (WHATWG Streams) by itself serves a single `pipeTo()`.
 */
export class Writables<T> {
  readonly #open: Open<T>;
  #present: WritableStream<T> | undefined;

  /** @param open Makes the first stream and each that follows: see {@link renewable}. */
  constructor(open: Open<T>) {
    this.#open = open;
  }

  /** The stream to write to now. */
  get present(): WritableStream<T> {
    if (this.#present === undefined) {
      const stream: WritableStream<T> = this.#open(() => {
        if (this.#present === stream) this.#present = undefined;
      });
      this.#present = stream;
    }
    return this.#present;
  }
}

/**
 * Makes a stream that reports its end.
 *
 * @param sink Handles the chunks.
 * @param strategy Must not throw: such an end would not be reported.
 * @param ended Called when nothing more can be written to it.
 */
export function renewable<T>(
  sink: UnderlyingSink<T>,
  strategy: QueuingStrategy<T>,
  ended: () => void,
): WritableStream<T> {
  return new WritableStream<T>({
    start(controller) {
      controller.signal.addEventListener("abort", ended);
      return sink.start?.(controller);
    },
    async write(chunk, controller) {
      try {
        await sink.write?.(chunk, controller);
      } catch (error) {
        ended();
        throw error;
      }
    },
    async close() {
      try {
        await sink.close?.();
      } finally {
        ended();
      }
    },
  }, strategy);
}
