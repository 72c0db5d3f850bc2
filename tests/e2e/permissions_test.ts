import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { openRealm } from "../../ffi/realm.ts";
import { SoraServer } from "../../sfu/mod.ts";

const root = new URL("../../", import.meta.url);
const deno = fileURLToPath(new URL(".deps/bin/deno", root));
const program = fileURLToPath(new URL("tests/support/permissions_program.ts", root));
const library = openRealm().path;

/** Runs the program in Deno with these permissions and no others, and nobody to ask. */
function run(permissions: readonly string[], url: string): Promise<{ stdout: string }> {
  const flags = ["run", "--quiet", "--no-check", "--no-prompt", ...permissions];
  const env = { ...process.env, NO_COLOR: "1" };
  return promisify(execFile)(deno, [...flags, program, url], { env, timeout: 20_000 });
}

const variables = "--allow-env=WS_NO_BUFFER_UTIL,WS_NO_UTF_8_VALIDATE";

test("Deno needs permission for the library, the server and the two variables of ws only", async () => {
  await using server = await SoraServer.start({ port: 0 });
  const net = `--allow-net=${new URL(server.url).host}`;
  const { stdout } = await run([`--allow-ffi=${library}`, net, variables], server.url);
  assert.equal(stdout, "transport\n");
});

test("without permission for the library the error names its path and the flag", async () => {
  await using server = await SoraServer.start({ port: 0 });
  const net = `--allow-net=${new URL(server.url).host}`;
  await assert.rejects(run([net, variables], server.url), ({ stderr }) => {
    assert.match(stderr, /SoraError: The native library of sora-ffi could not be loaded/);
    assert.ok(stderr.includes(library));
    assert.ok(stderr.includes("--allow-ffi"));
    return true;
  });
});

test("without permission for the server connect() rejects with the reason", async () => {
  await using server = await SoraServer.start({ port: 0 });
  await assert.rejects(run([`--allow-ffi=${library}`, variables], server.url), ({ stderr }) => {
    assert.match(stderr, /SoraError: Failed Websocket handshake/);
    assert.match(stderr, /net access|--allow-net/);
    return true;
  });
});
