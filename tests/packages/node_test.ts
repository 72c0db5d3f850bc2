import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { packedTarballs, temporaryFolder } from "../support/packed.ts";

const MIN_NODE = 20;

const { stdout: version } = spawnSync("node", ["-p", "process.versions.node"], {
  encoding: "utf8",
});
const folder = temporaryFolder();

test("on Node.js the error names the runtimes that the package is for", (t) => {
  if (!(parseInt(version ?? "") >= MIN_NODE)) {
    return t.skip(`node ${MIN_NODE} or later is not in the PATH: ${version ?? "none is"}`);
  }
  execFileSync("tar", ["-xzf", packedTarballs().npm, "-C", folder]);
  mkdirSync(join(folder, "node_modules"));
  renameSync(join(folder, "package"), join(folder, "node_modules/sora-ffi"));
  writeFileSync(join(folder, "load.mjs"), 'import { Sora } from "sora-ffi";\nSora.load();\n');
  const { status, stderr } = spawnSync("node", ["load.mjs"], { cwd: folder, encoding: "utf8" });
  assert.equal(status, 1);
  assert.match(stderr, /SoraError: sora-ffi runs on Deno and Bun, not on Node\.js \d+/);
  const command = spawnSync("node", [join(folder, "node_modules/sora-ffi/cli.js"), "codecs"], {
    encoding: "utf8",
  });
  assert.equal(command.status, 1);
  assert.match(command.stderr, /^sora-ffi runs on Deno and Bun, not on Node\.js [^\n]*\n$/);
});
