/** Mutated options: each is taken, or refused with an error that begins with the option's path and shows no secret. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import type { JsonObject } from "../../base/json.ts";
import { resolveOptions, type SoraServerOptions } from "../../sfu/options/options.ts";
import { survives } from "../support/mutations.ts";

const SECRET = "do not show this";
const HOLDS_SECRET = /^options\.(secret|tls|iceServers\[\d+\]\.credential)/;

const corpus: readonly JsonObject[] = [
  { port: 5000, host: "127.0.0.1", path: "/signaling", secret: SECRET, httpApi: true },
  { maxConnections: 5, maxPendingConnections: 2, connectTimeoutMs: 100, pongTimeoutMs: 1000 },
  { tls: { cert: SECRET, key: SECRET, clientCa: SECRET } },
  { iceServers: [{ urls: ["stun:a"] }, { urls: ["turn:a"], username: "u", credential: SECRET }] },
  { iceTransportPolicy: "relay", redirect: "ws://127.0.0.1/signaling", redirectAgain: true },
  {
    faults: {
      silentFrom: "offer",
      closeInsteadOf: { type: "notify", code: 4000, reason: "r" },
      drop: { type: "ping", times: 2 },
      stopBefore: "dtls",
      signalingDelayMs: 5,
      dropSent: 0.5,
      seed: 1,
    },
  },
  { rpcMethods: ["2025.2.0/PutSignalingNotifyMetadata"], dataChannelSignaling: true },
];

test("resolveOptions survives mutated options", async () => {
  const { accepted, refused } = await survives({
    steps: 5_000,
    seed: 51,
    input: (mutator) => mutator.json(corpus),
    run: (options) => {
      const config = resolveOptions(options as SoraServerOptions);
      assert.ok(Number.isInteger(config.port) && config.port >= 0 && config.port <= 65_535);
      assert.ok(config.connectTimeoutMs >= 1);
      assert.equal(Object.getPrototypeOf(config.faults), Object.prototype);
    },
    refuses: (error) =>
      (error instanceof TypeError || error instanceof RangeError) &&
      /^options\b/.test(error.message) && error.message.length < 1_000 &&
      !(HOLDS_SECRET.test(error.message) && error.message.includes(SECRET)),
  });
  assert.ok(accepted > 100, "nothing was accepted");
  assert.ok(refused > 100, "nothing was refused");
});
