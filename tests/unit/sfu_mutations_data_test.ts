/** Mutated messages of data channels: compressed ones, bombs among them, and those that open data channels. */
import { strict as assert } from "node:assert";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { compress, expand } from "../../sfu/data/compression.ts";
import { isAck, openMessage } from "../../sfu/data/dcep.ts";
import { survives } from "../support/mutations.ts";

const MAX_BYTES = 262_144;

test("expand survives mutated streams", async () => {
  const texts = ["", "a", '{"type":"pong"}', "abc".repeat(10_000), "\0".repeat(MAX_BYTES)]
    .map((text) => Buffer.from(text));
  const corpus = [...texts.map((text) => compress(text)), ...texts.map((text) => gzipSync(text))];
  let expanded = 0;
  await survives({
    steps: 2_000,
    seed: 31,
    input: (mutator) => mutator.bytes(corpus),
    run: (data) => {
      const bytes = expand(data, MAX_BYTES);
      assert.ok(bytes === undefined || bytes.length <= MAX_BYTES);
      if (bytes !== undefined) expanded++;
    },
  });
  assert.ok(expanded > 20);
});

test("expand stops at the limit, however much a message would become", async () => {
  const zeros = Buffer.alloc(64 * 1024 * 1024);
  const bombs = [
    deflateSync(zeros, { level: 9 }),
    deflateRawSync(zeros, { level: 9 }),
    gzipSync(zeros, { level: 9 }),
    deflateSync(Buffer.alloc(MAX_BYTES + 1)),
  ];
  assert.ok(bombs.every((bomb) => bomb.length < MAX_BYTES));
  let next = 0;
  await survives({
    steps: 40,
    seed: 32,
    input: () => bombs[next++ % bombs.length]!,
    run: (bomb) => assert.equal(expand(bomb, MAX_BYTES), undefined),
  });
  assert.equal(expand(deflateSync(Buffer.alloc(MAX_BYTES)), MAX_BYTES)?.length, MAX_BYTES);
});

test("DCEP messages survive mutations", async () => {
  const corpus = [
    Buffer.from([2]),
    openMessage({ label: "#a", protocol: "p", ordered: false, maxRetransmits: 3 }),
    openMessage({ label: "😀".repeat(64), protocol: "", ordered: true, maxPacketLifeTime: 65_535 }),
  ];
  await survives({
    steps: 2_000,
    seed: 33,
    input: (mutator) => mutator.bytes(corpus),
    run: (message) => assert.equal(isAck(message), message[0] === 2),
  });
});
