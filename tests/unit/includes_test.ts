import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

/** The folders that each folder of csrc may include, besides itself. Tests and benchmarks may include all of them. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  include: [],
  os: [],
  core: ["include"],
  codecs: ["core"],
  net: ["core", "os"],
  runtime: ["codecs", "net", "core", "os"],
  media: ["runtime", "core", "os", "include"],
  peer: ["media", "runtime", "codecs", "net", "core", "include"],
  transport: ["core", "os", "include"],
  api: ["transport", "peer", "media", "runtime", "codecs", "core", "include"],
  link: [],
};

/** An engine's folder, below codecs, is included by its own files and by the list of engines alone. */
const engineList = "codecs/engine_kinds";

const root = fileURLToPath(new URL("../../csrc/", import.meta.url));

interface Include {
  readonly from: string;
  readonly to: string;
}

/** The path below csrc of a file that `from` includes; undefined for other people's headers, whose folders are called alike. */
function resolve(from: string, path: string): string | undefined {
  const places = [join(dirname(from), path), path, join("include", path)].map(normalize);
  return places.find((place) => existsSync(root + place));
}

function includes(): Include[] {
  const files = Object.keys(allowed).flatMap((folder) =>
    readdirSync(root + folder, { recursive: true, encoding: "utf8" }).map((file) =>
      `${folder}/${file}`
    )
  );
  return files.filter((file) => /\.(h|cpp)$/.test(file)).flatMap((from) =>
    [...readFileSync(root + from, "utf8").matchAll(/^\s*#\s*include\s+"([^"]+)"/gm)].flatMap(
      ([, path]) => {
        const to = resolve(from, path!);
        return to === undefined ? [] : [{ from, to }];
      },
    )
  );
}

const room = (file: string) => file.split("/")[0]!;

/** A header and its source are one unit. */
const unit = (file: string) => file.replace(/\.\w+$/, "");

/** The units of a circle, in the order in which they include each other; empty when there is none. */
function circle(edges: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (at: string): string[] => {
    if (path.includes(at)) return [...path.slice(path.indexOf(at)), at];
    if (done.has(at)) return [];
    path.push(at);
    for (const next of edges.get(at) ?? []) {
      const found = visit(next);
      if (found.length > 0) return found;
    }
    path.pop();
    done.add(at);
    return [];
  };
  for (const at of edges.keys()) {
    const found = visit(at);
    if (found.length > 0) return found;
  }
  return [];
}

test("csrc's folders include each other in one direction", () => {
  const all = includes();
  assert.ok(all.length > 200, `only ${all.length} includes were found`);
  const wrong = all.filter(({ from, to }) =>
    room(from) !== room(to) && !allowed[room(from)]!.includes(room(to))
  );
  assert.deepEqual(wrong.map(({ from, to }) => `${from} includes ${to}`), []);
});

test("csrc's table of folders allows no circle", () => {
  assert.deepEqual(
    circle(new Map(Object.entries(allowed).map(([from, to]) => [from, new Set(to)]))),
    [],
  );
});

test("csrc's files include each other in no circle", () => {
  const edges = new Map<string, Set<string>>();
  for (const { from, to } of includes()) {
    if (unit(from) === unit(to)) continue;
    edges.set(unit(from), (edges.get(unit(from)) ?? new Set()).add(unit(to)));
  }
  assert.deepEqual(circle(edges), []);
});

test("codec engines are known to their own folder and the list of engines alone", () => {
  const engine = (file: string) => /^codecs\/\w+\//.exec(file)?.[0];
  const wrong = includes().filter(({ from, to }) =>
    engine(to) !== undefined && engine(from) !== engine(to) && unit(from) !== engineList
  );
  assert.deepEqual(wrong.map(({ from, to }) => `${from} includes ${to}`), []);
});
