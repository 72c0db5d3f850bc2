/**
 * A temporary folder for raw media, removed after the run.
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
   * @param bytes The most that it will hold.
   * @throws {Problem} There is not enough space.
   */
  constructor(bytes: number) {
    const { bavail, bsize } = statfsSync(tmpdir());
    if (bavail * bsize < bytes) {
      const megabytes = (count: number) => `${Math.ceil(count / 1e6)} MB`;
      throw new Problem(
        `${tmpdir()} must have ${megabytes(bytes)} free, not ${megabytes(bavail * bsize)}: ` +
          "free some space, set TMPDIR to another folder, or measure for fewer --seconds",
      );
    }
    this.path = mkdtempSync(join(tmpdir(), "sora-ffi-demo-"));
  }

  /** Removes it with everything in it. */
  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
