/**
 * Standard output as a pipe of media.
 *
 * @module
 */

import process from "node:process";
import type { MediaPipe } from "../../files/mod.ts";

/** Standard output in a format. What is written when nobody reads any more rejects with `EPIPE`. */
export function standardOutput(format: MediaPipe["format"]): MediaPipe {
  return {
    format,
    write: (bytes) =>
      new Promise((resolve, reject) => {
        process.stdout.write(bytes, (error) => error ? reject(error) : resolve());
      }),
  };
}

/** Whether an error says that nobody reads standard output any more. */
export function isBrokenPipe(error: unknown): boolean {
  return (error as { code?: unknown } | undefined)?.code === "EPIPE";
}
