/**
 * Mutated RTCP, and hostile sequence numbers at what keeps count of them: NACKs, receive statistics and
 * transport-wide feedback.
 */
import { strict as assert } from "node:assert";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { NackGenerator } from "../../sfu/rtp/nack_generator.ts";
import { ReceiveStatistics } from "../../sfu/rtp/receive_statistics.ts";
import { parseRtcp } from "../../sfu/rtp/rtcp.ts";
import { nack, pictureLoss, receiverReport, senderReport } from "../../sfu/rtp/rtcp_writer.ts";
import { sequenceDifference, SequenceUnwrapper } from "../../sfu/rtp/sequence.ts";
import { TransportFeedbackWriter } from "../../sfu/rtp/transport_feedback.ts";
import { type Mutator, survives } from "../support/mutations.ts";
import { reportBlocks, rtcpPackets } from "../support/rtcp.ts";

/** What fits into a datagram on any path, SRTP's own bytes included. */
const MAX_PACKET_BYTES = 1_200;
/** Numbers taken from one NACK, of which the last item may have seventeen. */
const MAX_NACKED = 1_024 + 16;

const fullIntra = Buffer.alloc(12 + 8 * 3);
fullIntra.writeUInt32BE(0x84ce_0008, 0);

const corpus: readonly Buffer[] = [
  senderReport(1, 2, 3, 4, 5, 6, "cname"),
  receiverReport(1, [{
    ssrc: 2,
    fractionLost: 3,
    cumulativeLost: -4,
    extendedHighest: 0xffff_ffff,
    jitter: 6,
    lastReport: 7,
    delaySinceLastReport: 8,
  }]),
  nack(1, 2, [3, 4, 20, 65_535, 0, 1]),
  pictureLoss(1, 2),
  fullIntra,
];

const isUint = (value: number, max: number) =>
  Number.isInteger(value) && value >= 0 && value <= max;
const isU32 = (value: number) => isUint(value, 0xffff_ffff);

function check(data: Buffer): void {
  const messages = parseRtcp(data);
  assert.ok(messages.length <= data.length / 4);
  for (const message of messages) {
    if (message.kind === "nack") {
      assert.ok(isU32(message.ssrc));
      assert.ok(message.sequenceNumbers.length <= MAX_NACKED);
      assert.ok(message.sequenceNumbers.every((number) => isUint(number, 0xffff)));
    } else if (message.kind === "keyFrameRequest") {
      assert.ok(message.ssrcs.every(isU32));
    } else {
      const { ssrc, ntpHigh, ntpLow, rtpTimestamp } = message;
      assert.ok([ssrc, ntpHigh, ntpLow, rtpTimestamp].every(isU32));
    }
  }
}

test("parseRtcp survives mutated compound packets", async () => {
  const compounds = [...corpus, Buffer.concat(corpus), Buffer.concat([...corpus].reverse())];
  await survives({
    steps: 10_000,
    seed: 21,
    input: (mutator) => mutator.bytes(compounds),
    run: check,
  });
});

const words = (first: number, count: number, word: number) => {
  const packet = Buffer.alloc(4 + count * 4);
  packet.writeUInt32BE(first, 0);
  for (let at = 4; at < packet.length; at += 4) packet.writeUInt32BE(word, at);
  return packet;
};

const rows: Record<string, Buffer> = {
  nothing: Buffer.alloc(0),
  "four bytes": Buffer.from("80c80000", "hex"),
  "16,000 empty packets": Buffer.concat(Array(16_000).fill(words(0x80c9_0000, 0, 0))),
  "4,000 NACKs": Buffer.concat(Array(4_000).fill(words(0x81cd_0003, 3, 0xffff_ffff))),
  "a NACK of 16,000 items": words(0x81cd_3e80, 0x3e80, 0xffff_ffff),
  "8,000 requests for key frames": words(0x84ce_3e82, 0x3e82, 0xffff_ffff),
  "a length beyond the packet": words(0x81cd_ffff, 10, 0),
};

test(`parseRtcp takes ${Object.keys(rows).join(", ")}`, async () => {
  let next = 0;
  const packets = Object.values(rows);
  const input = () => packets[next++ % packets.length]!;
  await survives({ steps: 3 * packets.length, seed: 1, input, run: check });
});

/** Numbers of a stream whose sender jumps, repeats, swaps and goes back, but is also at times as it should be. */
class HostileNumbers {
  #number: number;

  constructor(start: number) {
    this.#number = start;
  }

  next(mutator: Mutator): number {
    const step = mutator.once(2)
      ? 1
      : mutator.pick([0, 1, 2, 17, 18, 511, 513, -1, -17, 32_767, 32_768, 32_769, -32_767, 1_024]);
    this.#number = (this.#number + step) & 0xffff;
    return this.#number;
  }
}

test("sequence arithmetic holds for every pair of extremes", () => {
  const numbers = [0, 1, 2, 32_766, 32_767, 32_768, 32_769, 65_534, 65_535];
  for (const a of numbers) {
    for (const b of numbers) {
      const difference = sequenceDifference(a, b);
      assert.ok(difference >= -32_768 && difference <= 32_767);
      assert.equal((b + difference) & 0xffff, a);
      const unwrapper = new SequenceUnwrapper();
      assert.equal(unwrapper.unwrap(a) & 0xffff, a);
      assert.equal(unwrapper.unwrap(b) & 0xffff, b);
    }
  }
});

test("NackGenerator asks for a bounded number of packets, whatever numbers come", async () => {
  let numbers = new HostileNumbers(0);
  let unwrapper = new SequenceUnwrapper();
  let generator = new NackGenerator();
  let nowMs = 0;
  let asked = 0;
  await survives({
    steps: 10_000,
    seed: 22,
    input: (mutator) => {
      const anew = mutator.once(1_000);
      if (anew) numbers = new HostileNumbers(mutator.integer(65_536));
      return { anew, number: numbers.next(mutator), passesMs: mutator.pick([0, 1, 20, 70]) };
    },
    run: ({ anew, number, passesMs }) => {
      if (anew) {
        unwrapper = new SequenceUnwrapper();
        generator = new NackGenerator();
      }
      nowMs += passesMs;
      const lost = generator.lost;
      const wanted = generator.wanted(number);
      const now = generator.onPacket(unwrapper.unwrap(number), nowMs);
      assert.equal(wanted === undefined || (wanted & 0xffff) === number, true);
      for (const missing of [now, generator.due(nowMs)]) {
        assert.ok(missing.length <= 512);
        assert.ok(missing.every((number) => isUint(number, 0xffff)));
        asked += missing.length;
        const packet = nack(1, 2, missing);
        assert.ok(packet.length <= MAX_PACKET_BYTES, `a NACK of ${packet.length} bytes`);
        check(packet);
      }
      assert.ok(generator.lost >= lost);
    },
  });
  assert.ok(asked > 0);
});

test("a NACK for 512 packets far apart fits into a datagram", () => {
  const generator = new NackGenerator();
  generator.onPacket(0, 0);
  // One of seventeen is missing, so that no two are in one item.
  for (let number = 1; number < 512 * 17; number++) {
    if (number % 17 !== 0) generator.onPacket(number, 0);
  }
  const due = generator.due(100);
  assert.equal(due.length, 511);
  const packet = nack(1, 2, due);
  assert.ok(packet.length <= MAX_PACKET_BYTES, `a NACK of ${packet.length} bytes`);
  const asked = parseRtcp(packet).flatMap((message) =>
    message.kind === "nack" ? message.sequenceNumbers : []
  );
  assert.deepEqual(asked, due.slice(0, asked.length));
  assert.ok(asked.length > 200);
});

test("receive statistics make well-formed reports, whatever numbers and times come", async () => {
  let numbers = new HostileNumbers(0);
  let statistics = new ReceiveStatistics(90_000);
  let nowMs = 0;
  await survives({
    steps: 5_000,
    seed: 23,
    input: (mutator) => {
      const anew = mutator.once(2_000);
      if (anew) numbers = new HostileNumbers(mutator.integer(65_536));
      const u32 = () => mutator.pick([0, 1, 0x7fff_ffff, 0xffff_ffff, mutator.integer(2 ** 32)]);
      const passesMs = mutator.pick([0, 0.5, 20, 1_000, 100_000_000]);
      return { anew, number: numbers.next(mutator), times: [u32(), u32(), u32()], passesMs };
    },
    run: ({ anew, number, times: [timestamp, high, low], passesMs }) => {
      if (anew) statistics = new ReceiveStatistics(90_000);
      nowMs += passesMs;
      statistics.onPacket(number, timestamp!, nowMs);
      if (number % 3 === 0) statistics.onSenderReport(high!, low!, nowMs);
      const report = statistics.report(7, nowMs + passesMs);
      assert.ok(report !== undefined && Object.values(report).every(Number.isSafeInteger));
      const packet = receiverReport(1, [report]);
      const [block] = reportBlocks(rtcpPackets(packet));
      assert.equal(block?.fractionLost, report.fractionLost);
      assert.equal(block?.extendedHighest, report.extendedHighest >>> 0);
      assert.ok(block.jitter < 90_000 * 10);
    },
  });
});

/** Checks a feedback message, and returns the numbers of the packets that it says arrived. */
function feedbackArrivals(packet: Buffer): number[] {
  const [{ type, format, data }, ...rest] = rtcpPackets(packet) as [
    ReturnType<
      typeof rtcpPackets
    >[number],
  ];
  assert.deepEqual([type, format, rest.length], [205, 15, 0]);
  const base = data.readUInt16BE(12);
  const count = data.readUInt16BE(14);
  const symbols: number[] = [];
  let at = 20;
  while (symbols.length < count) {
    const chunk = data.readUInt16BE(at);
    at += 2;
    if (chunk < 0x8000) {
      symbols.push(...Array<number>(chunk & 0x1fff).fill(chunk >> 13));
    } else {
      for (let shift = 12; shift >= 0; shift -= 2) symbols.push((chunk >> shift) & 3);
    }
  }
  const arrived: number[] = [];
  symbols.slice(0, count).forEach((symbol, i) => {
    assert.ok(symbol <= 2);
    at += symbol;
    if (symbol > 0) arrived.push((base + i) & 0xffff);
  });
  const padding = (data[0]! & 0x20) === 0 ? 0 : data.at(-1)!;
  assert.equal(at + padding, data.length);
  return arrived;
}

test("transport-wide feedback is well formed and says what came, whatever numbers and times come", async () => {
  let numbers = new HostileNumbers(0);
  let writer = new TransportFeedbackWriter();
  let came = new Set<number>();
  let timeUs = 0;
  let reported = 0;
  await survives({
    steps: 10_000,
    seed: 24,
    input: (mutator) => {
      const anew = mutator.once(3_000);
      if (anew) numbers = new HostileNumbers(mutator.integer(65_536));
      const passesUs = mutator.pick([0, 1, 250, 20_000, 70_000, -70_000, 10_000_000, -9_000_000]);
      return { anew, number: numbers.next(mutator), passesUs, take: mutator.once(50) };
    },
    run: ({ anew, number, passesUs, take }) => {
      if (anew) {
        writer = new TransportFeedbackWriter();
        came = new Set();
      }
      timeUs = Math.max(0, timeUs + passesUs);
      writer.onPacket(number, timeUs);
      came.add(number);
      if (!take || !writer.pending) return;
      const packet = writer.take(1, 2);
      assert.ok(packet !== undefined);
      assert.ok(packet.length <= MAX_PACKET_BYTES, `feedback of ${packet.length} bytes`);
      const arrived = feedbackArrivals(packet);
      assert.ok(arrived.length > 0 && arrived.every((number) => came.has(number)));
      reported += arrived.length;
    },
  });
  assert.ok(reported > 0);
});

test("feedback about a thousand packets whose times jump goes into several datagrams", () => {
  const writer = new TransportFeedbackWriter();
  for (let number = 0; number < 1_000; number++) writer.onPacket(number, (number % 2) * 100_000);
  const arrived: number[] = [];
  while (writer.pending) {
    const packet = writer.take(1, 2)!;
    assert.ok(packet.length <= MAX_PACKET_BYTES, `feedback of ${packet.length} bytes`);
    arrived.push(...feedbackArrivals(packet));
  }
  assert.deepEqual(arrived, Array.from({ length: 1_000 }, (_, i) => i));
});

test("feedback keeps a bounded number of arrivals, and ends", () => {
  const writer = new TransportFeedbackWriter();
  for (let i = 0; i < 100_000; i++) writer.onPacket((i * 32_767) & 0xffff, i);
  let messages = 0;
  for (; writer.pending; messages++) {
    writer.take(1, 2);
    assert.ok(messages < 2_000);
  }
  assert.ok(messages > 0);
});
