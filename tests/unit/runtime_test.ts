import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import process from "node:process";
import { test } from "node:test";

/** What the one who started the tests asked for: tests/run.ts says so; started by hand, the program's own name does. */
const expected = process.env["SORA_TEST_RUNTIME"] ?? basename(process.execPath);

test("the tests run on the runtime that was asked for", () => {
  const globals = ["Deno", "Bun"].filter((name) => name in globalThis);
  assert.deepEqual(globals.map((name) => name.toLowerCase()), [expected]);
  assert.equal("deno" in process.versions, expected === "deno");
  assert.equal("bun" in process.versions, expected === "bun");
});

test("the runtime is the version that is pinned", () => {
  const text = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");
  const pinned = expected === "deno"
    ? /^deno==(\S+)/m.exec(text("setup/requirements.txt"))?.[1]
    : JSON.parse(text("package.json")).devDependencies.bun;
  assert.equal(process.versions[expected], pinned);
});
