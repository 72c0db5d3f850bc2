/**
 * Why the native library cannot be loaded, and what to do about it, by case.
 *
 * @module
 */

import { version } from "../base/version.ts";
import { processorName } from "./elf.ts";

/** Where a path comes from. */
export type Source = "option" | "variable" | "checkout" | "package";

/** A file that the library may be in. */
export interface Candidate {
  readonly source: Source;
  /** Where the path comes from, for the error message. */
  readonly origin: string;
  /** The file, or undefined when there is none. */
  readonly path: string | undefined;
  /** Why there is none. */
  readonly absent?: string;
}

/** A case that has its own advice; `other` is all the rest. */
export type FailureKind =
  | "absent"
  | "damaged"
  | "glibc"
  | "musl"
  | "other"
  | "permission"
  | "processor"
  | "version";

/** Why a candidate could not be loaded. */
export interface Failure {
  readonly candidate: Candidate;
  readonly kind: FailureKind;
  /** For the error message. */
  readonly reason: string;
  /** The flag that gives the missing permission. */
  readonly flag?: string;
  /** The runtime's own error. */
  readonly error?: unknown;
}

/** The system and the runtime that the library is loaded on. */
export interface Host {
  /** `Deno` or `Bun`. */
  readonly runtime: string;
  /** Node's name of the system. */
  readonly platform: string;
  /** Node's name of the processor. */
  readonly architecture: string;
  /** `musl`, the version of glibc (`2.36`), or undefined where it is not known. */
  readonly libc: string | undefined;
  /** The folder of the checkout that this module belongs to, or undefined. */
  readonly checkout: string | undefined;
}

/** Environment variable that names the library's file. */
export const LIBRARY_VARIABLE = "SORA_FFI_LIBRARY";

/** The package on npm that users install. */
const PACKAGE = "sora-ffi";

const systems: Readonly<Record<string, string>> = {
  darwin: "macOS",
  win32: "Windows",
  freebsd: "FreeBSD",
  android: "Android",
};

/** The npm package that holds the library for a platform: `@sora-ffi/linux-x64-gnu`. */
export function platformPackage(platform: string, architecture: string): string {
  return `@sora-ffi/${platform}-${architecture}${platform === "linux" ? "-gnu" : ""}`;
}

/** Why there is no library for a system, or undefined. */
export function unsupportedHost({ platform, architecture, libc }: Host): string | undefined {
  const supported = ["x64", "arm64"].includes(architecture);
  if (platform === "linux" && supported && libc !== "musl") return undefined;
  const what = platform !== "linux"
    ? systems[platform] ?? platform
    : libc === "musl"
    ? "musl (the C library of Alpine Linux)"
    : `Linux on ${processorName(architecture)}`;
  return `sora-ffi does not support ${what} yet: it runs on Linux with glibc, on x86_64 and aarch64`;
}

/** The newest of versions such as `2.31`. */
function newest(versions: readonly string[]): string | undefined {
  return versions.toSorted((a, b) => a.localeCompare(b, "en", { numeric: true })).at(-1);
}

/** Sorts the loader's error by its text: glibc's, musl's or the runtime's. */
export function loaderFailure(candidate: Candidate, error: unknown, host: Host): Failure {
  const text = error instanceof Error ? error.message : String(error);
  const failure = (kind: FailureKind, reason = text): Failure => ({
    candidate,
    kind,
    reason,
    error,
  });
  const needed = newest([...text.matchAll(/GLIBC_(\d[\d.]*\d)' not found/g)].map(([, v]) => v!));
  if (needed !== undefined) {
    const found = host.libc === undefined ? "an older one" : `glibc ${host.libc}`;
    return failure("glibc", `needs glibc ${needed} or later, this system has ${found}: ${text}`);
  }
  if (/Error (loading shared library|relocating) /.test(text)) return failure("musl");
  if (/file too short|cannot read file data|invalid ELF header/.test(text)) {
    return failure("damaged");
  }
  // Deno's text, and Bun's.
  const lacks = /register symbol (\w+)|Symbol "(\w+)" not found/.exec(text);
  if (lacks !== null) {
    const name = lacks[1] ?? lacks[2];
    return failure("version", `is not the library of sora-ffi ${version}: it lacks ${name}`);
  }
  return failure(/No such file or directory/.test(text) ? "absent" : "other");
}

/** The command that installs a package: `bun add sora-ffi`. */
function add(name: string, runtime: string): string {
  return runtime === "Bun" ? `bun add ${name}` : `deno add npm:${name}`;
}

/** The command that fetches damaged packages again: plain `install` trusts the files that are there. */
function fetchAgain(path: string | undefined, runtime: string): string {
  if (runtime === "Bun") return "bun pm cache rm && bun install --force";
  return path?.includes("/node_modules/") ? "deno install --reload" : "deno run --reload";
}

/** What mends an installation of another version than this package's. */
export function versionAdvice({ source }: Candidate, host: Host): string {
  switch (source) {
    case "checkout":
      return `Build it again: run "make build" in ${host.checkout}`;
    case "package": {
      const name = platformPackage(host.platform, host.architecture);
      return `Install this version: ${add(`${name}@${version}`, host.runtime)}`;
    }
    default:
      return "Give the path of this version's library, or none, so that the installed one is used";
  }
}

/**
 * Of several failures the one that decides what to do: it is the nearest to working. That is a library that is there but does not
 * fit the system, then one that may not be loaded, then a damaged one, then one that is missing.
 */
export function decisive(failures: readonly Failure[]): Failure | undefined {
  const order: readonly FailureKind[] = [
    "glibc",
    "version",
    "permission",
    "damaged",
    "processor",
    "other",
  ];
  // Without a path it is the variable that may not be read.
  const found = failures.filter(({ candidate }) => candidate.path !== undefined);
  return order.flatMap((kind) => found.filter((failure) => failure.kind === kind))[0] ??
    failures[0];
}

/** What to do about a failure, in one sentence. */
export function advice({ candidate, kind, flag, reason }: Failure, host: Host): string {
  const { source, path } = candidate;
  if (kind === "glibc") return `Use a system with ${/glibc [\d.]+ or later/.exec(reason)?.[0]}`;
  if (kind === "version") return versionAdvice(candidate, host);
  if (kind === "permission") return `Run the program with ${flag}`;
  const elsewhere = `, or give its path in the option library or in ${LIBRARY_VARIABLE}`;
  switch (source) {
    case "option":
      return "Give the path of the library for this system in the option library, or leave the option out";
    case "variable":
      return `Give the path of the library for this system in ${LIBRARY_VARIABLE}, or unset it`;
    case "checkout":
      return `Build it: run "make build" in ${host.checkout}${elsewhere}`;
    case "package":
      return kind === "absent"
        ? `Install it: ${add(PACKAGE, host.runtime)}${elsewhere}`
        : `Fetch it again: ${fetchAgain(path, host.runtime)}`;
  }
}
