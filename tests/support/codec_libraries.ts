/**
 * Where the codec libraries are that the set-up fetched for the tests, and that the library opens at run time.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { fetchedOpenH264 } from "../../demo/openh264.ts";

const deps = fileURLToPath(new URL("../../.deps/", import.meta.url));
const [architecture, triple] = process.arch === "arm64"
  ? ["arm64", "aarch64-linux-gnu"]
  : ["amd64", "x86_64-linux-gnu"];
const sysroot = `${deps}sysroot/${architecture}/usr/lib/${triple}`;

/** OpenH264 of the sysroot, and of this machine's own release where that has one: files by version. */
export const openh264Files: ReadonlyMap<string, string> = fetchedOpenH264();

/** dav1d of the sysroot. */
export const dav1dFile = `${sysroot}/libdav1d.so.7`;

/** The library with H.265 for tests (csrc/tests/h265); `zig build h265-test-library` makes it. */
export const h265Library =
  new URL("../../zig-out/lib/libsora_ffi_h265_test.so", import.meta.url).pathname;
