import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import process from "node:process";
import { after, before, test } from "node:test";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { Child, onDeno } from "../support/child.ts";

const sanitized = fileURLToPath(new URL("../support/sanitized_program.ts", import.meta.url));
const closed = new URL("../support/closed_program.ts", import.meta.url);
let server: Child;
let url: string;

before(async () => {
  server = new Child(new URL("../../cli/mod.ts", import.meta.url), ["server", "--port", "0"]);
  url = JSON.parse(await server.line("", 20_000)).url;
});

after(() => server[Symbol.asyncDispose]());

/** What `deno test` prints for those of the user's tests whose name begins with a word. */
async function denoTest(word: string): Promise<string> {
  const { stdout } = spawn(
    process.execPath,
    ["test", "--quiet", "--no-check", "-A", `--filter=/^${word}/`, sanitized],
    {
      stdio: ["ignore", "pipe", "ignore"],
      env: { ...process.env, NO_COLOR: "1", SORA_TEST_URL: url },
      timeout: 25_000,
    },
  );
  return await text(stdout);
}

/** The tests that passed, and the errors of the others. */
function outcome(output: string): { passed: string[]; errors: string[] } {
  return {
    passed: [...output.matchAll(/^(.*) \.\.\. ok \(/gm)].map(([, name]) => name!),
    errors: [...output.matchAll(/^(?:error: | {2}- )(.*)$/gm)].map(([, text]) => text!),
  };
}

if (onDeno) {
  test("Deno's sanitizers find nothing that a client leaves behind", async () => {
    const output = await denoTest("client");
    assert.deepEqual(outcome(output), {
      passed: ["client, first", "client, again", "client, after it"],
      errors: ["Error: thrown on purpose"],
    }, output);
  });

  test("Deno's sanitizers find nothing that a server leaves behind", async () => {
    const output = await denoTest("server");
    const passed = ["server, first", "server, again"];
    assert.deepEqual(outcome(output), { passed, errors: [] }, output);
  });

  test("Deno's sanitizers find nothing that a server and its clients leave behind", async () => {
    const output = await denoTest("both");
    assert.deepEqual(outcome(output), {
      passed: ["both, first", "both, the server closed before its clients", "both, after it"],
      errors: ["Error: thrown on purpose"],
    }, output);
  });

  test("Deno's sanitizers find nothing of a server in tests that share it", async () => {
    const output = await denoTest("shared");
    const passed = ["shared, begins", "shared, first", "shared, again", "shared, ends"];
    assert.deepEqual(outcome(output), { passed, errors: [] }, output);
  });
}

for (const what of ["client", "server", "both"]) {
  test(`after close() nothing is left and the process ends by itself: ${what}`, async () => {
    await using child = new Child(closed, [what, url]);
    const { code, signal } = await child.ended();
    assert.deepEqual({ code, signal }, { code: 0, signal: null }, child.errors);
    assert.deepEqual(child.lines, ["timers: ", "else: nothing"]);
    assert.equal(child.errors, "");
  });
}
