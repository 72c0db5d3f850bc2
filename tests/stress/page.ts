/**
 * The figures of `out/stress.json` in the pages about reliability.
 *
 * @module
 */

import type { Recorded, Results } from "./results.ts";
import { RUNTIMES } from "./row.ts";
import { verdict } from "./table.ts";

/** The languages of the pages. */
export const PAGES = { en: "docs/reliability.md", ja: "docs/ja/reliability.md" } as const;

type Language = keyof typeof PAGES;

const HEADS: Readonly<Record<Language, readonly string[]>> = {
  en: ["row", "asked", "Deno", "Bun", "run"],
  ja: ["行", "求める値", "Deno", "Bun", "実行"],
};

const MARKED = /(<!-- stress -->)[^]*?(<!-- \/stress -->)/;

/** What one runtime came to. */
function cell(one: Recorded | undefined): string {
  if (one === undefined) return "–";
  const text = one.measured ?? one.skipped ?? "–";
  const what = verdict(one);
  return (what === "ok" ? text : `**${what}**: ${text}`).replaceAll("|", "\\|");
}

/** When a row ran, for how long on each runtime, how busy the machine was with others before it, and the seed. */
function run(rows: readonly Recorded[]): string {
  const load = Math.max(...rows.map(({ load }) => load)).toFixed(1);
  const runs = rows.map(({ date, minutes, seed }) =>
    `${date.slice(0, 10)}, ${Number(minutes.toPrecision(2))} min, load ${load}, ${seed}`
  );
  return [...new Set(runs)].join("; ");
}

/** The machine and the table. */
export function figures({ machine, rows }: Results, language: Language): string {
  const { cores, cpu, memoryGiB, kernel } = machine;
  const names = [...new Set(rows.map(({ name }) => name))];
  const lines = names.map((name) => {
    const own = rows.filter((row) => row.name === name);
    const cells = RUNTIMES.map((runtime) => cell(own.find((row) => row.runtime === runtime)));
    return [`\`${name}\``, own[0]!.asked, ...cells, run(own)];
  });
  const head = HEADS[language];
  const table = [head, head.map(() => "---"), ...lines]
    .map((cells) => `| ${cells.join(" | ")} |`).join("\n");
  const where = language === "en"
    ? `${cores} cores of ${cpu}, ${memoryGiB} GiB, ${kernel}:`
    : `${cpu} ${cores} コア、${memoryGiB} GiB、${kernel}:`;
  return `${where}\n\n${table}`;
}

/**
 * The text of a page with the figures.
 *
 * @throws {Error} When the page has no place for them.
 */
export function withFigures(text: string, results: Results, language: Language): string {
  if (!MARKED.test(text)) throw new Error(`${PAGES[language]} has no <!-- stress -->`);
  return text.replace(
    MARKED,
    (_, begin: string, end: string) => `${begin}\n\n${figures(results, language)}\n\n${end}`,
  );
}
