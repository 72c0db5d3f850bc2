/** `sora-ffi codecs` and `sora-ffi doctor` as programs; `sora-ffi server` has its own file. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Interrupted } from "../../cli/command.ts";
import { run } from "../../cli/run.ts";
import { openRealm } from "../../ffi/realm.ts";
import { getVideoCodecCapability, version } from "../../mod.ts";
import { Child, onDeno } from "../support/child.ts";

const main = new URL("../../cli/mod.ts", import.meta.url);
const library = openRealm().path;
const flags = onDeno ? ["run", "--quiet", "--no-check", "-A"] : [];

/** Runs `doctor`, and gives its report with its exit code. */
async function doctor(
  permissions?: readonly string[],
  env?: Readonly<Record<string, string>>,
  command?: readonly string[],
) {
  await using child = new Child(main, ["doctor"], permissions, env, [], command);
  const { code } = await child.ended();
  assert.equal(child.lines.length, 1, child.errors);
  return { code, errors: child.errors, ...JSON.parse(child.lines[0]!) };
}

/** Runs a command line on a terminal. */
function onTerminal(args: string) {
  const command = `'${process.execPath}' ${flags.join(" ")} '${fileURLToPath(main)}' ${args}`;
  const { status, stdout } = spawnSync("script", ["-qec", command, "/dev/null"], {
    encoding: "utf8",
    timeout: 25_000,
  });
  return { code: status, text: stdout.replaceAll("\r\n", "\n") };
}

test("codecs prints the capabilities as one line of JSON", async () => {
  await using child = new Child(main, ["codecs"]);
  assert.equal((await child.ended()).code, 0);
  assert.deepEqual(child.lines.map((line) => JSON.parse(line)), [
    JSON.parse(JSON.stringify(getVideoCodecCapability())),
  ]);
});

test("codecs prints a table on a terminal", () => {
  const { code, text } = onTerminal("codecs");
  assert.equal(code, 0);
  assert.match(text, /^engine +VP8 +VP9 +AV1 +H264 +H265\nINTERNAL +encode, decode /);
  assert.match(text, /^CISCO_OPENH264 +not available: /m);
});

test("codecs --openh264 that is not there is a sentence and exit code 1", async () => {
  await using child = new Child(main, ["codecs", "--openh264", "/nowhere/libopenh264.so"]);
  assert.equal((await child.ended()).code, 1);
  assert.match(child.errors, /^[^\n]*\/nowhere\/libopenh264\.so[^\n]*\n$/);
  assert.deepEqual(child.lines, []);
});

test("doctor finds that all is well, and what there is", async () => {
  const { code, ok, checks } = await doctor();
  assert.deepEqual({ code, ok }, { code: 0, ok: true }, JSON.stringify(checks));
  const { runtime, system, library: found, codecs, udp, connection } = checks;
  const names = ["runtime", "system", "library", "codecs", "threads", "udp", "connection"];
  assert.deepEqual(Object.keys(checks), names);
  assert.deepEqual([runtime.name, runtime.version], [
    onDeno ? "Deno" : "Bun",
    process.versions[onDeno ? "deno" : "bun"],
  ]);
  assert.match(system.system, /^Linux \d/);
  assert.match(system.libc, /^glibc 2\.\d+$/);
  assert.deepEqual([found.path, found.version, found.expected], [library, version, version]);
  assert.match(found.libwebrtc, /^tg_owt /);
  assert.deepEqual(codecs.engines.map(({ name }: { name: string }) => name), ["INTERNAL"]);
  assert.ok(udp.ms >= 0);
  assert.deepEqual([connection.width, connection.height], [320, 240]);
});

test("doctor says all of it in words on a terminal", () => {
  const { code, text } = onTerminal("doctor");
  assert.equal(code, 0, text);
  assert.match(text, /^ok {7}runtime {5}(Deno|Bun) \d/);
  assert.match(text, /\nok {7}connection {2}two clients connected .* 320 x 240 /);
  assert.match(text, /\nAll is well\.\n$/);
});

test("doctor names the library that is not there, and leaves out what needs it", async () => {
  const { code, ok, checks } = await doctor(undefined, { SORA_FFI_LIBRARY: "/nowhere.so" });
  assert.deepEqual({ code, ok }, { code: 1, ok: false });
  assert.equal(checks.library.verdict, "failed");
  assert.match(checks.library.text, /\/nowhere\.so \(environment variable SORA_FFI_LIBRARY\): /);
  assert.match(checks.library.text, /\nGive the path of the library .* or unset it$/);
  assert.equal(checks.codecs.verdict, "skipped");
  assert.equal(checks.connection.verdict, "skipped");
  assert.equal(checks.udp.verdict, "ok");
});

test("doctor says that the loopback interface is down", async (t) => {
  const unshare = ["unshare", "--net"];
  const { status, stderr, error } = spawnSync("unshare", ["--net", "true"], { encoding: "utf8" });
  if (status !== 0) return t.skip(`no network namespaces: ${error?.message ?? stderr.trim()}`);
  const { code, ok, checks } = await doctor(undefined, {}, unshare);
  assert.deepEqual({ code, ok }, { code: 1, ok: false });
  assert.equal(checks.library.verdict, "ok");
  assert.equal(checks.udp.verdict, "failed");
  assert.match(
    checks.udp.text,
    /^UDP from 127\.0\.0\.1 to 127\.0\.0\.1 does not work: .*bring the loopback interface up/,
  );
  assert.equal(checks.connection.verdict, "skipped");
});

if (onDeno) {
  test("doctor names the permissions that are missing", async () => {
    const { code, checks } = await doctor(["--no-prompt", "--allow-env"]);
    assert.equal(code, 1);
    assert.match(checks.library.text, /\nRun the program with --allow-ffi=\S+$/);
    const { code: again, checks: others, errors } = await doctor([
      "--no-prompt",
      "--allow-env",
      `--allow-ffi=${library}`,
    ]);
    assert.equal(again, 1);
    assert.equal(others.library.verdict, "ok");
    assert.match(others.udp.text, /^Requires net access to .* --allow-net flag$/);
    assert.match(errors, /^Requires net access to .* --allow-net flag\n$/);
  });
}

test("doctor that is interrupted ends with exit code 130 and prints no report", async () => {
  const output = { text: "", write: (text: string) => void (output.text += text) };
  const signal = AbortSignal.abort(new Interrupted());
  assert.equal(await run(["doctor"], { stdout: output, stderr: output, signal }), 130);
  assert.equal(output.text, "");
});
