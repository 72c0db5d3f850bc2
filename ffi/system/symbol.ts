/**
 * The functions of a library of the system, and what an adapter makes of them.
 *
 * @module
 */

/** A parameter: numbers, the address of something in native memory, or bytes that native code reads or writes. */
export type SystemParameter = "i32" | "u32" | "f64" | "address" | "buffer";

/** A function of a system's library. */
export interface SystemSymbol {
  /** Its parameters in order. A C `unsigned long` is an `address`. */
  readonly parameters: readonly SystemParameter[];
  /** What it returns; a C `long` is `long`. */
  readonly result: "i32" | "f64" | "address" | "long" | "void";
  /** Its name in the library, where a table has it twice. */
  readonly name?: string;
  /**
   * It may block for longer than a millisecond: it runs on a thread beside JavaScript and returns a promise. It takes no buffers: the
   * memory of a Worker that is terminated meanwhile would be gone.
   */
  readonly slow?: true;
  /** Some versions of the library lack it: then it is undefined. */
  readonly optional?: true;
}

interface Arguments {
  readonly i32: number;
  readonly u32: number;
  readonly f64: number;
  readonly address: bigint;
  readonly buffer: ArrayBufferView<ArrayBuffer> | null;
}

interface Results {
  readonly i32: number;
  readonly f64: number;
  readonly address: bigint;
  readonly long: number;
  readonly void: undefined;
}

type Parameters<P extends readonly SystemParameter[]> = {
  -readonly [I in keyof P]: Arguments[P[I]];
};

type SystemFunction<S extends SystemSymbol> = (
  ...args: Parameters<S["parameters"]>
) => S extends { readonly slow: true } ? Promise<Results[S["result"]]> : Results[S["result"]];

/** The functions of a table. */
export type SystemFunctions<T extends Readonly<Record<string, SystemSymbol>>> = {
  readonly [K in keyof T]: T[K] extends { readonly optional: true }
    ? SystemFunction<T[K]> | undefined
    : SystemFunction<T[K]>;
};

/** Opens a library, and gives its functions by name, as {@link SystemFunctions} types them; throws the loader's error. */
export type OpenSystem = (
  library: string,
  table: Readonly<Record<string, SystemSymbol>>,
) => Readonly<Record<string, unknown>>;
