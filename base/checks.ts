/**
 * Checks of values that a user hands in. Each failure is a `TypeError` that names the path of the value and its kind or
 * number, never a string's content, which may be a secret.
 *
 * @module
 */

import { kindOf } from "./json.ts";

/** An object whose members have not been checked. */
export type Unchecked = { readonly [key: string]: unknown };

function fail(path: string, wanted: string, value: unknown): never {
  throw new TypeError(`${path} must be ${wanted}, not ${kindOf(value)}`);
}

/** Names as a sentence has them: `width and height`. */
function listed(names: readonly string[]): string {
  return names.join(", ").replace(/, ([^,]*)$/, " and $1");
}

/**
 * An object that has no other members than `known`.
 *
 * @param required Members that it must have, to be named when there is no object; the caller checks each.
 */
export function checkObject(
  value: unknown,
  path: string,
  known: readonly string[],
  required: readonly string[] = [],
): Unchecked {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    fail(path, required.length === 0 ? "an object" : `an object with ${listed(required)}`, value);
  }
  for (const key of Object.keys(value)) {
    if (!known.includes(key)) {
      throw new TypeError(`${path}.${key} is not a known option; known are ${known.join(", ")}`);
    }
  }
  return value as Unchecked;
}

/** An array. */
export function checkArray(value: unknown, path: string): readonly unknown[] {
  return Array.isArray(value) ? value : fail(path, "an array", value);
}

/** A string of at most `maxBytes` bytes of UTF-8. */
export function checkString(value: unknown, path: string, maxBytes = Infinity): string {
  if (typeof value !== "string") fail(path, "a string", value);
  const bytes = new TextEncoder().encode(value).byteLength;
  if (bytes > maxBytes) {
    throw new TypeError(`${path} must have at most ${maxBytes} bytes of UTF-8, not ${bytes}`);
  }
  return value;
}

/** A string that has at least one character. */
export function checkNonEmptyString(value: unknown, path: string, maxBytes = Infinity): string {
  const text = checkString(value, path, maxBytes);
  if (text === "") throw new TypeError(`${path} must not be empty`);
  return text;
}

/** A string that can stand in a header: printable ASCII (RFC 9110, section 5.5). */
export function checkHeaderText(value: unknown, path: string): string {
  const text = checkString(value, path);
  if (!/^[\x20-\x7e]*$/.test(text)) {
    throw new TypeError(`${path} must have printable ASCII characters only (RFC 9110)`);
  }
  return text;
}

/** A boolean. */
export function checkBoolean(value: unknown, path: string): boolean {
  return typeof value === "boolean" ? value : fail(path, "a boolean", value);
}

/** A whole number within limits. */
export function checkInteger(value: unknown, path: string, min: number, max: number): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < min || value > max) {
    fail(path, `an integer from ${min} to ${max}`, value);
  }
  return value;
}

/** A finite number within limits. */
export function checkNumber(value: unknown, path: string, min: number, max: number): number {
  if (typeof value !== "number" || !Number.isFinite(value) || value < min || value > max) {
    fail(path, `a number from ${min} to ${max}`, value);
  }
  return value;
}

/** One of some strings. */
export function checkOneOf<const T extends string>(
  value: unknown,
  path: string,
  choices: readonly T[],
): T {
  const found = choices.find((choice) => choice === value);
  return found ?? fail(path, `one of ${choices.map((c) => `"${c}"`).join(", ")}`, value);
}

/** Runs a check unless the value is `undefined`; the result is a record with that member, or without. */
export function optional<K extends string, T>(
  from: Unchecked,
  key: K,
  path: string,
  check: (value: unknown, path: string) => T,
): { readonly [P in K]?: T } {
  const value = from[key];
  if (value === undefined) return {};
  return { [key]: check(value, `${path}.${key}`) } as { readonly [P in K]?: T };
}
