import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { findContenders, findNode } from "../../bench/peers/contenders.ts";
import { parseOptions } from "../../bench/peers/options.ts";
import { draw, FRAME_BYTES, readNumber, VIDEO } from "../../bench/peers/programs/program.ts";
import { Progress } from "../../bench/peers/progress.ts";
import { columnsOf, type Measured, readResults, writeResults } from "../../bench/peers/results.ts";
import {
  bestPeer,
  digits,
  markdown,
  ratioOf,
  showSpread,
  spreadOf,
  verdictOf,
} from "../../bench/peers/summary.ts";

const less = { en: "latency", ja: "遅延", unit: "ms", better: "less" } as const;
const more = { en: "rate", ja: "速度", unit: "MB/s", better: "more" } as const;

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
  assert.equal(ratioOf([undefined], [1]), undefined);
});

test("verdictOf calls level what the rounds do not agree on, and what is nearly alike", () => {
  const of = (least: number, median: number, most: number) =>
    [less, more].map((row) => verdictOf(row, { least, median, most }));
  assert.deepEqual(of(0.4, 0.5, 0.9), ["ahead", "behind"]);
  assert.deepEqual(of(1.03, 1.1, 1.2), ["behind", "ahead"]);
  assert.deepEqual(of(0.9, 1.5, 1.6), ["level", "level"]);
  assert.deepEqual(of(1, 1.01, 1.2), ["level", "level"]);
});

test("the table has a median with its spread, or a dash", () => {
  const cells = [[3, 1, 2], [7], []].map((rounds) => showSpread(spreadOf(rounds)));
  assert.deepEqual(cells, ["2.00 (1.00–3.00)", "7.00", "–"]);
  assert.deepEqual(
    [0.25, 9.876, 12.34, 123.4, 1_234, 65_432.1, 1_234_567].map(digits),
    ["0.25", "9.88", "12.3", "123", "1234", "65,432", "1,234,567"],
  );
  assert.equal(
    markdown(["what", "b"], [["x", "1.0"]]),
    "| what | b   |\n| ---- | --- |\n| x    | 1.0 |",
  );
});

const failed: Measured = {
  ...{ scene: "video", round: 0, load: 0.5 },
  figures: { deno: { latency50: 10, rate: 30 } },
  failures: { python: "it ended" },
};
const second: Measured = {
  ...{ scene: "video", round: 1, load: 0.5 },
  figures: { deno: { latency50: 12 }, python: { latency50: 30 } },
  failures: {},
};

test("results are kept by scene and round, and come back from their file", () => {
  const folder = mkdtempSync(join(tmpdir(), "sora-ffi-test-"));
  try {
    const path = join(folder, "out", "peers.json");
    assert.equal(readResults(path), undefined);
    const results = { cores: 2, missing: { aiortc: "no Python" }, measured: [failed, second] };
    writeResults(path, results);
    assert.deepEqual(readResults(path), results);
    writeFileSync(path, '{"rows": []}');
    assert.throws(() => readResults(path), /another version of make bench-peers/);
  } finally {
    rmSync(folder, { recursive: true });
  }
  const columns = columnsOf([failed, second], "latency50");
  assert.deepEqual(columns.get("deno"), [10, 12]);
  assert.deepEqual(spreadOf(columns.get("python")!), { median: 30, least: 30, most: 30 });
  assert.deepEqual([...columnsOf([failed, second], "start")], []);
});

test("the command line names scenes, contenders and rounds", () => {
  const parse = (line: string) =>
    parseOptions(line.split(" ").filter(Boolean), ["video", "idle"], ["deno", "python"]);
  assert.deepEqual(parse(""), {
    ...{ scenes: ["video", "idle"], contenders: [], rounds: 3, resume: false, write: false },
  });
  assert.deepEqual(parse("python idle --rounds 5"), {
    ...{ scenes: ["idle"], contenders: ["python"], rounds: 5, resume: false, write: false },
  });
  assert.deepEqual([parse("--resume").resume, parse("--write video").write], [true, true]);
  assert.throws(() => parse("audio"), {
    name: "TypeError",
    message: 'A word must be one of video, idle, deno, python, not "audio"',
  });
  for (const rounds of ["0", "1.5", "x", "101"]) {
    assert.throws(() => parse(`--rounds ${rounds}`), {
      name: "RangeError",
      message: `--rounds must be an integer from 1 to 100, not "${rounds}"`,
    });
  }
  for (const option of ["--write", "--resume"]) {
    assert.throws(() => parse(`python ${option}`), {
      name: "TypeError",
      message: `${option} needs everybody, not python alone`,
    });
  }
});

test("Progress expects the rest to take as long as what is done did", () => {
  let now = 0;
  const progress = new Progress(600, () => now);
  assert.equal(String(progress), "[0 %, 10 min left]");
  now = 120_000;
  progress.advance(60);
  assert.equal(String(progress), "[10 %, 18 min left]");
  progress.advance(540);
  assert.equal(String(progress), "[100 %, 0 min left]");
});

test("Node.js is looked up in PATH, because Deno runs what is called node itself", () => {
  const folder = mkdtempSync(join(tmpdir(), "sora-ffi-test-"));
  try {
    assert.equal(findNode(folder), undefined);
    writeFileSync(join(folder, "node"), "");
    assert.equal(findNode(`/nowhere:${folder}`), join(folder, "node"));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("each contender has a part in each scene, or a reason", () => {
  for (const { key, pushes, reads, cannot } of findContenders()) {
    assert.equal(pushes.length > 0 && reads.length > 0, cannot.video === undefined, key);
    if (cannot.video !== undefined) continue;
    // Frames are compared by their green, which is in the same place in these alone.
    assert.ok(["BGR", "RGBA"].includes(reads[0]!), key);
  }
});
