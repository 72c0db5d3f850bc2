/**
 * The programs in the `@example` tags of doc comments.
 *
 * @module
 */

import { execFile } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** An exported class or function. */
export interface Documented {
  readonly module: string;
  readonly name: string;
  /** Its program; undefined when its doc comment has none. */
  readonly program: string | undefined;
}

/** As `deno doc --json` describes a symbol, as far as it is used here. */
interface Symbol {
  readonly name: string;
  readonly declarations: readonly {
    readonly kind: string;
    readonly jsDoc?: { readonly tags?: readonly { kind: string; doc?: string }[] };
  }[];
}

/** The classes and functions that a module exports, with their examples. */
export async function documented(module: string): Promise<Documented[]> {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const { stdout } = await promisify(execFile)(
    `${root}.deps/bin/deno`,
    ["doc", "--json", "--quiet", module],
    { cwd: root, maxBuffer: 64 * 1024 * 1024 },
  );
  const { nodes } = JSON.parse(stdout) as { nodes: Record<string, { symbols: Symbol[] }> };
  const symbols = Object.values(nodes).flatMap((file) => file.symbols);
  return symbols
    .filter(({ declarations }) =>
      declarations.some(({ kind }) => kind === "class" || kind === "function")
    )
    .map(({ name, declarations }) => {
      const tags = declarations.flatMap(({ jsDoc }) => jsDoc?.tags ?? []);
      const example = tags.find(({ kind }) => kind === "example")?.doc ?? "";
      return { module, name, program: /```ts\n([^]*?)```/.exec(example)?.[1] };
    });
}

/** What a program says that it prints: the comments behind its `console.log(…);`, in order. */
export function announced(program: string): string[] {
  return [...program.matchAll(/console\.log\(.*\);? \/\/ (.*)$/gm)].map((match) => match[1]!);
}

/** Whether a printed line is an announced one, in which `PORT` stands for any number. */
export function isAsAnnounced(printed: string, line: string): boolean {
  return printed.replaceAll(/(?<=:)\d+/g, "PORT") === line || printed === line;
}

/** The command that runs a program on this runtime. */
export function runCommand(file: string): [string, ...string[]] {
  return "Deno" in globalThis
    ? [process.execPath, "run", "-A", "--no-prompt", file]
    : [process.execPath, file];
}
