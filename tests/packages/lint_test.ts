/**
 * What others' tools say about the packages: publint about the manifest and its files, attw ("are the types wrong?") about what
 * TypeScript finds behind each entry.
 *
 * @module
 */
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { LIBRARY_FILE } from "../../packages/names.ts";
import { packedTarballs } from "../support/packed.ts";

/** What attw's profile `esm-only` leaves out: modes of resolution that find no ES modules, or cannot `require` them. */
const LEFT_OUT: readonly string[] = ["node10", "node16-cjs"];

/** What is resolved for its path alone. */
const NO_MODULES = [`./${LIBRARY_FILE}`];

for (const [name, file] of Object.entries(packedTarballs())) {
  const bytes = new Uint8Array(readFileSync(file));

  test(`publint has nothing to say about the ${name} package`, async () => {
    const { messages, pkg } = await publint({ pack: { tarball: bytes.buffer }, strict: true });
    assert.ok(pkg.name.includes("sora-ffi"));
    assert.deepEqual(messages.map((message) => formatMessage(message, pkg)), []);
  });

  test(`attw finds the right types behind every entry of the ${name} package`, async () => {
    const result = await checkPackage(createPackageFromTarballData(bytes), {
      excludeEntrypoints: NO_MODULES,
    });
    assert.ok(result.types, "the package has types");
    const { entrypoints, problems } = result;
    for (const [entry, { resolutions }] of Object.entries(entrypoints)) {
      const types = resolutions.bundler.resolution?.fileName ?? "nothing";
      assert.match(types, /\.d\.ts$|\/package\.json$/, entry);
    }
    assert.ok("." in entrypoints);
    const wrong = problems.filter((problem) =>
      !("resolutionKind" in problem && LEFT_OUT.includes(problem.resolutionKind))
    );
    assert.deepEqual(wrong, []);
  });
}
