import assert from "node:assert/strict";
import { test } from "node:test";
import type { SoraStats } from "../../mod.ts";
import { toPrometheus } from "../../sdk/stats/prometheus.ts";
import { StatsStreams } from "../../sdk/stats/stream.ts";
import { SoraError } from "../../base/errors.ts";
import { within } from "../support/eventually.ts";

const stats = [
  {
    id: "IT1",
    type: "inbound-rtp",
    timestamp: 1_700_000_000_000,
    kind: "video",
    ssrc: 4_294_967_295,
    mid: 'v"\\\n',
    packetsReceived: 10,
    packetsLost: -1,
    jitter: 0.25,
    powerEfficientDecoder: false,
    decoderImplementation: "libvpx",
    somethingNew: 7,
  },
  {
    id: "OT1",
    type: "outbound-rtp",
    timestamp: 1_700_000_000_000,
    kind: "video",
    ssrc: 2,
    rid: "r0",
    qualityLimitationDurations: { none: 1.5, cpu: 0 },
    psnrSum: [1],
    "no name": 1,
  },
  { id: "IT2", type: "inbound-rtp", timestamp: 1, kind: "audio", ssrc: 3, packetsReceived: 20 },
] as unknown as SoraStats[];

test("toPrometheus writes the text format, by the names of W3C, samples of a name together", () => {
  assert.equal(
    toPrometheus(stats, { prefix: "sora_", labels: { channel: "a" } }),
    String.raw`# TYPE sora_inbound_rtp_packetsReceived counter
sora_inbound_rtp_packetsReceived{channel="a",id="IT1",kind="video",mid="v\"\\\n",ssrc="4294967295"} 10
sora_inbound_rtp_packetsReceived{channel="a",id="IT2",kind="audio",ssrc="3"} 20
# TYPE sora_inbound_rtp_packetsLost gauge
sora_inbound_rtp_packetsLost{channel="a",id="IT1",kind="video",mid="v\"\\\n",ssrc="4294967295"} -1
# TYPE sora_inbound_rtp_jitter gauge
sora_inbound_rtp_jitter{channel="a",id="IT1",kind="video",mid="v\"\\\n",ssrc="4294967295"} 0.25
# TYPE sora_inbound_rtp_powerEfficientDecoder gauge
sora_inbound_rtp_powerEfficientDecoder{channel="a",id="IT1",kind="video",mid="v\"\\\n",ssrc="4294967295"} 0
# TYPE sora_inbound_rtp_somethingNew gauge
sora_inbound_rtp_somethingNew{channel="a",id="IT1",kind="video",mid="v\"\\\n",ssrc="4294967295"} 7
# TYPE sora_outbound_rtp_qualityLimitationDurations counter
sora_outbound_rtp_qualityLimitationDurations{channel="a",id="OT1",kind="video",rid="r0",ssrc="2",key="none"} 1.5
sora_outbound_rtp_qualityLimitationDurations{channel="a",id="OT1",kind="video",rid="r0",ssrc="2",key="cpu"} 0
`,
  );
  assert.equal(toPrometheus([]), "");
  for (
    const member of ["jitterBufferDelay", "roundTripTimeMeasurements", "reportsSent", "frames"]
  ) {
    const grown = { id: "a", type: "inbound-rtp", timestamp: 0, [member]: 1 } as never;
    assert.match(
      toPrometheus([grown]),
      new RegExp(`^# TYPE webrtc_inbound_rtp_${member} counter\n`),
    );
  }
});

test("toPrometheus calls a counter what W3C counts, and an identifier none", () => {
  const counted = ["concealmentEvents", "framesAssembledFromMultiplePackets", "framesRendered"];
  for (const member of counted) {
    const text = toPrometheus([{ ...stats[0], [member]: 1 } as never]);
    assert.match(text, new RegExp(`^# TYPE webrtc_inbound_rtp_${member} counter$`, "m"));
  }
  const text = toPrometheus([{ ...stats[0], fecSsrc: 1, rtxSsrc: 2 } as never]);
  assert.match(text, /^# TYPE webrtc_inbound_rtp_fecSsrc gauge$/m);
  assert.match(text, /^# TYPE webrtc_inbound_rtp_rtxSsrc gauge$/m);
});

test("toPrometheus refuses wrong arguments", () => {
  const wrong: [RegExp, () => unknown][] = [
    [/^stats must be an array/, () => toPrometheus({} as never)],
    [
      /^options\.prefix must be the beginning of a Prometheus name .*, not "1-"$/,
      () => toPrometheus([], { prefix: "1-" }),
    ],
    [
      /^options\.labels must have Prometheus names .*, not "a-b"$/,
      () => toPrometheus([], { labels: { "a-b": "" } }),
    ],
    [/^options\.labels\.kind must not be set/, () => toPrometheus([], { labels: { kind: "" } })],
    [/^options\.labels\.key must not be set/, () => toPrometheus([], { labels: { key: "" } })],
    [/^options\.labels\.a must be a string/, () => toPrometheus([], { labels: { a: 1 as never } })],
    [/^options\.interval /, () => toPrometheus([], { interval: 1 } as never)],
  ];
  for (const [message, call] of wrong) assert.throws(call, { name: "TypeError", message });
});

test("statsStream gives the first at once, then one each interval, and ends with the connection", async () => {
  let calls = 0;
  const streams = new StatsStreams();
  const source = {
    getStats: () => {
      calls++;
      // One in between is lost to a reconnection.
      if (calls === 2) return Promise.reject(new SoraError("CLOSED", "reconnecting"));
      return Promise.resolve(stats);
    },
  };
  streams.begin();
  const reader = streams.open(source, { intervalMs: 20 }).getReader();
  assert.equal(calls, 0, "nothing is asked before somebody reads");
  const start = performance.now();
  assert.equal((await reader.read()).value, stats);
  assert.equal(calls, 1, "the first is asked for without waiting an interval");
  assert.equal((await reader.read()).value, stats);
  assert.ok(performance.now() - start >= 35, "the one that failed took an interval as well");
  assert.equal(calls, 3);
  streams.end();
  assert.equal((await reader.read()).done, true);
});

/** Has statistics, and counts how often they are asked for. */
class CountingSource {
  calls = 0;

  getStats(): Promise<SoraStats[]> {
    this.calls++;
    return Promise.resolve(stats);
  }
}

test("statsStream waits for the connection, and reports its end although the next is far away", async () => {
  const streams = new StatsStreams();
  const source = new CountingSource();
  const reader = streams.open(source, { intervalMs: 86_400_000 }).getReader();
  const first = reader.read();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(source.calls, 0);
  streams.begin();
  assert.equal((await within("the first", first)).value, stats);
  const second = reader.read();
  streams.end();
  assert.equal((await within("the end", second)).done, true);

  const next = streams.open(source, { intervalMs: 86_400_000 }).getReader();
  const waiting = next.read();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(source.calls, 1, "what is asked for after an end belongs to the next connection");
  const unconnected = streams.open(source, { intervalMs: 86_400_000 }).getReader();
  const never = unconnected.read();
  await unconnected.cancel();
  assert.equal((await within("the end of what was cancelled", never)).done, true);
  streams.begin();
  assert.equal((await within("the first of the next", waiting)).value, stats);
  await next.cancel();
});

test("statsStream fails with an error that is none of the connection's, and stops when cancelled", async () => {
  const streams = new StatsStreams();
  streams.begin();
  const failing = streams.open({
    getStats: () => Promise.reject(new TypeError("odd")),
  }, { intervalMs: 20 });
  await assert.rejects(failing.getReader().read(), { name: "TypeError", message: "odd" });
  const source = new CountingSource();
  const reader = streams.open(source, { intervalMs: 86_400_000 }).getReader();
  await reader.read();
  const waiting = reader.read();
  await reader.cancel();
  assert.equal((await waiting).done, true);
  assert.equal(source.calls, 1);
});
