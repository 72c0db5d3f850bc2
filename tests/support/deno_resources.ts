/**
 * The resources that Deno holds for this process: sockets, files, unfinished ciphers.
 *
 * @module
 */

interface Internals {
  readonly core: { resources(): Readonly<Record<number, string>> };
}

/** How many there are; always 0 on Bun, which has none. */
export function openResources(): number {
  const { Deno } = globalThis as unknown as {
    Deno?: { readonly internal: symbol } & Readonly<Record<symbol, Internals>>;
  };
  return Deno === undefined ? 0 : Object.keys(Deno[Deno.internal]!.core.resources()).length;
}
