/**
 * The contents of each package.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { bundle } from "./bundle.ts";
import { declarations } from "./declarations.ts";
import { withHeadersLast } from "./headers_last.ts";
import { libraryLicences, npmLicence } from "./licences.ts";
import { finderManifest, manifestText, npmManifest, platformManifest } from "./manifest.ts";
import {
  FINDER_PACKAGE,
  JSR_PACKAGE,
  LIBRARY_FILE,
  NPM_PACKAGE,
  type Platform,
  platformPackage,
} from "./names.ts";
import type { Files } from "./tarball.ts";

const encode = (text: string) => new TextEncoder().encode(text);

/** Files of the checkout that a package has too. */
function copies(root: URL, names: readonly string[]): [string, Uint8Array][] {
  return names.map((name) => [name, readFileSync(new URL(name, root))]);
}

/** The package that users import. */
export async function npmContents(root: URL): Promise<Files> {
  const { files, packages } = await bundle(root);
  const types = [...declarations(root)]
    .map(([path, bytes]): [string, Uint8Array] => [`types/${path}`, bytes]);
  const licences = packages
    .map((name): [string, Uint8Array] => [`licences/${name}.txt`, npmLicence(root, name)]);
  return new Map([
    ["package.json", encode(manifestText(npmManifest(root)))],
    ...copies(root, [
      "CHANGES.md",
      "LICENSE",
      "README.ja.md",
      "README.md",
      "SECURITY.md",
      "THIRD_PARTY.md",
    ]),
    ...files,
    ...types,
    ...licences,
  ]);
}

function platformReadme(platform: Platform): string {
  return `# ${platformPackage(platform)}

The native library of \`${NPM_PACKAGE}\` for ${platform.name}. Package managers install it along with \`${NPM_PACKAGE}\`; its default export is the library's path.

Licence: Apache-2.0, see LICENSE. What else is inside is listed in THIRD_PARTY.md; the texts are in \`licences/\`.
`;
}

const DECLARATION = `/** The path of the native library. */
declare const library: string;
export default library;
`;

const MODULE = `import { fileURLToPath } from "node:url";

export default fileURLToPath(new URL("./${LIBRARY_FILE}", import.meta.url));
`;

/** \`bun build --compile\` puts a file that is imported so into the program. */
const BUN_MODULE = `import library from "./${LIBRARY_FILE}" with { type: "file" };

export default library;
`;

/** The package that has a platform's library. */
export function platformContents(root: URL, platform: Platform, library: Uint8Array): Files {
  const licences = [...libraryLicences(root, platform.debian)]
    .map(([name, bytes]): [string, Uint8Array] => [`licences/${name}`, bytes]);
  return new Map([
    ["package.json", encode(manifestText(platformManifest(root, platform)))],
    ["README.md", encode(platformReadme(platform))],
    ["index.d.ts", encode(DECLARATION)],
    ["index.js", encode(MODULE)],
    ["index.bun.js", encode(BUN_MODULE)],
    [LIBRARY_FILE, withHeadersLast(library)],
    ...copies(root, ["LICENSE", "THIRD_PARTY.md"]),
    ...licences,
  ]);
}

const FINDER_README = `# ${FINDER_PACKAGE}

Finds the native library of \`${NPM_PACKAGE}\` for \`${JSR_PACKAGE}\` on JSR, whose modules have no \`node_modules\`: it depends on the packages of the platforms.

Licence: Apache-2.0, see LICENSE.
`;

const FINDER_MODULE = `import { createRequire } from "node:module";

const { resolve: find } = createRequire(import.meta.url);

export function resolve(specifier) {
  return find(specifier);
}
`;

const FINDER_DECLARATION = `/**
 * The path of a file of a platform's package: \`@sora-ffi/linux-x64-gnu/libsora_ffi.so\`.
 *
 * @throws {Error} It is not installed.
 */
export declare function resolve(specifier: string): string;
`;

/** The package through which the one on JSR finds the library. */
export function finderContents(root: URL): Files {
  return new Map([
    ["package.json", encode(manifestText(finderManifest(root)))],
    ["README.md", encode(FINDER_README)],
    ["index.d.ts", encode(FINDER_DECLARATION)],
    ["index.js", encode(FINDER_MODULE)],
    ...copies(root, ["LICENSE"]),
  ]);
}
