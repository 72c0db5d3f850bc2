#!/usr/bin/env -S sh -c 'f=$(readlink -f "$0");b=$(command -v bun);d=$(command -v deno);case $npm_config_user_agent:$f in bun*);;deno*|*/.deno/*)b=;;esac;[ "$b" ]&&exec "$b" "$f" "$@";exec "${d:?sora-ffi needs Bun or Deno}" run -A "$f" "$@"'
/**
 * The command `sora-ffi`: `deno run -A npm:sora-ffi/cli server`, `bunx sora-ffi doctor`. The first line starts it on the runtime
 * that a task or the installation is of, or else on Bun, or else on Deno.
 *
 * @module
 */

import process from "node:process";
import { fileURLToPath } from "node:url";
import { main } from "./run.ts";

export { main };

// Node.js before 24.2 has no such property; there the command says which runtimes it is for.
const isProgram = import.meta.main ?? process.argv[1] === fileURLToPath(import.meta.url);
if (isProgram) process.exitCode = await main(process.argv.slice(2));
