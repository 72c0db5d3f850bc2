/**
 * The event pump: drains the native event queue and passes each record to its object's listener.
 *
 * @module
 */

import type { SoraError } from "../base/errors.ts";
import type { Binding, NativeFunctions, Waker } from "./binding.ts";
import { EVENT_HEADER_SIZE, EventType, Result } from "./constants.ts";
import { nativeError, unwrap } from "./result.ts";

/**
 * A listener for the events of one native object.
 *
 * @param type An `EventType`.
 * @param argument The argument of that type, as `sora_event` documents it.
 * @param payload The record's payload, valid during the call only.
 * @param flags `EVENT_FLAG_*`.
 */
export type EventListener = (
  type: number,
  argument: number,
  payload: Uint8Array<ArrayBuffer>,
  flags: number,
) => void;

/** Most bytes of data channel messages that wait for JavaScript. */
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;
const BUFFER_SIZE = 64 * 1024;
/** Most buffers that are drained at once before the event loop runs other tasks. */
const MAX_ROUNDS = 16;
const MAX_REQUEST = 0xffff_ffff;

const empty = new Uint8Array(0);
const decoder = new TextDecoder();

interface Request {
  readonly resolve: (text: string) => void;
  readonly reject: (error: SoraError) => void;
}

/** The event queue of this JavaScript realm. */
export class EventPump {
  /** The native queue's handle. */
  readonly queue: number;
  readonly #functions: NativeFunctions;
  readonly #waker: Waker;
  readonly #listeners = new Map<number, EventListener>();
  readonly #requests = new Map<number, Request>();
  readonly #buffer = new Uint8Array(BUFFER_SIZE);
  readonly #report: (error: unknown) => void;
  #lastRequest = 0;
  #holds = 0;
  #flushing = false;
  #stopped: Promise<void> = Promise.resolve();
  #rest: Promise<void> | undefined;

  /**
   * @param binding The library.
   * @param report Called with what a listener throws; listeners are internal, so it is a bug and not a user's mistake.
   */
  constructor(binding: Binding, report: (error: unknown) => void) {
    this.#functions = binding.functions;
    this.#report = report;
    const out = new Uint32Array(1);
    unwrap(binding.functions, binding.functions.sora_queue_create(MAX_MESSAGE_BYTES, out));
    this.queue = out[0] ?? 0;
    this.#waker = binding.createWaker(this.queue, () => this.#drain());
  }

  /** Passes the events of `handle` to `listener` from now on. */
  listen(handle: number, listener: EventListener): void {
    this.#listeners.set(handle, listener);
  }

  /** Drops the events of `handle` from now on. */
  unlisten(handle: number): void {
    this.#listeners.delete(handle);
  }

  /** Keeps the process alive and events coming until {@link release} has been called as often. */
  hold(): void {
    // Throws when Deno's permission for the library has been revoked.
    if (this.#holds === 0) this.#waker.start();
    this.#holds++;
  }

  /** Undoes one {@link hold}. Resolves as {@link settled}. */
  release(): Promise<void> {
    if (--this.#holds === 0) this.#stopped = this.#waker.stop();
    return this.settled();
  }

  /**
   * Resolves when nothing is left that the runtime counts, or at once while there is a {@link hold}. A `close()` that promises to
   * leave nothing waits for it.
   */
  async settled(): Promise<void> {
    if (this.#holds > 0) return;
    await this.#stopped;
    while (this.#holds === 0 && this.#rest !== undefined) await this.#rest;
  }

  /** Drains the queue soon, even without a {@link hold}. */
  flush(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    // A timer could outlive the test that wrote into the log.
    queueMicrotask(() => {
      this.#flushing = false;
      this.#drain();
    });
  }

  /**
   * Makes a native request.
   *
   * @param start Calls the native function with the request's number.
   * @returns The text of the result; rejects with the native error.
   */
  request(start: (request: number) => number): Promise<string> {
    do {
      this.#lastRequest = this.#lastRequest === MAX_REQUEST ? 1 : this.#lastRequest + 1;
    } while (this.#requests.has(this.#lastRequest));
    const number = this.#lastRequest;
    return new Promise((resolve, reject) => {
      this.#requests.set(number, { resolve, reject });
      try {
        unwrap(this.#functions, start(number));
      } catch (error) {
        this.#requests.delete(number);
        throw error;
      }
    });
  }

  /** Drains the queue, or as much of it as is drained at once; whether there was anything. */
  #drain(): boolean {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      let buffer = this.#buffer;
      let size = this.#functions.sora_queue_drain(this.queue, buffer, buffer.byteLength);
      if (size === Result.ERROR_BUFFER_TOO_SMALL) {
        // Rare and possibly large: not kept.
        buffer = new Uint8Array(Math.max(0, this.#functions.sora_queue_next_size(this.queue)));
        size = this.#functions.sora_queue_drain(this.queue, buffer, buffer.byteLength);
      }
      if (size <= 0) return round > 0;
      this.#dispatchAll(buffer, size);
    }
    this.#rest ??= new Promise((resolve) => {
      setTimeout(() => {
        this.#rest = undefined;
        this.#drain();
        resolve();
      }, 0);
    });
    return true;
  }

  #dispatchAll(buffer: Uint8Array<ArrayBuffer>, size: number): void {
    const view = new DataView(buffer.buffer, buffer.byteOffset, size);
    for (let offset = 0; offset + EVENT_HEADER_SIZE <= size;) {
      const length = view.getUint32(offset, true);
      const type = view.getUint16(offset + 4, true);
      const flags = view.getUint16(offset + 6, true);
      const handle = view.getUint32(offset + 8, true);
      const argument = view.getUint32(offset + 12, true);
      const start = offset + EVENT_HEADER_SIZE;
      const payload = length === 0 ? empty : buffer.subarray(start, start + length);
      offset = start + ((length + 3) & ~3);
      try {
        if (type === EventType.REQUEST_DONE) this.#settle(argument, payload);
        else this.#listeners.get(handle)?.(type, argument, payload, flags);
      } catch (error) {
        this.#report(error);
      }
    }
  }

  #settle(number: number, payload: Uint8Array<ArrayBuffer>): void {
    const request = this.#requests.get(number);
    if (request === undefined) return;
    this.#requests.delete(number);
    const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
    const result = view.getInt32(0, true);
    const text = decoder.decode(payload.subarray(4));
    if (result === Result.OK) request.resolve(text);
    else request.reject(nativeError(result, text));
  }
}
