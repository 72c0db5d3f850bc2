import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import process from "node:process";
import { test } from "node:test";
import { openRealm } from "../../ffi/realm.ts";
import { symbols } from "../../ffi/symbols.ts";
import { h265Library, openh264Files } from "../support/codec_libraries.ts";
import { beyondOldestGlibc, readElfDynamic } from "../support/elf.ts";

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

test("the library needs no symbol that glibc 2.31 lacks", () => {
  const { versions } = readElfDynamic(readFileSync(openRealm().path));
  assert.deepEqual(beyondOldestGlibc(versions), []);
  // The first version of glibc for the processor, which has most of the functions.
  assert.ok(versions.includes(process.arch === "arm64" ? "GLIBC_2.17" : "GLIBC_2.2.5"));
});

test("the library takes memcpy, strlen and the mathematical functions from glibc", () => {
  const { imports } = readElfDynamic(readFileSync(openRealm().path));
  // What the library uses of all that compiler-rt has under the names of the C library.
  const memory = ["memcpy", "memmove", "memset", "memcmp", "bcmp", "strlen"];
  const mathematics = ["cos", "exp", "floor", "log", "sin", "sqrt"];
  const missing = [...memory, ...mathematics].filter((name) => !imports.includes(name));
  assert.deepEqual(missing, [], "a copy of them inside the library is many times slower");
});

test("the library has no code of OpenH264, of FFmpeg or of the tests' codec in it", () => {
  const shipped = readFileSync(openRealm().path);
  // Names of C++ classes, which a stripped library keeps as well.
  const openh264 = ["7WelsEnc", "7WelsDec"];
  for (const name of [...openh264, "Lavc", "AVCodecContext", "TestH265"]) {
    assert.ok(!shipped.includes(name), name);
  }
  for (const file of openh264Files.values()) {
    const text = readFileSync(file);
    for (const name of openh264) assert.ok(text.includes(name), `${name} is in ${file}`);
  }
  assert.ok(readFileSync(h265Library).includes("TestH265"));
});
