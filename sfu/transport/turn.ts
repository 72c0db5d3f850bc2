/** What a turn of the event loop has to send, so that it crosses to native code in few calls. */

/** Work that waits for the end of the turn. */
export interface TurnWork {
  /** Does it. */
  flush(): void;
}

export class Turn {
  readonly #onDone: () => void;
  #work: TurnWork[] = [];
  #scheduled = false;
  #held = false;

  /** @param onDone called when all work is done */
  constructor(onDone: () => void) {
    this.#onDone = onDone;
  }

  /** Does this at the end of the turn. */
  add(work: TurnWork): void {
    this.#work.push(work);
    if (this.#held || this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.flush();
    });
  }

  /** Waits for {@linkcode end} from now on. */
  hold(): void {
    this.#held = true;
  }

  /** Does everything, and no longer waits. */
  end(): void {
    this.#held = false;
    this.flush();
  }

  /** Does everything that waits now. */
  flush(): void {
    while (this.#work.length > 0) {
      const work = this.#work;
      this.#work = [];
      for (const one of work) one.flush();
    }
    this.#onDone();
  }
}
