/**
 * A program that prints `ready` and exits, as `tests/support/exit_program.ts` does, but with nothing loaded.
 *
 * @module
 */

import { writeSync } from "node:fs";
import process from "node:process";

writeSync(1, "ready\n");
process.exit(7);
