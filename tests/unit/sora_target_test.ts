/** What the variables of a real Sora say. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readSettings } from "../support/sora_target.ts";

const whole = {
  TEST_SIGNALING_URLS: "wss://a.example.com/signaling, wss://b.example.com/signaling",
  TEST_CHANNEL_ID_PREFIX: "prefix",
  TEST_SECRET_KEY: "key",
  TEST_API_URL: "https://a.example.com/api",
};

test("the variables name a real Sora", () => {
  assert.deepEqual(readSettings(whole), {
    signalingUrls: ["wss://a.example.com/signaling", "wss://b.example.com/signaling"],
    channelIdPrefix: "prefix",
    secretKey: "key",
    apiUrl: "https://a.example.com/api",
    real: true,
  });
});

test("the secret and the HTTP API may be left out, and empty variables are none", () => {
  const { TEST_SIGNALING_URLS, TEST_CHANNEL_ID_PREFIX } = whole;
  const settings = readSettings({ TEST_SIGNALING_URLS, TEST_CHANNEL_ID_PREFIX, TEST_API_URL: " " });
  assert.deepEqual([settings?.secretKey, settings?.apiUrl], [undefined, undefined]);
  assert.equal(readSettings({ TEST_SIGNALING_URLS: "" }), undefined);
  assert.equal(
    readSettings({ TEST_SIGNALING_URL: "ws://a/", TEST_CHANNEL_ID_PREFIX })?.signalingUrls[0],
    "ws://a/",
  );
});

test("wrong variables are refused by name, without the secret", () => {
  const wrong: readonly (readonly [Record<string, string>, RegExp])[] = [
    [{ TEST_SIGNALING_URLS: "https://a.example.com" }, /^Error: TEST_SIGNALING_URLS: "https/],
    [{ TEST_CHANNEL_ID_PREFIX: "" }, /TEST_CHANNEL_ID_PREFIX is not/],
    [{ TEST_API_URL: "a.example.com" }, /^Error: TEST_API_URL: "a\.example\.com" is no URL/],
  ];
  for (const [variables, message] of wrong) {
    assert.throws(() => readSettings({ ...whole, ...variables }), message);
    try {
      readSettings({ ...whole, TEST_SECRET_KEY: "hidden", ...variables });
    } catch (error) {
      assert.doesNotMatch(String(error), /hidden/);
    }
  }
});
