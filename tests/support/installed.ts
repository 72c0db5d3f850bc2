/**
 * Folders in which the packed packages can be installed, and the registry that they come from.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { hostPlatform } from "../../packages/library.ts";
import { platformManifest } from "../../packages/manifest.ts";
import { PLATFORMS } from "../../packages/names.ts";
import { type Files, tarball } from "../../packages/tarball.ts";
import { BareFolder } from "./bare_folder.ts";
import { packedTarballs, root, temporaryFolder } from "./packed.ts";
import { type Published, Registry } from "./registry.ts";

/** A package that is packed. */
export function published(file: string): Published {
  const text = execFileSync("tar", ["-xzOf", file, "package/package.json"], { encoding: "utf8" });
  return { manifest: JSON.parse(text), tarball: readFileSync(file) };
}

/** The files below a folder. */
export function filesBelow(folder: string): Files {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return new Map(
    entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [relative(folder, path), readFileSync(path)];
    }),
  );
}

/** A package of the checkout's `node_modules`. */
export function publishedModule(name: string): Published {
  const files = filesBelow(fileURLToPath(new URL(`node_modules/${name}`, root)));
  const manifest = JSON.parse(new TextDecoder().decode(files.get("package.json")));
  return { manifest, tarball: tarball(files) };
}

/**
 * Starts a registry that has the packed packages and nothing else.
 *
 * @param more Others that it has too.
 * @param folder What has the packed packages; by default what the tests pack.
 */
export function startRegistry(
  more: readonly Published[] = [],
  folder?: string,
): Promise<Registry> {
  return Registry.start([
    ...more,
    ...Object.values(packedTarballs(folder)).map(published),
    // Of other platforms, package managers read the description and leave the rest.
    ...PLATFORMS.filter((platform) => platform !== hostPlatform())
      .map((platform) => ({ manifest: platformManifest(root, platform) })),
  ]);
}

/** What is special about bare folders. */
export interface BareFoldersOptions {
  /** Environment variables in them. */
  readonly env?: Readonly<Record<string, string>>;
  /** What starts the runtime. */
  readonly command?: readonly string[];
}

/**
 * A function that makes empty folders for a registry, and takes more environment variables for one of them; they are removed when
 * the tests of the file have ended.
 */
export function bareFolders(
  registry: Registry,
  { env, command }: BareFoldersOptions = {},
): (more?: Readonly<Record<string, string>>) => BareFolder {
  const parent = temporaryFolder();
  return (more) => {
    const folder = mkdtempSync(join(parent, "way-"));
    return new BareFolder(folder, registry.url, { ...env, ...more }, command);
  };
}
