import assert from "node:assert/strict";
import { test } from "node:test";
import { draw, FRAME_BYTES, readNumber, VIDEO } from "../../bench/peers/programs/program.ts";
import {
  bestPeer,
  isBehind,
  markdown,
  ratioOf,
  showSpread,
  spreadOf,
} from "../../bench/peers/summary.ts";

const less = { name: "latency", unit: "ms", better: "less" } as const;
const more = { name: "rate", unit: "MB/s", better: "more" } as const;

test("readNumber gives what draw has drawn, in each format", () => {
  for (const format of ["BGR", "RGBA", "I420", "NV12"] as const) {
    const pixels = new Uint8Array(FRAME_BYTES[format]);
    for (const number of [0, 1, 0b1010_1010_1010_1010, 65_535]) {
      draw(pixels, format, number);
      assert.equal(readNumber(pixels, format, VIDEO.width), number, format);
    }
    assert.equal(readNumber(pixels.fill(128), format, VIDEO.width), undefined, format);
  }
});

test("spreadOf leaves out rounds that failed", () => {
  assert.deepEqual(spreadOf([3, undefined, 1, 2]), { median: 2, least: 1, most: 3 });
  assert.equal(spreadOf([undefined]), undefined);
  assert.equal(spreadOf([]), undefined);
});

test("bestPeer takes the one that is ahead by its median", () => {
  const peers = new Map([["a", [10, 11, 90]], ["b", [12, 12, 12]], ["c", [undefined]]]);
  assert.equal(bestPeer(less, peers), "a");
  assert.equal(bestPeer(more, peers), "b");
  assert.equal(bestPeer(less, new Map([["c", []]])), undefined);
});

test("ratioOf divides round by round, so that a slow moment of the machine counts for both", () => {
  const ratio = ratioOf([10, 20, undefined, 40], [20, 40, 1, 80, 7])!;
  assert.deepEqual(ratio, { median: 0.5, least: 0.5, most: 0.5 });
  assert.equal(isBehind(less, ratio), false);
  assert.equal(isBehind(more, ratio), true);
  const alike = { median: 1.01, least: 1, most: 1.2 };
  assert.deepEqual([isBehind(less, alike), isBehind(more, alike)], [false, false]);
  assert.equal(ratioOf([undefined], [1]), undefined);
});

test("the table has a median with its spread, or a dash", () => {
  const cells = [[3, 1, 2], [7], []].map((rounds) => showSpread(spreadOf(rounds)));
  assert.deepEqual(cells, ["2.00 (1.00–3.00)", "7.00", "–"]);
  assert.equal(
    markdown(["what", "b"], [["x", "1.0"]]),
    "| what | b   |\n| ---- | --- |\n| x    | 1.0 |",
  );
});
