import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { symbols } from "../../ffi/symbols.ts";
import { CPU_ARM64, type MachO, readMachO } from "../support/mach_o.ts";
import { build, makeWebrtcFolder } from "../support/webrtc_folder.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = "out/ports/webrtc";
const prefix = "out/ports/macos";

/** Symbols of the linker's own. */
const linkers = ["__mh_dylib_header", "___dso_handle"];

/** Whether a mangled name belongs to our namespace: a function, a virtual table, type information, a guard of a static. */
const isOurs = (name: string) => /^__Z(?:T[VTISC]|GV)?N?K?4sora/.test(name);

/** What is in the archive. Hidden, because Zig's linker takes no list of exports for macOS. */
const definitions = '__attribute__((visibility("hidden"))) int I420Copy(void) { return 0; }\n';

let bytes: Uint8Array;
let library: MachO;

before(() => {
  makeWebrtcFolder(folder, "123.6312.3.5", definitions);
  const { text, succeeded } = build(
    ...["check", "-Dtarget=aarch64-macos", `-Dwebrtc=${folder}`, "--prefix", prefix],
  );
  assert.ok(succeeded, text);
  bytes = readFileSync(`${root}${prefix}/check/libsora_ffi.dylib`);
  library = readMachO(bytes);
});

test("every file of csrc compiles for macOS over a folder in the layout of Shiguredo's builds", () => {
  assert.equal(library.cpu, CPU_ARM64);
  assert.equal(library.identity, "@rpath/libsora_ffi.dylib");
  assert.ok(library.signed, "the linker signs it");
});

test("the library for macOS exports the C ABI and nothing else", () => {
  const exported = library.exports.filter((name) => !linkers.includes(name));
  assert.deepEqual(exported.toSorted(), Object.keys(symbols).map((name) => `_${name}`).toSorted());
});

test("csrc/os/macos has everything that the other folders of csrc call", () => {
  assert.deepEqual(library.undefinedSymbols.filter(isOurs), []);
  assert.ok(library.undefinedSymbols.includes("_kqueue"));
});

test("on macOS, too, the library's own functions stand in for the system's", () => {
  const replaced = ["_socket", "_socketpair", "_accept", "_pipe", "_open", "_fopen"];
  const others = ["___cxa_atexit", "_pthread_setschedparam"];
  const left = library.undefinedSymbols.filter((name) => [...replaced, ...others].includes(name));
  assert.deepEqual(left, []);
});

test("the archive of the folder is linked, and its version reported", () => {
  assert.ok(library.undefinedSymbols.includes("_I420Rotate"), "libyuv's, which is not in it");
  assert.ok(!library.undefinedSymbols.includes("_I420Copy"), "which is in it");
  const text = new TextDecoder("latin1").decode(bytes);
  assert.ok(text.includes("shiguredo-webrtc-build 123.6312.3.5"));
  assert.ok(text.includes("macos-aarch64"));
});
