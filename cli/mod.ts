#!/usr/bin/env -S sh -c 'f=$(readlink -f "$0");b=$(command -v bun);d=$(command -v deno);case $npm_config_user_agent:$f in bun*);;deno*|*/.deno/*)b=;;esac;[ "$b" ]&&exec "$b" "$f" "$@";exec "${d:?sora-ffi needs Bun or Deno}" run -A "$f" "$@"'
/**
 * The command `sora-ffi`: `deno run -A npm:sora-ffi/cli server`, `bunx sora-ffi doctor`. The first line starts it on the runtime
 * that a task or the installation is of, or else on Bun, or else on Deno.
 *
 * @module
 */

import process from "node:process";
import { main } from "./run.ts";

export { main };

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
