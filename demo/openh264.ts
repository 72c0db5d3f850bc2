/**
 * The path of Cisco's OpenH264, which is never part of the library.
 *
 * @module
 */

import { existsSync, readdirSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { Problem } from "./problem.ts";

const deps = fileURLToPath(new URL("../.deps/", import.meta.url));
const sysroot = process.arch === "arm64"
  ? "sysroot/arm64/usr/lib/aarch64-linux-gnu"
  : "sysroot/amd64/usr/lib/x86_64-linux-gnu";

/** The libraries that the set-up fetched, by version: the sysroot's, and that of this machine's own release if it has one. */
export function fetchedOpenH264(): ReadonlyMap<string, string> {
  const folders = [`${deps}${sysroot}`, `${deps}openh264`].filter((folder) => existsSync(folder));
  return new Map(
    folders.flatMap((folder) =>
      readdirSync(folder).flatMap((name) => {
        const version = /^libopenh264\.so\.(\d+\.\d+\.\d+)$/.exec(name)?.[1];
        return version === undefined ? [] : [[version, `${folder}/${name}`] as const];
      })
    ),
  );
}

/**
 * The library to open when the command line names none: `SORA_OPENH264`, or the newest that was fetched.
 *
 * @throws {Problem} There is none.
 */
export function findOpenH264(
  env: Readonly<Record<string, string | undefined>> = process.env,
  fetched: ReadonlyMap<string, string> = fetchedOpenH264(),
): string {
  const file = env["SORA_OPENH264"] || [...fetched].toSorted().at(-1)?.[1];
  if (file !== undefined) return file;
  throw new Problem(
    "H264 needs Cisco's OpenH264: set --openh264 or SORA_OPENH264 to its path, or run `make setup`, which fetches it",
  );
}
