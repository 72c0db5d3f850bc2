/**
 * What a guide in `docs/` has users copy: the files and the commands in its blocks.
 *
 * @module
 */

import { readFileSync } from "node:fs";

/** The blocks of a guide. */
export interface Guide {
  /** Files by name: the last name in code before a block of TypeScript. */
  readonly files: ReadonlyMap<string, string>;
  /** The lines of the blocks of commands, in words. */
  readonly commands: readonly (readonly string[])[];
}

const BLOCK = /(?:^|\n)([^\n]+)\n\n```(\w*)\n([^]*?)\n```(?=\n|$)/g;

/**
 * Reads a guide.
 *
 * @throws {Error} A block is neither TypeScript behind a line with its file's name, nor commands.
 */
export function readGuide(name: string): Guide {
  const text = readFileSync(new URL(`../../docs/${name}`, import.meta.url), "utf8");
  const files = new Map<string, string>();
  const commands: string[][] = [];
  const blocks = [...text.matchAll(BLOCK)];
  if (blocks.length !== text.split("\n```").length >> 1) {
    throw new Error(`docs/${name} must have a line and an empty line before each block`);
  }
  for (const [, line = "", language, body = ""] of blocks) {
    const file = /`([\w.]+)`:$/.exec(line)?.[1];
    if (language === "ts" && file !== undefined) files.set(file, `${body}\n`);
    else if (language === "console") commands.push(...body.split("\n").map((l) => l.split(" ")));
    else throw new Error(`docs/${name} must name the file of the block behind "${line}"`);
  }
  return { files, commands };
}
