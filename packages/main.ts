/**
 * The command of `make packages`: builds the libraries, and writes every npm package as a tarball that `npm publish` takes, and
 * JSR's as a folder for `deno publish`.
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { finderContents, npmContents, platformContents } from "./contents.ts";
import { jsrContents } from "./jsr.ts";
import { buildLibrary, hostPlatform } from "./library.ts";
import { packageVersion } from "./manifest.ts";
import {
  FINDER_PACKAGE,
  JSR_FOLDER,
  NPM_PACKAGE,
  platformPackage,
  PLATFORMS,
  tarballName,
} from "./names.ts";
import { type Files, tarball } from "./tarball.ts";

const USAGE = `Builds the packages.

  --out FOLDER   where they go (default dist); those that are there are removed
  --host         the library of this machine's platform alone
  --help         this text
`;

const root = new URL("..", import.meta.url);
const { values } = parseArgs({
  options: {
    out: { type: "string", default: "dist" },
    host: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

function write(name: string, files: Files): void {
  const bytes = tarball(files);
  const file = join(values.out, tarballName(name, packageVersion(root)));
  writeFileSync(file, bytes);
  console.log(`${file}: ${files.size} files, ${(bytes.length / 1e6).toFixed(2)} MB`);
}

function writeFolder(folder: string, files: Files): void {
  rmSync(folder, { recursive: true, force: true });
  for (const [path, bytes] of files) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
  const size = [...files.values()].reduce((sum, { length }) => sum + length, 0);
  console.log(`${folder}: ${files.size} files, ${(size / 1e6).toFixed(2)} MB`);
}

if (values.help) {
  process.stdout.write(USAGE);
} else {
  const platforms = values.host ? [hostPlatform()] : PLATFORMS;
  const libraries = platforms.map((platform) => buildLibrary(root, platform));
  mkdirSync(values.out, { recursive: true });
  for (const file of readdirSync(values.out).filter((file) => file.endsWith(".tgz"))) {
    rmSync(join(values.out, file));
  }
  for (const [index, platform] of platforms.entries()) {
    write(platformPackage(platform), platformContents(root, platform, libraries[index]!));
  }
  write(FINDER_PACKAGE, finderContents(root));
  write(NPM_PACKAGE, await npmContents(root));
  writeFolder(join(values.out, JSR_FOLDER), jsrContents(root));
}
