/** The library on the oldest glibc that it runs on: Debian 11's, under its own loader. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Child } from "../support/child.ts";
import { OLDEST_GLIBC } from "../support/elf.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const program = new URL("../support/glibc_program.ts", import.meta.url);

/** What starts a program on that C library, or why this machine has none. */
function oldLoader(): readonly string[] | string {
  const fetched = spawnSync(`${root}setup/glibc.sh`, { encoding: "utf8", timeout: 60_000 });
  if (fetched.status !== 0) return `no glibc ${OLDEST_GLIBC}: ${fetched.stderr.trim()}`;
  const lib = `${root}.deps/glibc/lib`;
  const libraries = readdirSync(lib, { withFileTypes: true }).filter((entry) => entry.isDirectory())
    .map(({ name }) => `${lib}/${name}`);
  return [`${libraries[0]}/ld-${OLDEST_GLIBC}.so`, "--library-path", libraries.join(":")];
}

test(`a frame is received, and an exception caught, on glibc ${OLDEST_GLIBC}`, {
  timeout: 120_000,
}, async (t) => {
  const loader = oldLoader();
  if (typeof loader === "string") {
    console.log(loader);
    return t.skip(loader);
  }
  await using child = new Child(program, [], undefined, {}, [], loader);
  const library = await child.line("C library ");
  assert.ok(library.endsWith(`/libc-${OLDEST_GLIBC}.so`), library);
  assert.equal(await child.line("invalid handle "), "true");
  assert.equal(await child.line("received "), "320 x 240");
  assert.deepEqual((await child.ended()).code, 0, child.errors);
});
