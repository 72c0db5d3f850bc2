/**
 * The description of one native function.
 *
 * @module
 */

/**
 * How an argument crosses. `buffer`: a typed array, `DataView` or null, its `byteOffset` respected and its bytes shared for the
 * duration of the call. `callback`: the address of a function without arguments, or null.
 */
export type NativeParameter = "u32" | "i32" | "f64" | "buffer" | "callback";

/** One native function. */
export interface NativeSymbol {
  /** The C prototype, without `SORA_EXPORT`. */
  readonly prototype: string;
  /** How each argument crosses. */
  readonly parameters: readonly NativeParameter[];
  /** How the result crosses. */
  readonly result: "u32" | "i32";
  /** It may block: never called on the JavaScript thread. */
  readonly nonblocking?: true;
}
