/** The stand-in for `@std/assert`, held against what the documentation of that says. */

import { ok, rejects, throws } from "node:assert/strict";
import { test } from "node:test";
import * as std from "../support/assert.ts";
import { onDeno } from "../support/child.ts";

class Point {
  constructor(readonly x: number) {}
}
class Place {
  constructor(readonly x: number) {}
}

const circle = (): unknown => {
  const object: { self?: unknown } = {};
  object.self = object;
  return object;
};

const equals: readonly (readonly [what: string, a: unknown, b: unknown])[] = [
  ["numbers", 1, 1],
  ["NaN", NaN, NaN],
  ["0 and -0", 0, -0],
  ["0 and -0 within", { a: [0, new Map([["b", 0]])] }, { a: [-0, new Map([["b", -0]])] }],
  ["texts", "a", "a"],
  ["lists in lists", [1, [2, 3]], [1, [2, 3]]],
  ["objects in any order of properties", { a: 1, b: { c: 2 } }, { b: { c: 2 }, a: 1 }],
  ["an object and one without a prototype", { a: 1 }, Object.assign(Object.create(null), { a: 1 })],
  ["properties named by a symbol", { [Symbol.for("a")]: 1 }, { [Symbol.for("a")]: 1 }],
  ["dates", new Date(5), new Date(5)],
  ["patterns", /a/g, /a/g],
  ["URLs", new URL("http://a.test"), new URL("http://a.test/")],
  ["bytes", new Uint8Array([1, 2]), new Uint8Array([1, 2])],
  ["sets in any order", new Set([1, { a: 2 }]), new Set([{ a: 2 }, 1])],
  ["maps in any order", new Map([["a", 1], ["b", 2]]), new Map([["b", 2], ["a", 1]])],
  ["maps by keys that are equal", new Map([[{ a: 1 }, 2]]), new Map([[{ a: 1 }, 2]])],
  ["instances of a class", new Point(1), new Point(1)],
  ["circles", circle(), circle()],
];
for (const [what, a, b] of equals) {
  test(`assertEquals passes, assertNotEquals fails: ${what}`, () => {
    std.assertEquals(a, b);
    ok(std.equal(b, a));
    throws(() => std.assertNotEquals(a, b), std.AssertionError);
  });
}

const different: readonly (readonly [what: string, a: unknown, b: unknown])[] = [
  ["numbers", 1, 2],
  ["a number and a text", 1, "1"],
  ["null and undefined", null, undefined],
  ["an undefined property and none", { a: undefined }, {}],
  ["undefined properties of other names", { a: undefined }, { b: undefined }],
  ["other symbols", { [Symbol("a")]: 1 }, { [Symbol("a")]: 1 }],
  ["a longer list", [1, 2], [1, 2, 3]],
  ["a list in another order", [1, 2], [2, 1]],
  ["a list and an object", [1], { 0: 1 }],
  ["dates", new Date(5), new Date(6)],
  ["patterns", /a/g, /a/i],
  ["URLs", new URL("http://a.test"), new URL("http://b.test")],
  ["a URL and its text", new URL("http://a.test/"), "http://a.test/"],
  ["bytes", new Uint8Array([1, 2]), new Uint8Array([2, 1])],
  ["other typed arrays", new Uint8Array([1]), new Int8Array([1])],
  ["sets", new Set([1, 2]), new Set([1, 3])],
  ["maps", new Map([["a", 1]]), new Map([["a", 2]])],
  ["instances of other classes", new Point(1), new Place(1)],
  ["an instance and an object", new Point(1), { x: 1 }],
];
for (const [what, a, b] of different) {
  test(`assertEquals fails, assertNotEquals passes: ${what}`, () => {
    throws(() => std.assertEquals(a, b), std.AssertionError);
    ok(!std.equal(b, a));
    std.assertNotEquals(a, b);
  });
}

/** A name, calls that pass, and calls that fail. */
type Row = readonly [
  name: string,
  passes: readonly (() => unknown)[],
  fails: readonly (() => unknown)[],
];

const text: string = "Raptor";
const rows: readonly Row[] = [
  ["assert", [() => std.assert(1), () => std.assert("a")], [
    () => std.assert(0),
    () => std.assert(""),
    () => std.assert(null),
  ]],
  ["assertFalse", [() => std.assertFalse(0)], [() => std.assertFalse(1)]],
  ["assertStrictEquals", [() => std.assertStrictEquals(rows, rows)], [
    () => std.assertStrictEquals({}, {}),
    () => std.assertStrictEquals(0, -0),
  ]],
  ["assertNotStrictEquals", [() => std.assertNotStrictEquals({}, {})], [
    () => std.assertNotStrictEquals(rows, rows),
    () => std.assertNotStrictEquals(NaN, NaN),
  ]],
  ["assertExists", [() => std.assertExists(0), () => std.assertExists("")], [
    () => std.assertExists(null),
    () => std.assertExists(undefined),
  ]],
  ["assertInstanceOf", [() => std.assertInstanceOf(new Date(), Date)], [
    () => std.assertInstanceOf(new Date(), Number),
    () => std.assertInstanceOf(null, Date),
  ]],
  ["assertNotInstanceOf", [() => std.assertNotInstanceOf(new Date(), Number)], [
    () => std.assertNotInstanceOf(new Date(), Date),
  ]],
  ["assertAlmostEquals", [
    () => std.assertAlmostEquals(0.01, 0.02, 0.1),
    () => std.assertAlmostEquals(0.1 + 0.2, 0.3, 1e-16),
    () => std.assertAlmostEquals(1.000000001e-8, 1.000000002e-8),
    () => std.assertAlmostEquals(-1, -1.00000001),
    () => std.assertAlmostEquals(Infinity, Infinity),
    () => std.assertAlmostEquals(NaN, NaN),
  ], [
    () => std.assertAlmostEquals(0.01, 0.02),
    () => std.assertAlmostEquals(1e-8, 1e-9),
    () => std.assertAlmostEquals(0.1 + 0.2, 0.3, 1e-17),
    () => std.assertAlmostEquals(NaN, 1),
  ]],
  ["assertGreater", [() => std.assertGreater(2, 1)], [
    () => std.assertGreater(1, 1),
    () => std.assertGreater(0, 1),
  ]],
  ["assertGreaterOrEqual", [() => std.assertGreaterOrEqual(1, 1)], [
    () => std.assertGreaterOrEqual(0, 1),
  ]],
  ["assertLess", [() => std.assertLess(1, 2)], [() => std.assertLess(1, 1)]],
  ["assertLessOrEqual", [() => std.assertLessOrEqual(1, 1)], [() => std.assertLessOrEqual(2, 1)]],
  ["assertMatch", [() => std.assertMatch(text, /apt/)], [() => std.assertMatch(text, /apf/)]],
  ["assertNotMatch", [() => std.assertNotMatch(text, /z/)], [() => std.assertNotMatch(text, /a/)]],
  ["assertStringIncludes", [() => std.assertStringIncludes(text, "apt")], [
    () => std.assertStringIncludes(text, "a."),
  ]],
  ["assertArrayIncludes", [
    () => std.assertArrayIncludes([1, 2, { a: 1 }], [{ a: 1 }, 2]),
    () => std.assertArrayIncludes(new Uint8Array([1, 2]), [2]),
  ], [() => std.assertArrayIncludes([1, 2], [2, 3])]],
  ["assertObjectMatch", [
    () => std.assertObjectMatch({ a: { b: 3, c: 4 }, d: 5 }, { a: { b: 3 } }),
    () => std.assertObjectMatch({ a: [{ b: 1, c: 2 }] }, { a: [{ b: 1 }] }),
    () => std.assertObjectMatch({ a: new Point(1) }, { a: { x: 1 } }),
  ], [
    () => std.assertObjectMatch({ a: 1 }, { a: 2 }),
    () => std.assertObjectMatch({ a: { b: 3 } }, { a: { b: 3, c: 4 } }),
    () => std.assertObjectMatch({ a: 1 }, { a: 1, b: undefined }),
  ]],
  ["assertIsError", [
    () => std.assertIsError(new RangeError("too far")),
    () => std.assertIsError(new RangeError("too far"), RangeError, "far"),
    () => std.assertIsError(new RangeError("too far"), Error, /^too/),
  ], [
    () => std.assertIsError("too far"),
    () => std.assertIsError(new RangeError("too far"), SyntaxError),
    () => std.assertIsError(new RangeError("too far"), RangeError, "near"),
    () => std.assertIsError(new RangeError("too far"), RangeError, /near/),
  ]],
  ["fail, unimplemented, unreachable", [() => undefined], [
    () => std.fail(),
    () => std.unimplemented(),
    () => std.unreachable(),
  ]],
];
for (const [name, passes, fails] of rows) {
  test(`${name} passes and fails as documented`, () => {
    for (const call of passes) call();
    for (const call of fails) throws(call, std.AssertionError, String(call));
  });
}

const thrower = (error: unknown) => () => {
  throw error;
};
const wrong = new TypeError("it is wrong");

test("assertThrows gives what was thrown, if it is what was expected", () => {
  ok(std.assertThrows(thrower(wrong)) === wrong);
  ok(std.assertThrows(thrower("a text")) === "a text");
  ok(std.assertThrows(thrower(wrong), TypeError, "wrong") === wrong);
  throws(() => std.assertThrows(() => 1), std.AssertionError);
  throws(() => std.assertThrows(thrower(wrong), RangeError), std.AssertionError);
  throws(() => std.assertThrows(thrower(wrong), TypeError, "right"), std.AssertionError);
  throws(() => std.assertThrows(thrower("a text"), TypeError), std.AssertionError);
});

test("assertRejects gives the reason, if it is what was expected", async () => {
  const rejecting = (reason: unknown) => () => Promise.reject(reason);
  ok(await std.assertRejects(rejecting(wrong)) === wrong);
  ok(await std.assertRejects(rejecting("a text")) === "a text");
  ok(await std.assertRejects(rejecting(wrong), TypeError, "wrong") === wrong);
  await rejects(std.assertRejects(() => Promise.resolve(1)), std.AssertionError);
  await rejects(std.assertRejects(rejecting(wrong), RangeError), std.AssertionError);
  await rejects(std.assertRejects(rejecting(wrong), TypeError, "right"), std.AssertionError);
  await rejects(std.assertRejects(thrower(wrong) as () => never), std.AssertionError);
  await rejects(std.assertRejects((() => 1) as never), std.AssertionError);
});

test("errors are AssertionErrors that have the message given", () => {
  const failing: readonly (() => unknown)[] = [
    () => std.assert(false, "a reason"),
    () => std.assertEquals(1, 2, "a reason"),
    () => std.assertStrictEquals(1, 2, "a reason"),
    () => std.assertExists(null, "a reason"),
    () => std.assertGreater(1, 2, "a reason"),
    () => std.assertAlmostEquals(1, 2, 0, "a reason"),
    () => std.assertThrows(() => 1, "a reason"),
    () => std.assertThrows(() => 1, TypeError, "", "a reason"),
    () => std.fail("a reason"),
  ];
  for (const call of failing) {
    throws(call, { name: "AssertionError", message: /a reason/ }, String(call));
  }
  const cause = new Error("the cause");
  ok(new std.AssertionError("text", { cause }).cause === cause);
});

test("the error of assertEquals shows both values", () => {
  throws(() => std.assertEquals({ a: "left" }, { a: "right" }), /left[^]*right/);
});

if (onDeno) {
  test("the import map of the checkout names it @std/assert", async () => {
    const name = "@std/assert";
    const { assertEquals } = await import(name);
    ok(assertEquals === std.assertEquals);
  });
}
