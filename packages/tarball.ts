/**
 * Tarballs as npm reads them (POSIX.1-1988 ustar, gzip), with the same bytes for the same contents: files in the order of their
 * names, one time, no owner.
 *
 * @module
 */

import { gzipSync } from "node:zlib";

/** The files of a package: contents by path. */
export type Files = ReadonlyMap<string, Uint8Array>;

const BLOCK = 512;
const LONGEST_NAME = 100;
/** 26 October 1985, 08:15 UTC, as npm writes: some tools reject the year 1970. */
const TIME_S = 499_162_500;
const MODE = 0o644;

/** A number in octal digits that end with a space and NUL or NUL alone, as wide as the field. */
const octal = (value: number, width: number) => value.toString(8).padStart(width - 1, "0") + "\0";

function header(path: string, size: number): Uint8Array {
  const bytes = new Uint8Array(BLOCK);
  const write = (text: string, at: number) => bytes.set(new TextEncoder().encode(text), at);
  write(path, 0);
  write(octal(MODE, 8), 100);
  write(octal(0, 8), 108); // owner
  write(octal(0, 8), 116); // group
  write(octal(size, 12), 124);
  write(octal(TIME_S, 12), 136);
  write(" ".repeat(8), 148); // the checksum counts as spaces
  write("0", 156); // a regular file
  write("ustar\x0000", 257);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  write(`${octal(sum, 7)} `, 148);
  return bytes;
}

/**
 * Packs files below a folder `package`.
 *
 * @throws {RangeError} A path has characters besides ASCII, or is longer than 92 characters.
 */
export function tarball(files: Files): Uint8Array {
  const parts: Uint8Array[] = [];
  // The order of code units, which no locale changes.
  const paths = [...files.keys()].sort((a, b) => (a < b ? -1 : 1));
  for (const path of paths) {
    const name = `package/${path}`;
    if (name.length > LONGEST_NAME || !/^[\x21-\x7e]+$/.test(name)) {
      throw new RangeError(`path must be at most 92 ASCII characters, not "${path}"`);
    }
    const contents = files.get(path)!;
    const padding = (BLOCK - contents.length % BLOCK) % BLOCK;
    parts.push(header(name, contents.length), contents, new Uint8Array(padding));
  }
  parts.push(new Uint8Array(2 * BLOCK));
  const packed = new Uint8Array(gzipSync(concat(parts), { level: 9 }));
  packed.fill(0, 4, 8); // no time
  packed[9] = 255; // no operating system
  return packed;
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
