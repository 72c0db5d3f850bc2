import assert from "node:assert/strict";
import { test } from "node:test";
import { Result } from "../../ffi/constants.ts";
import { lastError } from "../../ffi/result.ts";
import { json } from "../../ffi/text.ts";
import { factory, functions, out } from "../support/native_factory.ts";
import { makeCertificate } from "../support/signaling_certificates.ts";

function create(configuration: object): number {
  const text = json({ iceServers: [], ...configuration });
  return functions.sora_peer_create(factory, text, text.byteLength, out);
}

const { cert, key } = makeCertificate({ subject: "a", hosts: ["a"] });
const other = makeCertificate({ subject: "b", hosts: ["b"] });
const half = cert.slice(0, cert.length / 2);
const canary = "canary-5f1c";
const broken = cert.replace(/\n.{20}/, `\n${canary}`);
const proxy = { host: "proxy.test", port: 3128 };

const refused: readonly [string, object, RegExp][] = [
  ["tls is a string", { tls: canary }, /^tls must be an object/],
  ["insecure is a string", { tls: { insecure: canary } }, /^tls\.insecure must be/],
  ["caCert is a number", { tls: { caCert: 7 } }, /^tls\.caCert must be/],
  ["caCert is empty", { tls: { caCert: "" } }, /^tls\.caCert must be/],
  ["caCert is no PEM", { tls: { caCert: canary } }, /^tls\.caCert must be/],
  ["caCert is cut", { tls: { caCert: half } }, /^tls\.caCert must be/],
  ["caCert is broken", { tls: { caCert: broken } }, /^tls\.caCert must be/],
  ["caCert is broken at its end", { tls: { caCert: cert + broken } }, /^tls\.caCert must be/],
  ["caCert is a key", { tls: { caCert: key } }, /^tls\.caCert must be/],
  ["clientCert alone", { tls: { clientCert: cert } }, /^tls\.clientKey must be/],
  ["clientKey alone", { tls: { clientKey: key } }, /^tls\.clientCert must be/],
  ["clientCert is no PEM", { tls: { clientCert: canary, clientKey: key } }, /^tls\.clientCert /],
  ["clientKey is no PEM", { tls: { clientCert: cert, clientKey: canary } }, /^tls\.clientKey /],
  ["clientKey of another", { tls: { clientCert: cert, clientKey: other.key } }, /^tls\.clientKey /],
  [
    "clientKey with a passphrase",
    {
      tls: {
        clientCert: cert,
        clientKey: other.privateKey.export({
          type: "pkcs8",
          format: "pem",
          cipher: "aes-256-cbc",
          passphrase: canary,
        }),
      },
    },
    /^tls\.clientKey must be PEM of a private key without a passphrase/,
  ],
  ["sync is a string", { sync: canary }, /^sync must be/],
  ["proxy is a string", { proxy: canary }, /^proxy must be an object/],
  ["no proxy.host", { proxy: { port: 1 } }, /^proxy\.host must be/],
  ["an empty proxy.host", { proxy: { host: "", port: 1 } }, /^proxy\.host must be/],
  ["no proxy.port", { proxy: { host: canary } }, /^proxy\.port must be/],
  ["proxy.port 0", { proxy: { ...proxy, port: 0 } }, /^proxy\.port must be/],
  ["proxy.port 65536", { proxy: { ...proxy, port: 65_536 } }, /^proxy\.port must be/],
  ["proxy.port 1.5", { proxy: { ...proxy, port: 1.5 } }, /^proxy\.port must be/],
  ["a number as password", { proxy: { ...proxy, password: 5 } }, /^proxy\.password must be/],
  ["a long password", { proxy: { ...proxy, password: canary.repeat(999) } }, /^proxy\.password /],
  ["a header in agent", { proxy: { ...proxy, agent: `${canary}\r\nX: y` } }, /^proxy\.agent must /],
];

for (const [what, configuration, text] of refused) {
  test(`sora_peer_create refuses ${what} and does not repeat it`, () => {
    assert.equal(create(configuration), Result.ERROR_INVALID_ARGUMENT);
    assert.match(lastError(functions), text);
    assert.ok(!lastError(functions).includes(canary));
  });
}

const accepted: readonly [string, object][] = [
  ["no tls and no proxy", {}],
  ["empty tls", { tls: {} }],
  ["several certificates and a comment", { tls: { caCert: `a comment\n${cert}\n${other.cert}` } }],
  ["a client certificate with its chain", {
    tls: { clientCert: cert + other.cert, clientKey: key },
  }],
  ["a proxy", { proxy: { ...proxy, username: "u", password: "p:@%", agent: "a/1" } }],
  ["a proxy's IPv6 address", { proxy: { host: "::1", port: 8080 } }],
];
for (const [what, configuration] of accepted) {
  test(`sora_peer_create accepts ${what}`, () => {
    assert.equal(create(configuration), Result.OK, lastError(functions));
    assert.equal(functions.sora_peer_close(out[0] ?? 0), Result.OK);
  });
}
