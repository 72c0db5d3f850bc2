/**
 * The library for arm64, which cross_test.ts builds, on emulated runtimes: the packages as a user has them, with Debian 11's C
 * library.
 */
import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { bundle } from "../../packages/bundle.ts";
import { manifestText, npmManifest } from "../../packages/manifest.ts";
import { NPM_PACKAGE, platformPackage } from "../../packages/names.ts";
import { otherContents, otherPlatform } from "../support/other_platform.ts";
import { root, temporaryFolder } from "../support/packed.ts";
import { readmeProgram } from "../support/readme.ts";

const CODECS = ["VP8", "VP9", "AV1"];
/** An emulated runtime takes ten times as long as a real one; the rest is for a busy machine. */
const LIMIT_MS = 300_000;

const folder = temporaryFolder();
const path = (name: string) => fileURLToPath(new URL(name, root));

/** Why nothing can be emulated, or undefined when what it takes has been fetched. */
function missing(): string | undefined {
  if (process.arch === "arm64") return "arm64 is this machine's own processor: all tests run on it";
  const { status, stderr } = spawnSync(path("setup/arm64.sh"), { encoding: "utf8" });
  if (status !== 0) return `nothing to emulate arm64 with: ${stderr.trim()}`;
  return undefined;
}

/** Writes the files of an installed package. */
function install(name: string, files: ReadonlyMap<string, string | Uint8Array>): void {
  for (const [file, contents] of files) {
    const to = join(folder, "node_modules", name, file);
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(to, contents);
  }
}

/** Makes a user's project with the packages installed. */
async function makeProject(): Promise<void> {
  install(platformPackage(otherPlatform), otherContents());
  const { files } = await bundle(root);
  install(
    NPM_PACKAGE,
    new Map<string, string | Uint8Array>([
      ...files,
      ["package.json", manifestText(npmManifest(root))],
    ]),
  );
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  writeFileSync(join(folder, "first.ts"), readmeProgram());
  copyFileSync(path("tests/support/arm64_program.ts"), join(folder, "program.ts"));
}

/** Runs the program on an emulated runtime, and gives the lines that it printed. */
async function run(
  runtime: string,
  args: readonly string[],
  codecs: readonly string[],
): Promise<readonly string[]> {
  const first = pathToFileURL(join(folder, "first.ts")).href;
  const emulated = ["-L", path(".deps/glibc/arm64"), path(`.deps/arm64/${runtime}`)];
  return await new Promise((resolve, reject) => {
    execFile(
      path(".deps/sysroot/amd64/usr/bin/qemu-aarch64"),
      [...emulated, ...args, join(folder, "program.ts"), first, ...codecs],
      {
        cwd: folder,
        env: { HOME: folder, DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" },
        timeout: LIMIT_MS,
        killSignal: "SIGKILL",
      },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout.trimEnd().split("\n"));
        else reject(new Error(`${runtime} failed, having printed:\n${stdout}\n${stderr}`));
      },
    );
  });
}

const skip = missing() ?? false;
if (skip) console.log(skip);
else await makeProject();

interface Runtime {
  readonly name: string;
  readonly args: readonly string[];
  /** The codecs of which a frame is sent. They are the library's, which is the same for both: one runtime is enough. */
  readonly codecs: readonly string[];
}

const runtimes: readonly Runtime[] = [
  { name: "bun", args: [], codecs: CODECS },
  { name: "deno", args: ["run", "-A"], codecs: [] },
];

for (const { name, args, codecs } of runtimes) {
  test(
    `the packages on arm64, emulated: codecs, messages and frames on ${name}`,
    { skip },
    async () => {
      assert.deepEqual(await run(name, args, codecs), [
        "processor arm64",
        ...CODECS.map((codec) => `INTERNAL ${codec}: encoder true, decoder true`),
        ...["H264", "H265"].map((codec) => `INTERNAL ${codec}: encoder false, decoder false`),
        "messages 100 of 100 with 10000 bytes each",
        ...codecs.map((codec) => `${codec} 160 x 120, of its colour`),
        "received 640 x 480",
      ]);
    },
  );
}
