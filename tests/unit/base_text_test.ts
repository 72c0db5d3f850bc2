import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { escapeControls, quoted, withoutSecretsOfUrls } from "../../base/text.ts";

const texts = [
  ["plain, with 日本語 and 😀", "plain, with 日本語 and 😀"],
  ["a\r\nb\tc", "a\\r\\nb\\tc"],
  ["\u001b[2J\u0000\u007f", "\\u001b[2J\\u0000\\u007f"],
  ["\u0085\u009b31m", "\\u0085\\u009b31m"],
  ["a\u2028b\u2029c", "a\\u2028b\\u2029c"],
  ["user\u202etxt.exe\u2066", "user\\u202etxt.exe\\u2066"],
  ["C:\\new", "C:\\new"],
] as const;
for (const [text, expected] of texts) {
  test(`escapeControls of ${JSON.stringify(text)}`, () => {
    assert.equal(escapeControls(text), expected);
    assert.equal(quoted(text), expected);
  });
}

test("escapeControls leaves no control character, and changes nothing the second time", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    const once = escapeControls(text);
    assert.doesNotMatch(once, /[\p{Cc}\p{Zl}\p{Zp}]/u);
    assert.equal(escapeControls(once), once);
  }));
});

test("quoted cuts long texts, not in the middle of a character, and marks the cut", () => {
  assert.equal(quoted("x".repeat(500)), "x".repeat(500));
  assert.equal(quoted("x".repeat(501)), `${"x".repeat(500)}…`);
  assert.equal(quoted(`${"x".repeat(499)}😀😀`), `${"x".repeat(499)}…`);
  assert.equal(quoted("\u0000".repeat(10_000)), `${"\\u0000".repeat(83)}…`);
});

test("withoutSecretsOfUrls leaves of each URL what is no secret", () => {
  const text = "of wss://u:p@a.example:1/x?token=t#f and rtsp://b/c, not a?b=c or x@y";
  assert.equal(
    withoutSecretsOfUrls(text),
    "of wss://***@a.example:1/x?*** and rtsp://b/c, not a?b=c or x@y",
  );
});
