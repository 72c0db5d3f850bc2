/**
 * Folders in which the packed packages can be installed, and the registry that they come from.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { hostPlatform } from "../../packages/library.ts";
import { platformManifest } from "../../packages/manifest.ts";
import { PLATFORMS } from "../../packages/names.ts";
import { BareFolder } from "./bare_folder.ts";
import { packedTarballs, root, temporaryFolder } from "./packed.ts";
import { type Published, Registry } from "./registry.ts";

function published(file: string): Published {
  const text = execFileSync("tar", ["-xzOf", file, "package/package.json"], { encoding: "utf8" });
  return { manifest: JSON.parse(text), tarball: readFileSync(file) };
}

/** Starts a registry that has the packed packages and nothing else. */
export function startRegistry(): Promise<Registry> {
  return Registry.start([
    ...Object.values(packedTarballs()).map(published),
    // Of other platforms, package managers read the description and leave the rest.
    ...PLATFORMS.filter((platform) => platform !== hostPlatform())
      .map((platform) => ({ manifest: platformManifest(root, platform) })),
  ]);
}

/** A function that makes empty folders for a registry; they are removed when the tests of the file have ended. */
export function bareFolders(registry: Registry): () => BareFolder {
  const parent = temporaryFolder();
  return () => new BareFolder(mkdtempSync(join(parent, "way-")), registry.url);
}
