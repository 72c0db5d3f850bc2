#!/usr/bin/env -S sh -c 'f=$(readlink -f "$0");b=$(command -v bun);case $npm_config_user_agent:$f in bun*);;deno*|*/.deno/*)b=;;esac;if [ "$b" ];then exec "$b" "$f" "$@";fi;exec deno run -A "$f" "$@"'
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
