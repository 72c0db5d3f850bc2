import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { symbols } from "../../ffi/symbols.ts";
import { beyondOldestGlibc, OLDEST_GLIBC, readElfDynamic } from "../support/elf.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The processor that this machine does not have; `machine` is its number in ELF. */
const other = process.arch === "arm64"
  ? { debian: "amd64", target: `x86_64-linux-gnu.${OLDEST_GLIBC}`, machine: 62 }
  : { debian: "arm64", target: `aarch64-linux-gnu.${OLDEST_GLIBC}`, machine: 183 };

function run(command: string, args: readonly string[]): void {
  execFileSync(command, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
}

test("the library builds for the other processor with the same set-up script", () => {
  run("setup/sysroot.sh", [other.debian]);
  const prefix = `out/${other.debian}`;
  run(".deps/venv/bin/python", [
    ...["-m", "ziglang", "build", `-Dtarget=${other.target}`, "--prefix", prefix],
  ]);
  const bytes = readFileSync(`${root}${prefix}/lib/libsora_ffi.so`);
  assert.equal(bytes.readUInt16LE(18), other.machine, "e_machine");
  const { exports, needed, versions } = readElfDynamic(bytes);
  assert.deepEqual(exports.toSorted(), Object.keys(symbols).toSorted());
  const glibc = /^(lib(c|m|dl|rt|pthread)\.so\.\d+|ld-linux-[\w-]+\.so\.\d+)$/;
  assert.deepEqual(needed.filter((name) => !glibc.test(name)), []);
  assert.ok(needed.includes("libc.so.6"));
  assert.ok(versions.includes("GLIBC_2.17"));
  assert.deepEqual(beyondOldestGlibc(versions), []);
});
