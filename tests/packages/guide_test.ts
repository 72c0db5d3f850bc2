/**
 * The guide to testing, followed word by word in an empty folder: its files are written and its commands run, with the packed
 * packages in a registry on loopback and the stand-in for `@std/assert` in another.
 *
 * @module
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";
import { onDeno } from "../support/child.ts";
import { readGuide } from "../support/guide.ts";
import { bareFolders, startRegistry } from "../support/installed.ts";
import { JsrServer } from "../support/jsr_server.ts";

const { files, commands } = readGuide("testing.md");
const assertions = readFileSync(new URL("../support/assert.ts", import.meta.url));
const description = { name: "@std/assert", version: "1.0.0", exports: { ".": "./mod.ts" } };
const registry = await startRegistry();
after(() => registry[Symbol.asyncDispose]());
const jsr = await JsrServer.start(
  new Map([
    ["deno.json", new TextEncoder().encode(JSON.stringify(description))],
    ["mod.ts", assertions],
  ]),
);
after(() => jsr[Symbol.asyncDispose]());
const bareFolder = bareFolders(registry, { env: { JSR_URL: jsr.url } });

/** How many tests a file of the guide has. */
const testsIn = (name: string) => files.get(name)!.match(/^(Deno\.)?test\(/gm)!.length;

test("the guide has an app and a file of tests for each runtime", () => {
  assert.deepEqual([...files.keys()], ["app.ts", "app_test.ts", "app.test.ts"]);
  assert.deepEqual(new Set(commands.map(([runtime]) => runtime)), new Set(["deno", "bun"]));
  assert.match(files.get("app_test.ts")!, /sanitizeOps: true, sanitizeResources: true/);
});

test("the guide's commands install the package and pass the guide's tests", async () => {
  const folder = bareFolder();
  const [own, other] = onDeno ? ["deno", "app.test.ts"] : ["bun", "app_test.ts"];
  for (const [name, text] of files) if (name !== other) folder.write(name, text);
  let last = "";
  for (const [runtime, ...args] of commands) {
    if (runtime !== own) continue;
    const { code, stdout, stderr } = await folder.run(...args);
    last = stdout + stderr;
    assert.equal(code, 0, last);
  }
  const passed = testsIn(onDeno ? "app_test.ts" : "app.test.ts");
  assert.match(last, onDeno ? new RegExp(`\\| ${passed} passed`) : new RegExp(` ${passed} pass\n`));
  assert.match(last, onDeno ? /\| 0 failed/ : / 0 fail\n/);
});
