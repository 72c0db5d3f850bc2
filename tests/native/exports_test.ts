import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { openRealm } from "../../ffi/realm.ts";
import { symbols } from "../../ffi/symbols.ts";
import { readElfDynamic } from "../support/elf.ts";

test("the library exports the functions of the symbol table and nothing else", () => {
  const { exports } = readElfDynamic(readFileSync(openRealm().path));
  assert.deepEqual(exports.toSorted(), Object.keys(symbols).toSorted());
});

test("the library needs glibc and nothing else", () => {
  const { needed } = readElfDynamic(readFileSync(openRealm().path));
  const glibc = /^(lib(c|m|dl|rt|pthread)\.so\.\d+|ld-linux-[\w-]+\.so\.\d+)$/;
  assert.deepEqual(needed.filter((name) => !glibc.test(name)), []);
  assert.ok(needed.includes("libc.so.6"));
});
