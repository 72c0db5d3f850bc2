/**
 * From the command line to a subcommand, and from an error to a sentence and an exit code.
 *
 * @module
 */

import process from "node:process";
import { setImmediate } from "node:timers";
import { parseArgs } from "node:util";
import { quoted } from "../base/text.ts";
import { SoraError, version } from "../mod.ts";
import {
  type Command,
  type Context,
  ExitCode,
  Interrupted,
  type Option,
  UsageError,
  type Values,
} from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { commandHelp, GLOBAL_OPTIONS, HELP_OPTION, overview } from "./help.ts";

/** The options and the words besides them. */
interface Words {
  readonly values: Values;
  readonly operands: readonly string[];
}

/** Reads options, or throws what is wrong with them: the first sentence of what `parseArgs` says. */
function readOptions(
  args: readonly string[],
  known: Readonly<Record<string, Option>>,
  help: string,
  maxOperands = 0,
): Words {
  const options = Object.fromEntries(
    Object.entries(known).map(([name, { value, isRepeatable = false }]) =>
      [name, {
        type: value === undefined ? "boolean" : "string",
        multiple: isRepeatable,
      }] as const
    ),
  );
  try {
    const { values, positionals: operands } = parseArgs({
      args: [...args],
      options,
      allowPositionals: maxOperands > 0,
    });
    if (operands.length > maxOperands) {
      throw new TypeError(`Unexpected argument '${quoted(operands[maxOperands]!)}'`);
    }
    return { values: values as Values, operands };
  } catch (error) {
    const [sentence = ""] = (error as Error).message.split(/\.\s|\n/);
    throw new UsageError(`${sentence}: "${help}" lists the options`, { cause: error });
  }
}

function findCommand(name: string): Command {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command !== undefined) return command;
  const names = Object.keys(COMMANDS).join(", ");
  throw new UsageError(
    name === ""
      ? `sora-ffi needs a command: ${names} ("sora-ffi --help" describes them)`
      : `sora-ffi has no command ${
        JSON.stringify(name)
      }: it has ${names} ("sora-ffi --help" describes them)`,
  );
}

/** What the library says about an option, in the words of the command line: `--openh264` for `options.openh264`. */
function asUsage(error: unknown, { options }: Command): unknown {
  if (!(error instanceof TypeError || error instanceof RangeError)) return error;
  const [path, property = ""] = /^options\.(\w+)/.exec(error.message) ?? [];
  const [other] = Object.entries(options).find(([, option]) => option.property === property) ?? [];
  const name = other ?? property.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  if (path === undefined || !Object.hasOwn(options, name)) return error;
  const rest = error.message.slice(path.length).replace(/^\[\d+\]/, "");
  return new UsageError(`--${name}${rest}`, { cause: error });
}

async function dispatch(args: readonly string[], context: Context): Promise<number> {
  const [first = "", ...rest] = args;
  if (first.startsWith("-")) {
    const { values } = readOptions(args, GLOBAL_OPTIONS, "sora-ffi --help");
    if (values.help || values.version) {
      context.stdout.write(values.help ? overview() : `${version}\n`);
      return ExitCode.OK;
    }
  }
  const command = findCommand(first);
  const known = { ...command.options, ...HELP_OPTION };
  const { operands: { max = 0 } = {} } = command;
  const { values, operands } = readOptions(rest, known, `sora-ffi ${first} --help`, max);
  if (values.help) {
    context.stdout.write(commandHelp(first, command));
    return ExitCode.OK;
  }
  return await command.run(values, context, operands).catch((error) => {
    throw asUsage(error, command);
  });
}

/** The message alone of what the user can mend: ours, the system's, a permission's. Of anything else the stack matters too. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const known = error instanceof UsageError || error instanceof SoraError ||
    error.name === "NotCapable" || typeof (error as { code?: unknown }).code === "string";
  return known ? error.message : error.stack ?? error.message;
}

/** Runs the command line in its surroundings, and resolves with the exit code. It never rejects. */
export async function run(args: readonly string[], context: Context): Promise<number> {
  const { signal, stderr } = context;
  try {
    const code = await dispatch(args, context);
    if (signal.aborted && !(signal.reason instanceof Interrupted)) throw signal.reason;
    return code;
  } catch (error) {
    if (error instanceof Interrupted) return ExitCode.INTERRUPTED;
    stderr.write(`${describe(error)}\n`);
    return error instanceof UsageError ? ExitCode.USAGE : ExitCode.FAILED;
  }
}

/**
 * Runs the command `sora-ffi` in this process: writes to its standard output and error, and listens for Ctrl-C and SIGTERM.
 *
 * @param args The arguments: a command, then its options.
 * @returns The exit code: 0 when all is well, 1 when something failed, 2 when the arguments are wrong, 130 when it was interrupted.
 *
 * @example
 * ```ts
 * import { main } from "sora-ffi/cli";
 *
 * const code = await main(["codecs", "--help"]); // prints the help
 * if (code !== 0) throw new Error(`it ended with ${code}`);
 * ```
 */
export async function main(args: readonly string[]): Promise<number> {
  const { stdout, stderr } = process;
  const ending = new AbortController();
  const hurrying = new AbortController();
  const interrupt = () => {
    if (!ending.signal.aborted) {
      ending.abort(new Interrupted());
      return;
    }
    hurrying.abort();
    // The next one ends the process.
    release();
  };
  // Deno throws the lack of a permission to listen past all who wait for the server to listen.
  const abort = (error: Error) => ending.abort(error);
  // Whoever read the first line of a server may have closed the pipe: what is written then is lost, and nothing else.
  const onOutputError = (error: Error & { code?: string }) => {
    if (error.code !== "EPIPE") abort(error);
  };
  process.once("uncaughtException", abort);
  stdout.on("error", onOutputError);
  const release = () => {
    process.removeListener("SIGINT", interrupt);
    process.removeListener("SIGTERM", interrupt);
  };
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  try {
    const { signal } = ending;
    return await run(args, { stdout, stderr, signal, hurry: hurrying.signal });
  } finally {
    process.removeListener("uncaughtException", abort);
    // The error of what was written last comes at the end of the turn.
    setImmediate(() => stdout.removeListener("error", onOutputError));
    release();
  }
}
