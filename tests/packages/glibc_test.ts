/**
 * The packages on the oldest glibc that the library runs on, Debian 11's: installed and run there, in a program and in a user's
 * test.
 *
 * @module
 */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { onDeno } from "../support/child.ts";
import { OLDEST_GLIBC } from "../support/elf.ts";
import { bareFolders, startRegistry } from "../support/installed.ts";
import { oldLoader } from "../support/old_glibc.ts";
import { inFunction, readmeProgram, withSpecifiers } from "../support/readme.ts";

const loader = oldLoader();
const registry = await startRegistry();
after(() => registry[Symbol.asyncDispose]());

/** The README's program, which also prints the C library that it runs on. */
const program = `import { readFileSync } from "node:fs";
${readmeProgram()}
console.log(readFileSync("/proc/self/maps", "utf8").match(/libc[-.][\\d.]*so\\S*/)?.[0]);
`;
const EXPECTED = new RegExp(
  `^received \\d+ x \\d+\nlibc-${OLDEST_GLIBC.replace(".", "\\.")}\\.so$`,
  "m",
);

if (typeof loader === "string") {
  test(`the packages on glibc ${OLDEST_GLIBC}`, (t) => {
    console.log(loader);
    t.skip(loader);
  });
} else if (onDeno) {
  const bareFolder = bareFolders(registry, { command: loader });
  const throughNpm = withSpecifiers(program, (name) => `npm:${name}`);

  test(`deno run on glibc ${OLDEST_GLIBC}: a single file`, async () => {
    const folder = bareFolder();
    folder.write("one.ts", throughNpm);
    assert.match(await folder.succeed("run", "-A", "one.ts"), EXPECTED);
  });

  test(`deno test on glibc ${OLDEST_GLIBC}: a user's test, in a project`, async () => {
    const folder = bareFolder();
    folder.write("deno.json", "{}");
    folder.write("app_test.ts", inFunction(program, 'Deno.test("app", '));
    await folder.succeed("add", "npm:sora-ffi");
    const output = await folder.succeed("test", "-A", "--no-check", "app_test.ts");
    assert.match(output, EXPECTED);
    assert.match(output, /1 passed \| 0 failed/);
  });
} else {
  const bareFolder = bareFolders(registry, { command: loader });

  test(`bun on glibc ${OLDEST_GLIBC}: a single file, installed by itself`, async () => {
    const folder = bareFolder();
    folder.write("one.ts", program);
    assert.match(await folder.succeed("one.ts"), EXPECTED);
  });

  test(`bun test on glibc ${OLDEST_GLIBC}: a user's test, in a project`, async () => {
    const folder = bareFolder();
    await folder.succeed("add", "sora-ffi");
    const head = 'import { test } from "bun:test";\ntest("app", ';
    folder.write("app.test.ts", inFunction(program, head));
    const { code, stdout, stderr } = await folder.run("test");
    assert.equal(code, 0, stderr);
    assert.match(stdout, EXPECTED);
    assert.match(stderr, /\b1 pass\b/);
  });
}
