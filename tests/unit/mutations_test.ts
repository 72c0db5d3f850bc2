import { strict as assert } from "node:assert";
import process from "node:process";
import { test } from "node:test";
import { Mutator, survives } from "../support/mutations.ts";

test("Mutator: the same seed gives the same inputs, another one gives others", () => {
  const inputs = (seed: number) => {
    const mutator = new Mutator(seed);
    return Array.from({ length: 20 }, () => [
      mutator.bytes([new Uint8Array([1, 2, 3, 4]), new Uint8Array(20)]).toString("hex"),
      mutator.text(["one\ntwo", "3"]),
      mutator.jsonText([{ a: [1, { b: "c" }] }]),
    ]);
  };
  assert.deepEqual(inputs(1), inputs(1));
  assert.notDeepEqual(inputs(1), inputs(2));
});

const base = { steps: 50, seed: 1, input: (mutator: Mutator) => mutator.integer(50) };

test("survives counts what is accepted and what is refused", async () => {
  const counts = await survives({
    ...base,
    run: (input) => {
      if (input < 25) throw new RangeError("refused");
    },
    refuses: (error) => error instanceof RangeError,
  });
  assert.equal(counts.accepted + counts.refused, 50);
  assert.ok(counts.accepted > 0 && counts.refused > 0);
});

test("survives reports another error, with the input", async () => {
  const run = (input: number) => {
    if (input === 7) throw new TypeError("broken");
    throw new RangeError("refused");
  };
  const refuses = (error: unknown) => error instanceof RangeError;
  await assert.rejects(survives({ ...base, steps: 500, run, refuses }), /broken.*seed 1: 7$/);
});

test("survives reports a step that takes long", async () => {
  const cpuMs = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000;
  };
  const run = () => {
    for (const end = cpuMs() + 150; cpuMs() < end;) Array.from({ length: 10_000 }, Math.random);
  };
  await assert.rejects(survives({ ...base, run }), /took \d+ ms at step 0/);
});

test("survives reports what grows", async () => {
  const kept: number[][] = [];
  const run = () => kept.push(Array.from({ length: 100_000 }, Math.random));
  await assert.rejects(survives({ ...base, run }), /grew by \d+ MB/);
});
