/**
 * The pages that users read, README and `docs/`, in English and in Japanese: their headings, blocks and links.
 *
 * @module
 */

import { readdirSync, readFileSync } from "node:fs";

const root = new URL("../../", import.meta.url);

/** The files of `docs/`, without the Japanese ones. */
const names = readdirSync(new URL("docs/", root)).filter((name) => name.endsWith(".md")).sort();

/** The pages in English. */
export const pagePaths: readonly string[] = ["README.md", ...names.map((name) => `docs/${name}`)];

/** A page's counterpart in Japanese: `docs/ja/start.md` of `docs/start.md`. */
export function japanesePath(path: string): string {
  return path === "README.md" ? "README.ja.md" : path.replace(/^docs\//, "docs/ja/");
}

/** A heading. */
export interface Heading {
  /** 1 for the title. */
  readonly level: number;
  readonly text: string;
}

/** A block of code. */
export interface Block {
  /** `ts`, `console`, `text`, … */
  readonly language: string;
  readonly code: string;
  /** The file that the line before it names: `app.ts` of a line that ends with `` `app.ts`: ``. */
  readonly file: string | undefined;
  /** What stands between it and the block before. */
  readonly before: string;
}

/** A page. */
export interface Page {
  /** From the root of the checkout. */
  readonly path: string;
  readonly headings: readonly Heading[];
  readonly blocks: readonly Block[];
  /** How many rows and columns each table has. */
  readonly tables: readonly (readonly [rows: number, columns: number])[];
  /** How many points each list has. */
  readonly lists: readonly number[];
  /** The targets of its links. */
  readonly links: readonly string[];
  /** How many words it has, code included; neither the rules of tables count nor the table that `make stress` writes. */
  readonly words: number;
}

const BLOCK = /^```(\w*)\n([^]*?)\n?^```$/gm;

/** Reads a page. */
export function readPage(path: string): Page {
  const text = readFileSync(new URL(path, root), "utf8");
  const blocks: Block[] = [];
  let end = 0;
  for (const { index, 0: whole, 1: language = "", 2: code = "" } of text.matchAll(BLOCK)) {
    const before = text.slice(end, index).trim();
    end = index + whole.length;
    // A Japanese sentence ends with a colon of its own.
    const file = /`([\w.]+\.\w+)`[:：]$/.exec(before)?.[1];
    blocks.push({ language, code, file, before });
  }
  const prose = text.replaceAll(BLOCK, "");
  return {
    path,
    headings: [...prose.matchAll(/^(#+) (.*)$/gm)].map(([, marks = "", text = ""]) => ({
      level: marks.length,
      text,
    })),
    blocks,
    tables: [...prose.matchAll(/(?:^\|.*\n?)+/gm)].map(([table]) => {
      const rows = table.trimEnd().split("\n");
      return [rows.length, rows[0]!.split("|").length - 2] as const;
    }),
    lists: [...prose.matchAll(/(?:^(?:- |\d+\. | {2,}\S).*\n?)+/gm)].map(([list]) =>
      list.match(/^(?:- |\d+\. )/gm)?.length ?? 0
    ),
    links: [...prose.replaceAll(/`[^`\n]*`/g, "").matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target = ""]) => target),
    words:
      text.replace(/<!-- stress -->[^]*<!-- \/stress -->/, "").split(/\s+/).filter((word) =>
        /[^|:-]/.test(word)
      ).length,
  };
}

/** The name of a heading in links, as GitHub makes it. */
export function anchor(heading: string): string {
  return heading.trim().toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, "").replaceAll(/\s/g, "-");
}

/** A block's code without its comments, which are translated. */
export function withoutComments({ language, code }: Block): string {
  const bare = language === "ts" || language === "js"
    ? code.replaceAll(/^\s*\/\*\*[^]*?\*\/\n/gm, "").replaceAll(/(^|\s)\/\/ .*$/gm, "$1")
    : language === "console"
    ? code.replaceAll(/(^|\s)# .*$/gm, "$1")
    : code;
  return bare.replaceAll(/[^\S\n]+$/gm, "").replaceAll(/\n{2,}/g, "\n");
}

/** The first cell of each row of a page's tables, without the head. */
export function firstCells(path: string): string[] {
  const text = readFileSync(new URL(path, root), "utf8");
  return [...text.matchAll(/(?:^\|.*\n)+/gm)].flatMap(([table]) =>
    table.trimEnd().split("\n").slice(2).map((row) => row.split("|")[1]!.trim())
  );
}
