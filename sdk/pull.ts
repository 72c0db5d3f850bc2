/**
 * Items that are handed on when somebody asks for them.
 *
 * @module
 */

/** Where the items come from. */
export interface PullSource {
  /** Whether none will come any more. */
  closed(): boolean;
  /** Somebody asks: gives items, as long as {@link Pull.wanted}. */
  pump(): void;
  /** The reader of the stream has gone. */
  cancel(): void;
}

const done = { done: true, value: undefined } as const;

/** Hands items to those who wait for them, in turn: through async iteration or a stream (WHATWG Streams). */
export class Pull<T> implements AsyncIterable<T, undefined> {
  readonly #source: PullSource;
  readonly #waiting: ((result: IteratorResult<T, undefined>) => void)[] = [];
  #readable: ReadableStream<T> | undefined;

  /** @param source Where the items come from. */
  constructor(source: PullSource) {
    this.#source = source;
  }

  /** Whether somebody waits for an item. */
  get wanted(): boolean {
    return this.#waiting.length > 0;
  }

  /** The items as a stream that asks for one at a time. */
  get readable(): ReadableStream<T> {
    return this.#readable ??= new ReadableStream<T>({
      pull: async (controller) => {
        const { value } = await this.next();
        if (value === undefined) controller.close();
        else controller.enqueue(value);
      },
      cancel: () => this.#source.cancel(),
    }, { highWaterMark: 0 });
  }

  /** Hands an item to the one who has waited longest. */
  give(value: T): void {
    this.#waiting.shift()?.({ done: false, value });
  }

  /** Waits for the next item. */
  next(): Promise<IteratorResult<T, undefined>> {
    return new Promise((resolve) => {
      if (this.#source.closed()) {
        resolve(done);
        return;
      }
      this.#waiting.push(resolve);
      this.#source.pump();
    });
  }

  /** Tells those who wait that nothing comes any more. */
  finish(): void {
    for (const waiting of this.#waiting.splice(0)) waiting(done);
  }

  /** The items; leaving the loop ends nothing. */
  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    return { next: () => this.next(), return: () => Promise.resolve(done) };
  }
}
