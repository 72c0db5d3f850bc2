/**
 * The licence texts that must go along with what the packages contain of others.
 *
 * @module
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";

const NAMES = /^(licen[cs]e|notice)(\.(md|txt))?$/i;

/**
 * The licence of an npm package: its file's contents.
 *
 * @throws {Error} The package has no such file.
 */
export function npmLicence(root: URL, name: string): Uint8Array {
  const folder = new URL(`node_modules/${name}/`, root);
  const file = readdirSync(folder).find((file) => NAMES.test(file));
  if (file === undefined) throw new Error(`node_modules/${name} must have a licence file`);
  return readFileSync(new URL(file, folder));
}

/**
 * The Debian packages that `THIRD_PARTY.md` says are linked into the library, and whose licence must go along. The GCC Runtime
 * Library Exception asks for no text.
 */
export function linkedPackages(thirdParty: string): string[] {
  const [, section = ""] = /^## Linked into[^\n]*\n([^]*?)^## /m.exec(thirdParty) ?? [];
  const names = [...section.matchAll(/^\|[^|]*\| *`([^`]+)` *\|(.*)/gm)]
    .filter(([, , licence]) => !licence!.includes("GCC Runtime Library Exception"))
    .map((row) => row[1]!);
  return [...new Set(names)].sort();
}

/**
 * The licence texts of what is linked into the library for a processor, by the name of a file.
 *
 * @throws {Error} The sysroot lacks one of the texts.
 */
export function libraryLicences(root: URL, debian: string): Map<string, Uint8Array> {
  const names = linkedPackages(readFileSync(new URL("THIRD_PARTY.md", root), "utf8"));
  if (names.length === 0) throw new Error("THIRD_PARTY.md must list what is linked");
  const texts = new Map<string, Uint8Array>();
  for (const name of names) {
    const file = new URL(`.deps/sysroot/${debian}/usr/share/doc/${name}/copyright`, root);
    if (!existsSync(file)) throw new Error(`${file.pathname} must be there: run make setup`);
    texts.set(`${name}.txt`, readFileSync(file));
  }
  for (const name of ["LICENSE", "PATENTS"]) {
    const text = readFileSync(new URL(`.deps/rnn_vad/${name}`, root));
    texts.set(`rnn_vad-${name.toLowerCase()}.txt`, text);
  }
  return texts;
}
