import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import process from "node:process";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { openRealm } from "../../ffi/realm.ts";
import { version } from "../../base/version.ts";

const root = new URL("../../", import.meta.url);

function text(path: string): string {
  return readFileSync(new URL(path, root), "utf8");
}

function native(): { readonly library: string; readonly libwebrtc: string } {
  const buffer = new Uint8Array(1_024);
  const length = openRealm().functions.sora_version(buffer, buffer.byteLength);
  return JSON.parse(new TextDecoder().decode(buffer.subarray(0, length)));
}

test("sora_version, the SDK, package.json, deno.json and CHANGES.md have one version", () => {
  assert.match(version, /^\d+\.\d+\.\d+$/);
  assert.equal(native().library, version);
  assert.equal(JSON.parse(text("package.json")).version, version);
  assert.equal(JSON.parse(text("package-lock.json")).version, version);
  assert.equal(JSON.parse(text("deno.json")).version, version);
  // What is not released yet has no version of its own.
  const [first = "", ...others] = text("CHANGES.md").match(/(?<=^## )\S+/gm) ?? [];
  assert.ok(first === "Unreleased" || first === version, `CHANGES.md begins with ${first}`);
  assert.equal(others.filter((other) => other === first).length, 0);
});

test("sora_version has the libwebrtc that the library was linked with", () => {
  const arch = process.arch === "arm64" ? "arm64" : "amd64";
  const folder = `.deps/sysroot/${arch}/usr/share/doc/libtgowt-dev/`;
  const changelog = gunzipSync(readFileSync(new URL(`${folder}changelog.Debian.gz`, root)));
  const [, packaged] = /^libtgowt \((.*?)\)/.exec(changelog.toString("utf8")) ?? [];
  assert.equal(native().libwebrtc, `tg_owt ${packaged}`);
});
