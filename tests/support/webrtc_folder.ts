/**
 * A libwebrtc in the layout of Shiguredo's builds, made of Debian's.
 *
 * @module
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const [debian, triple] = process.arch === "arm64"
  ? ["arm64", "aarch64-linux-gnu"]
  : ["amd64", "x86_64-linux-gnu"];
const headers = `${root}.deps/sysroot/${debian}/usr/include`;

/** The words that run the pinned Zig. */
export const zig = [`${root}.deps/venv/bin/python`, "-m", "ziglang"] as const;

/** Runs the build and returns what it prints, and how it ends. */
export function build(...words: readonly string[]): { text: string; succeeded: boolean } {
  const [command, ...before] = zig;
  try {
    execFileSync(command, [...before, "build", ...words], {
      cwd: root,
      encoding: "utf8",
      stdio: "pipe",
    });
    return { text: "", succeeded: true };
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    return { text: stdout + stderr, succeeded: false };
  }
}

/** Where Shiguredo's builds have what Debian has in the folder of all headers. */
const places: Readonly<Record<string, readonly string[]>> = {
  "third_party/abseil-cpp": ["absl"],
  "third_party/libyuv/include": ["libyuv", "libyuv.h"],
  "third_party/zlib": ["zlib.h", "zconf.h"],
  "third_party/libvpx/source/libvpx": ["vpx"],
  "third_party/libaom/source/libaom": ["aom"],
  "third_party/dav1d/libdav1d/include": ["dav1d"],
  "third_party/openh264/src/codec/api": ["wels"],
};

function link(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path);
}

function linkAll(from: string, to: string, only: (name: string) => boolean = () => true): void {
  for (const name of readdirSync(from).filter(only)) link(`${from}/${name}`, `${to}/${name}`);
}

/**
 * Makes the folder.
 *
 * @param folder Where, relative to the checkout; what was there is removed.
 * @param version The number of the build that it claims to be.
 * @param definitions C that its archive is compiled from, for Apple's processors.
 */
export function makeWebrtcFolder(folder: string, version: string, definitions: string): void {
  const path = `${root}${folder}`;
  rmSync(path, { recursive: true, force: true });
  const include = `${path}/include`;
  linkAll(`${headers}/tg_owt`, include, (name) => name !== "third_party");
  linkAll(`${headers}/tg_owt/third_party`, `${include}/third_party`);
  for (const [place, names] of Object.entries(places)) {
    for (const name of names) link(`${headers}/${name}`, `${include}/${place}/${name}`);
  }
  const openssl = `${include}/third_party/boringssl/src/include/openssl`;
  for (const from of [`${headers}/openssl`, `${headers}/${triple}/openssl`]) linkAll(from, openssl);
  link(`${root}.deps/rnn_vad/third_party/rnnoise`, `${include}/third_party/rnnoise`);

  mkdirSync(`${path}/lib`);
  writeFileSync(`${path}/VERSIONS`, `WEBRTC_BUILD_VERSION=${version}\nWEBRTC_VERSION=${version}\n`);
  writeFileSync(`${path}/definitions.c`, definitions);
  const [command, ...before] = zig;
  const run = (...words: readonly string[]) =>
    execFileSync(command, [...before, ...words], { cwd: path, stdio: "inherit" });
  run("cc", "-target", "aarch64-macos", "-g0", "-c", "definitions.c", "-o", "definitions.o");
  run("ar", "rcs", "lib/libwebrtc.a", "definitions.o");
}
