/**
 * The search for the native library and its loading.
 *
 * @module
 */

import { createRequire } from "node:module";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { SoraError } from "../base/errors.ts";
import type { Adapter, Binding } from "./binding.ts";
import { bunAdapter } from "./bun.ts";
import { ABI_VERSION } from "./constants.ts";
import { denoAdapter } from "./deno.ts";

/** Environment variable that names the library's file. */
export const LIBRARY_VARIABLE = "SORA_FFI_LIBRARY";

const fileNames: Readonly<Record<string, string>> = {
  darwin: "libsora_ffi.dylib",
  win32: "sora_ffi.dll",
};

/** The npm package that holds the library for a platform: `@sora-ffi/linux-x64-gnu`. */
export function platformPackage(platform: string, architecture: string): string {
  return `@sora-ffi/${platform}-${architecture}${platform === "linux" ? "-gnu" : ""}`;
}

/** The adapter of the runtime that this runs on. */
function currentAdapter(): Adapter {
  return "Bun" in globalThis ? bunAdapter : denoAdapter;
}

interface Candidate {
  /** Where the path comes from, for the error message. */
  readonly origin: string;
  /** The file, or why there is none. */
  readonly path: string | undefined;
  readonly absent?: string;
}

/** Looks for a candidate, as late as possible: looking may require a permission to read. */
type Find = () => Candidate;

function checkoutCandidate(fileName: string): Candidate {
  const url = new URL(`../zig-out/lib/${fileName}`, import.meta.url);
  const origin = "zig-out/lib of the checkout";
  return url.protocol === "file:"
    ? { origin, path: fileURLToPath(url) }
    : { origin, path: undefined, absent: `not a checkout: ${url.protocol} URL` };
}

function packageCandidate(fileName: string): Candidate {
  const name = platformPackage(process.platform, process.arch);
  const origin = `package ${name}`;
  try {
    return { origin, path: createRequire(import.meta.url).resolve(`${name}/${fileName}`) };
  } catch {
    return { origin, path: undefined, absent: "not installed" };
  }
}

function variableCandidate(adapter: Adapter): Candidate | undefined {
  const origin = `environment variable ${LIBRARY_VARIABLE}`;
  const flag = adapter.missingFlag("env", LIBRARY_VARIABLE);
  if (flag !== undefined) return { origin, path: undefined, absent: noPermission("read", flag) };
  const path = adapter.environment(LIBRARY_VARIABLE);
  return path === undefined || path === "" ? undefined : { origin, path };
}

function candidates(adapter: Adapter, library: string | undefined): readonly Find[] {
  if (library !== undefined) return [() => ({ origin: "option library", path: library })];
  const variable = variableCandidate(adapter);
  if (variable?.path !== undefined) return [() => variable];
  const fileName = fileNames[process.platform] ?? "libsora_ffi.so";
  return [
    () => checkoutCandidate(fileName),
    () => packageCandidate(fileName),
    ...(variable === undefined ? [] : [() => variable]),
  ];
}

function noPermission(action: "read" | "load", flag: string): string {
  return `no permission to ${action} it; ${flag} gives it`;
}

function checkAbi(binding: Binding): Binding {
  const abi = binding.functions.sora_abi_version();
  if (abi === ABI_VERSION) return binding;
  throw new SoraError(
    "ABI_MISMATCH",
    `${binding.path} must have ABI version ${ABI_VERSION}, not ${abi}: ` +
      "rebuild it (zig build) or install the platform package of this version",
  );
}

/**
 * Opens the native library: the given path, else the one in `SORA_FFI_LIBRARY`, else `zig-out/lib` in a checkout, else the
 * platform package. A path that is given by either is the only one tried.
 *
 * @param library The file to load.
 * @param adapter The runtime's adapter.
 * @throws {SoraError} `UNSUPPORTED`: this runtime is not supported; `LIBRARY_NOT_FOUND`: none could be loaded, with every path
 *   tried and the loader's own text; `ABI_MISMATCH`: its version differs from this package's.
 */
export function openLibrary(
  library?: string,
  adapter: Adapter = currentAdapter(),
): Binding {
  const unsupported = adapter.unsupported();
  if (unsupported !== undefined) throw new SoraError("UNSUPPORTED", unsupported);

  const found: Candidate[] = [];
  const failures = new Map<Candidate, unknown>();
  const attempt = (candidate: Candidate): Binding | undefined => {
    try {
      return candidate.path === undefined ? undefined : adapter.open(candidate.path);
    } catch (error) {
      failures.set(candidate, error);
      return undefined;
    }
  };
  let allowed = false;
  for (const find of candidates(adapter, library)) {
    const candidate = find();
    found.push(candidate);
    if (candidate.path === undefined) continue;
    if (adapter.missingFlag("ffi", candidate.path) !== undefined) continue;
    allowed = true;
    const binding = attempt(candidate);
    if (binding !== undefined) return checkAbi(binding);
  }
  // With a permission for one path, trying the others would only prompt the user.
  for (const candidate of allowed ? [] : found) {
    const binding = attempt(candidate);
    if (binding !== undefined) return checkAbi(binding);
  }
  const tried = found.map((candidate) => {
    const { origin, path, absent } = candidate;
    if (path === undefined) return `  ${origin}: ${absent}`;
    const flag = adapter.missingFlag("ffi", path);
    if (flag !== undefined) return `  ${path} (${origin}): ${noPermission("load", flag)}`;
    const error = failures.get(candidate);
    return `  ${path} (${origin}): ${error instanceof Error ? error.message : error}`;
  });
  const causes = [...failures.values()];
  throw new SoraError(
    "LIBRARY_NOT_FOUND",
    `The native library of sora-ffi could not be loaded; tried:\n${tried.join("\n")}\n` +
      `Build it with "zig build", or give its path in the option library or in ${LIBRARY_VARIABLE}`,
    { cause: causes.length === 1 ? causes[0] : new AggregateError(causes, "All paths failed") },
  );
}
