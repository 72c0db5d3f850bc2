/**
 * The ways to run `sora-ffi`, each in an empty folder with an empty home and a registry on loopback. Both runtimes are in the PATH.
 *
 * @module
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { basename, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { version } from "../../mod.ts";
import type { BareFolder } from "../support/bare_folder.ts";
import { onDeno } from "../support/child.ts";
import { bareFolders, startRegistry } from "../support/installed.ts";
import { root } from "../support/packed.ts";

const registry = await startRegistry();
after(() => registry[Symbol.asyncDispose]());
const PATH = `${fileURLToPath(new URL(".deps/bin", root))}:/usr/bin:/bin`;
const bareFolder = bareFolders(registry, { env: { PATH } });
const own = onDeno ? "Deno" : "Bun";
const PROJECT = JSON.stringify({ type: "module", scripts: { doctor: "sora-ffi doctor" } });

/** The runtime that a report of `doctor` names, which must find that all is well, with the library below the folder. */
function healthyRuntime(folder: BareFolder, stdout: string): string {
  const { ok, checks } = JSON.parse(stdout);
  assert.equal(ok, true, stdout);
  assert.ok(checks.library.path.startsWith(join(folder.path, "..")), checks.library.path);
  return checks.runtime.name;
}

/** A PATH with what the first line of the program needs, and some files of the checkout. */
function pathOf(folder: BareFolder, ...files: readonly string[]): string {
  const bin = join(folder.path, "bin");
  mkdirSync(bin);
  const paths = files.map((file) => fileURLToPath(new URL(file, root)));
  for (const path of ["/bin/sh", "/usr/bin/readlink", ...paths]) {
    symlinkSync(path, join(bin, basename(path)));
  }
  return bin;
}

/** Runs a program of the folder by itself, as a shell does. */
function runProgram(folder: BareFolder, file: string, env: Readonly<Record<string, string>>) {
  const { status, stdout, stderr } = spawnSync(join(folder.path, file), ["doctor"], {
    cwd: folder.path,
    env: { HOME: join(folder.path, "../home"), DENO_DIR: folder.denoCache, ...env },
    encoding: "utf8",
    timeout: 25_000,
  });
  assert.equal(status, 0, stderr);
  return stdout;
}

const ways: readonly (readonly [name: string, args: readonly string[]])[] = onDeno
  ? [
    ["deno run npm:sora-ffi/cli", ["run", "-A", "npm:sora-ffi/cli"]],
    ["deno run npm:sora-ffi", ["run", "-A", "npm:sora-ffi"]],
    ["deno x", ["x", "-A", "npm:sora-ffi"]],
  ]
  : [
    ["bunx sora-ffi", ["x", "sora-ffi"]],
    ["bunx --bun sora-ffi", ["x", "--bun", "sora-ffi"]],
  ];

for (const [name, args] of ways) {
  test(`${name}: without a project`, async () => {
    const folder = bareFolder();
    assert.equal(await folder.succeed(...args, "--version"), `${version}\n`);
    assert.equal(healthyRuntime(folder, await folder.succeed(...args, "doctor")), own);
    const { code, stdout, stderr } = await folder.run(...args, "srver");
    assert.deepEqual({ code, stdout }, { code: 2, stdout: "" });
    assert.match(stderr, /^sora-ffi has no command "srver": /m);
  });
}

test("in a project, a task and the program itself run on the runtime that is used there", async () => {
  const folder = bareFolder();
  folder.write("package.json", PROJECT);
  await folder.succeed("add", onDeno ? "npm:sora-ffi" : "sora-ffi");
  const task = await folder.succeed(onDeno ? "task" : "run", "doctor");
  assert.equal(healthyRuntime(folder, task), own);
  const program = "node_modules/.bin/sora-ffi";
  assert.equal(healthyRuntime(folder, runProgram(folder, program, { PATH })), own);
  // Without Bun, on Deno in any case.
  const alone = runProgram(folder, program, { PATH: pathOf(folder, ".deps/bin/deno") });
  assert.equal(healthyRuntime(folder, alone), "Deno");
});

test("without a runtime in the PATH, the program says what it needs", async () => {
  const folder = bareFolder();
  folder.write("package.json", PROJECT);
  await folder.succeed("add", onDeno ? "npm:sora-ffi" : "sora-ffi");
  const { status, stdout, stderr } = spawnSync(join(folder.path, "node_modules/.bin/sora-ffi"), {
    env: { PATH: pathOf(folder) },
    encoding: "utf8",
  });
  assert.notEqual(status, 0);
  assert.equal(stdout, "");
  assert.match(stderr, /^[^\n]*sora-ffi needs Bun or Deno\n$/);
});

test("installed for all projects, the program runs", async () => {
  const folder = bareFolder();
  const [file, ...args] = onDeno
    ? ["../home/.deno/bin/sora-ffi", "install", "--global", "-A", "npm:sora-ffi"]
    : ["../home/.bun/bin/sora-ffi", "add", "--global", "sora-ffi"];
  await folder.succeed(...args);
  assert.equal(healthyRuntime(folder, runProgram(folder, file!, { PATH })), own);
});

test("the first line is one that Linux takes", () => {
  const [line = ""] = readFileSync(new URL("cli/mod.ts", root), "utf8").split("\n");
  assert.match(line, /^#!\/usr\/bin\/env -S sh -c '[^']+'$/);
  // Linux reads 256 bytes of it since 5.1.
  assert.ok(line.length < 256, `${line.length}`);
});
