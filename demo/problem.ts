/**
 * What the user can put right.
 *
 * @module
 */

/** Something that the user can put right: its message is one clear sentence, and where it happened does not matter. */
export class Problem extends Error {
  override readonly name = "Problem";
}
