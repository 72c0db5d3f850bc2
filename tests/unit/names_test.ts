/** The names of the official SDKs: the list against this library and against the SDKs, and the pages against the list. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import * as api from "../../mod.ts";
import { NOTES, ONLY_JS } from "../../site/name_notes.ts";
import { namesIn, PAGES, type Sdk, withNames } from "../../site/name_tables.ts";
import { NAMES, type Names } from "../../site/names.ts";
import { japanesePath } from "../support/pages.ts";
import { whyNoPythonSdk } from "../support/python_client.ts";

const root = new URL("../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), "utf8");
const all: readonly Names[] = NAMES;
const here = all.map(([name]) => name);
const listed = (sdk: Sdk) => new Set(all.flatMap((entry) => namesIn(sdk, entry)));

// That options and members exist, and that none is missing, is the compiler's to check.
test("the list has every export, and each of its names once", () => {
  assert.deepEqual(here.filter((name) => !name.includes(".")).sort(), Object.keys(api).sort());
  assert.deepEqual(here.filter((name, at) => here.indexOf(name) !== at), []);
  assert.deepEqual(Object.keys(NOTES).filter((name) => !here.some((one) => one === name)), []);
});

/** What sora-js-sdk declares: options, events, and what its objects have for others. */
function ofJs(): { options: string[]; events: string[]; members: string[] } {
  const folder = "node_modules/sora-js-sdk/dist/";
  const types = read(`${folder}types.d.ts`);
  const body = (name: string) => new RegExp(`interface ${name} \\{([^]*?)\\n\\}`).exec(types)![1]!;
  const properties = (text: string) =>
    [...text.matchAll(/^ {4}(\w+)\??:/gm)].map(([, name]) => name!);
  const classes = ["base", "publisher", "subscriber", "sora"].map((name) =>
    read(`${folder}${name}.d.ts`).replaceAll(/\/\*\*[^]*?\*\//g, "")
      .replaceAll(/^ +(?:private|protected) .*$/gm, "")
  ).join("\n").replace(/declare const _default[^]*?;\n};/, "");
  return {
    options: properties(body("ConnectionOptions")),
    events: properties(body("Callbacks")).map((name) => `on("${name}")`),
    members: [
      ...[...classes.matchAll(/^ {4}(?:get )?(\w+)(?:<[^>]*>)?(\(|\??:)/gm)]
        .map(([whole, name, mark]) =>
          mark === "(" && !whole.includes("get ") ? `${name}()` : name!
        ),
    ],
  };
}

/** What needs no row: what all objects of its kind have, or what is an option as well. */
const JS_NEEDS_NONE = new Set(["constructor()", "on()", "constraints", "options", "signalingUrl"]);

test("every option, event and member of sora-js-sdk has a row, and every name in the rows is one of its", () => {
  const { options, events, members } = ofJs();
  assert.ok(options.length > 30 && events.length > 10 && members.length > 20);
  const covered = new Set([...listed("js"), ...Object.keys(ONLY_JS)]);
  const missing = [...options, ...events, ...members]
    .filter((name) => !covered.has(name) && !JS_NEEDS_NONE.has(name));
  assert.deepEqual(missing, []);
  const theirs = new Set([
    ...options,
    ...events,
    ...members,
    // Of the module, and the argument of connect().
    "connection()",
    "version()",
    "helpers",
    "connect(stream)",
  ]);
  assert.deepEqual([...covered].filter((name) => !theirs.has(name)), []);
});

test("every name of the Python SDK has a row, and every name in the rows is one of its", (t) => {
  const why = whyNoPythonSdk();
  if (why !== undefined) return t.skip(why);
  const lib = fileURLToPath(new URL(".deps/sora-sdk/lib", root));
  const version = ["3.11", "3.12", "3.13"].find((one) => existsSync(`${lib}/python${one}`))!;
  const stubs = readFileSync(
    `${lib}/python${version}/site-packages/sora_sdk/sora_sdk_ext.pyi`,
    "utf8",
  ).replaceAll(/^class (\w+?)Impl:/gm, "class $1:");
  assert.ok(stubs.includes("def create_connection("));
  const [, connection = ""] = /def create_connection\(self, (.*)\) ->/.exec(stubs)!;
  const theirs = new Set([
    ...[...stubs.matchAll(/^(?:class|def) (\w+)/gm)].map(([, name]) => name!),
    // Of classes that are no enumerations, and not of those inside of others.
    ...[...stubs.matchAll(/^class \w+(?:\((?!enum)\w+\))?:\n((?: .*\n|\n)*)/gm)].flatMap((
      [, body],
    ) => [...body!.matchAll(/^ {4}def ([a-z]\w*)\(/gm)].map(([, name]) => name!)),
    ...[...connection.matchAll(/(\w+): /g)].map(([, name]) => name!),
    ...[...stubs.matchAll(/openh264|video_codec_preference/g)].map(([name]) => name),
  ]);
  const rows = listed("python");
  assert.deepEqual([...theirs].filter((name) => !rows.has(name)), []);
  assert.deepEqual([...rows].filter((name) => !theirs.has(name)), []);
});

test("the pages have what the list says: deno run -A site/name_tables.ts", () => {
  // How wide the columns of a table are is the formatter's to say.
  const plain = (text: string) => text.replaceAll(/-{3,}/g, "---").replaceAll(/ +/g, " ");
  for (const [name, sdk] of Object.entries(PAGES)) {
    for (const path of [`docs/${name}.md`, japanesePath(`docs/${name}.md`)]) {
      const text = read(path);
      const language = path.includes("/ja/") ? "ja" : "en";
      assert.equal(text.match(/<!-- names: /g)?.length, 3, path);
      assert.equal(plain(text), plain(withNames(text, sdk, language)), path);
    }
  }
});
