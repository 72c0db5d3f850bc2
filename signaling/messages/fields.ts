/**
 * Checks of values from the network. Their errors never contain a value, which may be a secret.
 *
 * @module
 */

/** What is wrong with a message, and where. Caught by the parser, never passed on. */
export class FieldProblem extends Error {
  /** Where, `config.iceServers[0].urls` for instance; empty for the message itself. */
  readonly path: string;

  /** A problem with a message. @param path Where. @param problem What is wrong, in words that follow the path. */
  constructor(path: string, problem: string) {
    super(problem);
    this.path = path;
  }
}

/** A JSON object, unmodified. */
export type Fields = { readonly [key: string]: unknown };

/** The JSON type of a value. */
function jsonType(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

function expect(condition: boolean, value: unknown, path: string, wanted: string): void {
  if (!condition) {
    throw new FieldProblem(path, `must be ${wanted}, not ${jsonType(value)}`);
  }
}

/** An object. */
export function object(value: unknown, path: string): Fields {
  expect(jsonType(value) === "object", value, path, "an object");
  return value as Fields;
}

/** A check of one value; throws {@link FieldProblem}. */
export type FieldCheck = (value: unknown, path: string) => void;

/** Longest list accepted, but for the members of a channel. */
const MAX_ITEMS = 1024;

/** An array of at most `max` items, each checked. */
export function array(
  value: unknown,
  path: string,
  item: FieldCheck,
  max = MAX_ITEMS,
): void {
  expect(Array.isArray(value), value, path, "an array");
  const items = value as unknown[];
  if (items.length > max) {
    throw new FieldProblem(path, `must have at most ${max} items, not ${items.length}`);
  }
  items.forEach((value, i) => item(value, `${path}[${i}]`));
}

/** A string. */
export function string(value: unknown, path: string): void {
  expect(typeof value === "string", value, path, "a string");
}

/** A string that has at least one character. */
export function nonEmptyString(value: unknown, path: string): void {
  string(value, path);
  if (value === "") throw new FieldProblem(path, "must not be empty");
}

/** An array of strings. */
export function strings(value: unknown, path: string): void {
  array(value, path, string);
}

/** A string or null. */
export function stringOrNull(value: unknown, path: string): void {
  expect(value === null || typeof value === "string", value, path, "a string or null");
}

/** A boolean. */
export function boolean(value: unknown, path: string): void {
  expect(typeof value === "boolean", value, path, "a boolean");
}

/** A number. */
export function number(value: unknown, path: string): void {
  expect(typeof value === "number", value, path, "a number");
}

/** An integer. */
export function integer(value: unknown, path: string): void {
  expect(Number.isSafeInteger(value), value, path, "an integer");
}

/** One of some strings. */
export function oneOf(...choices: readonly string[]): FieldCheck {
  const wanted = choices.map((choice) => `"${choice}"`).join(", ");
  return (value, path) => {
    string(value, path);
    if (!choices.includes(value as string)) {
      throw new FieldProblem(path, `must be one of ${wanted}`);
    }
  };
}

/** What a connection does, or which way messages of a data channel go. */
export const direction = oneOf("sendrecv", "sendonly", "recvonly");

/** Checks of fields; absent ones are skipped. */
export function optionalFields(
  from: Fields,
  path: string,
  checks: { readonly [key: string]: FieldCheck },
): void {
  for (const [key, check] of Object.entries(checks)) {
    const value = from[key];
    if (value !== undefined) check(value, path === "" ? key : `${path}.${key}`);
  }
}

/**
 * Walks a parsed JSON value without recursion: refuses one that nests deeper than `maxDepth`, and removes properties named
 * `__proto__`, because copying them would change a prototype.
 */
export function secure(value: unknown, maxDepth: number): void {
  let level = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth >= maxDepth) throw new FieldProblem("", `must not nest deeper than ${maxDepth}`);
    const next: unknown[] = [];
    for (const node of level) {
      if (typeof node !== "object" || node === null) continue;
      if (Object.hasOwn(node, "__proto__")) {
        delete (node as { ["__proto__"]?: unknown })["__proto__"];
      }
      for (const child of Object.values(node)) {
        if (typeof child === "object" && child !== null) next.push(child);
      }
    }
    level = next;
  }
}
