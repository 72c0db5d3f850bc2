/**
 * Foreign text made safe for error messages and log lines.
 *
 * @module
 */

/** Longest text that is quoted, in characters. */
const MAX_QUOTED = 500;

/**
 * Characters that end a line, control a terminal or change the direction of writing: Unicode's control characters (Cc), line and
 * paragraph separators, and bidirectional embeddings, overrides and isolates (UAX #9).
 */
const CONTROLS = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;
const SHORT: ReadonlyMap<string, string> = new Map([["\n", "\\n"], ["\r", "\\r"], ["\t", "\\t"]]);

function escaped(character: string): string {
  return SHORT.get(character) ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** A text with its control characters escaped as in JSON: `\n`, `\u001b`. */
export function escapeControls(text: string): string {
  return text.replace(CONTROLS, escaped);
}

/** The first `length` characters of an escaped text, without half a character or half an escape at the end. */
export function cutEscaped(text: string, length: number): string {
  if (text.length <= length) return text;
  return text.slice(0, length).replace(/(?:[\ud800-\udbff]|\\u?[0-9a-f]{0,3})$/, "");
}

/** As {@link escapeControls}, cut after `length` characters and then ending in `…`. */
export function quoted(text: string, length = MAX_QUOTED): string {
  // Escaping makes no text shorter, so what is left out here would be cut off below.
  const safe = escapeControls(text.slice(0, length + 1));
  return safe.length <= length ? safe : `${cutEscaped(safe, length)}…`;
}

/** A URL, or what is in the place of one, with its user name, password, query and fragment each replaced by `***`. */
export function withoutUrlSecrets(url: string): string {
  return url
    .replace(/^([^/?#]*\/\/)[^/?#]*@/, "$1***@")
    .replace(/[?#].*$/s, (rest) => `${rest[0]}***`);
}

/** A text with the secrets of each URL in it replaced, as {@link withoutUrlSecrets} does. */
export function withoutSecretsOfUrls(text: string): string {
  return text.replace(/\b[a-z][a-z0-9+.-]*:\/\/[^\s"'<>]+/gi, withoutUrlSecrets);
}
