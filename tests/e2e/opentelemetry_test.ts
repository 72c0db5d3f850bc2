/** Spans and metrics, by OpenTelemetry's own SDK in memory, of connections to the embedded server. */

import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { context, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { type SoraConnectionOptions, SoraRpcError, version } from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { CANARY, countCanaries } from "../support/canary.ts";
import { Child, onDeno } from "../support/child.ts";
import { eventually } from "../support/eventually.ts";
import { Recorded, Stack } from "../support/otel_recorded.ts";

const startMs = ({ startTime: [s, ns] }: ReadableSpan) => s * 1_000 + ns / 1e6;
const endMs = ({ endTime: [s, ns] }: ReadableSpan) => s * 1_000 + ns / 1e6;

const room = (url: string, more: Partial<SoraConnectionOptions> = {}): SoraConnectionOptions => ({
  signalingUrls: [url],
  channelId: "lobby",
  role: "recvonly",
  ...more,
});

test("connect() is a span with a child for each phase, one after the other inside of it", async () => {
  await using server = await SoraServer.start({ port: 0 });
  await using recorded = new Recorded({ attributes: { "app.name": "test" } });
  await using connection = recorded.sora.createConnection(room(server.url));
  await connection.connect();
  const [span, ...more] = recorded.named("sora.connect");
  assert.ok(span !== undefined && more.length === 0);
  const { port } = new URL(server.url);
  assert.deepEqual({ ...span.attributes }, {
    "app.name": "test",
    "sora.channel.id": "lobby",
    "sora.role": "recvonly",
    "sora.connection.id": connection.connectionId,
    "server.address": "127.0.0.1",
    "server.port": Number(port),
    "url.scheme": "ws",
  });
  assert.deepEqual([span.kind, span.status.code], [SpanKind.CLIENT, SpanStatusCode.UNSET]);
  const { name, version: scopeVersion } = span.instrumentationScope;
  assert.deepEqual([name, scopeVersion], ["sora-ffi", version]);
  const { spanId, traceId } = span.spanContext();
  const children = recorded.spans.filter((one) => one.parentSpanContext?.spanId === spanId);
  const phases = ["websocket", "offer", "set-offer", "create-answer", "peer-connection", "created"];
  assert.deepEqual(
    children.map((one) => one.name).toSorted(),
    phases.map((phase) => `sora.connect.${phase}`).toSorted(),
  );
  // Spans have the wall clock, in whole milliseconds, and the timeline the monotonic one.
  for (const child of children) {
    assert.equal(child.spanContext().traceId, traceId);
    assert.ok(startMs(child) >= startMs(span) - 5 && endMs(child) <= endMs(span) + 5, child.name);
    assert.ok(endMs(child) >= startMs(child), child.name);
  }
  const at = (phase: string) => startMs(recorded.named(`sora.connect.${phase}`)[0]!);
  assert.ok(at("websocket") <= at("offer") && at("offer") <= at("set-offer"));
  const states = span.events.map(({ attributes }) => attributes?.["sora.peer_connection.state"]);
  assert.equal(states.at(-1), "connected");

  await assert.rejects(connection.connect(), { code: "INVALID_STATE" });
  const refused = recorded.named("sora.connect")[1]!;
  assert.equal(refused.attributes["error.type"], "INVALID_STATE");
  const { spanId: refusedId } = refused.spanContext();
  assert.ok(!recorded.spans.some((one) => one.parentSpanContext?.spanId === refusedId));
});

test("a span is inside of the one that was active when the method was called", async () => {
  await using server = await SoraServer.start({ port: 0 });
  await using recorded = new Recorded();
  const connection = recorded.sora.createConnection(room(server.url));
  context.setGlobalContextManager(new Stack());
  try {
    const spanContext = { traceId: "1".repeat(32), spanId: "2".repeat(16), traceFlags: 1 };
    const outer = trace.setSpanContext(ROOT_CONTEXT, spanContext);
    const connected = context.with(outer, () => connection.connect());
    await connected;
    const [span] = recorded.named("sora.connect");
    assert.equal(span!.parentSpanContext?.spanId, spanContext.spanId);
    assert.equal(span!.spanContext().traceId, spanContext.traceId);
  } finally {
    context.disable();
  }
});

test("a connect() that fails is a span with the code, and no secret is in anything", async () => {
  await using server = await SoraServer.start({ port: 0, secret: `secret ${CANARY}` });
  await using recorded = new Recorded();
  const url = server.url.replace("//", `//user:${CANARY}@`).replace(/$/, `?token=${CANARY}`);
  const connection = recorded.sora.createConnection(
    room(url, { metadata: { access_token: CANARY } }),
  );
  await assert.rejects(connection.connect());
  const [span] = recorded.named("sora.connect");
  assert.equal(span!.status.code, SpanStatusCode.ERROR);
  assert.equal(span!.attributes["error.type"], "WEBSOCKET_ONCLOSE");
  assert.equal(countCanaries(await recorded.text()), 0);
  const { points } = (await recorded.metrics()).get("sora.connect.duration")!;
  assert.equal(points[0]!.attributes["error.type"], "WEBSOCKET_ONCLOSE");
  assert.equal(points[0]!.value, 1);
});

test("rpc() is a client span by the conventions of JSON-RPC, also when the server refuses", async () => {
  await using server = await SoraServer.start({ port: 0 });
  await using recorded = new Recorded();
  await using connection = recorded.sora.createConnection(
    room(server.url, { dataChannelSignaling: true }),
  );
  await connection.connect();
  await eventually(
    "rpc",
    () =>
      connection.timeline.some((one) =>
        one.kind === "data-channel" && one.label === "rpc" && one.state === "open"
      ),
  );
  const method = "2025.2.0/PutSignalingNotifyMetadata";
  await connection.rpc(method, { metadata: { secret: CANARY } });
  await assert.rejects(connection.rpc("no such method"), SoraRpcError);
  const [good] = recorded.named(method);
  const [bad] = recorded.named("no such method");
  assert.equal(good!.kind, SpanKind.CLIENT);
  assert.equal(good!.attributes["rpc.system.name"], "jsonrpc");
  assert.equal(good!.attributes["rpc.method"], method);
  assert.equal(good!.attributes["jsonrpc.protocol.version"], "2.0");
  assert.equal(good!.status.code, SpanStatusCode.UNSET);
  assert.equal(bad!.status.code, SpanStatusCode.ERROR);
  assert.equal(bad!.attributes["error.type"], "-32601");
  assert.equal(bad!.attributes["rpc.response.status_code"], "-32601");
  const { unit, points } = (await recorded.metrics()).get("rpc.client.call.duration")!;
  assert.deepEqual([unit, points.length], ["s", 2]);
  assert.equal(countCanaries(await recorded.text()), 0);
});

test("a connection that is lost is a span for each attempt to make it again", async () => {
  const first = await SoraServer.start({ port: 0 });
  const { url, port } = first;
  await using recorded = new Recorded();
  const reconnect = { initialDelayMs: 20, maxDelayMs: 100, maxRetries: 200 };
  await using connection = recorded.sora.createConnection(room(url, { reconnect }));
  await connection.connect();
  const present = async () => (await recorded.metrics()).get("sora.connections")?.points[0]?.value;
  assert.equal(await present(), 1);
  await first.close();
  await eventually("two failed attempts", () => recorded.named("sora.reconnect").length >= 2);
  assert.equal(await present(), 0);
  await using _again = await SoraServer.start({ port });
  await eventually("the connection", () => connection.state === "connected");
  const spans = await eventually("its span", () => {
    const spans = recorded.named("sora.reconnect");
    return spans.at(-1)?.attributes["error.type"] === undefined && spans;
  });
  const last = spans.at(-1)!;
  assert.deepEqual(
    spans.map(({ attributes }) => attributes["sora.reconnect.attempt"]),
    spans.map((_, i) => i + 1),
  );
  assert.equal(spans[0]!.attributes["error.type"], "WEBSOCKET_HANDSHAKE_FAILED");
  assert.equal(spans[0]!.attributes["sora.reconnect.cause"], "WEBSOCKET_ONCLOSE");
  const inside = recorded.spans.filter((one) =>
    one.parentSpanContext?.spanId === last.spanContext().spanId
  );
  assert.ok(inside.some(({ name }) => name === "sora.connect.peer-connection"));
  for (const one of inside) {
    assert.ok(startMs(one) >= startMs(last) - 5 && endMs(one) <= endMs(last) + 5);
  }
  assert.equal(await present(), 1);
  const { points } = (await recorded.metrics()).get("sora.reconnects")!;
  assert.equal(points.reduce((sum, { value }) => sum + value, 0), spans.length);
  await connection.disconnect();
  assert.equal(await present(), 0);
});

test("the statistics of each connection are metrics, as long as it is there", async () => {
  await using server = await SoraServer.start({ port: 0 });
  await using recorded = new Recorded();
  const { sora } = recorded;
  const videoSource = sora.createVideoSource();
  const size = { width: 160, height: 120 };
  const pixels = new Uint8Array(size.width * size.height * 3).fill(90);
  const timer = setInterval(() => {
    pixels.fill(pixels[0]! + 7);
    videoSource.onCaptured(pixels, size);
  }, 33);
  try {
    await using sender = sora.createConnection(
      room(server.url, { role: "sendonly", audio: false, videoSource, videoCodecType: "VP8" }),
    );
    await using receiver = sora.createConnection(room(server.url, { audio: false }));
    await Promise.all([sender.connect(), receiver.connect()]);
    const frames = await eventually("decoded frames", async () => {
      const frames = (await recorded.metrics()).get("sora.video.frames");
      const decoded = frames?.points.find(({ attributes }) =>
        attributes["network.io.direction"] === "receive"
      );
      return decoded !== undefined && decoded.value > 0 && frames;
    });
    const first = await eventually(
      "the first frame",
      () => recorded.named("sora.connect.first-video")[0],
    );
    const [connect] = recorded.named("sora.connect").filter(({ attributes }) =>
      attributes["sora.role"] === "recvonly"
    );
    assert.equal(first.parentSpanContext?.spanId, connect!.spanContext().spanId);
    assert.ok(endMs(first) >= startMs(connect!) && endMs(first) <= Date.now());
    assert.deepEqual(recorded.named("sora.connect.first-audio"), []);
    assert.equal(frames.unit, "{frame}");
    const ids = new Set(frames.points.map(({ attributes }) => attributes["sora.connection.id"]));
    assert.deepEqual(ids, new Set([sender.connectionId, receiver.connectionId]));
    const metrics = await recorded.metrics();
    const sent = metrics.get("sora.rtp.io")!.points.find(({ attributes }) =>
      attributes["network.io.direction"] === "transmit"
    )!;
    assert.deepEqual([sent.attributes["sora.media.kind"], sent.attributes["sora.role"]], [
      "video",
      "sendonly",
    ]);
    assert.ok(sent.value > 0);
    assert.equal(metrics.get("sora.path.round_trip_time")!.unit, "s");
    assert.ok(metrics.get("sora.dropped")!.points.every(({ value }) => value >= 0));
    await Promise.all([sender.disconnect(), receiver.disconnect()]);
    assert.equal((await recorded.metrics()).get("sora.connections")!.points[0]!.value, 0);
  } finally {
    clearInterval(timer);
  }
});

/** What a collector of OTLP has received, as text. */
async function startCollector() {
  let text = "";
  const server = createServer((request, response) => {
    request.setEncoding("utf8").on("data", (part: string) => text += part);
    request.on("end", () => response.end("{}"));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    has: (word: string) => text.includes(word),
    [Symbol.dispose]: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

if (onDeno) {
  test("Deno's own OpenTelemetry (OTEL_DENO=true) exports the spans and the metrics", async () => {
    await using server = await SoraServer.start({ port: 0 });
    using collector = await startCollector();
    const program = new URL("../support/otel_program.ts", import.meta.url);
    await using child = new Child(program, [server.url], ["-A"], {
      OTEL_DENO: "true",
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_METRIC_EXPORT_INTERVAL: "200",
    });
    await child.line("connected");
    await eventually("metrics", () => collector.has('"sora.path.round_trip_time"'));
    child.kill("SIGTERM");
    assert.equal((await child.ended()).code, 0, child.errors);
    for (const name of ["sora.connect", "sora.connect.offer", "sora.connections"]) {
      await eventually(name, () => collector.has(`"${name}"`));
    }
  });
}
