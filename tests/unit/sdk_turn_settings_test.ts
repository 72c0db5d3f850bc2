import assert from "node:assert/strict";
import { test } from "node:test";
import { turnSettings } from "../../sdk/peer/turn_settings.ts";
import type { SignalingOptions } from "../../signaling/options/options.ts";

const required: SignalingOptions = {
  signalingUrls: ["wss://sora.test/signaling"],
  role: "recvonly",
  channelId: "c",
};

test("turnSettings: nothing is set when no option is", () => {
  assert.deepEqual(turnSettings(required), { tls: {} });
});

test("turnSettings: the policy `relay` overrides the offer's, and `all` does not", () => {
  assert.deepEqual(turnSettings({ ...required, iceTransportPolicy: "relay" }), {
    iceTransportPolicy: "relay",
    tls: {},
  });
  assert.deepEqual(turnSettings({ ...required, iceTransportPolicy: "all" }), { tls: {} });
});

test("turnSettings: certificates are passed as text, whatever they came as", () => {
  const pem = (name: string) => new TextEncoder().encode(name);
  const options = {
    ...required,
    insecure: false,
    caCert: pem("ca"),
    clientCert: "cert",
    clientKey: pem("key"),
  };
  assert.deepEqual(turnSettings(options), {
    tls: { insecure: false, caCert: "ca", clientCert: "cert", clientKey: "key" },
  });
});

const proxies: readonly [Partial<SignalingOptions>, object][] = [
  [
    { proxyUrl: "http://tunnel.test" },
    { host: "tunnel.test", port: 80, username: "", password: "" },
  ],
  [
    { proxyUrl: "http://user:p%40ss@tunnel.test:3128/" },
    { host: "tunnel.test", port: 3128, username: "user", password: "p@ss" },
  ],
  [
    {
      proxyUrl: "http://[::1]:8080",
      proxyUsername: "u",
      proxyPassword: "%:@",
      proxyAgent: "agent/1",
    },
    { host: "::1", port: 8080, username: "u", password: "%:@", agent: "agent/1" },
  ],
];
for (const [options, proxy] of proxies) {
  test(`turnSettings: the proxy ${options.proxyUrl}`, () => {
    assert.deepEqual(turnSettings({ ...required, ...options }), { tls: {}, proxy });
  });
}
