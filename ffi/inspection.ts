/**
 * What a report about an installation needs to know: runtime, system, and where the library was looked for.
 *
 * @module
 */

import process from "node:process";
import { unsupportedHost } from "./failure.ts";
import { currentAdapter, hostOf, judge, type Search, searchLibrary } from "./library.ts";
import { libraryVersion } from "./library_version.ts";
import { processorName } from "./elf.ts";
import { openRealm } from "./realm.ts";
import { unwrap } from "./result.ts";

/** The runtime and the system. */
export interface HostInspection {
  /** `Deno` or `Bun`. */
  readonly runtime: string;
  /** The version of the runtime. */
  readonly version: string;
  /** Why the runtime cannot be used, or undefined. */
  readonly unsupportedRuntime: string | undefined;
  /** The processor, as `uname -m` writes it. */
  readonly processor: string;
  /** `glibc 2.36`, `musl`, or undefined where it is not known. */
  readonly libc: string | undefined;
  /** Why there is no library for the system, or undefined. */
  readonly unsupportedSystem: string | undefined;
}

/**
 * Looks at the runtime and the system.
 *
 * @throws {SoraError} `UNSUPPORTED`: the runtime is neither Deno nor Bun.
 */
export function inspectHost(): HostInspection {
  const adapter = currentAdapter();
  const host = hostOf(adapter);
  const { libc } = host;
  return {
    runtime: adapter.runtime,
    version: process.versions[adapter.runtime.toLowerCase()] ?? "unknown",
    unsupportedRuntime: adapter.unsupported(),
    processor: processorName(host.architecture),
    libc: libc === undefined || libc === "musl" ? libc : `glibc ${libc}`,
    unsupportedSystem: unsupportedHost(host),
  };
}

/** A place where the library was looked for. */
export interface InspectedPlace {
  /** `package @sora-ffi/linux-x64-gnu`, for instance. */
  readonly origin: string;
  /** The file, or undefined when there is none. */
  readonly path: string | undefined;
}

/** Where the library was looked for. */
export interface LibraryInspection {
  /** The places that had none that could be loaded, in the order in which they were tried, with the reasons. */
  readonly failed: readonly (InspectedPlace & { readonly reason: string })[];
  /** Where it was loaded from, and what it says about itself. */
  readonly loaded:
    | InspectedPlace & {
      /** The version of sora-ffi that it was built for, as far as it says so. */
      readonly version: string | undefined;
      /** Where its libwebrtc comes from, and that one's version. */
      readonly libwebrtc: string | undefined;
    }
    | undefined;
  /** Why the library cannot be used, and what to do about it, or undefined. */
  readonly error: unknown;
}

/** Looks for the library. */
export function inspectLibrary(): LibraryInspection {
  const search = searchLibrary();
  const { failures, loaded } = search;
  const versions = loaded && libraryVersion(loaded.binding);
  return {
    failed: failures.map(({ candidate: { origin, path }, reason }) => ({ origin, path, reason })),
    loaded: loaded && {
      origin: loaded.candidate.origin,
      path: loaded.candidate.path,
      version: versions?.library,
      libwebrtc: versions?.libwebrtc,
    },
    error: errorOf(search),
  };
}

const MAX_PRIORITIES = 1_024;

/** The priorities that the threads of the library get here, by what they do. */
export interface ThreadPriorities {
  /** `real-time 1` or `nice -14`, for instance; `nice 0` is that of every program. */
  readonly audio: string;
  readonly network: string;
  readonly decoder: string;
  readonly encoder: string;
}

/**
 * Tries which priorities threads get.
 *
 * @throws {SoraError} The library cannot be used, or the system starts no thread.
 */
export function inspectThreads(): ThreadPriorities {
  const { functions } = openRealm();
  const bytes = new Uint8Array(MAX_PRIORITIES);
  const length = unwrap(functions, functions.sora_thread_priorities(bytes, bytes.length));
  return JSON.parse(new TextDecoder().decode(bytes.subarray(0, length)));
}

function errorOf(search: Search): unknown {
  try {
    judge(search);
    return undefined;
  } catch (error) {
    return error;
  }
}
