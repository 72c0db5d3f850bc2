/** The table and the metrics of `sora-ffi stats`. */

import assert from "node:assert/strict";
import { request } from "node:http";
import { test } from "node:test";
import { MetricsServer, type Snapshot } from "../../cli/stats/metrics.ts";
import { candidateText, StreamRates } from "../../cli/stats/streams.ts";
import { statsLines } from "../../cli/stats/table.ts";
import type { SoraStats } from "../../mod.ts";

/** A report of a connection that receives one stream of video and sends one. */
function report(second: number): SoraStats[] {
  const timestamp = 1_000_000 + second * 1_000;
  const all: readonly Record<string, unknown>[] = [
    { type: "codec", id: "c", mimeType: "video/VP9", payloadType: 98, transportId: "t" },
    {
      type: "inbound-rtp",
      id: "i",
      kind: "video",
      ssrc: 1,
      codecId: "c",
      frameWidth: 640,
      frameHeight: 360,
      framesPerSecond: 30,
      bytesReceived: second * 125_000,
      packetsReceived: second * 90,
      packetsLost: second * 10,
      jitter: 0.004,
      freezeCount: 1,
      decoderImplementation: "libvpx",
    },
    {
      type: "outbound-rtp",
      id: "o",
      kind: "video",
      rid: "r1",
      ssrc: 2,
      bytesSent: second * 62_500,
      qualityLimitationReason: "cpu",
    },
    {
      type: "remote-inbound-rtp",
      id: "r",
      kind: "video",
      localId: "o",
      ssrc: 2,
      fractionLost: 0.25,
      jitter: 0.002,
    },
    { type: "transport", id: "t", dtlsState: "connected", selectedCandidatePairId: "p" },
    {
      type: "candidate-pair",
      id: "p",
      localCandidateId: "l",
      remoteCandidateId: "m",
      currentRoundTripTime: 0.012,
      availableOutgoingBitrate: 2_500_000,
    },
    {
      type: "local-candidate",
      id: "l",
      candidateType: "relay",
      protocol: "udp",
      address: "192.0.2.1",
      port: 4000,
      relayProtocol: "tls",
    },
    {
      type: "remote-candidate",
      id: "m",
      candidateType: "host",
      protocol: "udp",
      address: "2001:db8::1",
      port: 5000,
    },
  ];
  return all.map((one) => ({ timestamp, ...one })) as unknown as SoraStats[];
}

test("StreamRates compares a report with the one before", () => {
  const rates = new StreamRates();
  const [first] = rates.next(report(1)).streams;
  assert.deepEqual([first!.kbps, first!.fps, first!.size], [undefined, 30, "640x360"]);
  const { streams: [received, sent], path } = rates.next(report(2));
  assert.deepEqual(received, {
    direction: "receives",
    kind: "video",
    rid: undefined,
    codec: "VP9",
    size: "640x360",
    fps: 30,
    kbps: 1_000,
    lossShare: 0.1,
    jitterMs: 4,
    engine: "libvpx",
    remark: "1 freeze",
  });
  assert.deepEqual([sent!.direction, sent!.rid, sent!.kbps, sent!.lossShare, sent!.remark], [
    "sends",
    "r1",
    500,
    0.25,
    "limited by cpu",
  ]);
  assert.deepEqual(path, {
    local: "relay udp 192.0.2.1:4000 over tls",
    remote: "host udp [2001:db8::1]:5000",
    roundTripMs: 12,
    availableKbps: 2_500,
  });
});

test("candidateText leaves out what a report does not have", () => {
  const one = { type: "remote-candidate", candidateType: "prflx" } as never;
  assert.equal(candidateText(one), "prflx  :");
});

const state = {
  url: "ws://127.0.0.1:5000/signaling",
  channelId: "a\u001b[2Jchannel",
  connectionId: "ID",
  seconds: 61,
  metrics: "http://127.0.0.1:9/metrics",
};

test("statsLines has a line for each stream, the path and where the metrics are", () => {
  const rates = new StreamRates();
  rates.next(report(1));
  const lines = statsLines({ ...state, ...rates.next(report(2)) }, 120, 24);
  assert.equal(lines[0], "a\\u001b[2Jchannel of ws://127.0.0.1:5000/signaling");
  assert.equal(lines[1], "as ID, 1:01");
  assert.match(
    lines[2]!,
    /^path relay .* to host .*:5000, round trip 12 ms, room for 2.5 Mbit\/s$/,
  );
  assert.equal(lines[3], "Prometheus: http://127.0.0.1:9/metrics");
  const text = lines.join("\n");
  assert.match(text, /^receives +video +VP9 +640x360 +30 +1.0 M +10 % +4 ms +libvpx +1 freeze$/m);
  assert.match(text, /^sends +video +r1 +0 +500 k +25 % +2 ms +limited by cpu$/m);
});

test("statsLines fits into any terminal", () => {
  const overview = new StreamRates().next(report(1));
  for (const [width, rows] of [[20, 3], [10, 10], [200, 7], [1, 1]] as const) {
    const lines = statsLines({ ...state, ...overview }, width, rows);
    assert.ok(lines.length <= rows && lines.every((line) => line.length <= width), `${width}`);
  }
  const few = statsLines({ ...state, ...overview }, 80, 9);
  assert.ok(few.includes("and 2 more"), few.join("\n"));
  const nothing = { ...state, streams: [], path: undefined };
  const empty = statsLines(nothing, 80, 24);
  assert.ok(empty.includes("no path yet") && empty.includes("nothing is sent or received"));
});

/** What a server answers. */
function ask(url: string, path: string, method = "GET"): Promise<{ code: number; body: string }> {
  return new Promise((resolve, reject) => {
    request(new URL(path, url), { method, agent: false }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (text: string) => body += text);
      response.on("end", () => resolve({ code: response.statusCode ?? 0, body }));
    }).on("error", reject).end();
  });
}

test("MetricsServer answers /metrics alone, with the last statistics or without a connection", async () => {
  let snapshot: Snapshot = { stats: undefined, labels: { channel_id: "sora" } };
  await using server = await MetricsServer.start("127.0.0.1", 0, () => snapshot);
  const { body: down } = await ask(server.url, "/metrics");
  assert.match(down, /^sora_connection_up\{channel_id="sora"\} 0$/m);
  assert.doesNotMatch(down, /webrtc_/);
  snapshot = { ...snapshot, stats: report(1) };
  const { code, body } = await ask(server.url, "/metrics?x=1");
  assert.equal(code, 200);
  assert.match(body, /^sora_connection_up\{channel_id="sora"\} 1$/m);
  assert.match(body, /^webrtc_inbound_rtp_packetsReceived\{channel_id="sora",.*\} 90$/m);
  assert.equal((await ask(server.url, "/")).code, 404);
  assert.equal((await ask(server.url, "/metrics", "POST")).code, 405);
  assert.deepEqual(await ask(server.url, "/metrics", "HEAD"), { code: 200, body: "" });
});

test("MetricsServer says that its port is in use", async () => {
  const snapshot = () => ({ stats: undefined, labels: {} });
  await using server = await MetricsServer.start("127.0.0.1", 0, snapshot);
  const port = Number(new URL(server.url).port);
  await assert.rejects(
    MetricsServer.start("127.0.0.1", port, snapshot),
    /^Error: port \d+ of 127\.0\.0\.1 is in use, .*--prometheus 0 picks a free port$/,
  );
});
