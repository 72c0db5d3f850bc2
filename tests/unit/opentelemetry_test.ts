/** What telemetry takes from statistics and errors, its options, and that it can harm no connection. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Sora,
  type SoraConnectionTelemetry,
  SoraError,
  SoraRpcError,
  type SoraStats,
  type SoraTelemetry,
} from "../../mod.ts";
import { errorOf, messageOf, serverOf } from "../../opentelemetry/attributes.ts";
import { firstMedia } from "../../opentelemetry/first_media.ts";
import { openTelemetry } from "../../opentelemetry/mod.ts";
import { measure, STATISTICS } from "../../opentelemetry/statistics.ts";
import { GuardedTelemetry } from "../../sdk/telemetry.ts";

test("metrics have names and units as OpenTelemetry asks for, each once", () => {
  const names = STATISTICS.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  for (const { name, unit, description } of STATISTICS) {
    assert.match(name, /^sora(\.[a-z][a-z_]*)+$/);
    assert.match(unit, /^(By|s|1|bit\/s|\{[a-z]+\}(\/s)?)$/);
    assert.ok(description.length > 0 && !description.endsWith("."));
  }
});

test("measure takes each stream with its direction and identity, and the pair in use alone", () => {
  const stats = [
    { type: "outbound-rtp", id: "o", kind: "video", rid: "r1", ssrc: 7, bytesSent: 100 },
    { type: "inbound-rtp", id: "i", kind: "audio", ssrc: 8, bytesReceived: 50, audioLevel: 0.5 },
    { type: "candidate-pair", id: "p", nominated: true, currentRoundTripTime: 0.02 },
    { type: "candidate-pair", id: "q", nominated: false, currentRoundTripTime: 9 },
    { type: "data-channel", id: "d", label: "#chat", messagesReceived: 3 },
  ] as unknown as SoraStats[];
  const found = measure(stats).map(({ statistic, value, attributes }) =>
    [statistic.name, value, attributes] as const
  );
  const video = { "sora.media.kind": "video", "sora.simulcast.rid": "r1", "sora.rtp.ssrc": 7 };
  const audio = { "sora.media.kind": "audio", "sora.rtp.ssrc": 8 };
  const receive = { "network.io.direction": "receive" };
  assert.deepEqual(found, [
    ["sora.rtp.io", 100, { ...video, "network.io.direction": "transmit" }],
    ["sora.rtp.io", 50, { ...audio, ...receive }],
    ["sora.audio.level", 0.5, { ...audio, ...receive }],
    ["sora.path.round_trip_time", 0.02, {}],
    ["sora.data_channel.messages", 3, { "sora.data_channel.label": "#chat", ...receive }],
  ]);
});

test("firstMedia reckons back from what has come since", () => {
  const timestamp = 10_000;
  const stats = [
    { type: "inbound-rtp", kind: "video", timestamp, framesDecoded: 31, totalInterFrameDelay: 1 },
    { type: "inbound-rtp", kind: "video", timestamp, framesDecoded: 0 },
    {
      type: "inbound-rtp",
      kind: "audio",
      timestamp,
      jitterBufferEmittedCount: 96_000,
      totalSamplesReceived: 480_000,
      totalSamplesDuration: 10,
    },
    { type: "inbound-rtp", kind: "audio", timestamp, totalSamplesReceived: 5 },
  ] as unknown as SoraStats[];
  assert.deepEqual([firstMedia(stats, "video"), firstMedia(stats, "audio")], [9_000, 8_000]);
  assert.deepEqual([firstMedia([], "video"), firstMedia([], "audio")], [undefined, undefined]);
});

test("serverOf takes scheme, host and port of a URL, and nothing else of it", () => {
  assert.deepEqual(serverOf("wss://user:secret@sora.test/signaling?token=secret"), {
    "server.address": "sora.test",
    "server.port": 443,
    "url.scheme": "wss",
  });
  assert.deepEqual(serverOf("ws://[::1]:5000/"), {
    "server.address": "::1",
    "server.port": 5000,
    "url.scheme": "ws",
  });
  assert.deepEqual([serverOf(undefined), serverOf("no URL")], [{}, {}]);
});

test("errorOf and messageOf name an error without the words of others", () => {
  const refused = new SoraRpcError(-32601, "rpc(x): secret", { secret: 1 });
  assert.deepEqual(errorOf(refused), {
    "error.type": "-32601",
    "rpc.response.status_code": "-32601",
  });
  assert.equal(messageOf(refused), "the server answered with error -32601");
  const late = new SoraError("TIMEOUT", "too late");
  assert.deepEqual([errorOf(late), messageOf(late)], [{ "error.type": "TIMEOUT" }, "too late"]);
  const reason = new DOMException("secret", "AbortError");
  assert.deepEqual([errorOf(reason), messageOf(reason)], [
    { "error.type": "AbortError" },
    "AbortError",
  ]);
  assert.deepEqual([errorOf("secret"), messageOf("secret")], [
    { "error.type": "_OTHER" },
    "unknown",
  ]);
  assert.deepEqual(errorOf(undefined), {});
});

const wrong: readonly (readonly [call: () => unknown, message: RegExp])[] = [
  [() => openTelemetry(1 as never), /^options must be an object, not a number$/],
  [() => openTelemetry({ tracer: 1 } as never), /^options\.tracer is not a known option/],
  [
    () => openTelemetry({ tracerProvider: {} } as never),
    /^options\.tracerProvider must be an object with getTracer\(\)$/,
  ],
  [
    () => openTelemetry({ meterProvider: null } as never),
    /^options\.meterProvider must be an object with getMeter\(\)$/,
  ],
  [
    () => openTelemetry({ statistics: 1 } as never),
    /^options\.statistics must be a boolean, not 1$/,
  ],
  [() => new Sora({ telemetry: {} } as never), /^options\.telemetry\.observe must be a function/],
  [() => new Sora({ telemetry: 1 } as never), /^options\.telemetry must be an object with observe/],
];
for (const [call, message] of wrong) {
  test(`a wrong option is a TypeError: ${message.source}`, () => {
    assert.throws(call, (error) => error instanceof TypeError && message.test(error.message));
  });
}

/** A connection that remembers errors, and telemetry for it. */
function guarded(telemetry: SoraTelemetry | undefined) {
  const errors: unknown[] = [];
  const owner = { onError: (error: unknown) => errors.push(error) } as never;
  const info = { channelId: "c", role: "sendrecv", metadata: "secret" };
  return { errors, guard: new GuardedTelemetry(owner, telemetry, info) };
}

test("telemetry sees the channel and the role of a connection, and no other option", () => {
  const seen: unknown[] = [];
  guarded({
    observe: (_connection, info) => {
      seen.push(info);
      return {} as SoraConnectionTelemetry;
    },
  });
  assert.deepEqual(seen, [{ channelId: "c", role: "sendrecv" }]);
});

test("what telemetry throws goes to onError, and calls have their own outcome", async () => {
  const fail = () => {
    throw new Error("telemetry");
  };
  const bad = {
    connect: fail,
    rpc: () => fail,
    reconnecting: fail,
    reconnected: fail,
    ended: fail,
  };
  const { errors, guard } = guarded({ observe: () => bad });
  await guard.connect(Promise.resolve());
  assert.equal(await guard.rpc("m", Promise.resolve(5)), 5);
  await assert.rejects(guard.rpc("m", Promise.reject(new RangeError("own"))), RangeError);
  guard.reconnecting({} as never);
  guard.reconnected();
  guard.ended();
  assert.equal(errors.length, 6);
  const unmade = guarded({ observe: fail });
  await unmade.guard.connect(Promise.resolve());
  assert.equal(unmade.errors.length, 1);
});

test("without telemetry the very promise of a call is handed on", async () => {
  const { errors, guard } = guarded(undefined);
  const promise = Promise.resolve();
  assert.equal(guard.connect(promise), promise);
  assert.equal(guard.rpc("m", promise), promise);
  guard.ended();
  await promise;
  assert.deepEqual(errors, []);
});
