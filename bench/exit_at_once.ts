/**
 * A program that prints `flowing` and exits, as `tests/support/exit_program.ts` does, but with nothing loaded.
 *
 * @module
 */

import { writeSync } from "node:fs";
import process from "node:process";

writeSync(1, "flowing\n");
process.exit(7);
