/**
 * The library as it is packed: its program headers come last in the file.
 *
 * The system's loader reads them before anything else. It refuses a file that ends before them, so a library that is cut short
 * anywhere is an error. With the headers in front, as linkers write them, the loader maps pages that such a file does not have, and
 * the process ends with SIGBUS. `ffi/elf.ts` looks for that beforehand, but Deno lets it read the file only with a permission.
 *
 * @module
 */

/** Where the header of a 64-bit ELF file has the offset of the program headers, and their size and number. */
const OFFSET = 32;
const ENTRY_BYTES = 54;
const COUNT = 56;
const ALIGNMENT = 8;

/**
 * Copies the program headers to the end and has the file's header name that copy. The one in front stays: in memory, the headers
 * are where the linker put them.
 */
export function withHeadersLast(library: Uint8Array): Uint8Array {
  const view = new DataView(library.buffer, library.byteOffset, library.byteLength);
  const from = Number(view.getBigUint64(OFFSET, true));
  const bytes = view.getUint16(ENTRY_BYTES, true) * view.getUint16(COUNT, true);
  const to = Math.ceil(library.length / ALIGNMENT) * ALIGNMENT;
  const whole = new Uint8Array(to + bytes);
  whole.set(library);
  whole.copyWithin(to, from, from + bytes);
  new DataView(whole.buffer).setBigUint64(OFFSET, BigInt(to), true);
  return whole;
}
