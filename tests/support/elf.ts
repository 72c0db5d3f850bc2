/**
 * Reads what a shared library exports, imports and needs (ELF, System V ABI, 64 bit, little endian).
 *
 * @module
 */

const SHT_DYNAMIC = 6;
const SHT_DYNSYM = 11;
const SHT_GNU_VERNEED = 0x6fff_fffe;
const DT_NEEDED = 1;
const SHN_UNDEF = 0;
const STB_LOCAL = 0;

interface Section {
  readonly type: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
}

/** What a shared library exports, imports and needs. */
export interface ElfDynamic {
  /** Names of the symbols that it defines for others. */
  readonly exports: readonly string[];
  /** Names of the symbols that it takes from others. */
  readonly imports: readonly string[];
  /** File names of the libraries that it needs. */
  readonly needed: readonly string[];
  /** The versions of those libraries' symbols that it needs, such as `GLIBC_2.17`. */
  readonly versions: readonly string[];
}

function sectionsOf(view: DataView): Section[] {
  const table = Number(view.getBigUint64(0x28, true));
  const entrySize = view.getUint16(0x3a, true);
  const count = view.getUint16(0x3c, true);
  return Array.from({ length: count }, (_, i) => {
    const at = table + i * entrySize;
    return {
      type: view.getUint32(at + 4, true),
      offset: Number(view.getBigUint64(at + 24, true)),
      size: Number(view.getBigUint64(at + 32, true)),
      link: view.getUint32(at + 40, true),
    };
  });
}

function textAt(bytes: Uint8Array, offset: number): string {
  return new TextDecoder().decode(bytes.subarray(offset, bytes.indexOf(0, offset)));
}

/** The strings' offsets of the versions in a section of needed versions: a list for each library, linked by distances. */
function* versionsIn(view: DataView, { offset, size }: Section): Generator<number> {
  for (let library = offset, next = size; next > 0; library += next) {
    let at = library + view.getUint32(library + 8, true);
    for (let left = view.getUint16(library + 2, true); left > 0; left--) {
      yield view.getUint32(at + 8, true);
      at += view.getUint32(at + 12, true);
    }
    next = view.getUint32(library + 12, true);
  }
}

/** Reads a shared library's dynamic section and symbols. */
export function readElfDynamic(bytes: Uint8Array): ElfDynamic {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [magic, elfClass, order] = [view.getUint32(0), view.getUint8(4), view.getUint8(5)];
  if (magic !== 0x7f454c46 || elfClass !== 2 || order !== 1) {
    throw new Error("This is not an ELF file of 64 bit, little endian");
  }
  const sections = sectionsOf(view);
  const exports: string[] = [];
  const imports: string[] = [];
  const needed: string[] = [];
  const versions: string[] = [];
  for (const section of sections) {
    const { type, offset, size, link } = section;
    const strings = sections[link]?.offset ?? 0;
    if (type === SHT_DYNSYM) {
      for (let at = offset; at < offset + size; at += 24) {
        const name = textAt(bytes, strings + view.getUint32(at, true));
        const binding = view.getUint8(at + 4) >> 4;
        const definedIn = view.getUint16(at + 6, true);
        if (binding === STB_LOCAL || name === "") continue;
        (definedIn === SHN_UNDEF ? imports : exports).push(name);
      }
    } else if (type === SHT_DYNAMIC) {
      for (let at = offset; at < offset + size; at += 16) {
        if (view.getBigUint64(at, true) !== BigInt(DT_NEEDED)) continue;
        needed.push(textAt(bytes, strings + Number(view.getBigUint64(at + 8, true))));
      }
    } else if (type === SHT_GNU_VERNEED) {
      for (const name of versionsIn(view, section)) versions.push(textAt(bytes, strings + name));
    }
  }
  return { exports, imports, needed, versions };
}

/** The oldest glibc that the library runs on. */
export const OLDEST_GLIBC = "2.31";

/** Those versions of symbols that the oldest glibc lacks. */
export function beyondOldestGlibc(versions: readonly string[]): string[] {
  const [, oldest = 0] = OLDEST_GLIBC.split(".").map(Number);
  return versions.filter((version) => {
    const minor = /^GLIBC_2\.(\d+)(\.\d+)?$/.exec(version)?.[1];
    return minor === undefined || Number(minor) > oldest;
  });
}
