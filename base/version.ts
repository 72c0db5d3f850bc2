/**
 * The version of this package, and the order of versions.
 *
 * @module
 */

/** The version of this package (Semantic Versioning 2.0.0). */
export const version = "0.1.0";

/** Whether a version, `1.4.5` or `1.4.0-rc.1`, is at least another one of the form `1.4`. */
export function isAtLeast(version: string, oldest: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = oldest.split(".").map(Number);
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}
