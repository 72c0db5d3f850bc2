/** The library on the oldest glibc that it runs on: Debian 11's, under its own loader. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Child } from "../support/child.ts";
import { OLDEST_GLIBC } from "../support/elf.ts";
import { oldLoader } from "../support/old_glibc.ts";

const program = new URL("../support/glibc_program.ts", import.meta.url);

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
