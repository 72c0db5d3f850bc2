import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "../support/webrtc_folder.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = "out/ports/option";
const complete = [
  "include/api/peer_connection_interface.h",
  "lib/libwebrtc.a",
];

/** Makes a folder of empty files. */
function make(files: readonly string[]): void {
  rmSync(`${root}${folder}`, { recursive: true, force: true });
  mkdirSync(`${root}${folder}`, { recursive: true });
  for (const file of files) {
    mkdirSync(dirname(`${root}${folder}/${file}`), { recursive: true });
    writeFileSync(`${root}${folder}/${file}`, "");
  }
}

/** The line in which the build says why it ended. */
function refusal(...words: readonly string[]): string {
  const { text, succeeded } = build(...words);
  assert.ok(!succeeded, "the build succeeded");
  return /^(?:build|error): (.*)$/m.exec(text)?.[1] ?? text;
}

test("-Dwebrtc: a folder that is not one of Shiguredo's builds is refused with what is missing", () => {
  const archive =
    "name the folder webrtc of an archive of https://github.com/shiguredo-webrtc-build/webrtc-build.";
  const cases: readonly (readonly [readonly string[], string])[] = [
    [[], `has no include/api/peer_connection_interface.h: ${archive}`],
    [complete.slice(0, 1), `has no lib/libwebrtc.a: ${archive}`],
    [
      [...complete, "libcxx/include/vector"],
      "has no libcxx/include/__config_site: copy it there from buildtools/third_party/libc++ of Chromium.",
    ],
  ];
  for (const [files, reason] of cases) {
    make(files);
    assert.equal(refusal("check", `-Dwebrtc=${folder}`), `-Dwebrtc=${folder} ${reason}`);
  }
  assert.equal(
    refusal("check", "-Dwebrtc=out/ports/none"),
    "-Dwebrtc=out/ports/none is not a folder.",
  );
});

test("-Dwebrtc: headers, defines and Chromium's libc++ are those of the folder", () => {
  make([...complete, "libcxx/include/__config_site"]);
  // It has none of the headers, so the first command fails, and the build prints it.
  const { text } = build("check", "-Dtarget=aarch64-macos", `-Dwebrtc=${folder}`);
  const command = /^failed command: (.*)$/m.exec(text)?.[1]?.split(" ") ?? [];
  const include = `${root}${folder}/include`;
  for (
    const path of [
      include,
      `${include}/third_party/abseil-cpp`,
      `${include}/third_party/boringssl/src/include`,
    ]
  ) assert.equal(command[command.indexOf(path) - 1], "-isystem", path);
  for (
    const path of [
      `${root}${folder}/libcxx/include`,
      `${include}/third_party/libc++abi/src/include`,
    ]
  ) {
    assert.equal(command[command.indexOf(path) - 1], "-I", path);
  }
  for (
    const word of [
      "-DWEBRTC_MAC",
      "-DWEBRTC_POSIX",
      "-nostdinc++",
      "-D_LIBCPP_HARDENING_MODE=_LIBCPP_HARDENING_MODE_EXTENSIVE",
    ]
  ) {
    assert.ok(command.includes(word), word);
  }
  assert.ok(!command.includes("-DWEBRTC_LINUX"));
  assert.ok(!command.some((word) => word.includes(".deps/sysroot")), "nothing of Debian's");
});

test("what cannot be built for another system is refused in words", () => {
  make(complete);
  const mac = "-Dtarget=aarch64-macos";
  assert.equal(
    refusal(mac),
    "the library for macOS is linked from a libwebrtc that is given as -Dwebrtc=FOLDER; without one there is only the step check",
  );
  assert.equal(
    refusal(mac, `-Dwebrtc=${folder}`),
    "the library for macOS is linked on a Mac, which has the frameworks that libwebrtc needs; elsewhere there is only the step check",
  );
  assert.equal(
    refusal("-Dtarget=x86_64-windows-gnu"),
    "there is no csrc/os/windows to link the library with: only the step check is for Windows",
  );
  assert.equal(
    refusal("test", mac),
    "this step is for Linux and links Debian's libwebrtc: leave out -Dtarget and -Dwebrtc",
  );
  assert.equal(
    refusal("check", "-Dtarget=x86_64-windows-gnu", `-Dwebrtc=${folder}`),
    "-Dwebrtc is for Linux and macOS: Shiguredo's builds for Windows are for the C++ library of Visual Studio.",
  );
  assert.match(refusal("check", "-Dtarget=x86_64-freebsd"), /^sora-ffi has no csrc\/os\/freebsd: /);
});
