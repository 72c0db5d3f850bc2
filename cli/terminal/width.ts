/**
 * The width of text on a terminal.
 *
 * @module
 */

/** Characters that take no place: marks on others, joiners, variation selectors. */
const NONE = /^[\p{M}\u200b-\u200d\u2060\ufe00-\ufe0f]$/u;

/** Characters as wide as two: East Asian Wide and Fullwidth (Unicode UAX #11), and emoji. */
const TWO =
  /^(?![\uff61-\uffdc])[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303f\uff01-\uff60\uffe0-\uffe6]$/u;

function widthOf(character: string): number {
  if (NONE.test(character)) return 0;
  return TWO.test(character) ? 2 : 1;
}

/** The columns that a text takes. */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of text) width += widthOf(character);
  return width;
}

/** The beginning of a text that fits; `…` stands for the rest. */
export function cutToWidth(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  let width = 0;
  let cut = "";
  for (const character of text) {
    width += widthOf(character);
    if (width > columns - 1) break;
    cut += character;
  }
  return columns > 0 ? `${cut}…` : "";
}

/** A text with spaces behind it, or cut, so that it takes exactly so many columns. */
export function padToWidth(text: string, columns: number): string {
  const cut = cutToWidth(text, columns);
  return cut + " ".repeat(columns - textWidth(cut));
}
