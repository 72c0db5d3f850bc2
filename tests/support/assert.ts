/**
 * The assertions of `@std/assert` by the same names, over `node:assert`: JSR, where they come from, is not reachable in the set-up.
 * The import map of this checkout names this module `@std/assert`; a user's own import map names the real one. What differs: the
 * texts of errors, and fields of class instances that are 0 here and -0 there, which are not equal.
 *
 * @module
 */

import { deepStrictEqual } from "node:assert/strict";
import { inspect, isDeepStrictEqual } from "node:util";

/** The error of every assertion that fails. */
export class AssertionError extends Error {
  override readonly name = "AssertionError";
}

// deno-lint-ignore no-explicit-any -- a class may be constructed with anything.
type Class<T> = abstract new (...args: any[]) => T;
type Properties = Readonly<Record<PropertyKey, unknown>>;

function failure(what: string, message: string | undefined): AssertionError {
  return new AssertionError(message === undefined || message === "" ? what : `${what}: ${message}`);
}

/** A plain object, or one without a prototype. */
function isRecord(value: unknown): value is Properties {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** The same value in the form that `node:assert` compares as `@std/assert` does: 0 for -0, and objects that have a prototype. */
function comparable(value: unknown, known = new Map<unknown, unknown>()): unknown {
  if (value === 0) return 0;
  if (known.has(value)) return known.get(value);
  const inner = (value: unknown) => comparable(value, known);
  if (Array.isArray(value)) {
    const copy: unknown[] = [];
    known.set(value, copy);
    value.forEach((item, i) => copy[i] = inner(item));
    copy.length = value.length;
    return copy;
  }
  if (isRecord(value)) {
    const copy: Record<PropertyKey, unknown> = {};
    known.set(value, copy);
    for (const key of Reflect.ownKeys(value)) {
      if (Object.prototype.propertyIsEnumerable.call(value, key)) copy[key] = inner(value[key]);
    }
    return copy;
  }
  if (value instanceof Map && value.constructor === Map) {
    const copy = new Map<unknown, unknown>();
    known.set(value, copy);
    for (const [key, item] of value) copy.set(inner(key), inner(item));
    return copy;
  }
  if (value instanceof Set && value.constructor === Set) {
    const copy = new Set<unknown>();
    known.set(value, copy);
    for (const item of value) copy.add(inner(item));
    return copy;
  }
  return value instanceof URL ? String(value) : value;
}

/** Whether two values are equal in depth; maps and sets in any order, -0 and 0, NaN and NaN. */
export function equal(a: unknown, b: unknown): boolean {
  if (a instanceof URL !== b instanceof URL) return false;
  return isDeepStrictEqual(comparable(a), comparable(b));
}

/** Asserts that a value is truthy. */
export function assert(expr: unknown, msg?: string): asserts expr {
  if (!expr) throw new AssertionError(msg ?? "");
}

/** Asserts that a value is falsy. */
export function assertFalse(expr: unknown, msg?: string): asserts expr is false | 0 | "" | null {
  if (expr) throw new AssertionError(msg ?? "");
}

/** Asserts that two values are equal in depth. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  if (equal(actual, expected)) return;
  let difference = `${inspect(actual)} and ${inspect(expected)}`;
  try {
    deepStrictEqual(comparable(actual), comparable(expected));
  } catch (error) {
    difference = (error as Error).message;
  }
  throw new AssertionError(`${failure("Values are not equal", msg).message}\n${difference}`);
}

/** Asserts that two values are not equal in depth. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  if (equal(actual, expected)) throw failure(`Values are equal: ${inspect(actual)}`, msg);
}

/** Asserts that two values are the same, as `Object.is` has it. */
export function assertStrictEquals<T>(
  actual: unknown,
  expected: T,
  msg?: string,
): asserts actual is T {
  if (Object.is(actual, expected)) return;
  throw failure(`Values are not the same: ${inspect(actual)} and ${inspect(expected)}`, msg);
}

/** Asserts that two values are not the same, as `Object.is` has it. */
export function assertNotStrictEquals<T>(actual: T, expected: T, msg?: string): void {
  if (Object.is(actual, expected)) throw failure(`Values are the same: ${inspect(actual)}`, msg);
}

/**
 * Asserts that two numbers differ by at most a tolerance.
 *
 * @param tolerance A ten-millionth of what is expected by default.
 */
export function assertAlmostEquals(
  actual: number,
  expected: number,
  tolerance: number = Number.isFinite(expected) ? Math.abs(expected) * 1e-7 : 1e-7,
  msg?: string,
): void {
  if (Object.is(actual, expected) || Math.abs(expected - actual) <= tolerance) return;
  throw failure(`${actual} is not within ${tolerance} of ${expected}`, msg);
}

/** Asserts that a value is neither null nor undefined. */
export function assertExists<T>(actual: T, msg?: string): asserts actual is NonNullable<T> {
  if (actual === null || actual === undefined) throw failure(`There is ${actual}`, msg);
}

/** Asserts that a value is an instance of a class. */
export function assertInstanceOf<T>(
  actual: unknown,
  type: Class<T>,
  msg?: string,
): asserts actual is T {
  if (actual instanceof type) return;
  throw failure(`${inspect(actual)} is no instance of "${type.name}"`, msg);
}

/** Asserts that a value is no instance of a class. */
export function assertNotInstanceOf<A, T>(
  actual: A,
  type: Class<T>,
  msg?: string,
): asserts actual is Exclude<A, T> {
  if (actual instanceof type) throw failure(`${inspect(actual)} is a "${type.name}"`, msg);
}

function compared(holds: boolean, sign: string, actual: unknown, expected: unknown, msg?: string) {
  if (!holds) {
    throw new AssertionError(msg ?? `Not ${inspect(actual)} ${sign} ${inspect(expected)}`);
  }
}

/** Asserts that a value is greater than another. */
export function assertGreater<T>(actual: T, expected: T, msg?: string): void {
  compared(actual > expected, ">", actual, expected, msg);
}

/** Asserts that a value is greater than another or equal. */
export function assertGreaterOrEqual<T>(actual: T, expected: T, msg?: string): void {
  compared(actual >= expected, ">=", actual, expected, msg);
}

/** Asserts that a value is less than another. */
export function assertLess<T>(actual: T, expected: T, msg?: string): void {
  compared(actual < expected, "<", actual, expected, msg);
}

/** Asserts that a value is less than another or equal. */
export function assertLessOrEqual<T>(actual: T, expected: T, msg?: string): void {
  compared(actual <= expected, "<=", actual, expected, msg);
}

/** Asserts that a text matches a pattern. */
export function assertMatch(actual: string, expected: RegExp, msg?: string): void {
  if (!expected.test(actual)) throw failure(`"${actual}" does not match ${expected}`, msg);
}

/** Asserts that a text does not match a pattern. */
export function assertNotMatch(actual: string, expected: RegExp, msg?: string): void {
  if (expected.test(actual)) throw failure(`"${actual}" matches ${expected}`, msg);
}

/** Asserts that a text contains another. */
export function assertStringIncludes(actual: string, expected: string, msg?: string): void {
  if (!actual.includes(expected)) throw failure(`"${actual}" does not contain "${expected}"`, msg);
}

/** Asserts that a list has items that are equal in depth to all that are expected. */
export function assertArrayIncludes<T>(
  actual: ArrayLike<T> & object,
  expected: ArrayLike<T> & object,
  msg?: string,
): void {
  const items = Array.from(actual);
  const missing = Array.from(expected).filter((one) => !items.some((item) => equal(item, one)));
  if (missing.length > 0) throw failure(`${inspect(actual)} lacks ${inspect(missing)}`, msg);
}

/** What an object has of those properties that another has. */
function common(actual: unknown, expected: unknown): unknown {
  if (Array.isArray(actual) && Array.isArray(expected)) {
    return actual.slice(0, expected.length).map((item, i) => common(item, expected[i]));
  }
  if (typeof actual !== "object" || actual === null || !isRecord(expected)) return actual;
  const keys = Reflect.ownKeys(expected).filter((key) => key in actual);
  return Object.fromEntries(
    keys.map((key) => [key, common((actual as Properties)[key], expected[key])]),
  );
}

/** Asserts that an object has properties that are equal, in depth, to all that are expected. */
export function assertObjectMatch(actual: Properties, expected: Properties, msg?: string): void {
  assertEquals(common(actual, expected), expected as unknown, msg);
}

/** Asserts that a value is an `Error`, of a class and with a text in its message where they are given. */
export function assertIsError<E extends Error = Error>(
  error: unknown,
  type?: Class<E>,
  text?: string | RegExp,
  msg?: string,
): asserts error is E {
  if (!(error instanceof Error)) throw failure(`${inspect(error)} is no Error`, msg);
  if (type !== undefined) assertInstanceOf(error, type, msg);
  if (text === undefined) return;
  const matches = typeof text === "string"
    ? error.message.includes(text)
    : text.test(error.message);
  const quoted = typeof text === "string" ? JSON.stringify(text) : text;
  if (!matches) throw failure(`The error's message lacks ${quoted}: "${error.message}"`, msg);
}

/** The arguments of {@link assertThrows} and {@link assertRejects} behind the function. */
type Expectation<E extends Error> =
  | [msg?: string | undefined]
  | [type: Class<E>, text?: string | undefined, msg?: string | undefined];

function check<E extends Error>(error: unknown, [type, text, msg]: Expectation<E>): unknown {
  if (typeof type === "function") assertIsError(error, type, text, msg);
  return error;
}

const messageIn = ([first, , third]: Expectation<Error>) =>
  typeof first === "string" ? first : third;

/** Asserts that a function throws, and gives what it threw. */
export function assertThrows(fn: () => unknown, msg?: string): unknown;
/** Asserts that a function throws an error of a class, with a text in its message where that is given; gives the error. */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  type: Class<E>,
  text?: string,
  msg?: string,
): E;
export function assertThrows(fn: () => unknown, ...expected: Expectation<Error>): unknown {
  try {
    fn();
  } catch (error) {
    return check(error, expected);
  }
  throw failure("The function does not throw", messageIn(expected));
}

/** Asserts that the promise of a function is rejected, and resolves with the reason. */
export function assertRejects(fn: () => PromiseLike<unknown>, msg?: string): Promise<unknown>;
/** Asserts that the promise of a function is rejected with an error of a class, and a text in its message where that is given. */
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  type: Class<E>,
  text?: string,
  msg?: string,
): Promise<E>;
export async function assertRejects(
  fn: () => PromiseLike<unknown>,
  ...expected: Expectation<Error>
): Promise<unknown> {
  let promise;
  try {
    promise = fn();
  } catch (error) {
    const text = "The function throws instead of giving a promise";
    throw Object.assign(failure(text, messageIn(expected)), { cause: error });
  }
  if (typeof promise?.then !== "function") {
    throw failure("The function gives no promise", messageIn(expected));
  }
  try {
    await promise;
  } catch (error) {
    return check(error, expected);
  }
  throw failure("The promise is not rejected", messageIn(expected));
}

/** Fails. */
export function fail(msg?: string): never {
  throw failure("Failed assertion", msg);
}

/** Fails because something is not implemented. */
export function unimplemented(msg?: string): never {
  throw failure("Unimplemented", msg);
}

/** Fails because this should not be reached. */
export function unreachable(msg?: string): never {
  throw failure("Unreachable", msg);
}
