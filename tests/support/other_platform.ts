/**
 * The package with the library for the processor that this machine does not have.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { platformContents } from "../../packages/contents.ts";
import { hostPlatform } from "../../packages/library.ts";
import { LIBRARY_FILE, type Platform, PLATFORMS } from "../../packages/names.ts";
import { type Files, tarball } from "../../packages/tarball.ts";

const root = new URL("../../", import.meta.url);

/** The platform. */
export const otherPlatform: Platform = PLATFORMS.find((one) => one !== hostPlatform())!;

/** The contents of its package, with the library that `tests/build/cross_test.ts` builds. */
export function otherContents(): Files {
  const library = readFileSync(new URL(`out/${otherPlatform.debian}/lib/${LIBRARY_FILE}`, root));
  return platformContents(root, otherPlatform, library);
}

/** Its tarball. */
export function otherTarball(): Uint8Array {
  return tarball(otherContents());
}
