import assert from "node:assert/strict";
import { test } from "node:test";
import { build } from "../support/webrtc_folder.ts";

test("csrc compiles for Windows but for the files that build/uncompiled.zig lists", () => {
  const { text, succeeded } = build("check", "-Dtarget=x86_64-windows-gnu");
  assert.ok(succeeded, text);
});
