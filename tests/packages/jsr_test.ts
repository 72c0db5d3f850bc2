/**
 * The package on JSR. A server on loopback has it as JSR has it, and a registry on loopback has the npm packages that it needs.
 *
 * @module
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, truncateSync } from "node:fs";
import { join, resolve } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { packageVersion } from "../../packages/manifest.ts";
import { FINDER_PACKAGE, JSR_FOLDER, JSR_PACKAGE, LIBRARY_FILE } from "../../packages/names.ts";
import { readPageFile } from "../../sfu/page/files.ts";
import { PAGE_FILES } from "../../sfu/page/page.ts";
import { onDeno } from "../support/child.ts";
import { bareFolders, filesBelow, publishedModule, startRegistry } from "../support/installed.ts";
import { jsrNpmName, jsrNpmPackage } from "../support/jsr_npm.ts";
import { JsrServer } from "../support/jsr_server.ts";
import { packed, root } from "../support/packed.ts";
import { readmeProgram, withSpecifiers } from "../support/readme.ts";
import { Registry } from "../support/registry.ts";

const RECEIVED = /^received \d+ x \d+\n$/;
/** What the package imports of npm, and what has the types of that. */
const MODULES = ["@opentelemetry/api", "jose", "sdp-transform", "ws"];
const TYPES = ["@types/node", "@types/sdp-transform", "@types/ws", "undici-types"];

const folder = resolve(packed(), JSR_FOLDER);
const files = filesBelow(folder);
const version = packageVersion(root);
const registry = await startRegistry([...MODULES, ...TYPES].map(publishedModule));
after(() => registry[Symbol.asyncDispose]());
const jsr = await JsrServer.start(files);
after(() => jsr[Symbol.asyncDispose]());
const bareFolder = bareFolders(registry, { env: { JSR_URL: jsr.url } });
const withName = (name: string) =>
  withSpecifiers(readmeProgram(), (specifier) => specifier.replace(/^sora-ffi/, name));
const named = withName(JSR_PACKAGE);
const throughJsr = withName(`jsr:${JSR_PACKAGE}`);

test("the folder for JSR is the checkout's code, and what people read", () => {
  const { name, version: own, exports } = JSON.parse(
    new TextDecoder().decode(files.get("deno.json")),
  );
  const checkout = JSON.parse(readFileSync(new URL("deno.json", root), "utf8"));
  assert.deepEqual({ name, own, exports }, {
    name: checkout.name,
    own: version,
    exports: checkout.exports,
  });
  const others = [...files.keys()].filter((path) => !path.endsWith(".ts")).sort();
  assert.deepEqual(others, [
    "CHANGES.md",
    "LICENSE",
    "README.ja.md",
    "README.md",
    "THIRD_PARTY.md",
    "deno.json",
    "licences/sora-js-sdk.txt",
  ]);
  const rooms = new Set([...files.keys()].map((path) => path.split("/")[0]!));
  for (const path of Object.values<string>(exports)) assert.ok(files.has(path.slice(2)), path);
  for (const room of ["demo", "examples", "tests", "packages", "csrc"]) assert.ok(!rooms.has(room));
});

test("on JSR, a module has the files of the server's page, as they are in the checkout", async () => {
  const { readPageFile: read } = await import(
    pathToFileURL(join(folder, "sfu/page/files.ts")).href
  );
  for (const [name] of Object.values(PAGE_FILES)) {
    assert.equal(read(name), readPageFile(name), name);
  }
});

test("on JSR, modules name npm's packages with their versions, and need no import map", () => {
  const { dependencies, devDependencies } = JSON.parse(
    readFileSync(new URL("package.json", root), "utf8"),
  );
  const peer = "@opentelemetry/api";
  const all = { ...dependencies, [peer]: devDependencies[peer], [FINDER_PACKAGE]: version };
  const wanted = Object.entries(all)
    .map(([name, version]) => `npm:${name}@${version}`);
  const found = [...files].filter(([path]) => path.endsWith(".ts")).flatMap(([, bytes]) => {
    const code = new TextDecoder().decode(bytes).replace(/\/\*[^]*?\*\//g, "");
    return [...code.matchAll(/(?:\bfrom |\bimport\(|\bimport )"([^"]+)"/g)].map(([, name]) =>
      name!
    );
  });
  const packages = found.filter((specifier) => !/^(\.{1,2}\/.*\.ts|node:[\w/]+)$/.test(specifier));
  assert.deepEqual([...new Set(packages)].sort(), wanted.sort());
});

test("on JSR, examples import the package by its name there", () => {
  const texts = [...files].map(([path, bytes]) => ({
    path,
    text: new TextDecoder().decode(bytes),
  }));
  for (const { path, text } of texts) assert.doesNotMatch(text, /\bfrom "sora-ffi/, path);
  const named = texts.filter(({ text }) => text.includes(`from "${JSR_PACKAGE}`));
  for (const path of ["README.md", "mod.ts", "sfu/server.ts"]) {
    assert.ok(named.some((one) => one.path === path), path);
  }
});

if (onDeno) {
  const onlyNetwork = ["run", "--no-prompt", "--allow-net=127.0.0.1"];

  test("deno publish takes the folder, and refuses the checkout", async () => {
    const empty = bareFolder();
    const dryRun = ["publish", "--dry-run", "--allow-dirty"];
    const { code, stderr } = await empty.run(...dryRun, "--config", join(folder, "deno.json"));
    assert.equal(code, 0, stderr);
    // The folder lies in a workspace, the checkout's, that it has nothing to do with.
    const outside = /^Warning: config file \S+ is not a member of the workspace at .*\n/m;
    assert.doesNotMatch(stderr.replace(outside, ""), /warning|slow types were found/i);
    for (const path of files.keys()) assert.ok(stderr.includes(join(folder, path)), path);
    const checkout = await empty.run(
      ...dryRun,
      "--config",
      fileURLToPath(new URL("deno.json", root)),
    );
    assert.equal(checkout.code, 1);
    assert.match(checkout.stderr, /'publish' field is false/);
  });

  test("deno run: a single file that imports from JSR, twice", async () => {
    const folder = bareFolder();
    folder.write("one.ts", throughJsr);
    for (const _ of ["cold", "warm"]) {
      assert.match(await folder.succeed("run", "-A", "one.ts"), RECEIVED);
    }
    assert.deepEqual(readdirSync(folder.path), ["one.ts"]);
  });

  test("deno run: from JSR, the variable of ws is the one permission more", async () => {
    const folder = bareFolder();
    folder.write("one.ts", throughJsr);
    await folder.succeed("cache", "one.ts");
    const flags = [...onlyNetwork, `--allow-ffi=${folder.denoCache}/npm`];
    const variable = "--allow-env=WS_NO_BUFFER_UTIL";
    assert.match(await folder.succeed(...flags, variable, "one.ts"), RECEIVED);
    const { code, stderr } = await folder.run(...flags, "one.ts");
    assert.equal(code, 1);
    assert.match(stderr, /--allow-env/);
  });

  test("deno run: a library from JSR's finder that is cut short is fetched again as the error says", async () => {
    const folder = bareFolder();
    folder.write("one.ts", throughJsr);
    await folder.succeed("cache", "one.ts");
    const library = [...filesBelow(folder.denoCache).keys()]
      .find((file) => file.endsWith(`/${LIBRARY_FILE}`));
    truncateSync(join(folder.denoCache, library ?? ""), 100_000);
    const { stderr } = await folder.run("run", "-A", "one.ts");
    assert.match(stderr, /Fetch it again: deno run --reload$/m);
    assert.match(await folder.succeed("run", "-A", "--reload", "one.ts"), RECEIVED);
  });

  test("deno run: the command, from JSR", async () => {
    const stdout = await bareFolder().succeed("run", "-A", `jsr:${JSR_PACKAGE}/cli`, "doctor");
    assert.equal(JSON.parse(stdout).ok, true, stdout);
  });

  test("deno add: a project with deno.json, from JSR, which is type-checked", async () => {
    const folder = bareFolder();
    folder.write("deno.json", "{}");
    folder.write("first.ts", named);
    await folder.succeed("add", `jsr:${JSR_PACKAGE}`);
    await folder.succeed("check", "first.ts");
    assert.match(await folder.succeed("run", "-A", "first.ts"), RECEIVED);
  });

  test("deno add: a project with package.json, from JSR", async () => {
    const folder = bareFolder();
    folder.write("package.json", '{ "type": "module" }');
    folder.write("first.ts", named);
    await folder.succeed("add", `jsr:${JSR_PACKAGE}`);
    assert.match(await folder.succeed("run", "-A", "first.ts"), RECEIVED);
  });
} else {
  // What `bunx jsr add` writes. The package there is a stand-in for what JSR makes of this one.
  const atNpm = await Registry.start([await jsrNpmPackage(files)]);
  after(() => atNpm[Symbol.asyncDispose]());
  const dependencies = { [JSR_PACKAGE]: `npm:${jsrNpmName(JSR_PACKAGE)}@^${version}` };

  for (const linker of ["hoisted", "isolated"]) {
    test(`bun install: JSR's package for npm, ${linker}`, async () => {
      const folder = bareFolder();
      folder.write(".npmrc", `@jsr:registry=${atNpm.url}\n`);
      folder.write("package.json", JSON.stringify({ dependencies }));
      folder.write("first.ts", named);
      await folder.succeed("install", `--linker=${linker}`);
      assert.match(await folder.succeed("first.ts"), RECEIVED);
    });
  }
}
