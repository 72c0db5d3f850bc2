/**
 * Writes the tables of `out/peers.json` into the pages, between comments: `deno run -A bench/peers/pages.ts`, or
 * `make bench-peers ARGS=--write` after measuring.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { RESULTS, root } from "./contenders.ts";
import { readResults, type Results } from "./results.ts";
import type { Language } from "./rows.ts";
import { markdown } from "./summary.ts";
import { circumstances, shortTable, type Table, wholeTable } from "./tables.ts";

/** The parts of pages. */
export type PartName = "whole" | "short";

/** The pages, with their language. */
export const PAGES: Readonly<Record<string, Language>> = {
  "README.md": "en",
  "README.ja.md": "ja",
  "docs/speed.md": "en",
  "docs/ja/speed.md": "ja",
};

/** The table of a part. */
export function tableOf(
  part: PartName,
  results: Pick<Results, "measured">,
  language: Language,
): Table {
  return part === "whole" ? wholeTable(results, language) : shortTable(results, language);
}

/** A part of a page: `<!-- peers: short -->` to `<!-- /peers -->`. */
export const MARKED = /(<!-- peers: (whole|short) -->)([^]*?)(<!-- \/peers -->)/g;

/** The text of a page with what was measured in its parts. */
export function withTables(text: string, results: Results, language: Language): string {
  return text.replaceAll(MARKED, (_, begin: string, part: PartName, __, end: string) => {
    const { heads, rows } = tableOf(part, results, language);
    const sentence = part === "whole" ? `${circumstances(results, language)}\n\n` : "";
    return `${begin}\n\n${sentence}${markdown(heads, rows)}\n\n${end}`;
  });
}

/** Writes the pages. */
export function writePages(results: Results): void {
  for (const [page, language] of Object.entries(PAGES)) {
    const text = readFileSync(root + page, "utf8");
    writeFileSync(root + page, withTables(text, results, language));
  }
  const pages = Object.keys(PAGES);
  execFileSync(`${root}.deps/bin/deno`, ["fmt", "--quiet", ...pages], {
    cwd: root,
    stdio: "inherit",
  });
}

if (import.meta.main) {
  const results = readResults(RESULTS);
  if (results === undefined) throw new Error(`${RESULTS} is not there: run make bench-peers`);
  writePages(results);
}
