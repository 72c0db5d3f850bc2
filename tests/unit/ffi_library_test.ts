import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { version } from "../../base/version.ts";
import { unsupportedBun } from "../../ffi/bun.ts";
import { ABI_VERSION } from "../../ffi/constants.ts";
import { unsupportedDeno } from "../../ffi/deno.ts";
import { LIBRARY_VARIABLE, platformPackage } from "../../ffi/failure.ts";
import { currentAdapter, openLibrary } from "../../ffi/library.ts";
import { adapterOf, checkout, errorOf, root } from "../support/library_scene.ts";

test("openLibrary takes the library of the checkout when none is named", () => {
  const { adapter } = adapterOf({ existing: [checkout] });
  assert.ok(openLibrary(undefined, adapter).path.endsWith(checkout));
});

test("openLibrary tries only the path that the option names", () => {
  const { adapter, tried } = adapterOf({ existing: [checkout], variable: "/variable.so" });
  const error = errorOf(() => openLibrary("/option.so", adapter));
  assert.equal(error.code, "LIBRARY_NOT_FOUND");
  assert.deepEqual(tried, ["/option.so"]);
  assert.match(error.message, /\/option\.so \(option library\): .*cannot open shared object/);
  assert.ok(error.cause instanceof Error);
});

test("openLibrary tries only the path that the environment variable names", () => {
  const { adapter, tried } = adapterOf({ existing: ["/v.so", checkout], variable: "/v.so" });
  assert.equal(openLibrary(undefined, adapter).path, "/v.so");
  assert.deepEqual(tried, ["/v.so"]);
});

test("openLibrary takes an empty environment variable for an unset one", () => {
  const { adapter } = adapterOf({ existing: [checkout], variable: "" });
  assert.ok(openLibrary(undefined, adapter).path.endsWith(checkout));
});

test("openLibrary lists every place with the loader's own text", () => {
  const { adapter, tried } = adapterOf({});
  const { code, message } = errorOf(() => openLibrary(undefined, adapter));
  assert.equal(code, "LIBRARY_NOT_FOUND");
  for (const path of tried) assert.ok(message.includes(`${path}: cannot open shared object file`));
  assert.ok(message.includes("zig-out/lib of the checkout"));
  assert.ok(message.includes("@sora-ffi/"));
  assert.ok(message.includes(LIBRARY_VARIABLE));
});

test("openLibrary leaves alone what may not be opened when something may", () => {
  const restricted = adapterOf({ existing: [checkout], allowed: [checkout] });
  openLibrary(undefined, restricted.adapter);
  assert.ok(restricted.tried.every((path) => path.endsWith(checkout)));
  const forbidden = adapterOf({ existing: [checkout], allowed: [] });
  openLibrary(undefined, forbidden.adapter);
  assert.equal(forbidden.tried.length, 1, "without any permission the runtime itself is asked");
});

test("openLibrary names the flag of each permission that is missing", () => {
  const { adapter } = adapterOf({ allowed: [] });
  const { message, cause } = errorOf(() => openLibrary(undefined, adapter));
  const path = fileURLToPath(new URL(`../../${checkout}`, import.meta.url));
  assert.ok(message.includes(`no permission to load it; --allow-ffi=${path} gives it`), message);
  assert.ok(message.includes("no permission to read it; --allow-env=SORA_FFI_LIBRARY gives it"));
  assert.ok(cause instanceof Error, "what the runtime itself said");
  const named = errorOf(() => openLibrary("/option.so", adapter)).message;
  assert.ok(named.includes("/option.so (option library): no permission to load it; --allow-ffi="));
  assert.ok(!named.includes("--allow-env"), "a path that is given is the only one tried");
});

test("openLibrary refuses a library of another ABI version", () => {
  const { adapter } = adapterOf({ existing: [checkout], abi: ABI_VERSION + 1 });
  const { code, message } = errorOf(() => openLibrary(undefined, adapter));
  assert.equal(code, "ABI_MISMATCH");
  assert.ok(
    message.includes(`must be the library of sora-ffi ${version} (ABI version ${ABI_VERSION})`),
  );
  assert.ok(
    message.includes(
      `(ABI version ${ABI_VERSION + 1}). Build it again: run "make build" in ${root}`,
    ),
  );
});

test("openLibrary refuses an unsupported runtime before it loads anything", () => {
  const { adapter, tried } = adapterOf({ existing: [checkout], unsupported: "too old" });
  assert.equal(errorOf(() => openLibrary(undefined, adapter)).code, "UNSUPPORTED");
  assert.deepEqual(tried, []);
});

test("unsupportedBun refuses Bun before 1.4", () => {
  for (const version of ["0.9.9", "1.0.0", "1.3.14"]) {
    assert.match(unsupportedBun(version) ?? "", /1\.4 or later/);
  }
  for (const version of ["1.4.0", "1.4.5", "1.10.0", "2.0.0"]) {
    assert.equal(unsupportedBun(version), undefined);
  }
});

test("unsupportedDeno refuses Deno before 2.8", () => {
  for (const old of ["1.46.3", "2.0.6", "2.3.7", "2.6.8", "2.7.14"]) {
    const said = `sora-ffi needs Deno 2.8 or later, not ${old}: run "deno upgrade"`;
    assert.equal(unsupportedDeno(old), said);
  }
  for (const known of ["2.8.0", "2.8.3", "2.9.5", "2.10.0", "3.0.0", "2.9.0-rc.1"]) {
    assert.equal(unsupportedDeno(known), undefined);
  }
});

test("currentAdapter refuses a runtime that is neither Deno nor Bun", () => {
  assert.equal(currentAdapter({ Bun: {} }).runtime, "Bun");
  assert.equal(currentAdapter({ Deno: {} }).runtime, "Deno");
  const { code, message } = errorOf(() => currentAdapter({ process: {} }));
  assert.equal(code, "UNSUPPORTED");
  assert.match(message, /^sora-ffi runs on Deno and Bun, not on Node\.js \d.*"deno run" or "bun"$/);
});

test("platformPackage names the C library on Linux only", () => {
  assert.equal(platformPackage("linux", "x64"), "@sora-ffi/linux-x64-gnu");
  assert.equal(platformPackage("linux", "arm64"), "@sora-ffi/linux-arm64-gnu");
  assert.equal(platformPackage("darwin", "arm64"), "@sora-ffi/darwin-arm64");
});
