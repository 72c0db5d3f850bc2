/** `GET /metrics` of the embedded server: what it says, in which format, and to whom. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { test } from "node:test";
import { Exposition } from "../../base/prometheus.ts";
import { version } from "../../base/version.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { parseExposition } from "../support/exposition.ts";
import { TestClient, until } from "../support/sfu_client.ts";

/** One request with headers that `fetch` would not let one set. */
function get(
  port: number,
  { method = "GET", path = "/metrics", ...headers }: Record<string, string> = {},
): Promise<{ status: number; type: string; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, method, path, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part) => text += part);
      response.on("end", () =>
        resolve({
          status: response.statusCode!,
          type: response.headers["content-type"] ?? "",
          text,
        }));
    });
    sent.on("error", reject);
    sent.end();
  });
}

test("/metrics has the state and the counters of the server, in Prometheus' format", async () => {
  await using server = await SoraServer.start({ metrics: true, maxChannelConnections: 2 });
  const { status, type, text } = await get(server.port);
  assert.deepEqual([status, type], [200, "text/plain; version=0.0.4; charset=utf-8"]);
  const before = parseExposition(text);
  assert.deepEqual(
    [...before.get("sora_server_connections")!.samples],
    [['role="sendrecv"', 0], ['role="sendonly"', 0], ['role="recvonly"', 0]],
  );
  assert.deepEqual([...before.get("sora_server_info")!.samples], [[`version="${version}"`, 1]]);
  assert.equal(before.has("sora_server_refusals_total"), false, "none yet");

  const channel = { channel_id: "metrics" };
  const sender = await TestClient.join(server.url, { ...channel, role: "sendonly" });
  const receiver = await TestClient.join(server.url, { ...channel, role: "recvonly" });
  const third = await TestClient.open(server.url, { ...channel, role: "recvonly" });
  await until("the refusal", () => third.closed !== undefined);
  const after = parseExposition((await get(server.port)).text);
  const value = (name: string, labels = "") => after.get(name)?.samples.get(labels);
  assert.deepEqual(
    [...after.get("sora_server_connections")!.samples.values()],
    [0, 1, 1],
  );
  assert.equal(value("sora_server_channels"), 1);
  assert.equal(value("sora_server_refusals_total", 'reason="TOO-MANY-CONNECTIONS"'), 1);
  assert.equal(value("sora_server_accepted_sockets_total"), 3);
  assert.ok(value("sora_server_received_packets_total")! > 0, "DTLS came");
  assert.equal(value("sora_server_sent_bytes_total"), server.stats().sentBytes);
  assert.deepEqual(
    [...after.get("sora_server_dropped_packets_total")!.samples.keys()],
    ['kind="transport"', 'kind="unknown_stream"', 'kind="bit_rate"', 'kind="fault"'],
  );
  assert.ok(value("process_cpu_seconds_total")! > 0);
  assert.ok(value("process_resident_memory_bytes")! > 1e6);
  const started = value("process_start_time_seconds")! * 1000;
  assert.ok(started < Date.now() && started > Date.now() - 3_600_000, `${started}`);
  const guide = readFileSync(new URL("../../docs/server-http.md", import.meta.url), "utf8");
  for (const [name, { type, help, samples }] of after) {
    const inGuide = new RegExp(`\`${name.replace("sora_server_", "")}(\\{\\w+\\})?\``);
    assert.match(guide, inGuide, "docs/server-http.md has it");
    assert.ok(help, `${name} has a HELP line`);
    if (type !== "counter") continue;
    for (const [labels, now] of samples) {
      const then = before.get(name)?.samples.get(labels) ?? 0;
      assert.ok(now >= then, `${name}{${labels}} fell from ${then} to ${now}`);
    }
  }
  await sender.disconnect();
  await receiver.disconnect();
});

test("/metrics is there only when it is asked for, to read, and for this machine alone", async () => {
  await using off = await SoraServer.start();
  assert.equal((await get(off.port)).status, 404);
  await using api = await SoraServer.start({ httpApi: true });
  assert.equal((await get(api.port)).status, 404);
  await using server = await SoraServer.start({ metrics: true });
  const { port } = server;
  assert.equal((await get(port, { path: "/metrics?x=1" })).status, 200);
  assert.equal((await get(port, { path: "/metricsx" })).status, 404);
  assert.deepEqual(await get(port, { method: "HEAD" }), {
    status: 200,
    type: "text/plain; version=0.0.4; charset=utf-8",
    text: "",
  });
  assert.equal((await get(port, { method: "POST" })).status, 405);
  assert.equal((await get(port, { host: "rebound.example" })).status, 403);
  assert.equal((await get(port, { origin: "https://page.example" })).status, 403);
});

test("/metrics on another address wants the secret", async () => {
  const secret = "correct horse";
  await assert.rejects(SoraServer.start({ metrics: true, host: "0.0.0.0" }), {
    name: "TypeError",
    message:
      'options.secret must be given with options.metrics when options.host is not loopback, but "0.0.0.0"',
  });
  await using server = await SoraServer.start({ metrics: true, host: "0.0.0.0", secret });
  assert.equal((await get(server.port)).status, 401);
  assert.equal((await get(server.port, { authorization: "Bearer wrong" })).status, 401);
  const { status, text } = await get(server.port, { authorization: `Bearer ${secret}` });
  assert.equal(status, 200);
  assert.ok(!text.includes(secret));
});

test("Exposition escapes what would end a label or a line, and writes infinity as the format does", () => {
  const text = new Exposition();
  text.add("a_total", "counter", Infinity, [["x", 'quote " slash \\ line \n']], "one\ntwo \\");
  text.add("b", "gauge", -Infinity);
  text.add("a_total", "counter", NaN);
  const metrics = parseExposition(text.toString());
  assert.deepEqual([...metrics.get("a_total")!.samples], [
    ['x="quote \\" slash \\\\ line \\n"', Infinity],
    ["", NaN],
  ]);
  assert.equal(metrics.get("a_total")!.help, "one\\ntwo \\\\");
  assert.deepEqual([...metrics.get("b")!.samples], [["", -Infinity]]);
});
