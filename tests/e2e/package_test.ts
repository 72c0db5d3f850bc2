import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { jsrContents } from "../../packages/jsr.ts";
import { openRealm } from "../../ffi/realm.ts";
import { onDeno } from "../support/child.ts";
import { readmeProgram } from "../support/readme.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "sora-ffi-package-"));
after(() => rmSync(folder, { recursive: true }));

/** Packs the checkout, as a dependency on its folder does, and unpacks it: gives the folder. */
function pack(): string {
  execFileSync(join(root, ".deps/bin/bun"), ["pm", "pack", "--quiet", "--destination", folder], {
    cwd: root,
  });
  const archive = readdirSync(folder).find((name) => name.endsWith(".tgz")) ?? "";
  execFileSync("tar", ["-xzf", join(folder, archive), "-C", folder]);
  return join(folder, "package");
}

const unpacked = pack();

test("the checkout as a package has what the JSR package has, and its own description", () => {
  // The licences are those of what is only in JSR's package; the checkout has it in node_modules.
  const only = /^(deno\.json$|licences\/)/;
  const names = [...jsrContents(new URL("../../", import.meta.url)).keys()]
    .filter((path) => !only.test(path)).map((path) => path.replace(/\/.*/, ""));
  const wanted = new Set([...names, "package.json"]);
  assert.deepEqual(readdirSync(unpacked).toSorted(), [...wanted].toSorted());
});

// Deno runs no TypeScript below node_modules.
if (!onDeno) {
  test("a program in another folder imports the package by its name", () => {
    const modules = join(folder, "node_modules");
    mkdirSync(modules);
    for (const name of readdirSync(join(root, "node_modules"))) {
      symlinkSync(join(root, "node_modules", name), join(modules, name));
    }
    renameSync(unpacked, join(modules, "sora-ffi"));
    const files = 'import { encodeWav } from "sora-ffi/files";\nconsole.log(typeof encodeWav);\n';
    writeFileSync(join(folder, "first.ts"), files + readmeProgram());
    const output = execFileSync(process.execPath, [join(folder, "first.ts")], {
      cwd: folder,
      env: { ...process.env, SORA_FFI_LIBRARY: openRealm().path },
      encoding: "utf8",
      timeout: 25_000,
    });
    assert.match(output, /^function\nreceived \d+ x \d+\n$/);
  });
}
