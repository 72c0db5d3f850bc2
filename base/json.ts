/**
 * JSON values: their type, and the check of those from the user.
 *
 * @module
 */

import { isPlainObject, kindOf } from "./checks.ts";

/** Any JSON value (RFC 8259). */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** A JSON object. */
export type JsonObject = { readonly [key: string]: JsonValue };

/** How deep a user's JSON value may nest. */
export const MAX_JSON_DEPTH = 64;

function check(value: unknown, path: string, depth: number): void {
  if (depth > MAX_JSON_DEPTH) {
    throw new RangeError(`${path} must be JSON that nests at most ${MAX_JSON_DEPTH} deep`);
  }
  if (value === null || typeof value === "boolean" || typeof value === "string") return;
  if (typeof value === "number" && Number.isFinite(value)) return;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) check(value[i], `${path}[${i}]`, depth + 1);
    return;
  }
  if (typeof value === "object" && isPlainObject(value)) {
    for (const [key, property] of Object.entries(value)) {
      if (property !== undefined) check(property, `${path}.${key}`, depth + 1);
    }
    return;
  }
  // Metadata may be a secret, so its content is not shown.
  throw new TypeError(`${path} must be a JSON value, not ${kindOf(value)}`);
}

/**
 * Checks and copies a JSON value, so that later changes by its owner have no effect. Properties that are `undefined` are left out.
 *
 * @throws {TypeError} If it is not JSON: functions, bigints, class instances, non-finite numbers, `undefined` in arrays.
 * @throws {RangeError} If it nests too deep; a cycle does.
 */
export function copyJson(value: unknown, path: string): JsonValue {
  check(value, path, 0);
  return JSON.parse(JSON.stringify(value));
}

/** Whether a value is a JSON object, neither null nor an array. */
export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Parses untrusted JSON.
 *
 * @returns `undefined` if the text is not JSON, or if its arrays and objects nest more than `maxDepth` deep.
 */
export function parseJson(text: string, maxDepth: number): JsonValue | undefined {
  if (depthExceeds(text, maxDepth)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Counts brackets outside of strings, before anything is built from them. */
function depthExceeds(text: string, maxDepth: number): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (inString) {
      if (code === 0x5c) i++;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) {
      inString = true;
    } else if (code === 0x5b || code === 0x7b) {
      if (++depth > maxDepth) return true;
    } else if (code === 0x5d || code === 0x7d) {
      depth--;
    }
  }
  return false;
}
