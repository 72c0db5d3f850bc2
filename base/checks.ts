/**
 * Checks of values from the user, and the wording of their errors: path, requirement, value, as in
 * `options.width must be an integer from 1 to 16384, not "x"`. A `TypeError` reports the wrong kind, shape or syntax, a
 * `RangeError` a number, length or count outside its limits. What may be a secret is reported by its kind alone.
 *
 * @module
 */

import { quoted } from "./text.ts";

/** An object whose properties have not been checked. */
export type Unchecked = { readonly [key: string]: unknown };

/** A check of one value: returns it with its type, or throws an error that begins with `path`. */
export type Check<T> = (value: unknown, path: string) => T;

/** Longest string that is reported, in characters. */
const MAX_SHOWN = 100;

/** Whether an object is one of a literal or of JSON, without a class. */
export function isPlainObject(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** Names the kind of a value without its content, which may be a secret: `a string`, `an object (Date)`. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return "an array";
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  if (typeof value !== "object") return `a ${typeof value}`;
  if (isPlainObject(value)) return "an object";
  return `an object (${value.constructor?.name ?? "no prototype"})`;
}

/** Shows a value that is no secret: strings, numbers and booleans themselves, others by their kind. */
export function shown(value: unknown): string {
  switch (typeof value) {
    case "string":
      return `"${quoted(value, MAX_SHOWN)}"`;
    case "bigint":
      return `${value}n`;
    case "number":
    case "boolean":
      return String(value);
    default:
      return kindOf(value);
  }
}

/** The error of a value of the wrong kind, shape or syntax: `frame must be a Uint8Array, not 5`. */
export function wrongType(path: string, requirement: string, value: unknown): TypeError {
  return new TypeError(`${path} must be ${requirement}, not ${shown(value)}`);
}

/** The error of a number outside its limits: `options.depth must be an integer from 1 to 32, not 33`. */
export function outOfRange(path: string, requirement: string, value: unknown): RangeError {
  return new RangeError(`${path} must be ${requirement}, not ${shown(value)}`);
}

/** Names as a sentence has them: `width and height`. */
function listed(names: readonly string[]): string {
  return names.join(", ").replace(/, ([^,]*)$/, " and $1");
}

/**
 * An object that has no other properties than `known`.
 *
 * @param known `undefined`: other properties are left alone.
 * @param required Properties that it must have, to be named when there is no object; the caller checks each.
 */
export function checkObject(
  value: unknown,
  path: string,
  known: readonly string[] | undefined,
  required: readonly string[] = [],
): Unchecked {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    const properties = required.length === 0 ? "" : ` with ${listed(required)}`;
    // The content is not shown: in place of an object with credentials there may be a credential.
    throw new TypeError(`${path} must be an object${properties}, not ${kindOf(value)}`);
  }
  for (const key of Object.keys(value)) {
    if (known?.includes(key) === false) {
      throw new TypeError(`${path}.${key} is not a known option; known are ${known.join(", ")}`);
    }
  }
  return value as Unchecked;
}

/** An instance of a class. */
export function checkInstance<T>(
  value: unknown,
  path: string,
  type: { readonly name: string; readonly prototype: T },
): T {
  if (typeof value === "object" && value !== null && value instanceof (type as never)) {
    return value as T;
  }
  throw wrongType(path, `${/^[AEIO]/.test(type.name) ? "an" : "a"} ${type.name}`, value);
}

/** An array. */
export function checkArray(value: unknown, path: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new TypeError(`${path} must be an array, not ${kindOf(value)}`);
}

/** An array whose items each pass a check. */
export function checkEach<T>(value: unknown, path: string, check: Check<T>): T[] {
  return checkArray(value, path).map((item, i) => check(item, `${path}[${i}]`));
}

/** A string of at most `maxBytes` bytes of UTF-8. */
export function checkString(value: unknown, path: string, maxBytes = Infinity): string {
  if (typeof value !== "string") throw wrongType(path, "a string", value);
  if (maxBytes < Infinity) {
    const bytes = new TextEncoder().encode(value).byteLength;
    if (bytes > maxBytes) {
      throw new RangeError(`${path} must have at most ${maxBytes} bytes of UTF-8, not ${bytes}`);
    }
  }
  return value;
}

/** A string that has at least one character. */
export function checkNonEmptyString(value: unknown, path: string, maxBytes = Infinity): string {
  const text = checkString(value, path, maxBytes);
  if (text === "") throw new RangeError(`${path} must not be empty`);
  return text;
}

/** A string that is, or holds, a secret: what is given instead of one is not shown either. */
export function checkSecret(value: unknown, path: string): string {
  if (typeof value === "string") return value;
  throw new TypeError(`${path} must be a string, not ${kindOf(value)}`);
}

/** A string that can stand in a header: printable ASCII (RFC 9110, section 5.5). */
export function checkHeaderText(value: unknown, path: string): string {
  const text = checkString(value, path);
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  throw wrongType(path, "printable ASCII (RFC 9110)", text);
}

/** A boolean. */
export function checkBoolean(value: unknown, path: string): boolean {
  if (typeof value === "boolean") return value;
  throw wrongType(path, "a boolean", value);
}

function checkLimits(value: unknown, path: string, wanted: string, valid: boolean): number {
  if (typeof value !== "number") throw wrongType(path, wanted, value);
  if (!valid) throw outOfRange(path, wanted, value);
  return value;
}

/** A whole number within limits. */
export function checkInteger(value: unknown, path: string, min: number, max: number): number {
  const valid = Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max;
  return checkLimits(value, path, `an integer from ${min} to ${max}`, valid);
}

/** A whole number from 0 on. */
export function checkNatural(value: unknown, path: string): number {
  return checkInteger(value, path, 0, Number.MAX_SAFE_INTEGER);
}

/** A whole number from 1 on. */
export function checkPositive(value: unknown, path: string): number {
  return checkInteger(value, path, 1, Number.MAX_SAFE_INTEGER);
}

/** A finite number within limits. */
export function checkNumber(value: unknown, path: string, min: number, max: number): number {
  const valid = Number.isFinite(value) && (value as number) >= min && (value as number) <= max;
  return checkLimits(value, path, `a number from ${min} to ${max}`, valid);
}

/** One of some strings or numbers. */
export function checkOneOf<const T extends string | number>(
  value: unknown,
  path: string,
  choices: readonly T[],
): T {
  const found = choices.find((choice) => choice === value);
  if (found !== undefined) return found;
  throw wrongType(path, `one of ${choices.map(shown).join(", ")}`, value);
}

/** A function; its parameters and its result are the caller's word. */
export function checkFunction<F extends (...args: never[]) => unknown>(
  value: unknown,
  path: string,
): F {
  if (typeof value === "function") return value as F;
  throw wrongType(path, "a function", value);
}

/** Runs a check unless the value is `undefined`; the result is a record with that property, or without. */
export function optional<K extends string, T>(
  from: Unchecked,
  key: K,
  path: string,
  check: Check<T>,
): { readonly [P in K]?: T } {
  const value = from[key];
  if (value === undefined) return {};
  return { [key]: check(value, `${path}.${key}`) } as { readonly [P in K]?: T };
}
