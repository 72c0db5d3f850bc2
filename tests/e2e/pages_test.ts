/**
 * The programs of README and `docs/` as they stand: all in one process, with one server for those that connect to
 * `ws://127.0.0.1:5000/signaling`, where `sora-ffi server` is by default.
 *
 * @module
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import process from "node:process";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { format } from "node:util";
import { SoraServer } from "../../sfu/mod.ts";
import { onDeno } from "../support/child.ts";
import { openh264Files } from "../support/codec_libraries.ts";
import { eventually, within } from "../support/eventually.ts";
import { programsOf } from "../support/page_programs.ts";
import { pagePaths, readPage } from "../support/pages.ts";

const SERVER_OF_PAGES = "ws://127.0.0.1:5000/signaling";

/** Pages whose programs run elsewhere, each with the reason. */
const elsewhere: ReadonlyMap<string, string> = new Map([
  ["docs/devices.md", "devices, which tests/e2e/devices_page_test.ts has"],
  ["docs/testing.md", "files of tests, which tests/packages/guide_test.ts runs"],
]);

// Whoever reads the pages has it from the system.
process.env["SORA_OPENH264"] ??= [...openh264Files.values()].at(-1) ?? "";

const folder = new URL(`../../out/pages-${basename(process.execPath)}/`, import.meta.url);
rmSync(folder, { recursive: true, force: true });
const server = await SoraServer.start();
after(() => server.close());

const written: URL[] = [];
function write(name: string, code: string): URL {
  const file = new URL(name, folder);
  mkdirSync(new URL("./", file), { recursive: true });
  writeFileSync(file, `${code.replaceAll(SERVER_OF_PAGES, server.url)}\n`);
  written.push(file);
  return file;
}

/** Runs a program in this process, and gives the lines that it prints. */
async function run(program: URL): Promise<string[]> {
  const lines: string[] = [];
  const { log } = console;
  console.log = (...values) => void lines.push(...format(...values).split("\n"));
  try {
    await within(`the end of ${basename(program.pathname)}`, import(program.href), 20_000);
  } finally {
    console.log = log;
  }
  return lines;
}

for (const path of pagePaths.filter((path) => !elsewhere.has(path))) {
  const { programs, files } = programsOf(readPage(path));
  if (programs.length + files.size === 0) continue;
  const own = `${basename(path, ".md")}/`;
  for (const [name, code] of files) write(own + name, code);
  const begins = programs.map((program) => ({
    ...program,
    url: write(own + program.file, program.code),
  }));
  test(`${path}: its programs run`, { timeout: 60_000 }, async () => {
    assert.ok(begins.length > 0, "none of its files is run by a program");
    for (const { file, url, prints } of begins) {
      const lines = await run(url);
      for (const line of prints) {
        assert.ok(
          lines.some((one) => line.test(one)),
          `${file}: ${line} not in:\n${lines.join("\n")}`,
        );
      }
      await eventually(`the leaving of ${file}`, () => server.stats().connections === 0);
    }
  });
}

// What they are checked with is the same on both runtimes.
if (onDeno) {
  test("the programs of all pages compile", { timeout: 120_000 }, async () => {
    assert.ok(written.length > 0);
    // A file elsewhere that imports them all: Deno checks nothing in a folder that its configuration excludes.
    const elsewhere = mkdtempSync(join(tmpdir(), "sora-pages-"));
    const all = join(elsewhere, "all.ts");
    writeFileSync(all, written.map(({ href }) => `import "${href}";\n`).join(""));
    const config = fileURLToPath(new URL("../../deno.json", import.meta.url));
    const args = ["check", "--quiet", "--config", config, all];
    const { error, stderr } = await new Promise<{ error: Error | null; stderr: string }>((done) => {
      execFile(process.execPath, args, (error, _, stderr) => done({ error, stderr }));
    });
    rmSync(elsewhere, { recursive: true });
    assert.equal(error, null, stderr);
  });
}
