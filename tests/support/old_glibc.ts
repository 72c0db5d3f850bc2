/**
 * The oldest glibc that the library runs on: Debian 11's, under its own loader.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { OLDEST_GLIBC } from "./elf.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** What starts a program on that C library, or why this machine has none. */
export function oldLoader(): readonly string[] | string {
  const fetched = spawnSync(`${root}setup/glibc.sh`, { encoding: "utf8", timeout: 60_000 });
  if (fetched.status !== 0) return `no glibc ${OLDEST_GLIBC}: ${fetched.stderr.trim()}`;
  const lib = `${root}.deps/glibc/${process.arch === "arm64" ? "arm64" : "amd64"}/lib`;
  const libraries = readdirSync(lib, { withFileTypes: true }).filter((entry) => entry.isDirectory())
    .map(({ name }) => `${lib}/${name}`);
  return [`${libraries[0]}/ld-${OLDEST_GLIBC}.so`, "--library-path", libraries.join(":")];
}
