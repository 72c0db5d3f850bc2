/**
 * Texts that somebody else wrote, made fit for errors and lines of logs.
 *
 * @module
 */

/** Longest text that is taken over, in characters. */
const MAX_QUOTED = 500;

/**
 * What ends a line, speaks to a terminal or turns the direction of writing: the control characters of Unicode (Cc), its line and
 * paragraph separators, and the bidirectional embeddings, overrides and isolates (UAX #9).
 */
const CONTROLS = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;
const SHORT: ReadonlyMap<string, string> = new Map([["\n", "\\n"], ["\r", "\\r"], ["\t", "\\t"]]);

function escaped(character: string): string {
  return SHORT.get(character) ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** A text whose control characters are written as in JSON: `\n`, `\u001b`. */
export function escapeControls(text: string): string {
  return text.replace(CONTROLS, escaped);
}

/** The first so many characters of an escaped text, but neither half a character nor half an escape at the end. */
export function cutEscaped(text: string, length: number): string {
  if (text.length <= length) return text;
  return text.slice(0, length).replace(/(?:[\ud800-\udbff]|\\u?[0-9a-f]{0,3})$/, "");
}

/** As {@link escapeControls}, cut after 500 characters, which `…` tells. */
export function quoted(text: string): string {
  // Escaping makes no text shorter, so what is left out here would be cut off below.
  const safe = escapeControls(text.slice(0, MAX_QUOTED + 1));
  return safe.length <= MAX_QUOTED ? safe : `${cutEscaped(safe, MAX_QUOTED)}…`;
}
