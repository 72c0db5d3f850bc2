/**
 * The texts of `--help`.
 *
 * @module
 */

import { columns } from "./terminal/columns.ts";
import type { Command, Option } from "./command.ts";
import { COMMANDS } from "./commands.ts";

/** The options that are there without a subcommand. */
export const GLOBAL_OPTIONS: Readonly<Record<string, Option>> = {
  help: { summary: "print this text; after a command: print its options" },
  version: { summary: "print the version" },
};

/** The option that every subcommand has. */
export const HELP_OPTION: Readonly<Record<string, Option>> = {
  help: { summary: "print this text" },
};

function optionLines(options: Readonly<Record<string, Option>>): string[][] {
  return Object.entries(options).map(([name, { value, summary }]) => [
    `  --${name}${value === undefined ? "" : ` ${value}`}`,
    summary,
  ]);
}

/** The help of the command as a whole. */
export function overview(): string {
  const commands = Object.entries(COMMANDS).map(([name, { summary }]) => [`  ${name}`, summary]);
  return `Usage: sora-ffi COMMAND [OPTIONS]

${columns([...commands, ...optionLines(GLOBAL_OPTIONS)])}
On a terminal the output is text for people, elsewhere one line of JSON.
Exit code: 0 when all is well, 1 when something failed, 2 when the command line is wrong, 130 when it was interrupted.
`;
}

/** The help of a subcommand. */
export function commandHelp(name: string, { summary, options, operands }: Command): string {
  const words = operands === undefined ? "" : ` ${operands.value}`;
  const about = operands === undefined ? "" : `${operands.value}: ${operands.summary}.\n\n`;
  return `Usage: sora-ffi ${name}${words} [OPTIONS]

${summary[0]!.toUpperCase()}${summary.slice(1)}.

${about}${columns(optionLines({ ...options, ...HELP_OPTION }))}`;
}
