/**
 * The files of the server's page inside a package, with the official SDK for browsers: what a bundler or JSR makes of the package has
 * no folder to read them from.
 *
 * @module
 */

import { readdirSync, readFileSync } from "node:fs";

/** The module whose place is taken. */
export const PAGE_MODULE = "sfu/page/files.ts";

/** The folder of the files, which no package needs. */
export const PAGE_FOLDER = "sfu/page/web/";

/** The npm package that is among the files. */
export const PAGE_PACKAGE = "sora-js-sdk";

/** The module that takes it: TypeScript with the files' texts in it. */
export function pageModule(root: URL): string {
  const read = (path: string) => readFileSync(new URL(path, root), "utf8");
  const names = readdirSync(new URL(PAGE_FOLDER, root)).filter((name) => name !== "deno.json");
  const files = Object.fromEntries([
    ...names.sort().map((name) => [name, read(`${PAGE_FOLDER}${name}`)]),
    ["sora.js", read(`node_modules/${PAGE_PACKAGE}/dist/sora.js`)],
  ]);
  return `/** The files of the page. */
const FILES: Readonly<Record<string, string>> = ${JSON.stringify(files, null, 2)};

/** The text of a file. */
export function readPageFile(name: string): string {
  return FILES[name]!;
}
`;
}
