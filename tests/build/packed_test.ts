import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { platformContents } from "../../packages/contents.ts";
import { hostPlatform } from "../../packages/library.ts";
import { LIBRARY_FILE, PLATFORMS } from "../../packages/names.ts";
import { tarball } from "../../packages/tarball.ts";

const MAX_BYTES = 16e6;
const root = new URL("../../", import.meta.url);

test("the library for the other processor, which cross_test.ts builds, fits into its package", () => {
  const other = PLATFORMS.find((platform) => platform !== hostPlatform())!;
  const library = readFileSync(new URL(`out/${other.debian}/lib/${LIBRARY_FILE}`, root));
  const contents = platformContents(root, other, library);
  const manifest = JSON.parse(new TextDecoder().decode(contents.get("package.json")));
  assert.deepEqual(manifest.cpu, [other.cpu]);
  assert.ok(contents.has("licences/libtgowt-dev.txt"));
  const { length } = tarball(contents);
  assert.ok(length <= MAX_BYTES, `${length} bytes`);
});
