/** The command of `make packages`: builds the libraries, and writes every package as a tarball that `npm publish` takes. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { npmContents, platformContents } from "./contents.ts";
import { buildLibrary, hostPlatform } from "./library.ts";
import { packageVersion } from "./manifest.ts";
import { NPM_PACKAGE, platformPackage, PLATFORMS, tarballName } from "./names.ts";
import { type Files, tarball } from "./tarball.ts";

const USAGE = `Builds the npm packages.

  --out FOLDER   where the tarballs go (default dist); those that are there are removed
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
  write(NPM_PACKAGE, await npmContents(root));
}
