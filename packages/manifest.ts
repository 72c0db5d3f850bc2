/**
 * The `package.json` of each package. What they share with the checkout's own is taken from there.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import {
  FINDER_PACKAGE,
  JSR_PACKAGE,
  LIBRARY_FILE,
  NPM_PACKAGE,
  type Platform,
  platformPackage,
  PLATFORMS,
} from "./names.ts";

/** What npm, Deno and Bun read of a package; the rest is for people. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly [field: string]: unknown;
}

/** The fields of the checkout's `package.json` that every package has too. */
const SHARED = ["version", "license", "repository"] as const;

function readCheckout(root: URL): Readonly<Record<string, unknown>> {
  return JSON.parse(readFileSync(new URL("package.json", root), "utf8"));
}

function shared(checkout: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(SHARED.map((field) => [field, checkout[field]]));
}

/** The version of the checkout, which all packages have. */
export function packageVersion(root: URL): string {
  return String(readCheckout(root).version);
}

/** The packages of all platforms, in the checkout's version. */
function platformPackages({ version }: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(PLATFORMS.map((platform) => [platformPackage(platform), version]));
}

/** The manifest of the package that users import. */
export function npmManifest(root: URL): Manifest {
  const checkout = readCheckout(root);
  const { version } = checkout;
  const entry = (types: string, code: string) => ({
    types: `./types/${types}`,
    default: `./${code}`,
  });
  return {
    name: NPM_PACKAGE,
    version: String(version),
    description: checkout.description,
    keywords: checkout.keywords,
    ...shared(checkout),
    type: "module",
    sideEffects: false,
    exports: {
      ".": entry("mod.d.ts", "mod.js"),
      "./cli": entry("cli/mod.d.ts", "cli.js"),
      "./devices": entry("devices/mod.d.ts", "devices.js"),
      "./files": entry("files/mod.d.ts", "files.js"),
      "./opentelemetry": entry("opentelemetry/mod.d.ts", "opentelemetry.js"),
      "./sfu": entry("sfu/mod.d.ts", "sfu.js"),
      "./package.json": "./package.json",
    },
    types: "./types/mod.d.ts",
    // The module as a program: its first line starts it on Bun or on Deno.
    bin: { [NPM_PACKAGE]: "./cli.js" },
    engines: checkout.engines,
    optionalDependencies: platformPackages(checkout),
    peerDependencies: checkout.peerDependencies,
    peerDependenciesMeta: checkout.peerDependenciesMeta,
  };
}

/** The manifest of the package that has a platform's library. */
export function platformManifest(root: URL, platform: Platform): Manifest {
  const checkout = readCheckout(root);
  return {
    name: platformPackage(platform),
    version: String(checkout.version),
    description: `The native library of ${NPM_PACKAGE} for ${platform.name}`,
    ...shared(checkout),
    os: [platform.os],
    cpu: [platform.cpu],
    libc: [platform.libc],
    type: "module",
    sideEffects: false,
    exports: {
      ".": {
        types: "./index.d.ts",
        bun: "./index.bun.js",
        default: "./index.js",
      },
      [`./${LIBRARY_FILE}`]: `./${LIBRARY_FILE}`,
      "./package.json": "./package.json",
    },
    types: "./index.d.ts",
  };
}

/** The manifest of the package through which the one on JSR finds the library. */
export function finderManifest(root: URL): Manifest {
  const checkout = readCheckout(root);
  return {
    name: FINDER_PACKAGE,
    version: String(checkout.version),
    description: `Finds the native library of ${NPM_PACKAGE} for ${JSR_PACKAGE} on JSR`,
    ...shared(checkout),
    type: "module",
    sideEffects: false,
    exports: {
      ".": { types: "./index.d.ts", default: "./index.js" },
      "./package.json": "./package.json",
    },
    types: "./index.d.ts",
    engines: checkout.engines,
    optionalDependencies: platformPackages(checkout),
  };
}

/** A manifest as text. */
export function manifestText(manifest: Manifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}
