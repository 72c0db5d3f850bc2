import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

/** The folders that each folder of csrc may include, besides itself. Tests and benchmarks may include all of them. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  include: [],
  os: [],
  core: ["os", "include"],
  codecs: ["core", "os"],
  datagrams: ["core", "os"],
  net: ["datagrams", "core", "os"],
  runtime: ["codecs", "net", "core", "os"],
  media: ["runtime", "codecs", "core", "os", "include"],
  peer: ["media", "runtime", "codecs", "net", "core", "include"],
  transport: ["datagrams", "core", "os", "include"],
  api: ["transport", "peer", "media", "runtime", "codecs", "core", "include"],
  link: [],
};

/** An engine's folder, below codecs, is included by its own files and by the list of engines alone. */
const engineList = "codecs/engine_kinds";

/** Not an engine: what those over drivers have in common. */
const sharedByDrivers = "codecs/hardware/";

/**
 * Headers of systems that files outside csrc/os may include: POSIX's, as far as every system has them that csrc compiles for. csrc/link
 * is for Debian's archives alone.
 */
const systemHeaders: Readonly<Record<string, readonly string[]>> = {
  "core/realm.cpp": ["pthread.h"],
  "net/network_monitor.cpp": ["errno.h", "string.h"],
  "transport/udp_port.cpp": ["time.h"],
};

/** What only one system has, by the words for it. */
const ofOneSystem =
  /\b(epoll|eventfd|netlink|kqueue|kevent|PF_ROUTE|prctl|gettid|statx?|UDP_SEGMENT|SO_\w+FORCE|\w+mmsg|RLIMIT_\w+|RTLD_\w+|dl(open|sym|close)|SOCK_(CLOEXEC|NONBLOCK)|__(linux|APPLE|GLIBC)__|WEBRTC_(LINUX|MAC|WIN))\b|_WIN32|\.so\b|\.dylib|"\/(etc|proc|sys)\//;

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

/** The files of the library that know no system, as text. */
function systemless(): { readonly file: string; readonly text: string }[] {
  const rooms = Object.keys(allowed).filter((folder) =>
    !["os", "link", "include"].includes(folder)
  );
  return rooms.flatMap((folder) =>
    readdirSync(root + folder, { recursive: true, encoding: "utf8" })
      .filter((name) => /\.(h|cpp)$/.test(name))
      .map((name) => `${folder}/${name}`)
      .map((file) => ({ file, text: readFileSync(root + file, "utf8") }))
  );
}

test("csrc includes headers of the system in csrc/os alone", () => {
  const files = systemless();
  assert.ok(files.length > 100, `only ${files.length} files were found`);
  const found = files.flatMap(({ file, text }) =>
    // C++'s own have no suffix; those of libraries are in a folder or are called like them; immintrin.h is the compiler's.
    [...text.matchAll(/^#include <((?:sys\/|linux\/|net\/|netinet\/|arpa\/)?\w+\.h)>/gm)]
      .map(([, header]) => header!)
      .filter((header) => !["libyuv.h", "zlib.h", "immintrin.h"].includes(header))
      .filter((header) => !systemHeaders[file]?.includes(header))
      .map((header) => `${file} includes ${header}`)
  );
  assert.deepEqual(found, []);
});

test("csrc says what only one system has in csrc/os alone", () => {
  const found = systemless().flatMap(({ file, text }) =>
    text.split("\n").flatMap((line, index) =>
      ofOneSystem.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : []
    )
  );
  assert.deepEqual(found, []);
});

test("csrc/os/macos implements the headers that csrc/os/linux implements", () => {
  const implemented = (system: string) =>
    readdirSync(`${root}os/${system}`).filter((name) => name.endsWith(".cpp")).toSorted();
  assert.deepEqual(implemented("macos"), implemented("linux"));
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
    engine(to) !== undefined && engine(to) !== sharedByDrivers && engine(from) !== engine(to) &&
    unit(from) !== engineList
  );
  assert.deepEqual(wrong.map(({ from, to }) => `${from} includes ${to}`), []);
});
