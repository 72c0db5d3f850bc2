/**
 * The package on JSR: the checkout's TypeScript, where a server, not `node_modules`, is what modules come from. Names of npm packages
 * become `npm:` specifiers, and the library is found through a package on npm.
 *
 * @module
 */

import { readdirSync, readFileSync, statSync } from "node:fs";
import { npmLicence } from "./licences.ts";
import { PAGE_FOLDER, PAGE_MODULE, PAGE_PACKAGE, pageModule } from "./page.ts";
import { FINDER_PACKAGE, JSR_PACKAGE, NPM_PACKAGE } from "./names.ts";
import type { Files } from "./tarball.ts";

/** What npm adds to the `files` of `package.json` by itself. */
const ALWAYS = ["LICENSE", "README.ja.md", "README.md"];

/** The module that finds files of npm packages, which JSR's package has another one for. */
const INSTALLED = "ffi/installed.ts";

const installed = (version: string) =>
  `/**
 * The files of npm packages, through one that depends on the platforms' packages.
 *
 * @module
 */

import { resolve } from "npm:${FINDER_PACKAGE}@${version}";

/**
 * The path of a file of an installed npm package.
 *
 * @param specifier The package's name and the file: \`@sora-ffi/linux-x64-gnu/libsora_ffi.so\`.
 * @throws {Error} It is not installed.
 */
export function installedFile(specifier: string, _from: string): string {
  return resolve(specifier);
}
`;

interface Manifest {
  readonly version: string;
  readonly license: string;
  readonly files: readonly string[];
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

function readJson(root: URL, name: string) {
  return JSON.parse(readFileSync(new URL(name, root), "utf8"));
}

/** The files of the checkout below some paths. */
function filesOf(root: URL, paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    if (!statSync(new URL(path, root)).isDirectory()) return [path];
    return readdirSync(new URL(path, root), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => `${entry.parentPath}/${entry.name}`.slice(root.pathname.length));
  });
}

/** A module in which every npm package is named with its version, and its types if they are in another package. */
function withNpmSpecifiers(
  text: string,
  { dependencies, peerDependencies, devDependencies }: Manifest,
): string {
  return text.replace(/^(import [^"]*?from )"([^".][^":]*)";$/gm, (line, head, name) => {
    // Of a peer the version that was tested: JSR has none that are optional.
    const version = dependencies[name] ??
      (Object.hasOwn(peerDependencies, name) ? devDependencies[name] : undefined);
    if (version === undefined) return line;
    const types = devDependencies[`@types/${name}`];
    const hint = types === undefined ? "" : `// @ts-types="npm:@types/${name}@${types}"\n`;
    return `${hint}${head}"npm:${name}@${version}";`;
  });
}

/** A text whose examples import the package by its name on JSR. */
function withOwnName(text: string): string {
  return text.replaceAll(`from "${NPM_PACKAGE}`, `from "${JSR_PACKAGE}`);
}

/** The package on JSR, as a folder for `deno publish`. */
export function jsrContents(root: URL): Files {
  const manifest: Manifest = readJson(root, "package.json");
  const { exports, compilerOptions } = readJson(root, "deno.json");
  const { version, license } = manifest;
  // The folder may lie in one that Git ignores.
  const publish = { exclude: ["!**/*"] };
  const configuration = { name: JSR_PACKAGE, version, license, exports, compilerOptions, publish };
  const encode = (text: string) => new TextEncoder().encode(text);
  return new Map([
    ...filesOf(root, [...manifest.files, ...ALWAYS]).filter((path) => !path.startsWith(PAGE_FOLDER))
      .map((path): [string, Uint8Array] => {
        const text = withOwnName(readFileSync(new URL(path, root), "utf8"));
        return [path, encode(path.endsWith(".ts") ? withNpmSpecifiers(text, manifest) : text)];
      }),
    [PAGE_MODULE, encode(pageModule(root))],
    [`licences/${PAGE_PACKAGE}.txt`, npmLicence(root, PAGE_PACKAGE)],
    [INSTALLED, encode(installed(version))],
    ["deno.json", encode(`${JSON.stringify(configuration, null, 2)}\n`)],
  ]);
}
