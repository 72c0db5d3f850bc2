/**
 * This SDK as users have it: its package in a bare folder, and the programs of `make bench-peers` bundled for the runtimes.
 *
 * @module
 */

import { execFileSync, type ExecFileSyncOptions } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { hostPlatform } from "../../packages/library.ts";
import { packageVersion } from "../../packages/manifest.ts";
import { NPM_PACKAGE, platformPackage, tarballName } from "../../packages/names.ts";
import { folder, root } from "./contenders.ts";

const bun = `${root}.deps/bin/bun`;
const deno = `${root}.deps/bin/deno`;
const quietly: ExecFileSyncOptions = { cwd: root, stdio: ["ignore", "ignore", "inherit"] };
/** Node.js runs no TypeScript, and finds packages beside the file that asks for them. */
const ON_NODE = ["livekit", "wrtc", "node_datachannel"];

/** Bundles a program; packages stay outside. */
function bundle(name: string, output: string): void {
  const source = `${root}bench/peers/programs/${name}.ts`;
  const words = ["--target=node", "--format=esm", "--external=sora-ffi", `--outfile=${output}`];
  execFileSync(bun, ["build", source, ...words], quietly);
}

/** Bundles the programs of the peers on Node.js. */
export function bundlePeers(): void {
  for (const name of ON_NODE) bundle(name, `${folder}/programs/${name}.mjs`);
}

/** A folder with the package, as a package manager installs it, and the program that uses it. It goes when it is disposed of. */
export function install(): Disposable & { readonly path: string } {
  const path = mkdtempSync(`${tmpdir()}/sora-ffi-peers-`);
  try {
    const dist = `${path}/dist`;
    execFileSync(deno, ["run", "-A", "packages/main.ts", "--host", "--out", dist], quietly);
    for (const name of [NPM_PACKAGE, platformPackage(hostPlatform())]) {
      const to = `${path}/node_modules/${name}`;
      mkdirSync(to, { recursive: true });
      const file = `${dist}/${tarballName(name, packageVersion(new URL(`file://${root}`)))}`;
      execFileSync("tar", ["-xzf", file, "-C", to, "--strip-components=1"], quietly);
    }
    rmSync(dist, { recursive: true });
    const manifest = { type: "module", dependencies: { [NPM_PACKAGE]: "*" } };
    writeFileSync(`${path}/package.json`, JSON.stringify(manifest));
    bundle("sora_ffi", `${path}/sora_ffi.mjs`);
  } catch (error) {
    rmSync(path, { recursive: true, force: true });
    throw error;
  }
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
