/** The options of the command for a connection, and the checks of options that commands share. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterEach, test } from "node:test";
import { choiceOf, integerOf, numberOf, UsageError } from "../../cli/command.ts";
import { connectionOptions } from "../../cli/connection/flags.ts";

const folder = mkdtempSync(join(tmpdir(), "sora-ffi-cli-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));

afterEach(() => {
  delete process.env["SORA_ACCESS_TOKEN"];
  delete process.env["SORA_PROXY_PASSWORD"];
});

/** The options that are set. */
const given = (values: Parameters<typeof connectionOptions>[0]) =>
  JSON.parse(JSON.stringify(connectionOptions(values)));

test("without options a connection leads to sora-ffi server and the channel of its page", () => {
  assert.deepEqual(given({}), {
    signalingUrls: ["ws://127.0.0.1:5000/signaling"],
    channelId: "sora",
  });
});

test("connectionOptions takes what is given", () => {
  const pem = join(folder, "ca.pem");
  writeFileSync(pem, "a certificate");
  const values = {
    "signaling-url": ["wss://a/signaling", "wss://b/signaling"],
    "channel-id": "room",
    "client-id": "me",
    metadata: '{"a":[1]}',
    "ca-cert": pem,
    insecure: true,
    "proxy-url": "http://proxy:3128",
    "proxy-username": "user",
  };
  process.env["SORA_PROXY_PASSWORD"] = "a password";
  assert.deepEqual(given(values), {
    signalingUrls: ["wss://a/signaling", "wss://b/signaling"],
    channelId: "room",
    clientId: "me",
    metadata: { a: [1] },
    caCert: "a certificate",
    insecure: true,
    proxyUrl: "http://proxy:3128",
    proxyUsername: "user",
    proxyPassword: "a password",
  });
});

test("an access token comes from a file or the environment and goes into the metadata", () => {
  const file = join(folder, "token");
  writeFileSync(file, "from a file\n");
  process.env["SORA_ACCESS_TOKEN"] = "from the environment";
  assert.deepEqual(given({}).metadata, { access_token: "from the environment" });
  assert.deepEqual(given({ "access-token-file": file, metadata: '{"a":1}' }).metadata, {
    a: 1,
    access_token: "from a file",
  });
});

const wrong: readonly (readonly [run: () => unknown, message: RegExp])[] = [
  [() => connectionOptions({ metadata: "{secret" }), /^--metadata must be JSON$/],
  [
    () => connectionOptions({ "ca-cert": join(folder, "none") }),
    /^--ca-cert must be a file that can be read: .*none/,
  ],
  [() => integerOf({ n: "1.5" }, "n"), /^--n must be an integer, not "1.5"$/],
  [() => integerOf({ n: "11" }, "n", 1, 10), /^--n must be an integer from 1 to 10, not 11$/],
  [() => numberOf({ n: "1e3" }, "n", 0, 1), /^--n must be a number, not "1e3"$/],
  [() => numberOf({ n: "1.5" }, "n", 0, 1), /^--n must be a number from 0 to 1, not 1.5$/],
  [() => choiceOf({ n: "c" }, "n", ["a", "b"]), /^--n must be one of "a", "b", not "c"$/],
];
for (const [run, message] of wrong) {
  test(`a wrong value is a UsageError: ${message.source}`, () => {
    assert.throws(run, (error) => error instanceof UsageError && message.test(error.message));
  });
}

test("metadata that is no object has no room for an access token", () => {
  process.env["SORA_ACCESS_TOKEN"] = "secret";
  assert.throws(
    () => connectionOptions({ metadata: "[]" }),
    /^UsageError: --metadata must be a JSON object when there is an access token$/,
  );
});

test("numberOf and integerOf take numbers within limits, and nothing when nothing is given", () => {
  assert.deepEqual([numberOf({ n: "0.5" }, "n", 0, 1), integerOf({ n: "7" }, "n")], [0.5, 7]);
  assert.deepEqual([numberOf({}, "n", 0, 1), integerOf({}, "n")], [undefined, undefined]);
});
