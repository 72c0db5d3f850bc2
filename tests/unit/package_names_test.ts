/**
 * One name everywhere: `sora-ffi` on npm, `@sora-ffi/sora-ffi` on JSR.
 *
 * @module
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { platformPackage as loadedPackage } from "../../ffi/failure.ts";
import { glibcFloor } from "../../packages/library.ts";
import { finderManifest, npmManifest, platformManifest } from "../../packages/manifest.ts";
import {
  JSR_PACKAGE,
  NPM_PACKAGE,
  platformPackage,
  PLATFORMS,
  tarballName,
} from "../../packages/names.ts";
import { readme } from "../support/readme.ts";

const root = new URL("../../", import.meta.url);
const read = (file: string) => readFileSync(new URL(file, root), "utf8");
const npm = JSON.parse(read("package.json"));
const deno = JSON.parse(read("deno.json"));

/** What a text imports of ours from outside. */
function ownSpecifiers(text: string): string[] {
  return [...text.matchAll(/\bfrom "((?:npm:|jsr:)?(?:@sora-ffi\/)?sora-ffi[^"]*)"/g)]
    .map((match) => match[1]!);
}

test("the checkout, the package and JSR's have the names and one version", () => {
  assert.equal(npm.name, NPM_PACKAGE);
  assert.equal(npm.private, true);
  assert.equal(deno.name, JSR_PACKAGE);
  assert.equal(npmManifest(root).name, NPM_PACKAGE);
  assert.equal(deno.version, npm.version);
  assert.equal(npmManifest(root).version, npm.version);
  assert.equal(finderManifest(root).version, npm.version);
  for (const platform of PLATFORMS) {
    assert.equal(platformManifest(root, platform).version, npm.version);
  }
});

test("the modules have the same names in the checkout, in the package and on JSR", () => {
  assert.deepEqual(deno.exports, npm.exports);
  const own = Object.entries(deno.imports as Record<string, string>)
    .filter(([name]) => name === NPM_PACKAGE || name.startsWith(`${NPM_PACKAGE}/`))
    .map(([name, path]) => [name.replace(NPM_PACKAGE, "."), path]);
  assert.deepEqual(Object.fromEntries(own), deno.exports);
  const { exports } = npmManifest(root);
  assert.deepEqual(
    Object.keys(exports as object).filter((name) => name !== "./package.json").sort(),
    Object.keys(deno.exports).sort(),
  );
});

test("the loader looks for the packages that are made", () => {
  for (const platform of PLATFORMS) {
    assert.equal(platformPackage(platform), loadedPackage(platform.os, platform.cpu));
  }
});

test("the README and doc comments import what there is, by the package's name", () => {
  const names = Object.keys(deno.exports).map((name) => name.replace(/^\./, NPM_PACKAGE));
  const rooms = ["sdk", "signaling", "ffi", "files", "sfu", "cli", "base"];
  const sources = rooms.flatMap((room) =>
    readdirSync(new URL(room, root), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts")).map((file) => `${room}/${file}`)
  );
  const found = ["mod.ts", "README.md", ...sources].flatMap((file) => {
    const comments = file.endsWith(".ts")
      ? [...read(file).matchAll(/\/\*\*[^]*?\*\//g)].join("\n")
      : read(file);
    return ownSpecifiers(comments).map((specifier) => ({ file, specifier }));
  });
  for (const { file, specifier } of found) {
    assert.ok(names.includes(specifier.replace(/^npm:/, "")), `${file}: ${specifier}`);
  }
  for (const file of ["mod.ts", "sfu/server.ts", "README.md"]) {
    assert.ok(found.some((one) => one.file === file), file);
  }
});

test("the README installs the package by its name on each runtime", () => {
  assert.match(readme, new RegExp(`^deno add npm:${NPM_PACKAGE}( |$)`, "m"));
  assert.match(readme, new RegExp(`^bun add ${NPM_PACKAGE}( |$)`, "m"));
  assert.match(readme, new RegExp(`^deno add jsr:${JSR_PACKAGE}( |$)`, "m"));
});

test("tarballName is the name of npm pack", () => {
  assert.equal(tarballName("sora-ffi", "0.1.0"), "sora-ffi-0.1.0.tgz");
  assert.equal(
    tarballName("@sora-ffi/linux-x64-gnu", "1.2.3"),
    "sora-ffi-linux-x64-gnu-1.2.3.tgz",
  );
});

test("glibcFloor is the version that the README names", () => {
  assert.ok(readme.includes(`glibc ${glibcFloor(root)} or later`));
});
