import assert from "node:assert/strict";
import { test } from "node:test";
import { openLazily } from "../../ffi/lazy_functions.ts";
import { type NativeSymbol, symbols } from "../../ffi/symbols.ts";

test("openLazily opens a function once, when it is first read", () => {
  const opened: string[] = [];
  const functions = openLazily((name) => {
    opened.push(name);
    return () => name.length;
  });
  assert.deepEqual(opened, []);
  assert.equal(functions.sora_abi_version(), "sora_abi_version".length);
  assert.equal(functions.sora_abi_version(), "sora_abi_version".length);
  assert.deepEqual(opened, ["sora_abi_version"]);
  functions.sora_queue_drain(1, new Uint8Array(0), 0);
  assert.deepEqual(opened, ["sora_abi_version", "sora_queue_drain"]);
});

test("openLazily has every function that returns at once", () => {
  const functions = openLazily((_, symbol) => symbol) as unknown as Record<string, unknown>;
  for (const [name, symbol] of Object.entries<NativeSymbol>(symbols)) {
    // What blocks is opened elsewhere.
    assert.equal(functions[name], symbol.nonblocking === true ? undefined : symbol, name);
  }
});

test("openLazily throws what opening throws, and tries again the next time", () => {
  let fails = true;
  const functions = openLazily(() => {
    if (fails) throw new Error("the permission was revoked");
    return () => 7;
  });
  assert.throws(() => functions.sora_abi_version(), /revoked/);
  fails = false;
  assert.equal(functions.sora_abi_version(), 7);
});
