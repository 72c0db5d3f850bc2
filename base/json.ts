/**
 * JSON values: their type, and a check of those that a user hands in.
 *
 * @module
 */

/** Any JSON value (RFC 8259). */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** How deep a user's JSON value may nest. */
export const MAX_JSON_DEPTH = 64;

/** Names the kind of a value, for error messages; never its content, which may be a secret. */
export function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  switch (typeof value) {
    case "undefined":
      return "undefined";
    case "object":
      return `an object (${value.constructor?.name ?? "no prototype"})`;
    case "number":
      return `the number ${value}`;
    case "boolean":
      return `the boolean ${value}`;
    case "string":
      return `a string of ${value.length} characters`;
    default:
      return `a ${typeof value}`;
  }
}

function isPlainObject(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function check(value: unknown, path: string, depth: number): void {
  if (depth > MAX_JSON_DEPTH) {
    throw new TypeError(`${path} must be JSON that nests at most ${MAX_JSON_DEPTH} deep`);
  }
  if (value === null || typeof value === "boolean" || typeof value === "string") return;
  if (typeof value === "number" && Number.isFinite(value)) return;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) check(value[i], `${path}[${i}]`, depth + 1);
    return;
  }
  if (typeof value === "object" && isPlainObject(value)) {
    for (const [key, member] of Object.entries(value)) {
      if (member !== undefined) check(member, `${path}.${key}`, depth + 1);
    }
    return;
  }
  throw new TypeError(`${path} must be a JSON value, not ${kindOf(value)}`);
}

/**
 * Checks and copies a JSON value, so that later changes by its owner do not matter. Members that are `undefined` are left out.
 *
 * @throws {TypeError} If it is not JSON: functions, bigints, class instances, cycles, non-finite numbers, `undefined` in arrays.
 */
export function copyJson(value: unknown, path: string): JsonValue {
  check(value, path, 0);
  return JSON.parse(JSON.stringify(value));
}
