import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  type Check,
  checkArray,
  checkBoolean,
  checkEach,
  checkFunction,
  checkHeaderText,
  checkInstance,
  checkInteger,
  checkNatural,
  checkNonEmptyString,
  checkNumber,
  checkObject,
  checkOneOf,
  checkPositive,
  checkSecret,
  checkString,
  kindOf,
  optional,
  shown,
} from "../../base/checks.ts";
import { copyJson } from "../../base/json.ts";
import { checkCertificates, checkPrivateKey } from "../../base/pem.ts";
import { makeCertificate } from "../support/signaling_certificates.ts";

const width: Check<number> = (v, p) => checkInteger(v, p, 1, 16384);
const level: Check<number> = (v, p) => checkNumber(v, p, -1.5, 0);
const size: Check<object> = (v, p) => checkObject(v, p, ["width", "height"], ["width", "height"]);
const bag: Check<object> = (v, p) => checkObject(v, p, ["a", "b"]);
const short: Check<string> = (v, p) => checkString(v, p, 4);
const name: Check<string> = (v, p) => checkNonEmptyString(v, p, 4);
const role: Check<string> = (v, p) => checkOneOf(v, p, ["send", "receive"]);
const rotation: Check<number> = (v, p) => checkOneOf(v, p, [0, 90]);
const bytes: Check<Uint8Array> = (v, p) => checkInstance(v, p, Uint8Array);
const abort: Check<AbortSignal> = (v, p) => checkInstance(v, p, AbortSignal);
const flags: Check<boolean[]> = (v, p) => checkEach(v, p, checkBoolean);
const maybe: Check<object> = (v, p) => optional({ x: v }, "x", p, checkBoolean);

const { cert, key } = makeCertificate({ subject: "test" });
const broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
const deep = JSON.parse("[".repeat(70) + "]".repeat(70));

/** What a check lets through, unchanged. */
const accepted: [Check<unknown>, unknown[]][] = [
  [width, [1, 16384]],
  [checkNatural, [0, 2 ** 53 - 1]],
  [checkPositive, [1]],
  [level, [-1.5, -0.25, 0]],
  [size, [{ width: 1, height: 1 }, {}]],
  [checkArray, [[], [1]]],
  [short, ["", "four", "日"]],
  [name, ["a"]],
  [checkSecret, ["", "hunter2"]],
  [checkHeaderText, ["", "Mozilla/5.0 (x)"]],
  [checkBoolean, [true, false]],
  [role, ["send", "receive"]],
  [rotation, [0, 90]],
  [bytes, [new Uint8Array(2)]],
  [checkFunction, [() => 1, Date]],
  [flags, [[], [true, false]]],
  [copyJson, [null, 1, "x", [true], { a: { b: [] } }]],
  [checkCertificates, [cert, `first\n${cert}second\n${cert}`]],
  [checkPrivateKey, [key]],
];
for (const [check, values] of accepted) {
  for (const value of values) {
    test(`${check.name} accepts ${shown(value)}`, () => {
      assert.deepEqual(check(value, "p"), value);
    });
  }
}

const refused: [Check<unknown>, unknown, "TypeError" | "RangeError", string][] = [
  [width, "x", "TypeError", 'p must be an integer from 1 to 16384, not "x"'],
  [width, undefined, "TypeError", "p must be an integer from 1 to 16384, not undefined"],
  [width, 1n, "TypeError", "p must be an integer from 1 to 16384, not 1n"],
  [width, 0, "RangeError", "p must be an integer from 1 to 16384, not 0"],
  [width, 16385, "RangeError", "p must be an integer from 1 to 16384, not 16385"],
  [width, 1.5, "RangeError", "p must be an integer from 1 to 16384, not 1.5"],
  [width, NaN, "RangeError", "p must be an integer from 1 to 16384, not NaN"],
  [checkNatural, -1, "RangeError", "p must be an integer from 0 to 9007199254740991, not -1"],
  [checkPositive, 0, "RangeError", "p must be an integer from 1 to 9007199254740991, not 0"],
  [level, null, "TypeError", "p must be a number from -1.5 to 0, not null"],
  [level, 0.5, "RangeError", "p must be a number from -1.5 to 0, not 0.5"],
  [level, -Infinity, "RangeError", "p must be a number from -1.5 to 0, not -Infinity"],
  [size, undefined, "TypeError", "p must be an object with width and height, not undefined"],
  [size, [], "TypeError", "p must be an object with width and height, not an array"],
  [bag, "hunter2", "TypeError", "p must be an object, not a string"],
  [bag, { c: 1 }, "TypeError", "p.c is not a known option; known are a, b"],
  [
    bag,
    JSON.parse('{"__proto__":1}'),
    "TypeError",
    "p.__proto__ is not a known option; known are a, b",
  ],
  [checkArray, { length: 0 }, "TypeError", "p must be an array, not an object"],
  [checkArray, "hunter2", "TypeError", "p must be an array, not a string"],
  [short, 5, "TypeError", "p must be a string, not 5"],
  [short, "日本", "RangeError", "p must have at most 4 bytes of UTF-8, not 6"],
  [name, "", "RangeError", "p must not be empty"],
  [checkSecret, 70112, "TypeError", "p must be a string, not a number"],
  [checkSecret, ["hunter2"], "TypeError", "p must be a string, not an array"],
  [checkHeaderText, "a\r\nb", "TypeError", 'p must be printable ASCII (RFC 9110), not "a\\r\\nb"'],
  [checkHeaderText, "日本", "TypeError", 'p must be printable ASCII (RFC 9110), not "日本"'],
  [checkBoolean, 1, "TypeError", "p must be a boolean, not 1"],
  [checkBoolean, "true", "TypeError", 'p must be a boolean, not "true"'],
  [role, "both", "TypeError", 'p must be one of "send", "receive", not "both"'],
  [rotation, 45, "TypeError", "p must be one of 0, 90, not 45"],
  [rotation, "90", "TypeError", 'p must be one of 0, 90, not "90"'],
  [bytes, new Int8Array(2), "TypeError", "p must be a Uint8Array, not an object (Int8Array)"],
  [bytes, {}, "TypeError", "p must be a Uint8Array, not an object"],
  [abort, null, "TypeError", "p must be an AbortSignal, not null"],
  [checkFunction, "x", "TypeError", 'p must be a function, not "x"'],
  [checkFunction, Symbol("x"), "TypeError", "p must be a function, not a symbol"],
  [flags, [true, 0], "TypeError", "p[1] must be a boolean, not 0"],
  [maybe, null, "TypeError", "p.x must be a boolean, not null"],
  [copyJson, { a: [1, 5n] }, "TypeError", "p.a[1] must be a JSON value, not a bigint"],
  [copyJson, [NaN], "TypeError", "p[0] must be a JSON value, not NaN"],
  [copyJson, [undefined], "TypeError", "p[0] must be a JSON value, not undefined"],
  [copyJson, new Date(), "TypeError", "p must be a JSON value, not an object (Date)"],
  [copyJson, deep, "RangeError", `p${"[0]".repeat(65)} must be JSON that nests at most 64 deep`],
  [checkCertificates, 1, "TypeError", "p must be PEM (a string or a Uint8Array), not a number"],
  [checkCertificates, key, "TypeError", "p must contain a PEM certificate"],
  [
    checkCertificates,
    cert + broken,
    "TypeError",
    "p must contain valid certificates, but certificate 2 of 2 is not",
  ],
  [checkPrivateKey, cert, "TypeError", "p must contain a PEM private key without a passphrase"],
];
for (const [check, value, errorName, message] of refused) {
  test(`${check.name} refuses ${shown(value)}: ${message}`, () => {
    assert.throws(() => check(value, "p"), { name: errorName, message });
  });
}

test("optional gives a record without a property whose value is undefined", () => {
  assert.deepEqual(optional({ x: undefined }, "x", "p", checkBoolean), {});
  assert.deepEqual(optional({ x: false }, "x", "p", checkBoolean), { x: false });
});

test("shown keeps a long or hostile string short and harmless", () => {
  assert.equal(shown("x".repeat(101)), `"${"x".repeat(100)}…"`);
  assert.equal(shown("\u001b[2J\n"), '"\\u001b[2J\\n"');
});

test("kindOf gives no content of any string, number, boolean, array or plain object", () => {
  const kinds = ["null", "an array", "an object", "a number", "a string", "a boolean"];
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    assert.ok(kinds.includes(kindOf(value)), kindOf(value));
  }));
  assert.equal(kindOf(Object.create(Object.create(null))), "an object (no prototype)");
});
