import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, rmSync, statSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { currentAdapter, openLibrary } from "../../ffi/library.ts";
import { openRealm } from "../../ffi/realm.ts";
import { Sora } from "../../mod.ts";
import { dav1dFile } from "../support/codec_libraries.ts";

const folder = mkdtempSync(join(tmpdir(), "sora-ffi-library-"));
after(() => rmSync(folder, { recursive: true }));

function fails(library: string): { readonly code: string; readonly message: string } {
  try {
    openLibrary(library);
  } catch (error) {
    return error as { code: string; message: string };
  }
  assert.fail(`${library} was loaded`);
}

test("a library that is cut short anywhere is refused, and the process lives on", () => {
  const whole = openRealm().path;
  const { size } = statSync(whole);
  const file = join(folder, "short.so");
  copyFileSync(whole, file);
  for (const bytes of [size / 2, 1_000_000, 10_000, 1_000, 64, 10, 0]) {
    truncateSync(file, Math.floor(bytes));
    const { code, message } = fails(file);
    assert.equal(code, "LIBRARY_NOT_FOUND");
    assert.match(message, /short\.so \(option library\): the file is /);
  }
});

test("a library of something else is refused by what it lacks", () => {
  const { code, message } = fails(dav1dFile);
  assert.equal(code, "ABI_MISMATCH");
  assert.match(
    message,
    /libdav1d\.so\.7 .*: is not the library of sora-ffi .*: it lacks sora_\w+\n/,
  );
});

test("a file that is not there is reported with the loader's text", () => {
  const { code, message } = fails(join(folder, "none.so"));
  assert.equal(code, "LIBRARY_NOT_FOUND");
  assert.match(message, /none\.so \(option library\): .*No such file or directory\nGive the path/);
});

test("the C library of this system has a version", () => {
  assert.match(currentAdapter().libc() ?? "", /^2\.\d+$/);
});

test("Sora.load loads the library that a Sora then uses", async () => {
  Sora.load();
  Sora.load({ library: openRealm().path });
  await using sora = new Sora();
  sora.createVideoSource();
});
