import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { tarball } from "../../packages/tarball.ts";
import { otherContents, otherPlatform } from "../support/other_platform.ts";

const MAX_BYTES = 16e6;
const program = fileURLToPath(new URL("../support/pack_other_program.ts", import.meta.url));

test("the library for the other processor fits into its package, which has the same bytes in another time zone and language", () => {
  const contents = otherContents();
  const manifest = JSON.parse(new TextDecoder().decode(contents.get("package.json")));
  assert.deepEqual(manifest.cpu, [otherPlatform.cpu]);
  assert.ok(contents.has("licences/libtgowt-dev.txt"));
  const bytes = tarball(contents);
  assert.ok(bytes.length <= MAX_BYTES, `${bytes.length} bytes`);
  const runtime = "Bun" in globalThis ? [] : ["run", "-A", "--no-check"];
  const again = execFileSync(process.execPath, [...runtime, program], {
    env: { ...process.env, TZ: "Asia/Tokyo", LC_ALL: "tr_TR.UTF-8" },
    encoding: "utf8",
  });
  assert.equal(again.trim(), createHash("sha256").update(bytes).digest("hex"));
});
