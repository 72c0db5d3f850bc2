/**
 * The header of a library's file (ELF). It is checked before the file is loaded: loading one that is cut short can end the process
 * with SIGBUS. (Not the one of a package, see `packages/headers_last.ts`.)
 *
 * @module
 */

/** How many bytes of a file {@link elfFault} needs. */
export const ELF_HEAD_BYTES = 4_096;

/** What is wrong with a file: it is damaged, or for another processor. */
export interface ElfFault {
  readonly kind: "damaged" | "processor";
  /** For an error message, after the file's name. */
  readonly reason: string;
}

const HEADER_BYTES = 64;
const SEGMENT_BYTES = 56;
const LOAD = 1;
/** `\x7fELF`, 64 bits, little-endian. */
const MAGIC = [0x7f, 0x45, 0x4c, 0x46, 2, 1];

/** The processors by ELF's number, as `uname -m` writes them. */
const machines: Readonly<Record<number, string>> = {
  3: "i386",
  40: "arm",
  62: "x86_64",
  183: "aarch64",
  243: "riscv64",
};

/** Node's names of the processors. */
const names: Readonly<Record<string, string>> = { x64: "x86_64", arm64: "aarch64" };

/** The name of a processor as `uname -m` writes it: `x86_64` for Node's `x64`. */
export function processorName(architecture: string): string {
  return names[architecture] ?? architecture;
}

/** Where the program headers and the last loaded segment end, as far as the head lists segments: packages have them at the end. */
function loadedBytes(head: DataView): number {
  const start = Number(head.getBigUint64(32, true));
  const count = head.getUint16(56, true);
  let end = Math.max(HEADER_BYTES, start + count * SEGMENT_BYTES);
  for (let index = 0; index < count; index++) {
    const at = start + index * SEGMENT_BYTES;
    if (at + SEGMENT_BYTES > head.byteLength) return end;
    if (head.getUint32(at, true) !== LOAD) continue;
    const offset = Number(head.getBigUint64(at + 8, true));
    end = Math.max(end, offset + Number(head.getBigUint64(at + 32, true)));
  }
  return end;
}

/**
 * Why a file cannot be loaded, judged by its first bytes, or undefined.
 *
 * @param head The first {@link ELF_HEAD_BYTES} of the file, or all that it has.
 * @param size The size of the file in bytes.
 * @param architecture The processor of this process, as Node names it.
 */
export function elfFault(
  head: Uint8Array,
  size: number,
  architecture: string,
): ElfFault | undefined {
  const damaged = (reason: string): ElfFault => ({ kind: "damaged", reason });
  if (size === 0) return damaged("the file is empty");
  if (head.length < HEADER_BYTES || MAGIC.some((byte, index) => head[index] !== byte)) {
    return damaged(`the file is not a 64-bit ELF library (${size} bytes)`);
  }
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const machine = view.getUint16(18, true);
  const own = processorName(architecture);
  if (machines[machine] !== own) {
    const other = machines[machine] ?? `another processor (ELF machine ${machine})`;
    return { kind: "processor", reason: `the file is for ${other}, this process runs on ${own}` };
  }
  const needed = loadedBytes(view);
  return size < needed
    ? damaged(`the file is cut short: ${size} bytes of at least ${needed}`)
    : undefined;
}
