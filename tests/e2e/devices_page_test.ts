/**
 * The programs of `docs/devices.md`, and the examples in the doc comments of `devices/`, on a PulseAudio of the test's own: they run
 * as they stand, compile, and print what they say.
 *
 * @module
 */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import process from "node:process";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { SoraServer } from "../../sfu/mod.ts";
import { Child, onDeno } from "../support/child.ts";
import { announced, documented, isAsAnnounced } from "../support/doc_examples.ts";
import { programsOf } from "../support/page_programs.ts";
import { readPage } from "../support/pages.ts";
import { Pulse, withoutAudioDevices } from "../support/pulse.ts";

const SERVER_OF_PAGES = "ws://127.0.0.1:5000/signaling";
const folder = new URL(`../../out/devices-${basename(process.execPath)}/`, import.meta.url);
const skip = withoutAudioDevices();
const { programs } = programsOf(readPage("docs/devices.md"));
const examples = await documented("devices/mod.ts");
/** The text of each program by the name of its file. */
const codes = new Map([
  ...programs.map(({ file, code }) => [file, code] as const),
  ...examples.map(({ name, program = "" }) => [`${name}.ts`, program] as const),
]);
let pulse: Pulse | undefined;
let server: SoraServer;

const runs = new Map<string, Promise<readonly string[]>>();

/** Runs a program, and gives the lines that it prints. */
async function run(file: URL): Promise<readonly string[]> {
  await using child = new Child(file, [], undefined, pulse?.env);
  const { code } = await child.ended(25_000);
  assert.deepEqual({ code, errors: child.errors }, { code: 0, errors: "" }, file.href);
  return child.lines;
}

before(async () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  server = await SoraServer.start({ port: 0 });
  if (skip === undefined) pulse = await Pulse.start();
  for (const [name, code] of codes) {
    const file = new URL(name, folder);
    writeFileSync(file, `${code.replaceAll(SERVER_OF_PAGES, server.url)}\nexport {};\n`);
    if (skip !== undefined) continue;
    // Side by side: most of the time, they wait.
    const ended = run(file);
    ended.catch(() => {});
    runs.set(name, ended);
  }
});

after(async () => {
  await Promise.allSettled(runs.values());
  await server.close();
  await pulse?.[Symbol.asyncDispose]();
});

test("docs/devices.md has programs, and every exported class and function an example", () => {
  assert.equal(programs.length, 3);
  assert.equal(examples.length, 9);
  assert.deepEqual(examples.filter(({ program }) => program === undefined), []);
});

for (const { file, prints } of programs) {
  test(`${file} runs, and prints what the page says`, async (t) => {
    if (skip !== undefined) return t.skip(skip);
    const lines = await runs.get(file)!;
    for (const line of prints) assert.ok(lines.some((one) => line.test(one)), lines.join("\n"));
  });
}

for (const { name, program = "" } of examples) {
  test(`the example of ${name} runs, and prints what it says`, async (t) => {
    if (skip !== undefined) return t.skip(skip);
    const lines = await runs.get(`${name}.ts`)!;
    for (const [at, line] of announced(program).entries()) {
      assert.ok(isAsAnnounced(lines[at] ?? "", line), `${lines[at]} instead of ${line}`);
    }
  });
}

// What they are checked with is the same on both runtimes.
if (onDeno) {
  test("the programs compile", { timeout: 120_000 }, () => {
    const all = join(mkdtempSync(join(tmpdir(), "sora-devices-")), "all.ts");
    writeFileSync(
      all,
      [...codes.keys()].map((name) => `import "${new URL(name, folder)}";\n`).join(""),
    );
    const config = fileURLToPath(new URL("../../deno.json", import.meta.url));
    const args = ["check", "--quiet", "--config", config, all];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    rmSync(dirname(all), { recursive: true });
    assert.equal(status, 0, stderr);
  });
}
