/**
 * The type declarations of the package, by TypeScript's own compiler: others leave out members such as `[Symbol.dispose]`.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { posix } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const ENTRIES = [
  "mod.ts",
  "files/mod.ts",
  "devices/mod.ts",
  "opentelemetry/mod.ts",
  "sfu/mod.ts",
  "cli/mod.ts",
];
const COMPILER = "node_modules/typescript/bin/tsc";
/** A specifier of a file of ours, with what stands before it. */
const SPECIFIER = /(\bfrom |\bimport\(|\bimport )"(\.[^"]*)\.ts"/g;

const declarationOf = (module: string) => module.replace(/\.ts$/, ".d.ts");

/** The declarations that the entries need, by their path. */
export function declarations(root: URL): Map<string, Uint8Array> {
  const folder = fileURLToPath(root);
  mkdirSync(`${folder}/out`, { recursive: true });
  const work = mkdtempSync(`${folder}/out/declarations-`);
  try {
    writeFileSync(`${work}/tsconfig.json`, JSON.stringify(configuration()));
    const args = ["--project", `${work}/tsconfig.json`];
    const runtime = "Bun" in globalThis ? [] : ["run", "-A"];
    execFileSync(process.execPath, [...runtime, COMPILER, ...args], {
      cwd: folder,
      stdio: ["ignore", "inherit", "inherit"],
    });
    return reachable(readAll(`${work}/types`));
  } finally {
    rmSync(work, { recursive: true });
  }
}

function configuration(): unknown {
  return {
    files: ENTRIES.map((entry) => `../../${entry}`),
    compilerOptions: {
      rootDir: "../..",
      outDir: "types",
      declaration: true,
      emitDeclarationOnly: true,
      allowImportingTsExtensions: true,
      // `deno check` checks the types; here Deno's own would be missing.
      noCheck: true,
      strict: true,
      exactOptionalPropertyTypes: true,
      module: "nodenext",
      target: "esnext",
      lib: ["esnext", "dom", "dom.iterable"],
      types: ["node"],
      typeRoots: ["../../node_modules/@types"],
    },
  };
}

function readAll(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".d.ts"));
  return new Map(files.map((file) => [file, readFileSync(`${folder}/${file}`, "utf8")]));
}

/** What the entries import, directly or not, naming modules as JavaScript does. */
function reachable(all: ReadonlyMap<string, string>): Map<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  const waiting = ENTRIES.map(declarationOf);
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    if (found.has(path)) continue;
    const text = all.get(path);
    if (text === undefined) throw new Error(`TypeScript must have written ${path}`);
    found.set(path, new TextEncoder().encode(text.replace(SPECIFIER, '$1"$2.js"')));
    const code = text.replace(/\/\*[^]*?\*\//g, "");
    for (const [, , specifier] of code.matchAll(SPECIFIER)) {
      waiting.push(posix.join(posix.dirname(path), `${specifier}.d.ts`));
    }
  }
  return found;
}
