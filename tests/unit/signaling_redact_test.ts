import assert from "node:assert/strict";
import { test } from "node:test";
import { redactError, redactUrl } from "../../signaling/messages/redact.ts";

const urls = [
  ["wss://sora.example/signaling", "wss://sora.example/signaling"],
  ["wss://user:pass@sora.example:443/a", "wss://***@sora.example:443/a"],
  ["wss://user:p@ss@sora.example/", "wss://***@sora.example/"],
  ["wss://sora.example/?token=x&y=z", "wss://sora.example/?***"],
  ["wss://sora.example/#x", "wss://sora.example/#***"],
  ["wss://sora.example/path@x", "wss://sora.example/path@x"],
  ["http://u:p@", "http://***@"],
  ["//u:p@host/x?y", "//***@host/x?***"],
  ["nonsense?token\nmore", "nonsense?***"],
  ["wss://sora.example/\u001b[2J\n", "wss://sora.example/\\u001b[2J\\n"],
  ["", ""],
] as const;
for (const [url, expected] of urls) {
  test(`redactUrl of ${JSON.stringify(url)}`, () => assert.equal(redactUrl(url), expected));
}

const texts = [
  ["Failed at a=ice-pwd:abc/+1\r\nnext", "Failed at a=ice-pwd:***\\r\\nnext"],
  ["a=ice-ufrag:abc", "a=ice-ufrag:***"],
  ["a=crypto:1 AES inline:xyz", "a=crypto:***"],
  [`{"credential":"abc"}`, `{"credential":***`],
  ["GET wss://u:p@h/?t=1 failed", "GET wss://***@h/?*** failed"],
  ["to 'wss://h/?t=1' failed", "to 'wss://h/?***' failed"],
  ["Proxy-Authorization: Basic aHVudGVyMg==", "Proxy-Authorization: ***"],
  [`{"access_token":"x.y.z"}`, `{"access_token":***`],
  ["client_secret=abc\nnext", "client_secret=***\\nnext"],
  ["\u001b[2Jgone\u0000", "\\u001b[2Jgone\\u0000"],
  ["Unexpected token in JSON", "Unexpected token in JSON"],
  ["connect ECONNREFUSED 127.0.0.1:80", "connect ECONNREFUSED 127.0.0.1:80"],
] as const;
for (const [text, expected] of texts) {
  test(`redactError of ${JSON.stringify(text)}`, () => {
    assert.equal(redactError(new Error(text)), expected);
    assert.equal(redactError(text), expected);
  });
}

test("redactError bounds the length", () => {
  assert.equal(redactError(new Error("x".repeat(10_000))), `${"x".repeat(500)}…`);
});
