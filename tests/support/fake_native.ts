/**
 * A native library that is none: tests put records into its queue and see what is called.
 *
 * @module
 */

import type { Binding, NativeFunctions } from "../../ffi/binding.ts";
import { ABI_VERSION, EVENT_HEADER_SIZE, Result } from "../../ffi/constants.ts";

/** A record of the event queue. */
export interface FakeRecord {
  readonly type: number;
  readonly handle: number;
  readonly argument?: number;
  readonly flags?: number;
  readonly payload?: Uint8Array;
}

/** Builds a record as `queue.h` describes it. */
export function encodeRecord(record: FakeRecord): Uint8Array {
  const { type, handle, argument = 0, flags = 0, payload = new Uint8Array(0) } = record;
  const padded = Math.ceil(payload.byteLength / 4) * 4;
  const bytes = new Uint8Array(EVENT_HEADER_SIZE + padded);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, payload.byteLength, true);
  view.setUint16(4, type, true);
  view.setUint16(6, flags, true);
  view.setUint32(8, handle, true);
  view.setUint32(12, argument, true);
  bytes.set(payload, EVENT_HEADER_SIZE);
  return bytes;
}

/** The payload of `SORA_EVENT_REQUEST_DONE`. */
export function requestPayload(result: number, text: string): Uint8Array {
  const encoded = new TextEncoder().encode(text);
  const payload = new Uint8Array(4 + encoded.byteLength);
  new DataView(payload.buffer).setInt32(0, result, true);
  payload.set(encoded, 4);
  return payload;
}

/** A fake library with one queue. */
export class FakeNative {
  /** Whether the waker holds the process. */
  held = false;
  /** When the waker has stopped. */
  stopped: Promise<void> = Promise.resolve();
  /** The text of the last error. */
  error = "";
  readonly #records: Uint8Array[] = [];
  #onWake: () => void = () => {};

  /** The library as an adapter gives it; `functions` adds to or replaces what the queue needs. */
  binding(functions: Partial<NativeFunctions> = {}, abi = ABI_VERSION): Binding {
    const own: Partial<NativeFunctions> = {
      sora_abi_version: () => abi,
      sora_queue_create: (_bytes, out) => {
        (out as Uint32Array)[0] = 1;
        return Result.OK;
      },
      sora_queue_next_size: () => this.#records[0]?.byteLength ?? 0,
      sora_queue_drain: (_queue, buffer) => this.#drain(buffer as Uint8Array),
      sora_last_error: (buffer) => {
        const { read } = new TextEncoder().encodeInto(this.error, buffer as Uint8Array);
        return read;
      },
    };
    return {
      path: "/fake",
      functions: { ...own, ...functions } as NativeFunctions,
      createWaker: (_queue, onWake) => {
        this.#onWake = onWake;
        return {
          start: () => this.held = true,
          stop: () => {
            this.held = false;
            return this.stopped;
          },
        };
      },
    };
  }

  /** Adds records and wakes JavaScript. */
  push(...records: readonly FakeRecord[]): void {
    this.add(...records);
    this.#onWake();
  }

  /** Adds records without waking JavaScript. */
  add(...records: readonly FakeRecord[]): void {
    this.#records.push(...records.map(encodeRecord));
  }

  /** Records that wait. */
  get waiting(): number {
    return this.#records.length;
  }

  #drain(buffer: Uint8Array): number {
    let written = 0;
    for (let next = this.#records[0]; next !== undefined; next = this.#records[0]) {
      if (written + next.byteLength > buffer.byteLength) break;
      buffer.set(next, written);
      written += next.byteLength;
      this.#records.shift();
    }
    const tooSmall = written === 0 && this.#records.length > 0;
    return tooSmall ? Result.ERROR_BUFFER_TOO_SMALL : written;
  }
}
