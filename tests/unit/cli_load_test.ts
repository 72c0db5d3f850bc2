/** The plan, the figures and the table of `sora-ffi load`. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { UsageError, type Values } from "../../cli/command.ts";
import { mean, percentile, ratesBetween, totalsOf } from "../../cli/load/figures.ts";
import { Member } from "../../cli/load/member.ts";
import { Pattern } from "../../cli/pattern.ts";
import { loadPlan } from "../../cli/load/plan.ts";
import { reportOf } from "../../cli/load/report.ts";
import { loadLines } from "../../cli/load/table.ts";
import type { SoraStats, SoraVideoSource } from "../../mod.ts";

test("loadPlan spreads senders and receivers evenly over numbered channels", () => {
  const { members } = loadPlan({ senders: "3", receivers: "4", channels: "2" });
  assert.deepEqual(members.map(({ role, channelId }) => `${role} ${channelId}`), [
    "sendonly sora-0",
    "sendonly sora-1",
    "sendonly sora-0",
    "recvonly sora-0",
    "recvonly sora-1",
    "recvonly sora-0",
    "recvonly sora-1",
  ]);
});

test("--first-channel continues the channels of another process", () => {
  const values = { "channel-id": "x", "first-channel": "50", channels: "2", senders: "2" };
  const ids = loadPlan(values).members.map(({ channelId }) => channelId);
  assert.deepEqual([...new Set(ids)], ["x-50", "x-51"]);
});

test("one channel alone has the name that is given", () => {
  const plan = loadPlan({});
  assert.deepEqual(plan.members.map(({ channelId }) => channelId), ["sora", "sora"]);
  assert.deepEqual([plan.durationMs, plan.rampPerSecond], [10_000, 10]);
});

const wrong: readonly (readonly [values: Values, message: RegExp])[] = [
  [{ senders: "0", receivers: "0" }, /^--senders and --receivers must not both be 0$/],
  [{ senders: "10001" }, /^--senders must be an integer from 0 to 10000, not 10001$/],
  [{ channels: "2" }, /^--channels must be at most the number .*, 1, not 2$/],
  [{ ramp: "0" }, /^--ramp must be a number from 0.01 to 1000, not 0$/],
  [{ duration: "86401" }, /^--duration must be a number from 1 to 86400, not 86401$/],
  [{ size: "640" }, /^--size must be a width and a height .*, not "640"$/],
  [{ size: "1x2" }, /^--size must be a width and a height from 2 to 8192/],
  [{ size: "8193x2" }, /^--size must be a width and a height from 2 to 8192, .*, not "8193x2"$/],
  [{ size: "2x2", clip: "x" }, /^--clip and --size exclude each other/],
  [{ "video-codec": "vp8" }, /^--video-codec must be one of "VP8", .*, not "vp8"$/],
  [{ "no-video": true, "no-audio": true }, /^--no-video and --no-audio exclude each other$/],
];
for (const [values, message] of wrong) {
  test(`a plan that is wrong: ${JSON.stringify(values)}`, () => {
    assert.throws(
      () => loadPlan(values),
      (error) => error instanceof UsageError && message.test(error.message),
    );
  });
}

test("percentile takes the nearest rank, mean the average, and both nothing of nothing", () => {
  const values = [40, 10, 30, 20];
  assert.deepEqual([0, 0.5, 0.95, 1].map((share) => percentile(values, share)), [10, 20, 40, 40]);
  assert.deepEqual([mean(values), mean([]), percentile([], 0.5)], [25, undefined, undefined]);
});

/** A report of a member that receives two streams. */
const received = (timestamp: number, frames: number, packets: number, lost: number) =>
  ["a", "b"].map((id) => ({
    type: "inbound-rtp",
    id,
    timestamp,
    kind: "video",
    framesDecoded: frames,
    packetsReceived: packets,
    packetsLost: lost,
    bytesReceived: packets * 1_000,
  })) as unknown as SoraStats[];

test("ratesBetween gives frames per second of a stream, and the bit rate of all", () => {
  const before = totalsOf(received(1_000, 0, 0, 0));
  const after = totalsOf(received(3_000, 60, 100, 25));
  assert.deepEqual(ratesBetween(before, after), {
    sentKbps: 0,
    receivedKbps: 800,
    sentFps: undefined,
    receivedFps: 30,
    receivedPackets: 200,
    lostPackets: 50,
    freezes: 0,
  });
  assert.equal(ratesBetween(after, after), undefined);
  // Streams that have ended take their counts along.
  assert.equal(ratesBetween(after, { ...before, atMs: 4_000 })?.receivedKbps, 0);
});

test("totalsOf counts the frames of simulcast once", () => {
  const layer = (rid: string, framesSent: number) => ({
    type: "outbound-rtp",
    id: rid,
    timestamp: 5,
    kind: "video",
    rid,
    framesSent,
    bytesSent: 10,
    headerBytesSent: 1,
  });
  const totals = totalsOf([layer("r0", 9), layer("r1", 10)] as unknown as SoraStats[]);
  assert.deepEqual([totals.sentFrames, totals.sentBytes], [10, 22]);
  assert.equal(ratesBetween({ ...totals, atMs: 0, sentFrames: 0 }, totals)?.sentFps, 2_000);
});

test("Pattern moves, and its frames have all the pixels of their size", () => {
  const size = { width: 64, height: 36 };
  const pattern = new Pattern(size);
  const taken: { data: Uint8Array; stride: number }[] = [];
  const source = {
    onCaptured: (data: Uint8Array, { stride = 0 }) => taken.push({ data: data.slice(), stride }),
  };
  for (let i = 0; i < 40; i++) pattern.capture(source as unknown as SoraVideoSource, i);
  for (const { data, stride } of taken) {
    assert.equal(data.byteLength, stride * (size.height - 1) + size.width * 3);
  }
  assert.notDeepEqual(taken[0]!.data, taken[1]!.data);
});

/** Members of which one is connected and the others failed. */
function members(): Member[] {
  const { members } = loadPlan({ senders: "1", receivers: "30" });
  return members.map((plan, i) => {
    const member = new Member(plan);
    if (i > 0) member.fail(i < 3 ? "TIMEOUT, too late" : `reason ${i}`);
    else {
      member.state = "connected";
      member.connectMs = 12.34;
    }
    return member;
  });
}

test("reportOf counts failures by reason, and lists no more than some", () => {
  const { senders, receivers, failures } = reportOf("summary", members(), 3, 50);
  assert.deepEqual([senders.connected, senders.failed, senders.connectMs.p95], [1, 0, 12.3]);
  assert.deepEqual([receivers.planned, receivers.connected, receivers.failed], [30, 0, 30]);
  assert.equal(failures["TIMEOUT, too late"], 2);
  assert.equal(Object.keys(failures).length, 21);
  assert.equal(Object.values(failures).reduce((sum, count) => sum + count), 30);
  assert.ok(failures["other reasons"]! >= 9);
});

test("a reason of a failure is one line without control characters, and of limited length", () => {
  const member = new Member({ role: "sendonly", channelId: "x" });
  member.fail(`\u001b[2J\n${"x".repeat(1_000)}`);
  assert.match(member.reason!, /^\\u001b\[2J\\nx+…$/);
  assert.ok(member.reason!.length <= 161);
});

test("loadLines is a table with a line for each figure, and the failures below", () => {
  const report = reportOf("summary", members(), 65, 30);
  const lines = loadLines({ ...report, cores: 2, megabytes: 100 }, "done");
  assert.deepEqual(lines.slice(0, 3), ["done, 1:05", "CPU 30 % of 200 %, memory 100 MB", ""]);
  assert.match(lines[3]!, /^ +senders +receivers$/);
  assert.match(lines[4]!, /^connected +1 of 1 +0 of 30$/);
  assert.match(lines[5]!, /^failed +0 +30$/);
  assert.ok(lines.includes("2 × TIMEOUT, too late"));
  assert.equal(lines.some((line) => line.includes("at its limit")), false);
  const busy = loadLines({ ...report, cores: 2, cpuPercent: 190 }, "done");
  assert.ok(busy.some((line) => line.startsWith("This machine is at its limit")));
});
