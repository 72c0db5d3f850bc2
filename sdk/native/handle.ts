/**
 * Handles of native objects.
 *
 * @module
 */

import { type NativeFunctions, type Realm, unwrap } from "../../ffi/mod.ts";
import { SoraError } from "../../base/errors.ts";

/** Key of an object's {@link NativeHandle}, internal to `sdk/`. */
export const native: unique symbol = Symbol("native");

const out = new Uint32Array(1);
const decoder = new TextDecoder();

/** A native object's handle, until it is closed. */
export class NativeHandle {
  /** Its realm. */
  readonly realm: Realm;
  /** The native functions of that realm. */
  readonly functions: NativeFunctions;
  readonly #name: string;
  #value: number;

  /**
   * @param realm Its realm.
   * @param name Its name in errors.
   * @param value The handle, not 0.
   */
  constructor(realm: Realm, name: string, value: number) {
    this.realm = realm;
    this.functions = realm.functions;
    this.#name = name;
    this.#value = value;
  }

  /**
   * Makes a native object.
   *
   * @param create Calls the native function; `out` gets the handle.
   */
  static create(
    realm: Realm,
    name: string,
    create: (functions: NativeFunctions, out: Uint32Array<ArrayBuffer>) => number,
  ): NativeHandle {
    unwrap(realm.functions, create(realm.functions, out));
    return new NativeHandle(realm, name, out[0] ?? 0);
  }

  /**
   * The handle.
   *
   * @throws {SoraError} `CLOSED` after {@link take}.
   */
  get value(): number {
    if (this.#value === 0) throw new SoraError("CLOSED", `${this.#name} is closed`);
    return this.#value;
  }

  /** Whether {@link take} was called. */
  get closed(): boolean {
    return this.#value === 0;
  }

  /** Returns the handle for closing and forgets it; 0 when that was done before. */
  take(): number {
    const value = this.#value;
    this.#value = 0;
    return value;
  }

  /** The identifier of a native track or source. */
  trackId(): string {
    const { functions } = this;
    const buffer = new Uint8Array(this.unwrap(functions.sora_track_id(this.value, null, 0)));
    this.unwrap(functions.sora_track_id(this.value, buffer, buffer.byteLength));
    return decoder.decode(buffer);
  }

  /** Returns a native result that is not negative, and throws the {@link SoraError} of one that is. */
  unwrap(result: number): number {
    return unwrap(this.functions, result);
  }
}
