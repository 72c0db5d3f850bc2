/**
 * What the README has users copy.
 *
 * @module
 */

import { readFileSync } from "node:fs";

/** The README's text. */
export const readme: string = readFileSync(new URL("../../README.md", import.meta.url), "utf8");

/** A program with other names for the package's modules: `name` is given `sora-ffi` or `sora-ffi/sfu`. */
export function withSpecifiers(program: string, name: (specifier: string) => string): string {
  return program.replaceAll(/\bfrom "(sora-ffi[^"]*)"/g, (_, own) => `from "${name(own)}"`);
}

/** A program with its statements in an async function, `head` before it: for a file of tests. */
export function inFunction(program: string, head: string): string {
  const [, imports = "", body = ""] = /^((?:import .*\n)+)([^]*)$/.exec(program) ?? [];
  return `${imports}\n${head}async () => {\n${body}});\n`;
}

/** The README's program: its first block of TypeScript. */
export function readmeProgram(): string {
  const [, program] = /```ts\n([^]*?)```/.exec(readme) ?? [];
  if (program === undefined) throw new Error("README.md must have a block of TypeScript");
  return program;
}
