import assert from "node:assert/strict";
import { test } from "node:test";
import { symbols, topics } from "../../ffi/symbols.ts";
import { openByTopic } from "../../ffi/topics.ts";

test("openByTopic opens the functions of a topic together, once, when one of them is read", () => {
  const opened: string[][] = [];
  const functions = openByTopic((table) => {
    opened.push(Object.keys(table));
    return Object.fromEntries(Object.keys(table).map((name) => [name, () => name.length]));
  });
  assert.equal(opened.length, 0);
  assert.equal(functions.sora_abi_version(), "sora_abi_version".length);
  assert.equal(functions.sora_abi_version(), "sora_abi_version".length);
  functions.sora_version(new Uint8Array(0), 0);
  assert.equal(opened.length, 1);
  assert.ok(opened[0]?.includes("sora_version"));

  functions.sora_queue_drain(1, new Uint8Array(0), 0);
  assert.equal(opened.length, 2);
  // What blocks is opened elsewhere.
  assert.equal(opened[1]?.includes("sora_queue_wait"), false);
});

test("openByTopic has every function that returns at once", () => {
  const functions = openByTopic((table) => table) as unknown as Record<string, unknown>;
  for (const [name, symbol] of Object.entries(symbols)) {
    assert.equal(functions[name], "nonblocking" in symbol ? undefined : symbol, name);
  }
  const names = topics.flatMap((topic) => Object.keys(topic));
  assert.equal(new Set(names).size, names.length);
});

test("openByTopic throws what opening throws, and tries again the next time", () => {
  let fails = true;
  const functions = openByTopic((table) => {
    if (fails) throw new Error("the permission was revoked");
    return Object.fromEntries(Object.keys(table).map((name) => [name, () => 7]));
  });
  assert.throws(() => functions.sora_abi_version(), /revoked/);
  fails = false;
  assert.equal(functions.sora_abi_version(), 7);
});
