import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { tarball } from "../../packages/tarball.ts";
import { onDeno } from "../support/child.ts";
import { filesBelow } from "../support/installed.ts";
import { pack, packed, temporaryFolder } from "../support/packed.ts";

const digest = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

test("tarball gives the same bytes in whichever order the files come", () => {
  const bytes = new TextEncoder().encode("contents");
  const names = ["b.js", "a.js", "types/a.d.ts", "B.md"];
  const one = tarball(new Map(names.map((name) => [name, bytes])));
  const other = tarball(new Map(names.toReversed().map((name) => [name, bytes])));
  assert.deepEqual(one, other);
});

test("tarball refuses a path that does not fit", () => {
  const files = (path: string) => new Map([[path, new Uint8Array()]]);
  assert.throws(() => tarball(files("x".repeat(93))), RangeError);
  assert.throws(() => tarball(files("ü.txt")), /path must be at most 92 ASCII characters, not "ü/);
});

// `make packages` runs on Deno whatever runs this.
if (onDeno) {
  test("packing again gives the same bytes, in another time zone and language", () => {
    const folder = temporaryFolder();
    pack(folder, { TZ: "Asia/Tokyo", LC_ALL: "tr_TR.UTF-8" });
    const [again, first] = [folder, packed()].map(filesBelow);
    assert.deepEqual([...again!.keys()].sort(), [...first!.keys()].sort());
    for (const [path, bytes] of first!) {
      assert.equal(digest(again!.get(path)!), digest(bytes), path);
    }
  });
}
