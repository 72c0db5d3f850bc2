/** Libraries of the system, with the C library as one that every machine has. */

import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { openSystemLibrary } from "../../ffi/mod.ts";

const TABLE = {
  getpid: { parameters: [], result: "i32" },
  getenv: { parameters: ["buffer"], result: "address" },
  strtol: { parameters: ["buffer", "address", "i32"], result: "long" },
  atof: { parameters: ["buffer"], result: "f64" },
  usleep: { parameters: ["u32"], result: "i32", slow: true },
  memset: { parameters: ["address", "i32", "address"], result: "address", slow: true },
  length: { name: "strlen", parameters: ["buffer"], result: "address" },
  not_there: { parameters: [], result: "void", optional: true },
} as const;

const cString = (text: string) => new TextEncoder().encode(`${text}\0`);

test("openSystemLibrary calls functions with numbers, addresses and memory", () => {
  const { functions, text, copy, name } = openSystemLibrary(["libc.so.6"], TABLE, "");
  assert.equal(name, "libc.so.6");
  assert.equal(functions.getpid(), process.pid);
  assert.equal(functions.strtol(cString("-12"), 0n, 10), -12);
  assert.equal(functions.length(cString("four")), 4n);
  assert.equal(functions.atof(cString("2.5")), 2.5);
  const path = functions.getenv(cString("PATH"));
  assert.equal(text(path), process.env["PATH"]);
  assert.equal(copy(path, 1).getUint8(0), process.env["PATH"]!.charCodeAt(0));
  assert.equal(functions.getenv(cString("SORA_FFI_NOT_SET")), 0n);
  assert.equal(functions.not_there, undefined);
});

test("openSystemLibrary runs slow functions beside JavaScript, on native memory", async () => {
  const library = openSystemLibrary(["libc.so.6"], TABLE, "");
  const { functions } = library;
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  assert.equal(await functions.usleep(200_000), 0);
  clearInterval(timer);
  assert.ok(turns > 0);
  const memory = library.allocate(4);
  library.fill(memory, Uint8Array.of(1, 2, 3, 4));
  await Promise.all([functions.memset(memory, 7, 3n), functions.usleep(1)]);
  assert.equal(library.copy(memory, 4).getUint32(0), 0x07_07_07_04);
  library.free(memory);
});

test("openSystemLibrary refuses a library without a function that is required", () => {
  const table = { ...TABLE, not_there: { parameters: [], result: "void" } } as const;
  assert.throws(() => openSystemLibrary(["libc.so.6"], table, "update it"), {
    code: "LIBRARY_NOT_FOUND",
    message: /^libc\.so\.6 could not be loaded: update it\. The loader's text: .*not_there/,
  });
});
