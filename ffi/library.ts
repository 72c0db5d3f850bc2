/**
 * The search for the native library and its loading.
 *
 * @module
 */

import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { SoraError } from "../base/errors.ts";
import { version } from "../base/version.ts";
import type { Adapter, Binding, FileHead } from "./binding.ts";
import { bunAdapter } from "./bun.ts";
import { ABI_VERSION } from "./constants.ts";
import { denoAdapter } from "./deno.ts";
import { ELF_HEAD_BYTES, elfFault } from "./elf.ts";
import {
  advice,
  type Candidate,
  decisive,
  type Failure,
  type Host,
  LIBRARY_VARIABLE,
  loaderFailure,
  platformPackage,
  unsupportedHost,
  versionAdvice,
} from "./failure.ts";
import { installedFile } from "./installed.ts";
import { libraryVersion } from "./library_version.ts";

const fileNames: Readonly<Record<string, string>> = {
  darwin: "libsora_ffi.dylib",
  win32: "sora_ffi.dll",
};

/** The adapter of the runtime that this runs on. */
export function currentAdapter(globals: object = globalThis): Adapter {
  if ("Bun" in globals) return bunAdapter;
  if ("Deno" in globals) return denoAdapter;
  throw new SoraError(
    "UNSUPPORTED",
    `sora-ffi runs on Deno and Bun, not on Node.js ${process.versions.node}: ` +
      `start the program with "deno run" or "bun"`,
  );
}

/** Where this module lies, on which system. Tests put another in its place. */
export interface Place {
  /** This module's URL. */
  readonly url: string;
  /** Node's name of the system. */
  readonly platform: string;
  /** Node's name of the processor. */
  readonly architecture: string;
}

const here: Place = {
  url: import.meta.url,
  platform: process.platform,
  architecture: process.arch,
};

/** The folder of the checkout that this module belongs to. A package has its code in one bundle, below `node_modules` or on a server. */
function checkoutOf(url: string, adapter: Adapter): string | undefined {
  const { protocol, pathname } = new URL(url);
  if (protocol !== "file:" || !pathname.endsWith("/ffi/library.ts")) return undefined;
  if (pathname.includes("/node_modules/")) return undefined;
  const folder = fileURLToPath(new URL("../", url)).slice(0, -1);
  const build = join(folder, "build.zig");
  const mayRead = adapter.missingFlag("read", build) === undefined;
  return mayRead && adapter.readHead(build, 0) === undefined ? undefined : folder;
}

function packageCandidate({ platform, architecture, url }: Place, fileName: string): Candidate {
  const name = platformPackage(platform, architecture);
  const candidate = { source: "package", origin: `package ${name}` } as const;
  try {
    return { ...candidate, path: installedFile(`${name}/${fileName}`, url) };
  } catch {
    return { ...candidate, path: undefined, absent: "not installed" };
  }
}

function variableCandidate(adapter: Adapter): Candidate | undefined {
  const candidate = {
    source: "variable",
    origin: `environment variable ${LIBRARY_VARIABLE}`,
  } as const;
  const flag = adapter.missingFlag("env", LIBRARY_VARIABLE);
  if (flag !== undefined) {
    return { ...candidate, path: undefined, absent: noPermission("read", flag) };
  }
  const path = adapter.environment(LIBRARY_VARIABLE);
  return path === undefined || path === "" ? undefined : { ...candidate, path };
}

/** Looks for a candidate, as late as possible: looking may require a permission to read. */
type Find = () => Candidate;

function candidates(adapter: Adapter, place: Place, library: string | undefined): readonly Find[] {
  if (library !== undefined) {
    return [() => ({ source: "option", origin: "option library", path: library })];
  }
  const variable = variableCandidate(adapter);
  if (variable?.path !== undefined) return [() => variable];
  const fileName = fileNames[place.platform] ?? "libsora_ffi.so";
  const checkout = checkoutOf(place.url, adapter);
  const built = {
    source: "checkout",
    origin: "zig-out/lib of the checkout",
    path: join(checkout ?? "", "zig-out/lib", fileName),
  } as const;
  return [
    ...(checkout === undefined ? [] : [() => built]),
    () => packageCandidate(place, fileName),
    ...(variable === undefined ? [] : [() => variable]),
  ];
}

function noPermission(action: "read" | "load", flag: string): string {
  return `no permission to ${action} it; ${flag} gives it`;
}

/** The beginning of a file; undefined when it cannot be read, or must not be without a permission. */
function readHead(path: string, adapter: Adapter): FileHead | undefined {
  // The system's loader looks for a bare name in its own folders.
  if (!path.includes("/") || adapter.missingFlag("read", path) !== undefined) return undefined;
  return adapter.readHead(path, ELF_HEAD_BYTES);
}

/** What is wrong with a candidate's file, if that can be seen without loading it. */
function fileFailure(candidate: Candidate, adapter: Adapter, place: Place): Failure | undefined {
  const { path } = candidate;
  if (path === undefined || place.platform !== "linux") return undefined;
  const file = readHead(path, adapter);
  const fault = file && elfFault(file.head, file.size, place.architecture);
  return fault && { candidate, ...fault };
}

function checkAbi({ binding, candidate }: Loaded, host: () => Host): Binding {
  const abi = binding.functions.sora_abi_version();
  if (abi === ABI_VERSION) return binding;
  const other = libraryVersion(binding)?.library;
  throw new SoraError(
    "ABI_MISMATCH",
    `${binding.path} must be the library of sora-ffi ${version} (ABI version ${ABI_VERSION}), ` +
      `not of ${other === undefined ? "another version of sora-ffi" : `sora-ffi ${other}`} ` +
      `(ABI version ${abi}). ${versionAdvice(candidate, host())}`,
  );
}

/** The error for a library that could not be loaded: every place, with the loader's own text, and what to do. */
function loadError(failures: readonly Failure[], known: Host): SoraError {
  const onMusl = failures.some(({ kind }) => kind === "musl");
  const host = onMusl ? { ...known, libc: "musl" } : known;
  const unsupported = unsupportedHost(host);
  // For such a system there is no package to look for.
  const tried = unsupported === undefined
    ? failures
    : failures.filter(({ candidate }) => candidate.path !== undefined);
  const lines = tried.map(({ candidate: { origin, path }, reason }) =>
    path === undefined ? `  ${origin}: ${reason}` : `  ${path} (${origin}): ${reason}`
  );
  const failure = decisive(failures);
  const text = unsupported ?? (failure === undefined ? "" : advice(failure, host));
  const code = unsupported !== undefined
    ? "UNSUPPORTED"
    : failure?.kind === "version"
    ? "ABI_MISMATCH"
    : "LIBRARY_NOT_FOUND";
  const causes = failures.flatMap(({ error }) => error === undefined ? [] : [error]);
  return new SoraError(
    code,
    lines.length === 0
      ? text
      : `The native library of sora-ffi could not be loaded; tried:\n${lines.join("\n")}\n${text}`,
    { cause: causes.length === 1 ? causes[0] : new AggregateError(causes, "All paths failed") },
  );
}

/** A candidate that was loaded. */
export interface Loaded {
  readonly candidate: Candidate;
  readonly binding: Binding;
}

/** What came of looking for the library. */
export interface Search {
  /** The candidates that could not be loaded, in the order in which they were tried. */
  readonly failures: readonly Failure[];
  /** The one that was. */
  readonly loaded?: Loaded;
}

/** The system and the runtime that this runs on. */
export function hostOf(adapter: Adapter = currentAdapter(), place: Place = here): Host {
  return {
    runtime: adapter.runtime,
    platform: place.platform,
    architecture: place.architecture,
    libc: adapter.libc(),
    checkout: checkoutOf(place.url, adapter),
  };
}

/** Looks for the library and loads the first candidate that can be loaded, whatever its version. */
export function searchLibrary(
  library?: string,
  adapter: Adapter = currentAdapter(),
  place: Place = here,
): Search {
  const failures: Failure[] = [];
  const attempt = (candidate: Candidate, path: string): Binding | Failure => {
    try {
      return fileFailure(candidate, adapter, place) ?? adapter.open(path);
    } catch (error) {
      return loaderFailure(candidate, error, hostOf(adapter, place));
    }
  };
  let allowed = false;
  const forbidden: Failure[] = [];
  for (const find of candidates(adapter, place, library)) {
    const candidate = find();
    const { path, absent } = candidate;
    if (path === undefined) {
      failures.push({ candidate, kind: "absent", reason: absent ?? "" });
      continue;
    }
    const flag = adapter.missingFlag("ffi", path);
    if (flag !== undefined) {
      const failure: Failure = {
        candidate,
        kind: "permission",
        reason: noPermission("load", flag),
        flag,
      };
      forbidden.push(failure);
      failures.push(failure);
      continue;
    }
    allowed = true;
    const result = attempt(candidate, path);
    if ("functions" in result) return { failures, loaded: { candidate, binding: result } };
    failures.push(result);
  }
  // With a permission for one path, trying the others would only prompt the user.
  for (const failure of allowed ? [] : forbidden) {
    const { candidate } = failure;
    const result = attempt(candidate, candidate.path ?? "");
    if ("functions" in result) return { failures, loaded: { candidate, binding: result } };
    // The permission is what is missing, unless the user has given it now or the file itself is no good.
    const denied = adapter.missingFlag("ffi", candidate.path ?? "") !== undefined;
    failures[failures.indexOf(failure)] = denied && result.error !== undefined
      ? { ...failure, error: result.error }
      : result;
  }
  return { failures };
}

/**
 * Opens the native library: the given path, else the one in `SORA_FFI_LIBRARY`, else `zig-out/lib` in a checkout, else the
 * platform package. A path that is given by either is the only one tried.
 *
 * @param library The file to load.
 * @param adapter The runtime's adapter.
 * @param place Where this module lies.
 * @throws {SoraError} `UNSUPPORTED`: this runtime or system is not supported; `LIBRARY_NOT_FOUND`: none could be loaded, with
 *   every path tried, the loader's own text and what to do; `ABI_MISMATCH`: its version differs from this package's.
 */
export function openLibrary(
  library?: string,
  adapter: Adapter = currentAdapter(),
  place: Place = here,
): Binding {
  const unsupported = adapter.unsupported();
  if (unsupported !== undefined) throw new SoraError("UNSUPPORTED", unsupported);
  return judge(searchLibrary(library, adapter, place), adapter, place);
}

/**
 * The library that a search has loaded, if it can be used.
 *
 * @throws {SoraError} As {@link openLibrary}.
 */
export function judge(
  { failures, loaded }: Search,
  adapter: Adapter = currentAdapter(),
  place: Place = here,
): Binding {
  const host = () => hostOf(adapter, place);
  if (loaded === undefined) throw loadError(failures, host());
  return checkAbi(loaded, host);
}
