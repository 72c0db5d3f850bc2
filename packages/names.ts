/**
 * The names of the packages, and the platforms that have one.
 *
 * @module
 */

/** The package on npm that users import. */
export const NPM_PACKAGE = "sora-ffi";

/** The same on JSR, where every name has a scope. */
export const JSR_PACKAGE = "@sora-ffi/sora-ffi";

/** The folder of that package next to the tarballs. */
export const JSR_FOLDER = "jsr";

/** The package on npm through which the one on JSR finds the platform's. */
export const FINDER_PACKAGE = "@sora-ffi/library";

/** The library's file in the root of a platform package, where `ffi/library.ts` looks for it. */
export const LIBRARY_FILE = "libsora_ffi.so";

/** A platform that the library is built for. */
export interface Platform {
  /** The last part of its package's name. */
  readonly name: string;
  /** Node's names of system, processor and C library, by which package managers pick a package. */
  readonly os: string;
  readonly cpu: string;
  readonly libc: string;
  /** Debian's name of the processor, which the sysroot has. */
  readonly debian: string;
  /** Zig's target, without the version of glibc. */
  readonly target: string;
}

/** Every platform that has a package. */
export const PLATFORMS: readonly Platform[] = [
  {
    name: "linux-arm64-gnu",
    os: "linux",
    cpu: "arm64",
    libc: "glibc",
    debian: "arm64",
    target: "aarch64-linux-gnu",
  },
  {
    name: "linux-x64-gnu",
    os: "linux",
    cpu: "x64",
    libc: "glibc",
    debian: "amd64",
    target: "x86_64-linux-gnu",
  },
];

/** The npm package of a platform: `@sora-ffi/linux-x64-gnu`. */
export function platformPackage(platform: Platform): string {
  return `@sora-ffi/${platform.name}`;
}

/** The file that `npm pack` would write a package to: `sora-ffi-linux-x64-gnu-0.1.0.tgz`. */
export function tarballName(name: string, version: string): string {
  return `${name.replace(/^@/, "").replace("/", "-")}-${version}.tgz`;
}
