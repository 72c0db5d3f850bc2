/**
 * The search for the native library over a make-believe file system, and installations of the package to search.
 *
 * @module
 */

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { SoraError } from "../../base/errors.ts";
import type { Adapter } from "../../ffi/binding.ts";
import { ABI_VERSION } from "../../ffi/constants.ts";
import { LIBRARY_VARIABLE } from "../../ffi/failure.ts";
import { readHead } from "../../ffi/bun.ts";
import type { Place } from "../../ffi/library.ts";
import { FakeNative } from "./fake_native.ts";

/** What a search meets. */
export interface Scene {
  /** Ends of the paths that can be loaded. */
  readonly existing?: readonly string[];
  /** Ends of the paths and variables that are permitted; default: everything. */
  readonly allowed?: readonly string[];
  readonly variable?: string;
  readonly unsupported?: string;
  readonly abi?: number;
  readonly runtime?: "Bun" | "Deno";
  readonly libc?: string;
  /** The loader's text for what cannot be loaded. */
  readonly says?: string;
}

/** An adapter over a make-believe file system, and the paths that it was asked for. */
export function adapterOf(scene: Scene): { adapter: Adapter; tried: string[] } {
  const tried: string[] = [];
  const adapter: Adapter = {
    runtime: scene.runtime ?? "Deno",
    libc: () => scene.libc,
    unsupported: () => scene.unsupported,
    missingFlag: (permission, value) =>
      scene.allowed?.some((end) => value.endsWith(end)) ?? true
        ? undefined
        : `--allow-${permission}=${value}`,
    environment: (name) => name === LIBRARY_VARIABLE ? scene.variable : undefined,
    readHead,
    open(path) {
      tried.push(path);
      if (scene.existing?.some((end) => path.endsWith(end))) {
        return { ...new FakeNative().binding({}, scene.abi ?? ABI_VERSION), path };
      }
      throw new Error(`${path}: ${scene.says ?? "cannot open shared object file"}`);
    },
  };
  return { adapter, tried };
}

/** The error that a call must throw. */
export function errorOf(call: () => unknown): SoraError {
  try {
    call();
  } catch (error) {
    assert.ok(error instanceof SoraError);
    return error;
  }
  assert.fail("nothing was thrown");
}

/** The end of the path of a checkout's library. */
export const checkout = "zig-out/lib/libsora_ffi.so";
/** The folder of this checkout. */
export const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

/** Where the installations are, until the tests of a file are done. */
export const folder = mkdtempSync(join(tmpdir(), "sora-ffi-library-"));
after(() => rmSync(folder, { recursive: true }));

/** A program's folder with the bundle of `sora-ffi` below `node_modules`, and its platform package if files are given. */
export function installed(name: string, files?: Readonly<Record<string, Uint8Array>>): Place {
  const modules = join(folder, name, "node_modules");
  mkdirSync(join(modules, "sora-ffi"), { recursive: true });
  if (files !== undefined) {
    const platform = join(modules, "@sora-ffi/linux-x64-gnu");
    mkdirSync(platform, { recursive: true });
    writeFileSync(join(platform, "package.json"), "{}");
    for (const [file, bytes] of Object.entries(files)) writeFileSync(join(platform, file), bytes);
  }
  const url = pathToFileURL(join(modules, "sora-ffi/mod.js")).href;
  return { url, platform: "linux", architecture: "x64" };
}

/** The head of a library whose only segment ends at a byte, for a processor. */
export function elf(end: number, machine = 62): Uint8Array {
  const bytes = new Uint8Array(120);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  const view = new DataView(bytes.buffer);
  view.setUint16(18, machine, true);
  view.setBigUint64(32, 64n, true);
  view.setUint16(56, 1, true);
  view.setUint32(64, 1, true);
  view.setBigUint64(64 + 32, BigInt(end), true);
  return bytes;
}
