import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { linkedPackages } from "../../packages/licences.ts";
import { hostPlatform } from "../../packages/library.ts";
import { LIBRARY_FILE, platformPackage, PLATFORMS } from "../../packages/names.ts";
import { readPageFile } from "../../sfu/page/files.ts";
import { PAGE_FILES } from "../../sfu/page/page.ts";
import { onDeno } from "../support/child.ts";
import { readElfDynamic } from "../support/elf.ts";
import { packedTarballs, root, temporaryFolder } from "../support/packed.ts";
import { readmeProgram } from "../support/readme.ts";

const MAX_PLATFORM_BYTES = 16e6;
const MAX_NPM_BYTES = 7e5;
/** What a program that imports the client reads. */
const MAX_CLIENT_BYTES = 250e3;

const host = hostPlatform();
const { platform: platformTarball, npm: npmTarball, finder: finderTarball } = packedTarballs();

function unpack(tarball: string): string {
  const folder = temporaryFolder();
  execFileSync("tar", ["-xzf", tarball, "-C", folder]);
  return join(folder, "package");
}

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1)).sort();
}

const npm = unpack(npmTarball);
const platform = unpack(platformTarball);
const finder = unpack(finderTarball);
const npmFiles = filesOf(npm);
const textOf = (file: string) => readFileSync(join(npm, file), "utf8");
const manifestOf = (folder: string) =>
  JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
const checkout = manifestOf(new URL(".", root).pathname);

/** What a module imports or hands on; it is written without spaces: `import{a as b}from"./c.js";`. */
function importsOf(text: string): string[] {
  return [...text.matchAll(/(?:^|;|\n)(?:im|ex)port\b(?:[\w$*{},\s]*\bfrom)?"([^"]+)"/g)]
    .map(([, specifier = ""]) => specifier);
}

test("every entry of a tarball is a plain file of nobody's, with npm's time and mode", () => {
  for (const tarball of [npmTarball, platformTarball, finderTarball]) {
    const listing = execFileSync("tar", ["--numeric-owner", "--utc", "-tvzf", tarball], {
      encoding: "utf8",
    });
    const lines = listing.trimEnd().split("\n");
    assert.ok(lines.length >= 5, listing);
    for (const line of lines) {
      assert.match(line, /^-rw-r--r-- 0\/0 +\d+ 1985-10-26 08:15 package\/\S+$/);
    }
    assert.deepEqual(
      lines.map((line) => line.split(" ").at(-1)),
      [
        ...lines.map((line) => line.split(" ").at(-1)!),
      ].sort(),
    );
  }
});

test("the package is modules, declarations, licences and what people read, below a megabyte", () => {
  const kinds = npmFiles.filter((file) => !file.startsWith("types/") && !/^shared-/.test(file));
  assert.deepEqual(kinds, [
    "CHANGES.md",
    "LICENSE",
    "README.ja.md",
    "README.md",
    "SECURITY.md",
    "THIRD_PARTY.md",
    "cli.js",
    "cli.js.map",
    "devices.js",
    "devices.js.map",
    "files.js",
    "files.js.map",
    "licences/jose.txt",
    "licences/sdp-transform.txt",
    "licences/sora-js-sdk.txt",
    "licences/ws.txt",
    "mod.js",
    "mod.js.map",
    "opentelemetry.js",
    "opentelemetry.js.map",
    "package.json",
    "sfu.js",
    "sfu.js.map",
  ]);
  assert.ok(readFileSync(npmTarball).length <= MAX_NPM_BYTES);
});

test("the manifest has the checkout's version, and no dependency besides the platforms'", () => {
  const manifest = manifestOf(npm);
  const { name, version, license, repository, engines, type } = manifest;
  assert.deepEqual(
    { name, version, license, repository, engines, type },
    {
      name: "sora-ffi",
      version: checkout.version,
      license: "Apache-2.0",
      repository: checkout.repository,
      engines: { bun: ">=1.4.0", deno: ">=2.8.0" },
      type: "module",
    },
  );
  assert.deepEqual(manifest.optionalDependencies, {
    "@sora-ffi/linux-arm64-gnu": version,
    "@sora-ffi/linux-x64-gnu": version,
  });
  assert.deepEqual(manifest.peerDependencies, checkout.peerDependencies);
  assert.deepEqual(manifest.peerDependenciesMeta, { "@opentelemetry/api": { optional: true } });
  for (const field of ["dependencies", "devDependencies", "scripts", "private"]) {
    assert.equal(manifest[field], undefined, field);
  }
  assert.deepEqual(
    Object.keys(manifest.exports).toSorted(),
    [...Object.keys(checkout.exports), "./package.json"].toSorted(),
  );
});

test("every file that a manifest names is in the package", () => {
  for (const folder of [npm, platform, finder]) {
    const { exports, types, bin = {} } = manifestOf(folder);
    const named = [exports, types, bin].flatMap(function targets(value: unknown): string[] {
      return typeof value === "string"
        ? [value]
        : Object.values(value as Record<string, unknown>).flatMap(targets);
    });
    assert.ok(named.length >= 4);
    for (const file of named) assert.ok(existsSync(join(folder, file)), file);
  }
});

test("the modules import the runtime's own modules and each other, and never call require", () => {
  const modules = npmFiles.filter((file) => file.endsWith(".js"));
  assert.ok(modules.flatMap((file) => importsOf(textOf(file))).length > modules.length);
  for (const file of modules) {
    const text = textOf(file);
    for (const specifier of importsOf(text)) {
      // The peer, which one module alone imports.
      if (file === "opentelemetry.js" && specifier === "@opentelemetry/api") continue;
      assert.match(specifier, /^(node:[\w/]+|\.\/[\w-]+\.js)$/, file);
    }
    // Where this library reads a variable that it was asked for; `process` has a number in it or not, as the bundler likes.
    const rest = text.replace(/environment:name=>process\d*\.env\[name\]/, "");
    assert.doesNotMatch(rest, /\brequire\("|Dynamic require|WS_NO_|process\d*\.env\b/, file);
  }
});

test("what the modules share is there once, so that classes are the same", () => {
  const modules = npmFiles.filter((file) => file.endsWith(".js"));
  const holders = (text: RegExp) => modules.filter((file) => text.test(textOf(file)));
  assert.equal(holders(/\bclass SoraError\b|\bSoraError=class\b/).length, 1);
  assert.equal(holders(/\bclass WebSocket\w* extends\b|\bWebSocket\w*=class\b/).length, 1);
});

test("the files of the server's page are in a module of their own, as they are in the checkout", async () => {
  const [module] = npmFiles.filter((file) =>
    file.endsWith(".js") && textOf(file).includes("<!doctype html>")
  );
  assert.ok(module !== undefined);
  const { readPageFile: read } = await import(pathToFileURL(join(npm, module)).href);
  for (const [name] of Object.values(PAGE_FILES)) {
    assert.equal(read(name), readPageFile(name), name);
  }
});

/** A module and what it imports when it is loaded. */
function loadedBy(module: string, loaded = new Set<string>()): Set<string> {
  if (loaded.has(module)) return loaded;
  loaded.add(module);
  if (module.startsWith("node:")) return loaded;
  for (const specifier of importsOf(textOf(module))) {
    if (/^(\.\/|node:)/.test(specifier)) loadedBy(specifier.replace("./", ""), loaded);
  }
  return loaded;
}

test("a client loads neither the server, files and devices nor what takes a runtime long", () => {
  const loaded = [...loadedBy("mod.js")];
  const builtin = loaded.filter((module) => module.startsWith("node:"));
  assert.deepEqual(builtin.toSorted(), [
    "node:buffer",
    "node:path",
    "node:process",
    "node:url",
  ]);
  const own = loaded.filter((module) => !builtin.includes(module));
  const code = own.map(textOf);
  assert.ok(code.every((text) => !/WebSocketServer|class SoraServer|ffmpeg/.test(text)));
  const bytes = code.reduce((sum, text) => sum + text.length, 0);
  assert.ok(own.length > 1 && bytes <= MAX_CLIENT_BYTES, `${own}: ${bytes} bytes`);
  // The server, by the same way of looking.
  assert.ok([...loadedBy("sfu.js")].includes("node:http"));
});

test("every module has a source map that names its sources, and has none inside", () => {
  for (const file of npmFiles.filter((file) => file.endsWith(".js"))) {
    assert.ok(textOf(file).trimEnd().endsWith(`//# sourceMappingURL=${file}.map`), file);
    const { sources, sourcesContent } = JSON.parse(textOf(`${file}.map`));
    assert.equal(sourcesContent, undefined, file);
    for (const source of sources) {
      assert.match(source, /^(builtin:node:[\w/]+|sora-ffi:\/\/\/(?!\.)[\w@./-]+)$/, file);
    }
  }
});

test("the declarations import each other alone, and keep the members named by symbols", () => {
  const declarations = npmFiles.filter((file) => file.startsWith("types/"));
  const texts = declarations.map(textOf);
  for (const [index, text] of texts.entries()) {
    const code = text.replace(/\/\*[^]*?\*\//g, "");
    const mayNamePeer = declarations[index]!.startsWith("types/opentelemetry/");
    for (const [, specifier = ""] of code.matchAll(/(?:\bfrom |\bimport\()"([^"]*)"/g)) {
      if (mayNamePeer && specifier === "@opentelemetry/api") continue;
      assert.match(specifier, /^\.\.?\/.*\.js$/, declarations[index]!);
      const target = new URL(
        specifier.replace(/\.js$/, ".d.ts"),
        pathToFileURL(join(npm, declarations[index]!)),
      );
      assert.ok(existsSync(target), `${declarations[index]}: ${specifier}`);
    }
  }
  const all = texts.join("\n");
  for (const symbol of ["dispose", "asyncDispose", "asyncIterator"]) {
    assert.ok(all.includes(`[Symbol.${symbol}]()`), symbol);
  }
});

test("the declarations need no types besides TypeScript's own", () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "node_modules"));
  cpSync(npm, join(folder, "node_modules/sora-ffi"), { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  writeFileSync(join(folder, "first.ts"), readmeProgram());
  const compiler = fileURLToPath(new URL("node_modules/typescript/bin/tsc", root));
  const libraries = ["--target", "esnext", "--lib", "esnext,dom", "--types", ""];
  const modules = ["--module", "esnext", "--moduleResolution", "bundler"];
  const strict = ["--noEmit", "--strict", "--exactOptionalPropertyTypes"];
  const run = onDeno ? ["run", "-A"] : [];
  const { status, stdout } = spawnSync(
    process.execPath,
    [...run, compiler, ...strict, ...modules, ...libraries, "first.ts"],
    { cwd: folder, encoding: "utf8" },
  );
  assert.equal(status, 0, stdout);
});

test("the platform package is picked by system, processor and C library", () => {
  const { name, version, os, cpu, libc, exports } = manifestOf(platform);
  assert.deepEqual({ name, version, os, cpu, libc }, {
    name: platformPackage(host),
    version: checkout.version,
    os: ["linux"],
    cpu: [host.cpu],
    libc: ["glibc"],
  });
  assert.equal(exports["./libsora_ffi.so"], "./libsora_ffi.so");
  assert.ok(PLATFORMS.includes(host));
});

test("the platform package has the stripped library, at most 16 MB packed", () => {
  const library = readFileSync(join(platform, LIBRARY_FILE));
  assert.ok(readElfDynamic(library).exports.includes("sora_abi_version"));
  assert.equal(library.includes(".debug_info"), false);
  assert.equal(library.includes(".symtab"), false);
  const { length } = readFileSync(platformTarball);
  assert.ok(length <= MAX_PLATFORM_BYTES, `${length} bytes`);
});

test("the platform package has the licence texts of all that is linked into the library", () => {
  const thirdParty = readFileSync(join(platform, "THIRD_PARTY.md"), "utf8");
  const wanted = linkedPackages(thirdParty).map((name) => `${name}.txt`);
  assert.ok(wanted.includes("libtgowt-dev.txt") && wanted.includes("libssl-dev.txt"));
  assert.ok(!wanted.some((file) => /gcc|stdc/.test(file)), "GCC's exception asks for no text");
  assert.deepEqual(
    readdirSync(join(platform, "licences")).filter((file) => !file.startsWith("rnn_vad")).sort(),
    wanted,
  );
  for (const file of filesOf(join(platform, "licences"))) {
    assert.ok(readFileSync(join(platform, "licences", file)).length > 500, file);
  }
  assert.ok(existsSync(join(platform, "LICENSE")));
});

test("the platform package exports the library's path", async () => {
  const entry = "Bun" in globalThis ? "index.bun.js" : "index.js";
  const module = await import(pathToFileURL(join(platform, entry)).href);
  assert.equal(module.default, join(platform, LIBRARY_FILE));
});

test("the package by which JSR's finds the library brings the platforms', and nothing else", async () => {
  const { name, version, optionalDependencies, dependencies, scripts } = manifestOf(finder);
  assert.deepEqual({ name, version }, { name: "@sora-ffi/library", version: checkout.version });
  assert.deepEqual(optionalDependencies, manifestOf(npm).optionalDependencies);
  assert.deepEqual({ dependencies, scripts }, { dependencies: undefined, scripts: undefined });
  const file = `${platformPackage(host)}/${LIBRARY_FILE}`;
  const modules = join(temporaryFolder(), "node_modules");
  cpSync(finder, join(modules, name), { recursive: true });
  cpSync(platform, join(modules, platformPackage(host)), { recursive: true });
  const { resolve } = await import(pathToFileURL(join(modules, name, "index.js")).href);
  assert.equal(resolve(file), join(modules, file));
  assert.throws(() => resolve("@sora-ffi/none/none.so"), /Cannot find|not found/i);
});
