/**
 * Percent-encoding in URLs (RFC 3986, section 2.1).
 *
 * @module
 */

/** A part of a URL, decoded; unmodified when its encoding is broken. */
export function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
