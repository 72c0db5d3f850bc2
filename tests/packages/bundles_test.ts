/**
 * Programs that a bundler made of a user's program and the package: run where the package itself is gone, with the library that
 * they find in `node_modules` or have inside.
 *
 * @module
 */
import { build, stop } from "esbuild";
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { hostPlatform } from "../../packages/library.ts";
import { packageVersion } from "../../packages/manifest.ts";
import { LIBRARY_FILE, platformPackage } from "../../packages/names.ts";
import { onDeno } from "../support/child.ts";
import { bareFolders, filesBelow, published, startRegistry } from "../support/installed.ts";
import { root, temporaryFolder } from "../support/packed.ts";
import { readmeProgram, withSpecifiers } from "../support/readme.ts";

const RECEIVED = /^received \d+ x \d+\n$/;

/** The esbuild that `deno bundle` fetches, where `make setup-tests` has it. */
const denoBundler = fileURLToPath(new URL(".deps/deno-bundler", root));
const bundlers = existsSync(denoBundler)
  ? readdirSync(denoBundler).filter((file) => file.endsWith(".tgz"))
  : [];

const registry = await startRegistry(bundlers.map((file) => published(join(denoBundler, file))));
after(() => registry[Symbol.asyncDispose]());
const bareFolder = bareFolders(registry);
const program = readmeProgram();
const version = packageVersion(root);
/** A project that has the library's package itself, as Deno else puts it where only the package sees it. */
const manifest = JSON.stringify({
  type: "module",
  dependencies: { "sora-ffi": version, [platformPackage(hostPlatform())]: version },
});

test("a user's bundle by esbuild, which is told nothing of the package", async () => {
  const folder = bareFolder();
  folder.write("package.json", manifest);
  folder.write("first.ts", program);
  await folder.succeed("install");
  await build({
    absWorkingDir: folder.path,
    entryPoints: ["first.ts"],
    outfile: "bundle.mjs",
    bundle: true,
    format: "esm",
    platform: "node",
    logLevel: "silent",
  }).finally(stop);
  rmSync(join(folder.path, "node_modules/sora-ffi"), { recursive: true });
  const run = onDeno ? ["run", "-A"] : [];
  assert.match(await folder.succeed(...run, "bundle.mjs"), RECEIVED);
});

if (onDeno) {
  test("deno bundle: a bundle that needs the library's package alone", async (t) => {
    if (bundlers.length === 0) return t.skip("run make setup-tests: deno bundle needs its esbuild");
    const folder = bareFolder();
    folder.write("package.json", manifest);
    folder.write("first.ts", program);
    await folder.succeed("install");
    await folder.succeed("bundle", "first.ts", "--output", "bundle.js");
    rmSync(join(folder.path, "node_modules/sora-ffi"), { recursive: true });
    assert.match(await folder.succeed("run", "-A", "bundle.js"), RECEIVED);
  });

  test("deno compile: the program has the library inside", async () => {
    const folder = bareFolder({ DENORT_BIN: process.execPath });
    folder.write("one.ts", withSpecifiers(program, (name) => `npm:${name}`));
    await folder.succeed("compile", "--no-check", "-A", "--output", "app", "one.ts");
    // Deno fetches the runtime that such a program begins with from its own server alone. Here Deno itself stands in for it, and the
    // program does not run.
    const library = [...filesBelow(folder.denoCache)]
      .find(([path]) => path.endsWith(`/${LIBRARY_FILE}`))?.[1];
    assert.ok(library);
    assert.ok(readFileSync(join(folder.path, "app")).includes(library));
  });
} else {
  test("bun build: a bundle for each target", async () => {
    const folder = bareFolder();
    folder.write("first.ts", program);
    await folder.succeed("add", "sora-ffi");
    const targets = ["bun", "node"];
    for (const target of targets) {
      await folder.succeed("build", `--target=${target}`, "first.ts", `--outfile=${target}.mjs`);
    }
    rmSync(join(folder.path, "node_modules/sora-ffi"), { recursive: true });
    for (const target of targets) assert.match(await folder.succeed(`${target}.mjs`), RECEIVED);
  });

  test("bun build --compile: one file, in an empty folder", async () => {
    const folder = bareFolder();
    await folder.succeed("add", "sora-ffi");
    const embedding = program
      .replace(/^/, `import library from "${platformPackage(hostPlatform())}";\n`)
      .replace("start({ port: 0 })", "start({ port: 0, library })")
      .replace("new Sora()", "new Sora({ library })");
    folder.write("app.ts", embedding);
    const elsewhere = temporaryFolder();
    const file = join(elsewhere, "app");
    await folder.succeed("build", "--compile", "app.ts", "--outfile", file);
    rmSync(folder.path, { recursive: true });
    const output = execFileSync(file, { cwd: elsewhere, env: {}, encoding: "utf8" });
    assert.match(output, RECEIVED);
  });
}
