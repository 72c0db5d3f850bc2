/**
 * A word that tests use as their secret and that must never be printed: if it is, a secret leaks.
 *
 * @module
 */

import { Buffer } from "node:buffer";

/** The word. When a test uses it as a secret, `make test` looks for it in everything that is printed. */
export const CANARY = ["kestrel", "9Wq4", "TvZ2"].join("");

/** Base64 of the middle of the word, which is the same whatever surrounds it, for each position in a group of three. */
function base64Forms(word: string): string[] {
  return [0, 1, 2].map((before) => {
    const text = Buffer.from("\0".repeat(before) + word).toString("base64");
    const first = Math.ceil(before * 8 / 6);
    const last = Math.floor((before + word.length) * 8 / 6);
    return text.slice(first, last);
  });
}

/** The shapes that the word can take: itself, in base64 (Basic credentials, JSON Web Tokens), in hexadecimal. */
export const CANARY_FORMS: readonly string[] = [
  CANARY,
  ...base64Forms(CANARY),
  Buffer.from(CANARY).toString("hex"),
];

/** How often a text has the word, in any shape. */
export function countCanaries(text: string): number {
  return CANARY_FORMS.reduce((count, form) => count + text.split(form).length - 1, 0);
}

const longest = Math.max(...CANARY_FORMS.map((form) => form.length));

/** Looks for the word in a stream of bytes, also where it is cut in two. */
export class CanaryScan {
  /** How often the word was found. */
  found = 0;
  #tail = "";

  /** Takes the next bytes. */
  readonly write = (chunk: Uint8Array): void => {
    // One character a byte, so that no character is cut in two.
    const text = this.#tail + Buffer.from(chunk).toString("latin1");
    // What the tail has was counted when it came.
    this.found += countCanaries(text) - countCanaries(this.#tail);
    this.#tail = text.slice(-(longest - 1));
  };
}
