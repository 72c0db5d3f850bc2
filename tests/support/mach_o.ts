/**
 * Reads what the tests of the build ask of a Mach-O library, for one 64-bit processor: Apple's `mach-o/loader.h` and `nlist.h`.
 *
 * @module
 */

/** `mach_header_64.magic`, little-endian. */
const MAGIC = 0xfeedfacf;
const HEADER_BYTES = 32;
const SYMBOL_BYTES = 16;

/** `cputype` of a 64-bit ARM processor. */
export const CPU_ARM64 = 0x0100000c;

const Command = { symbolTable: 0x02, identity: 0x0d, codeSignature: 0x1d } as const;

/** Bits of `n_type`. */
const Type = { debug: 0xe0, privateExternal: 0x10, kind: 0x0e, external: 0x01 } as const;

/** A library, as far as the tests look at it. */
export interface MachO {
  /** The processor's number. */
  readonly cpu: number;
  /** The name that programs which are linked with it look for. */
  readonly identity: string;
  /** Whether it has a signature, without which Apple's processors run nothing. */
  readonly signed: boolean;
  /** Symbols that it offers to others, with their leading underscore. */
  readonly exports: readonly string[];
  /** Symbols that it looks for elsewhere. */
  readonly undefinedSymbols: readonly string[];
}

/** Reads a library. Throws an `Error` when it is none. */
export function readMachO(bytes: Uint8Array): MachO {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const u32 = (at: number) => view.getUint32(at, true);
  const text = (at: number) => new TextDecoder().decode(bytes.subarray(at, bytes.indexOf(0, at)));
  if (u32(0) !== MAGIC) throw new Error("not a 64-bit Mach-O file");
  let identity = "";
  let signed = false;
  const exports: string[] = [];
  const undefinedSymbols: string[] = [];
  for (let at = HEADER_BYTES, left = u32(16); left > 0; left--, at += u32(at + 4)) {
    const command = u32(at);
    if (command === Command.codeSignature) signed = true;
    if (command === Command.identity) identity = text(at + u32(at + 8));
    if (command !== Command.symbolTable) continue;
    const [symbols, count, strings] = [u32(at + 8), u32(at + 12), u32(at + 16)];
    for (let index = 0; index < count; index++) {
      const symbol = symbols + index * SYMBOL_BYTES;
      const type = view.getUint8(symbol + 4);
      if (type & (Type.debug | Type.privateExternal) || !(type & Type.external)) continue;
      (type & Type.kind ? exports : undefinedSymbols).push(text(strings + u32(symbol)));
    }
  }
  return { cpu: u32(4), identity, signed, exports, undefinedSymbols };
}
