/**
 * The ways to have the packages, each in an empty folder with an empty home and a registry on loopback that has nothing else. The
 * program is the README's: it starts the embedded server and receives a frame.
 *
 * @module
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { hostPlatform } from "../../packages/library.ts";
import { packageVersion } from "../../packages/manifest.ts";
import { LIBRARY_FILE, PLATFORMS } from "../../packages/names.ts";
import { onDeno } from "../support/child.ts";
import { bareFolders, publishedModule, startRegistry } from "../support/installed.ts";
import { root } from "../support/packed.ts";
import { inFunction, readmeProgram, withSpecifiers } from "../support/readme.ts";

const RECEIVED = /^received \d+ x \d+\n$/;

const OPENTELEMETRY = "@opentelemetry/api";
const registry = await startRegistry([publishedModule(OPENTELEMETRY)]);
after(() => registry[Symbol.asyncDispose]());
const bareFolder = bareFolders(registry);
const program = readmeProgram();
const throughNpm = withSpecifiers(program, (name) => `npm:${name}`);
const checkout = JSON.parse(readFileSync(new URL("deno.json", root), "utf8"));
/** The program as somebody writes it who has a checkout in another folder. */
const byPath = withSpecifiers(
  program,
  (name) => fileURLToPath(new URL(checkout.imports[name], root)),
);
const version = packageVersion(root);
const manifestOf = (...names: readonly string[]) =>
  JSON.stringify({
    type: "module",
    dependencies: Object.fromEntries(names.map((name) => [name, version])),
  });

test("the README's program imports the package by its name", () => {
  assert.match(program, /from "sora-ffi";\n/);
  assert.match(program, /from "sora-ffi\/sfu";\n/);
  assert.doesNotMatch(program, /from "\./);
});

if (onDeno) {
  const onlyNetwork = ["run", "--no-prompt", "--allow-net=127.0.0.1"];

  test("deno run: a single file that imports npm:sora-ffi, twice", async () => {
    const folder = bareFolder();
    folder.write("one.ts", throughNpm);
    for (const _ of ["cold", "warm"]) {
      assert.match(await folder.succeed("run", "-A", "one.ts"), RECEIVED);
    }
    assert.deepEqual(readdirSync(folder.path), ["one.ts"]);
  });

  test("deno run: network and library are the only permissions", async () => {
    const folder = bareFolder();
    folder.write("one.ts", throughNpm);
    await folder.succeed("cache", "one.ts");
    const ffi = `--allow-ffi=${folder.denoCache}/npm`;
    assert.match(await folder.succeed(...onlyNetwork, ffi, "one.ts"), RECEIVED);
    const { code, stderr } = await folder.run(...onlyNetwork, "one.ts");
    assert.equal(code, 1);
    assert.match(stderr, /--allow-ffi/);
  });

  test("deno install: a project with package.json, which is type-checked", async () => {
    const folder = bareFolder();
    folder.write("package.json", manifestOf("sora-ffi"));
    folder.write("first.ts", program);
    await folder.succeed("install");
    await folder.succeed("check", "first.ts");
    const ffi = "--allow-ffi=node_modules";
    assert.match(await folder.succeed(...onlyNetwork, ffi, "first.ts"), RECEIVED);
    folder.write("wrong.ts", 'import { Sora } from "sora-ffi";\nnew Sora().createConnection(1);\n');
    const { code, stderr } = await folder.run("check", "wrong.ts");
    assert.equal(code, 1);
    assert.match(stderr, /TS2345/);
  });

  test("deno add: a project with deno.json", async () => {
    const folder = bareFolder();
    folder.write("deno.json", "{}");
    folder.write("first.ts", program);
    await folder.succeed("add", "npm:sora-ffi");
    await folder.succeed("check", "first.ts");
    assert.match(await folder.succeed("run", "-A", "first.ts"), RECEIVED);
  });

  test("deno test: a user's test with a server, a client and the sanitizers", async () => {
    const folder = bareFolder();
    const options = `{ name: "app", sanitizeOps: true, sanitizeResources: true }`;
    folder.write("app_test.ts", inFunction(throughNpm, `Deno.test(${options}, `));
    const output = await folder.succeed("test", "-A", "app_test.ts");
    assert.match(output, /received \d+ x \d+/);
    assert.match(output, /1 passed \| 0 failed/);
  });

  const config = fileURLToPath(new URL("deno.json", root));
  const elsewhere: readonly [string, readonly string[], boolean][] = [
    ["the flag for node_modules", ["--node-modules-dir=manual"], false],
    ["its configuration", ["--config", config], false],
    ["a package.json next to the program", [], true],
  ];
  for (const [by, flags, hasManifest] of elsewhere) {
    test(`deno run: a program in another folder than the checkout, by ${by}`, async () => {
      const folder = bareFolder();
      folder.write("one.ts", byPath);
      if (hasManifest) folder.write("package.json", "{}");
      const library = `--allow-ffi=${fileURLToPath(new URL(`zig-out/lib/${LIBRARY_FILE}`, root))}`;
      const own = [library, "--allow-env=WS_NO_BUFFER_UTIL"];
      assert.match(await folder.succeed(...onlyNetwork, ...own, ...flags, "one.ts"), RECEIVED);
    });
  }
} else {
  test("bun add: the package and its platform's, nothing else", async () => {
    const folder = bareFolder();
    folder.write("first.ts", program);
    await folder.succeed("add", "sora-ffi");
    const modules = readdirSync(join(folder.path, "node_modules")).filter((name) =>
      !name.startsWith(".")
    );
    assert.deepEqual(modules.toSorted(), ["@sora-ffi", "sora-ffi"]);
    assert.deepEqual(readdirSync(join(folder.path, "node_modules/@sora-ffi")), [
      hostPlatform().name,
    ]);
    assert.match(await folder.succeed("first.ts"), RECEIVED);
  });

  test("bun: a single file, installed by itself, twice", async () => {
    const folder = bareFolder();
    folder.write("one.ts", program);
    for (const _ of ["cold", "warm"]) assert.match(await folder.succeed("one.ts"), RECEIVED);
    assert.deepEqual(readdirSync(folder.path), ["one.ts"]);
  });

  test("bun test: a user's test with a server and a client", async () => {
    const folder = bareFolder();
    await folder.succeed("add", "sora-ffi");
    const head = 'import { test } from "bun:test";\ntest("app", ';
    folder.write("app.test.ts", inFunction(program, head));
    const { code, stdout, stderr } = await folder.run("test");
    assert.equal(code, 0, stderr);
    assert.match(stdout, /received \d+ x \d+/);
    assert.match(stderr, /\b1 pass\b/);
  });

  test("bun: a program in another folder than the checkout", async () => {
    const folder = bareFolder();
    folder.write("one.ts", byPath);
    assert.match(await folder.succeed("one.ts"), RECEIVED);
  });
}

test("OpenTelemetry is there for those who have its API, and the others do not miss it", async () => {
  const folder = bareFolder();
  const head = onDeno ? ["run", "-A"] : [];
  folder.write("package.json", manifestOf("sora-ffi"));
  folder.write("without.ts", 'import { version } from "sora-ffi";\nconsole.log(version);\n');
  folder.write(
    "with.ts",
    'import { openTelemetry } from "sora-ffi/opentelemetry";\nconsole.log(typeof openTelemetry);\n',
  );
  await folder.succeed("install");
  assert.equal(await folder.succeed(...head, "without.ts"), `${version}\n`);
  const { code, stderr } = await folder.run(...head, "with.ts");
  assert.notEqual(code, 0);
  assert.match(stderr, /@opentelemetry\/api/);
  await folder.succeed("add", onDeno ? `npm:${OPENTELEMETRY}` : OPENTELEMETRY);
  assert.equal(await folder.succeed(...head, "with.ts"), "function\n");
});

test("the registry was asked for the packages alone", () => {
  const names = registry.requests.map((path) => /^\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]);
  const allowed = ["sora-ffi", OPENTELEMETRY, ...PLATFORMS.map(({ name }) => `@sora-ffi/${name}`)];
  assert.ok(names.length > 0);
  assert.deepEqual(names.filter((name) => !allowed.includes(name ?? "")), []);
});
