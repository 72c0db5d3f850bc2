/**
 * Async iteration and streams over items that are pulled one at a time.
 *
 * @module
 */

/** Source of the items of a {@link Pull}. */
export interface PullSource {
  /** Whether no more will come. */
  closed(): boolean;
  /** Gives items, as long as {@link Pull.wanted}. */
  pump(): void;
  /** The stream was cancelled. */
  cancel(): void;
}

/** A reader that waits for one item. */
interface Waiter<T> {
  /** The iterator or stream that asked. */
  readonly reader: object;
  resolve(result: IteratorResult<T, undefined>): void;
}

/** The result of an iterator that has ended. */
export const done = { done: true, value: undefined } as const;

/** Gives items to the readers that wait for them, in turn: through async iteration or a stream (WHATWG Streams). */
export class Pull<T> implements AsyncIterable<T, undefined> {
  readonly #source: PullSource;
  #waiting: Waiter<T>[] = [];
  #readable: ReadableStream<T> | undefined;

  /** @param source The source of the items. */
  constructor(source: PullSource) {
    this.#source = source;
  }

  /** Whether a reader waits for an item. */
  get wanted(): boolean {
    return this.#waiting.length > 0;
  }

  /** The items as a stream that asks for one at a time. */
  get readable(): ReadableStream<T> {
    if (this.#readable !== undefined) return this.#readable;
    const reader = {};
    let cancelled = false;
    this.#readable = new ReadableStream<T>({
      pull: async (controller) => {
        const { value } = await this.#next(reader);
        if (cancelled) return;
        if (value === undefined) controller.close();
        else controller.enqueue(value);
      },
      cancel: () => {
        cancelled = true;
        this.#leave(reader);
        this.#source.cancel();
      },
    }, { highWaterMark: 0 });
    return this.#readable;
  }

  /** Gives an item to the reader that has waited longest. */
  give(value: T): void {
    this.#waiting.shift()?.resolve({ done: false, value });
  }

  /** Ends all waiting: no more items will come. */
  finish(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { resolve } of waiting) resolve(done);
  }

  /**
   * The items; leaving the loop ends nothing else. A `next()` that is waiting when `return()` is called ends without an item and
   * takes none from others.
   */
  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    const reader = {};
    let left = false;
    return {
      next: () => left ? Promise.resolve(done) : this.#next(reader),
      return: () => {
        left = true;
        this.#leave(reader);
        return Promise.resolve(done);
      },
    };
  }

  #next(reader: object): Promise<IteratorResult<T, undefined>> {
    return new Promise((resolve) => {
      if (this.#source.closed()) {
        resolve(done);
        return;
      }
      this.#waiting.push({ reader, resolve });
      this.#source.pump();
    });
  }

  /** Ends what a reader waits for. */
  #leave(reader: object): void {
    const ended = this.#waiting.filter((waiter) => waiter.reader === reader);
    if (ended.length === 0) return;
    this.#waiting = this.#waiting.filter((waiter) => waiter.reader !== reader);
    for (const { resolve } of ended) resolve(done);
  }
}
