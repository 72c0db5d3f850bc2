/**
 * A folder for raw media, which goes away with the run.
 *
 * @module
 */

import { mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Problem } from "./problem.ts";

/** A temporary folder. */
export class Workspace implements Disposable {
  /** Its path. */
  readonly path: string;

  /**
   * @param bytes What is going to be in it at most.
   * @throws {Problem} When there is not enough room.
   */
  constructor(bytes: number) {
    const { bavail, bsize } = statfsSync(tmpdir());
    if (bavail * bsize < bytes) {
      const megabytes = (count: number) => `${Math.ceil(count / 1e6)} MB`;
      throw new Problem(
        `The demo needs ${megabytes(bytes)} in ${tmpdir()}, which has ${
          megabytes(bavail * bsize)
        }: ` +
          "make room, set TMPDIR to another folder, or measure for fewer --seconds.",
      );
    }
    this.path = mkdtempSync(join(tmpdir(), "sora-ffi-demo-"));
  }

  /** Removes it with all that is in it. */
  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
