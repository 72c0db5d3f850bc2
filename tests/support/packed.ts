/**
 * The packages that `make packages` writes, with the library of this machine alone: what `make test` has packed, or what is packed
 * now.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import { hostPlatform } from "../../packages/library.ts";
import { packageVersion } from "../../packages/manifest.ts";
import { FINDER_PACKAGE, NPM_PACKAGE, platformPackage, tarballName } from "../../packages/names.ts";

/** The folder of the checkout. */
export const root: URL = new URL("../../", import.meta.url);

/** A folder that is removed when the tests of the file have ended. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "sora-ffi-packages-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Packs into a folder. */
export function pack(folder: string, env: Readonly<Record<string, string>> = {}): void {
  const deno = fileURLToPath(new URL(".deps/bin/deno", root));
  execFileSync(deno, ["run", "-A", "packages/main.ts", "--host", "--out", folder], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "inherit"],
  });
}

let packedFolder = process.env.SORA_TEST_PACKAGES;

/** The folder that has the packages. */
export function packed(): string {
  if (packedFolder === undefined) pack(packedFolder = temporaryFolder());
  return packedFolder;
}

/**
 * The paths of the tarballs: the platform's, the one that users import, and the one by which JSR's finds the platform's.
 *
 * @param folder What has them.
 */
export function packedTarballs(
  folder: string = packed(),
): Readonly<Record<"platform" | "npm" | "finder", string>> {
  const version = packageVersion(root);
  const path = (name: string) => resolve(folder, tarballName(name, version));
  return {
    platform: path(platformPackage(hostPlatform())),
    npm: path(NPM_PACKAGE),
    finder: path(FINDER_PACKAGE),
  };
}
