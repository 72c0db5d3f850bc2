/** What the error for a library that cannot be loaded says to do. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { version } from "../../base/version.ts";
import type { Adapter } from "../../ffi/binding.ts";
import { ABI_VERSION } from "../../ffi/constants.ts";
import { openLibrary, type Place } from "../../ffi/library.ts";
import {
  adapterOf,
  elf,
  errorOf,
  folder,
  installed,
  root,
  type Scene,
} from "../support/library_scene.ts";

test("openLibrary advises to build in a checkout, and names its folder", () => {
  const { message } = errorOf(() => openLibrary(undefined, adapterOf({}).adapter));
  assert.ok(message.includes(`\nBuild it: run "make build" in ${root}, or give its path`), message);
});

test("openLibrary advises to install a package that is missing, and not to build", () => {
  const place = installed("missing");
  for (
    const [runtime, command] of [["Bun", "bun add sora-ffi"], [
      "Deno",
      "deno add npm:sora-ffi",
    ]] as const
  ) {
    const { adapter, tried } = adapterOf({ runtime });
    const { code, message } = errorOf(() => openLibrary(undefined, adapter, place));
    assert.equal(code, "LIBRARY_NOT_FOUND");
    assert.ok(message.includes("package @sora-ffi/linux-x64-gnu: not installed\n"), message);
    assert.ok(message.includes(`\nInstall it: ${command}, or give its path in`), message);
    assert.doesNotMatch(message, /zig|make build/);
    assert.deepEqual(tried, []);
  }
});

test("openLibrary looks in no checkout from a server, a bundle or a folder without build.zig", () => {
  for (
    const url of [
      "https://example.com/@sora-ffi/sora-ffi/0.1.0/ffi/library.ts",
      "file:///app/out/bundle.js",
      "file:///app/node_modules/sora-ffi/ffi/library.ts",
      pathToFileURL(join(folder, "ffi/library.ts")).href,
    ]
  ) {
    const { adapter, tried } = adapterOf({});
    const place: Place = { url, platform: "linux", architecture: "arm64" };
    const { message } = errorOf(() => openLibrary(undefined, adapter, place));
    assert.doesNotMatch(message, /zig-out|make build/);
    assert.match(message, /package @sora-ffi\/linux-arm64-gnu: not installed/);
    assert.deepEqual(tried, []);
  }
});

test("openLibrary loads the platform package from a bundle below node_modules", () => {
  const place = installed("complete", { "libsora_ffi.so": elf(100) });
  const end = "node_modules/@sora-ffi/linux-x64-gnu/libsora_ffi.so";
  const { adapter } = adapterOf({ existing: [end] });
  assert.equal(openLibrary(undefined, adapter, place).path, join(folder, "complete", end));
});

const damages: readonly { what: string; bytes: Uint8Array; says: RegExp }[] = [
  { what: "is empty", bytes: new Uint8Array(0), says: /: the file is empty\n/ },
  {
    what: "is cut short",
    bytes: elf(31_687_920),
    says: /: the file is cut short: 120 bytes of at least 31687920\n/,
  },
  {
    what: "is cut short within its header",
    bytes: elf(100).subarray(0, 100),
    says: /: the file is cut short: 100 bytes of at least 120\n/,
  },
  {
    what: "is no library",
    bytes: new TextEncoder().encode("version https://git-lfs.github.com/spec/v1\n".repeat(3)),
    says: /: the file is not a 64-bit ELF library \(129 bytes\)\n/,
  },
  {
    what: "is for another processor",
    bytes: elf(100, 183),
    says: /: the file is for aarch64, this process runs on x86_64\n/,
  },
];

for (const { what, bytes, says } of damages) {
  test(`openLibrary does not load a file that ${what}, and says how to fetch it again`, () => {
    const place = installed(what, { "libsora_ffi.so": bytes });
    for (
      const [runtime, command] of [
        ["Bun", "bun pm cache rm && bun install --force"],
        ["Deno", "deno install --reload"],
      ] as const
    ) {
      const { adapter, tried } = adapterOf({ existing: [".so"], runtime });
      const { code, message } = errorOf(() => openLibrary(undefined, adapter, place));
      assert.equal(code, "LIBRARY_NOT_FOUND");
      assert.match(message, says);
      assert.ok(message.endsWith(`\nFetch it again: ${command}`), message);
      assert.ok(message.includes("linux-x64-gnu/libsora_ffi.so (package @sora-ffi/linux-x64-gnu)"));
      assert.deepEqual(tried, [], "loading it could end the process");
    }
  });
}

test("openLibrary reads no file without the permission to", () => {
  const place = installed("unread", { "libsora_ffi.so": elf(31_687_920) });
  const path = fileURLToPath(
    new URL("../@sora-ffi/linux-x64-gnu/libsora_ffi.so", place.url),
  );
  const asked: string[] = [];
  const { adapter, tried } = adapterOf({ says: "file too short" });
  const restricted: Adapter = {
    ...adapter,
    missingFlag(permission, value) {
      asked.push(permission);
      return permission === "read" ? `--allow-read=${value}` : undefined;
    },
  };
  const { message } = errorOf(() => openLibrary(undefined, restricted, place));
  assert.ok(asked.includes("read"));
  assert.deepEqual(tried, [path]);
  assert.match(message, /file too short\nFetch it again: deno install --reload$/);
});

test("openLibrary names the glibc that is needed and the one that is there", () => {
  const says = "/lib/libc.so.6: version `GLIBC_2.32' not found (required by /a.so), " +
    "/lib/libm.so.6: version `GLIBC_2.4' not found (required by /a.so)";
  const place = installed("glibc", { "libsora_ffi.so": elf(100) });
  const message = (scene: Scene) =>
    errorOf(() => openLibrary(undefined, adapterOf({ says, ...scene }).adapter, place)).message;
  assert.match(
    message({ libc: "2.31" }),
    /: needs glibc 2\.32 or later, this system has glibc 2\.31: /,
  );
  assert.match(message({ libc: "2.31" }), /\nUse a system with glibc 2\.32 or later$/);
  assert.match(message({}), /: needs glibc 2\.32 or later, this system has an older one: /);
});

test("openLibrary says which systems are not supported yet", () => {
  const systems: readonly [string, string, string | undefined, string][] = [
    ["darwin", "arm64", undefined, "macOS"],
    ["win32", "x64", undefined, "Windows"],
    ["linux", "x64", "musl", "musl \\(the C library of Alpine Linux\\)"],
    ["linux", "riscv64", "2.41", "Linux on riscv64"],
  ];
  for (const [platform, architecture, libc, name] of systems) {
    const place: Place = { ...installed("other"), platform, architecture };
    const { adapter } = adapterOf(libc === undefined ? {} : { libc });
    const { code, message } = errorOf(() => openLibrary(undefined, adapter, place));
    assert.equal(code, "UNSUPPORTED");
    assert.match(
      message,
      new RegExp(`^sora-ffi does not support ${name} yet: it runs on Linux with glibc`),
    );
  }
});

test("openLibrary knows musl by its loader's text", () => {
  const place = installed("musl", { "libsora_ffi.so": elf(100) });
  for (
    const says of [
      // The first is what Bun for musl reports; the second is for where glibc's loader is there, but a function is not.
      "Error loading shared library ld-linux-x86-64.so.2: No such file or directory (needed by /a.so)",
      "Error relocating /a.so: __vsnprintf_chk: symbol not found",
    ]
  ) {
    const { code, message } = errorOf(() =>
      openLibrary(undefined, adapterOf({ says }).adapter, place)
    );
    assert.equal(code, "UNSUPPORTED");
    assert.match(message, /Error (loading|relocating) [^]*\nsora-ffi does not support musl /);
  }
});

test("openLibrary takes what the checkout or the user has for a system without a package", () => {
  const place: Place = {
    url: new URL("../../ffi/library.ts", import.meta.url).href,
    platform: "darwin",
    architecture: "arm64",
  };
  const { adapter } = adapterOf({ existing: [".dylib"] });
  assert.ok(openLibrary(undefined, adapter, place).path.endsWith("zig-out/lib/libsora_ffi.dylib"));
  assert.equal(openLibrary("/own.dylib", adapter, place).path, "/own.dylib");
});

test("openLibrary advises to correct a path that the user gave", () => {
  const option = errorOf(() => openLibrary("/o.so", adapterOf({}).adapter)).message;
  assert.match(option, /\nGive the path of the library for this system in the option library, or /);
  const variable = errorOf(() => openLibrary(undefined, adapterOf({ variable: "/v.so" }).adapter));
  assert.match(variable.message, /\nGive the path .* in SORA_FFI_LIBRARY, or unset it$/);
});

test("openLibrary names the platform package of this version when another one is installed", () => {
  const place = installed("stale", { "libsora_ffi.so": elf(100) });
  for (const [runtime, command] of [["Bun", "bun add "], ["Deno", "deno add npm:"]] as const) {
    const { adapter } = adapterOf({ existing: [".so"], abi: ABI_VERSION + 1, runtime });
    const { code, message } = errorOf(() => openLibrary(undefined, adapter, place));
    assert.equal(code, "ABI_MISMATCH");
    assert.ok(
      message.endsWith(`Install this version: ${command}@sora-ffi/linux-x64-gnu@${version}`),
    );
  }
});

test("openLibrary names both versions when the library is another one's", () => {
  const { adapter } = adapterOf({ existing: [".so"], abi: ABI_VERSION + 1 });
  const text = new TextEncoder().encode('{"library":"0.0.7"}');
  const older: Adapter = {
    ...adapter,
    open(path) {
      const binding = adapter.open(path);
      const sora_version = (buffer: ArrayBufferView | null) => {
        (buffer as Uint8Array).set(text);
        return text.length;
      };
      return { ...binding, functions: { ...binding.functions, sora_version } };
    },
  };
  const { message } = errorOf(() => openLibrary("/a.so", older));
  assert.ok(message.startsWith(`/a.so must be the library of sora-ffi ${version} (`), message);
  assert.ok(
    message.includes(`, not of sora-ffi 0.0.7 (ABI version ${ABI_VERSION + 1}). Give the `),
  );
});

test("openLibrary takes a library that lacks functions for one of another version", () => {
  for (
    const says of [
      "Failed to register symbol sora_vad_create: Could not obtain symbol from the library",
      'Symbol "sora_vad_create" not found in "/a.so"',
    ]
  ) {
    const { code, message } = errorOf(() => openLibrary("/a.so", adapterOf({ says }).adapter));
    assert.equal(code, "ABI_MISMATCH");
    assert.match(message, /is not the library of sora-ffi [\d.]+: it lacks sora_vad_create\n/);
  }
});
