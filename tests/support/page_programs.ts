/**
 * The programs of a page. A block of TypeScript that begins with an import begins a program, and those without continue it; one
 * whose file the line before names is that file, for the page's programs to import. A block of `text` directly behind a program
 * is what it prints: digits stand for any number, `…` for anything.
 *
 * @module
 */

import type { Block, Page } from "./pages.ts";

/** A program. */
export interface PageProgram {
  /** `start-1.ts` for the first program of `docs/start.md`. */
  readonly file: string;
  readonly code: string;
  /** The lines that it prints, among others. */
  readonly prints: readonly RegExp[];
}

/** What the blocks of TypeScript of a page are. */
export interface PagePrograms {
  readonly programs: readonly PageProgram[];
  /** The text of each file that the page names. */
  readonly files: ReadonlyMap<string, string>;
}

/** What a line of output must look like. */
function pattern(line: string): RegExp {
  const escaped = line.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll(/\d+/g, "\\d+").replaceAll("…", ".*")}$`);
}

/**
 * The programs of a page.
 *
 * @throws {Error} A block continues no program.
 */
export function programsOf({ path, blocks }: Page): PagePrograms {
  const name = path.replace(/^.*\//, "").replace(/\.md$/, "");
  const files = new Map<string, string>();
  const programs: { file: string; code: string; prints: RegExp[] }[] = [];
  let before: Block | undefined;
  for (const block of blocks) {
    const program = programs.at(-1);
    if (block.language === "ts" && block.file !== undefined) files.set(block.file, block.code);
    else if (block.language === "ts" && block.code.startsWith("import ")) {
      programs.push({ file: `${name}-${programs.length + 1}.ts`, code: block.code, prints: [] });
    } else if (block.language === "ts") {
      if (!program) throw new Error(`${path}: the first program must begin with an import`);
      program.code += `\n\n${block.code}`;
    } else if (block.language === "text" && before?.language === "ts" && program) {
      program.prints.push(...block.code.split("\n").map(pattern));
    }
    before = block;
  }
  return { programs, files };
}
