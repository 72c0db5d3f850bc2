/**
 * The builds of the native library for the platforms.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { LIBRARY_FILE, type Platform, PLATFORMS } from "./names.ts";

/** The platform of this machine. */
export function hostPlatform(): Platform {
  const host = PLATFORMS.find(({ os, cpu }) => os === process.platform && cpu === process.arch);
  if (host !== undefined) return host;
  const known = PLATFORMS.map(({ name }) => name).join(", ");
  throw new Error(
    `This machine must be one of ${known}, not ${process.platform}-${process.arch}`,
  );
}

/** The oldest version of glibc that the library runs on, which `build.zig` sets: `2.31`. */
export function glibcFloor(root: URL): string {
  const build = readFileSync(new URL("build.zig", root), "utf8");
  const [, major, minor] = /\.glibc_version = \.\{ \.major = (\d+), \.minor = (\d+)/.exec(build) ??
    [];
  if (minor === undefined) throw new Error("build.zig must set glibc_version");
  return `${major}.${minor}`;
}

/** Builds the library for a platform, setting up its sysroot, and gives its contents. */
export function buildLibrary(root: URL, platform: Platform): Uint8Array {
  const run = (command: string, args: readonly string[]) =>
    execFileSync(command, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
  const isHost = platform === hostPlatform();
  const prefix = isHost ? "zig-out" : `out/${platform.debian}`;
  const target = `-Dtarget=${platform.target}.${glibcFloor(root)}`;
  if (!isHost) run(fileURLToPath(new URL("setup/sysroot.sh", root)), [platform.debian]);
  run(fileURLToPath(new URL(".deps/venv/bin/python", root)), [
    // By itself Zig compiles one file less at a time than there are cores.
    ...["-m", "ziglang", "build", `-j${navigator.hardwareConcurrency + 1}`],
    ...(isHost ? [] : [target, "--prefix", prefix]),
  ]);
  return readFileSync(new URL(`${prefix}/lib/${LIBRARY_FILE}`, root));
}
