// AV1 is decoded by dav1d where the loader finds it, and by libaom elsewhere. A process sees the one or the other, so each case
// has one of its own.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, test } from "node:test";
import { Child } from "../support/child.ts";
import { dav1dFile } from "../support/codec_libraries.ts";
import { rowsHere } from "../support/smoke.ts";

const program = new URL("../support/codec_av1_program.ts", import.meta.url);
const name = basename(dav1dFile);
let folder: string;
let installed: string;
let broken: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "sora-av1-"));
  [installed, broken] = [join(folder, "installed"), join(folder, "broken")];
  for (const path of [installed, broken]) await mkdir(path);
  await symlink(dav1dFile, join(installed, name));
  // The loader takes the first of this name, and fails.
  await writeFile(join(broken, name), "no library");
});

after(() => rm(folder, { recursive: true }));

/** Runs the program with these folders before the machine's own, and gives the version of dav1d that it found. */
async function proveAv1(decoder: string, folders: readonly string[]): Promise<string> {
  const env = { LD_LIBRARY_PATH: folders.join(":") };
  await using child = new Child(program, [decoder], undefined, env);
  const { code } = await child.ended(110_000);
  assert.equal(code, 0, child.errors);
  return child.line("dav1d ");
}

const what = "frames, statistics, key frames that were asked for, another bit rate and size";

const cases = [
  ["dav1d where it is installed", "dav1d", () => [installed], /^1\.\d+/],
  ["it where dav1d cannot be opened", "libaom", () => [broken, installed], /^$/],
] as const;
for (
  const [by, decoder, folders, version] of rowsHere(
    "deno",
    cases,
    ([, decoder]) => decoder === "dav1d",
  )
) {
  test(`AV1 by libaom, decoded by ${by}: ${what}`, { timeout: 120_000 }, async () => {
    assert.match(await proveAv1(decoder, folders()), version);
  });
}
