/**
 * Installations that are not whole: the error says what is wrong, and the command that it names mends it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { readdirSync, rmSync, statSync, truncateSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { LIBRARY_FILE, platformPackage } from "../../packages/names.ts";
import { hostPlatform } from "../../packages/library.ts";
import { onDeno } from "../support/child.ts";
import { bareFolders, startRegistry } from "../support/installed.ts";

const registry = await startRegistry();
after(() => registry[Symbol.asyncDispose]());
const bareFolder = bareFolders(registry);
const name = platformPackage(hostPlatform());

/** The path of the library below a folder; each runtime puts it elsewhere. */
function installedLibrary(folder: string): string {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const file = files.find((file) => file.endsWith(`/${LIBRARY_FILE}`));
  assert.ok(file, "the library is installed");
  return join(folder, file);
}

interface Damage {
  readonly what: string;
  /** Damages the installation, whose library's path it is given. */
  readonly apply: (library: string) => void;
  /** The reason in the error. */
  readonly reason: RegExp;
  /** Deno's permissions; all are given by default. */
  readonly permissions?: readonly string[];
}

const damages: readonly Damage[] = [
  {
    what: "without the package of the platform",
    apply: (library) => {
      // Deno has a folder for what each package sees.
      const [own = dirname(library)] = /^.*\/\.deno\/[^/]+/.exec(library) ?? [];
      rmSync(own, { recursive: true });
    },
    reason: new RegExp(`package ${name}: not installed`),
  },
  {
    what: "whose library is cut short",
    apply: (library) => truncateSync(library, 100_000),
    reason: /libsora_ffi\.so .*cut short: 100000 bytes/,
  },
  {
    what: "whose library lacks its last byte",
    apply: (library) => truncateSync(library, statSync(library).size - 1),
    reason: /libsora_ffi\.so .*cut short: /,
  },
];

/** On Bun every file may be read. */
const unread: readonly Damage[] = [
  {
    what: "whose library is cut short and may not be read",
    apply: (library) => truncateSync(library, 100_000),
    reason: /libsora_ffi\.so .*cannot read file data/,
    permissions: ["--no-prompt", "--allow-ffi=node_modules"],
  },
];

for (
  const { what, apply, reason, permissions = ["-A"] } of [...damages, ...(onDeno ? unread : [])]
) {
  test(`an installation ${what} is reported, and mended by the command that the error names`, async () => {
    const run = onDeno ? ["run", ...permissions, "load.ts"] : ["load.ts"];
    const folder = bareFolder();
    folder.write(
      "load.ts",
      'import { Sora } from "sora-ffi";\nSora.load();\nconsole.log("loaded");\n',
    );
    folder.write("package.json", '{ "type": "module" }');
    await folder.succeed("add", onDeno ? "npm:sora-ffi" : "sora-ffi");
    assert.equal(await folder.succeed(...run), "loaded\n");
    apply(installedLibrary(folder.path));
    const { code, stderr } = await folder.run(...run);
    assert.equal(code, 1);
    assert.match(stderr, reason);
    // Bun reads no source maps of packages.
    if (onDeno) assert.match(stderr, /sora-ffi:\/\/\/ffi\/library\.ts:\d+:\d+/);
    const [, commands = ""] = /^(?:Install it|Fetch it again): (.*?)(?:, or .*)?$/m.exec(stderr) ??
      [];
    assert.match(commands, onDeno ? /^deno / : /^bun /);
    for (const command of commands.split(" && ")) {
      await folder.succeed(...command.split(" ").slice(1));
    }
    assert.equal(await folder.succeed(...run), "loaded\n");
  });
}
