/**
 * The rooms of the source and the arrows between them, as `CONTRIBUTING.md` draws them: which folder may import which, through
 * which door, and that no files import each other in a circle. Imports of types count.
 *
 * @module
 */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** What a room may import besides itself: a room, of which every file is a door, or one door of it. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  base: [],
  ffi: ["base"],
  signaling: ["base"],
  sdk: ["base", "ffi/mod.ts", "signaling/mod.ts"],
  sfu: ["base", "ffi/mod.ts"],
  files: ["base"],
  devices: ["base", "ffi/mod.ts", "files/mod.ts"],
  opentelemetry: ["base", "mod.ts"],
  packages: [],
  site: ["mod.ts"],
  cli: ["base", "devices/mod.ts", "ffi/mod.ts", "files/mod.ts", "mod.ts", "sfu/mod.ts"],
  "mod.ts": ["base", "sdk", "signaling/public.ts"],
  demo: ["mod.ts", "files/mod.ts", "sfu/mod.ts"],
  examples: [
    "mod.ts",
    "files/mod.ts",
    "devices/mod.ts",
    "sfu/mod.ts",
    "demo/openh264.ts",
    "tests/support/signaling_certificates.ts",
  ],
};

const room = (file: string) => file.split("/")[0]!;

/** The TypeScript files of a room, relative to the checkout. */
function filesOf(path: string): string[] {
  if (path.endsWith(".ts")) return [path];
  return readdirSync(posix.join(root, path), { withFileTypes: true }).flatMap((entry) => {
    const inner = `${path}/${entry.name}`;
    if (entry.isDirectory()) return filesOf(inner);
    return entry.name.endsWith(".ts") ? [inner] : [];
  });
}

/** Everything that a module imports or hands on, also for its types alone. */
function specifiersOf(text: string): string[] {
  const code = text.replace(/\/\*[^]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
  return [...code.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*["']([\w@./:-]+)["']/g)]
    .map((match) => match[1]!);
}

/** The files of the checkout among them. */
function importsOf(file: string, text: string): string[] {
  return specifiersOf(text).filter((specifier) => specifier.startsWith("."))
    .map((specifier) => posix.join(posix.dirname(file), specifier));
}

/** What is wrong with an import, or undefined. */
function wrongArrow(from: string, to: string): string | undefined {
  if (room(from) === room(to)) return undefined;
  const allowed = ARROWS[room(from)]!;
  if (allowed.includes(to) || allowed.includes(room(to))) return undefined;
  return `${from} imports ${to}; ${room(from)} may import ${allowed.join(", ") || "nothing"}`;
}

/** The circles of a graph: groups of nodes that can all be reached from each other (Tarjan's algorithm). */
function circles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const found: string[][] = [];
  const visit = (node: string) => {
    index.set(node, index.size);
    low.set(node, index.get(node)!);
    stack.push(node);
    for (const next of graph.get(node) ?? []) {
      if (!index.has(next)) {
        visit(next);
        low.set(node, Math.min(low.get(node)!, low.get(next)!));
      } else if (stack.includes(next)) {
        low.set(node, Math.min(low.get(node)!, index.get(next)!));
      }
    }
    if (low.get(node) !== index.get(node)) return;
    const group = stack.splice(stack.indexOf(node));
    if (group.length > 1 || (graph.get(node) ?? []).includes(node)) found.push(group.sort());
  };
  for (const node of graph.keys()) if (!index.has(node)) visit(node);
  return found;
}

const graph = new Map(
  Object.keys(ARROWS).flatMap(filesOf).map((file) => [
    file,
    importsOf(file, readFileSync(posix.join(root, file), "utf8")),
  ]),
);

test("importsOf finds imports of values and types, exports and dynamic imports, and no comment's", () => {
  const text = `
    import { a } from "./a.ts";
    import type { B } from "../b.ts";
    export * from "./c.ts";
    export {
      d,
    } from "./d.ts";
    import "./e.ts";
    const f = await import("./f.ts");
    // import "./no.ts";
    /** import { no } from "./no.ts"; */
    import { readFile } from "node:fs";
  `;
  const found = ["x/a.ts", "b.ts", "x/c.ts", "x/d.ts", "x/e.ts", "x/f.ts"];
  assert.deepEqual(importsOf("x/file.ts", text), found);
});

test("wrongArrow refuses what runs up or past a door", () => {
  assert.equal(wrongArrow("sdk/sora.ts", "signaling/mod.ts"), undefined);
  assert.equal(wrongArrow("sdk/sora.ts", "base/errors.ts"), undefined);
  assert.match(wrongArrow("sdk/sora.ts", "signaling/socket/dial.ts") ?? "", /sdk may import base/);
  assert.match(wrongArrow("base/errors.ts", "ffi/mod.ts") ?? "", /base may import nothing/);
  assert.match(
    wrongArrow("sfu/server.ts", "sdk/sora.ts") ?? "",
    /sfu may import base, ffi\/mod.ts/,
  );
});

test("circles finds files that import each other, over any number of others", () => {
  const chain = new Map([["a", ["b"]], ["b", ["c"]], ["c", []]]);
  assert.deepEqual(circles(chain), []);
  assert.deepEqual(circles(new Map([...chain, ["c", ["a"]]])), [["a", "b", "c"]]);
  assert.deepEqual(circles(new Map([["a", ["a"]]])), [["a"]]);
});

test("every file of the rooms is read, and what it imports is there", () => {
  assert.ok(graph.size > 150, `${graph.size} files`);
  for (const [file, imports] of graph) {
    for (const target of imports) {
      assert.ok(existsSync(posix.join(root, target)), `${file} imports ${target}`);
    }
  }
});

test("arrows between the rooms run one way and through their doors", () => {
  const wrong = [...graph].flatMap(([file, imports]) =>
    imports.flatMap((target) => wrongArrow(file, target) ?? [])
  );
  assert.deepEqual(wrong, []);
});

test("no files import each other in a circle", () => {
  assert.deepEqual(circles(graph), []);
});

test("what is shipped imports the dependencies of package.json, each of them, and no other package", () => {
  const { files, dependencies, peerDependencies } = JSON.parse(
    readFileSync(posix.join(root, "package.json"), "utf8"),
  );
  const named = Object.keys({ ...dependencies, ...peerDependencies });
  const shipped = (files as string[]).filter((name) => !name.endsWith(".md")).flatMap(filesOf);
  const packages = shipped
    .flatMap((file) => specifiersOf(readFileSync(posix.join(root, file), "utf8")))
    .filter((specifier) => !/^(\.|node:)/.test(specifier));
  assert.deepEqual([...new Set(packages)].sort(), named.sort());
});

test("an installed product brings three packages at most", () => {
  const lock = JSON.parse(readFileSync(posix.join(root, "package-lock.json"), "utf8"));
  const installed = Object.entries<{ dev?: boolean }>(lock.packages)
    .filter(([path, { dev = false }]) => path !== "" && !dev)
    .map(([path]) => path);
  assert.ok(installed.length >= 1 && installed.length <= 3, installed.join(", "));
});
