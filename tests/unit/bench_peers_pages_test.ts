/** The tables that `make bench-peers` writes into the pages. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { findContenders } from "../../bench/peers/contenders.ts";
import { MARKED, PAGES, type PartName, tableOf, withTables } from "../../bench/peers/pages.ts";
import type { Measured } from "../../bench/peers/results.ts";
import { type Language, ROWS } from "../../bench/peers/rows.ts";
import { circumstances, linesOf, report } from "../../bench/peers/tables.ts";

const root = new URL("../../", import.meta.url);
const read = (page: string) => readFileSync(new URL(page, root), "utf8");

const latencies = (deno: number, python: number, wrtc: number) => ({
  deno: { latency50: deno, readBGR: 100, megabytes: 120, rate: 27, sendCpu: 10 },
  python: { latency50: python, readBGR: 1, megabytes: 100, rate: 25, sendCpu: 12 },
  wrtc: { latency50: wrtc, megabytes: 130, rate: 30, sendCpu: 9 },
});
const measured: readonly Measured[] = [
  { scene: "video", round: 0, load: 0.5, figures: latencies(10, 30, 5), failures: {} },
  { scene: "video", round: 1, load: 1.25, figures: latencies(12, 40, 5), failures: {} },
];
const results = { cores: 2, missing: {}, measured };

test("a row is compared with the best peer of its kind", () => {
  const lines = new Map(linesOf(results, findContenders()).map((line) => [line.key, line]));
  const latency = lines.get("latency50")!;
  // Who has no server in between is no measure of latency.
  assert.equal(latency.best!.key, "python");
  const { verdict, ratio } = latency.standings.get("deno")!;
  assert.deepEqual([verdict, ratio.least, ratio.most], ["ahead", 12 / 40, 10 / 30]);
  assert.equal(latency.standings.has("bun"), false);
  // Who converts each frame before it is handed out is none of reading.
  assert.equal(lines.get("readBGR")!.best, undefined);
  // Its messages are received and sent once.
  assert.equal(lines.get("megabytes")!.best!.key, "python");
  assert.equal(lines.get("megabytes")!.standings.get("deno")!.verdict, "ahead");
  assert.equal(lines.get("rate")!.best!.key, "wrtc");
  assert.equal(lines.get("rate")!.standings.get("deno")!.verdict, "behind");
});

test("the report has every figure with its spread, and says what is behind", () => {
  const text = report(results, findContenders().filter(({ key }) => key in measured[0]!.figures));
  assert.match(
    text,
    /\| latency p50, ms +\| 11\.0 \(10\.0–12\.0\) \| 35\.0 \(30\.0–40\.0\) +\| 5\.00 \*/,
  );
  assert.match(text, /\| 0\.32 \(0\.30–0\.33\) ahead +\|/);
  assert.match(text, /^Behind: frames received: deno 0\.90 times that of @roamhq\/wrtc/m);
  assert.match(text, /^Medians of 2 rounds on 2 cores, with a load of 1\.3 before\.$/m);
});

test("pages have rows, verdicts and the best other", () => {
  const row = (part: PartName, language: Language, key: keyof typeof ROWS) =>
    tableOf(part, results, language).rows.find(([name]) => name!.startsWith(ROWS[key][language]))!;
  assert.deepEqual(row("whole", "en", "latency50"), [
    "latency p50, ms",
    ...["11.0", "", "35.0", "", "5.00\\*", "", "", "0.32 ahead", ""],
  ]);
  assert.equal(row("whole", "ja", "rate").at(-2), "0.90 劣位");
  assert.deepEqual(row("short", "en", "sendCpu"), [
    "sender's CPU, a frame, ms",
    ...["10.0", "", "9.00 `wrtc`"],
  ]);
  const page = "# A\n\n<!-- peers: whole -->\nold\n<!-- /peers -->\n\nend\n";
  const text = withTables(page, results, "ja");
  assert.match(
    text,
    /^# A\n\n<!-- peers: whole -->\n\n2 コアでの 2 回の中央値です。[^]*\n\nend\n$/,
  );
  assert.doesNotMatch(text, /old/);
  assert.equal(withTables(text, results, "ja"), text);
});

/** The parts of a page: a sentence, which the README has no room for, and the cells of a table. */
function partsOf(page: string) {
  return [...read(page).matchAll(MARKED)].map(([, , part, text]) => {
    const [table = "", sentence] = text!.trim().split("\n\n").reverse();
    const cells = table.split("\n").map((line) =>
      line.replace(/^\||\|$/g, "").split("|").map((cell) => cell.trim())
    );
    return { part: part as PartName, sentence, heads: cells[0]!, rows: cells.slice(2) };
  });
}

const FIGURE = /^(?:|[\d,]+(?:\.\d+)?(?:\\\*)?)$/;
const BEST = /^(?:|[\d,]+(?:\.\d+)? `[\w-]+`)$/;
const VERDICT = / (?:ahead|level|behind|優位|同等|劣位)$/;
const STANDING = /^(?:|\d+(?:\.\d+)? (?:ahead|level|behind|優位|同等|劣位))$/;

test("the tables in the pages are those that make bench-peers ARGS=--write writes", () => {
  for (const [page, language] of Object.entries(PAGES)) {
    const parts = partsOf(page);
    assert.equal(parts.length, 1, page);
    for (const { part, sentence, heads, rows } of parts) {
      const expected = tableOf(part, { measured: [] }, language);
      const sentences = [measured, measured.slice(0, 1)].map((some) =>
        circumstances({ ...results, measured: some }, language)
      );
      const pattern = sentences.join("|").replaceAll(/\d+(?:\.\d+)?/g, "[\\d.–]+");
      if (part === "whole") assert.match(sentence ?? "", new RegExp(`^(?:${pattern})$`), page);
      else assert.equal(sentence, undefined, page);
      assert.deepEqual(heads, expected.heads, page);
      assert.deepEqual(rows.map(([name]) => name), expected.rows.map(([name]) => name), page);
      for (const [name, ...cells] of rows) {
        cells.forEach((cell, at) => {
          const head = heads[at + 1]!;
          const form = head.includes("÷") ? STANDING : at === 2 && part === "short" ? BEST : FIGURE;
          assert.match(cell, form, `${page}: ${name}, ${head}`);
        });
      }
    }
  }
});

test("the tables have the same figures in both languages", () => {
  const figures = (page: string) =>
    partsOf(page).map(({ rows }) =>
      rows.map((row) => row.slice(1).map((cell) => cell.replace(VERDICT, "")))
    );
  assert.deepEqual(figures("README.ja.md"), figures("README.md"));
  assert.deepEqual(figures("docs/ja/speed.md"), figures("docs/speed.md"));
});

test("the pages have the versions that are installed", () => {
  const versions = findContenders().filter(({ ours }) => !ours).map(({ name }) =>
    /\d[\d.]+/.exec(name)![0]
  );
  for (const page of ["docs/speed.md", "docs/ja/speed.md"]) {
    for (const version of versions) assert.ok(read(page).includes(`| ${version}`), version);
  }
});
