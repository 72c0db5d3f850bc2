/**
 * Keeps secrets out of texts that end up in errors and logs.
 *
 * @module
 */

/** A URL without user name, password, query and fragment, each replaced by `***`. Works on texts that are no URLs, too. */
export function redactUrl(url: string): string {
  return url
    .replace(/^([^/?#]*\/\/)[^/?#]*@/, "$1***@")
    .replace(/[?#].*$/s, (rest) => `${rest[0]}***`);
}

/** Longest error text taken over from below. */
const MAX_TEXT = 500;

/** The text of an error from a lower layer, without credentials, tokens and URLs' secrets, cut to a bounded length. */
export function redactError(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text
    .replace(
      /(ice-pwd|ice-ufrag|crypto|credential|password|authorization|token|secret)(["']?\s*[:=]\s*)[^\r\n]*/gi,
      "$1$2***",
    )
    .replace(/\b[a-z][a-z0-9+.-]*:\/\/[^\s"'<>]+/gi, redactUrl)
    .slice(0, MAX_TEXT);
}

/** An error that may be handed on as a cause: itself if its text holds no secrets, otherwise one with the redacted text. */
export function safeCause(error: unknown): unknown {
  const text = redactError(error);
  return error instanceof Error && error.message === text ? error : new Error(text);
}
