import { Buffer } from "node:buffer";
import { strict as assert } from "node:assert";
import { test } from "node:test";
import fc from "fast-check";
import { ExtensionId } from "../../sfu/rtp/extensions.ts";
import { NackGenerator } from "../../sfu/rtp/nack_generator.ts";
import { RtpPacket } from "../../sfu/rtp/packet.ts";
import { ReceiveStatistics } from "../../sfu/rtp/receive_statistics.ts";
import { parseRtcp } from "../../sfu/rtp/rtcp.ts";
import { nack, pictureLoss, receiverReport, senderReport } from "../../sfu/rtp/rtcp_writer.ts";
import { sequenceDifference, SequenceUnwrapper } from "../../sfu/rtp/sequence.ts";
import { TransportFeedbackWriter } from "../../sfu/rtp/transport_feedback.ts";
import { reportBlocks, rtcpPackets } from "../support/rtcp.ts";

const hex = (text: string) => Buffer.from(text.replace(/\s/g, ""), "hex");

/** A packet that does not lie at the start of its memory; undefined when it is malformed. */
function parse(data: Uint8Array): RtpPacket | undefined {
  const packet = new RtpPacket();
  const bytes = Buffer.concat([Buffer.alloc(5, 0xff), data, Buffer.alloc(3, 0xff)]);
  return packet.parse(bytes, 5, data.length) ? packet : undefined;
}

/** The bytes of a packet. */
const bytesOf = ({ bytes, offset, size }: RtpPacket) =>
  Buffer.from(bytes.subarray(offset, offset + size));

/** mid "v1", transport sequence 0x0102, send time, audio level, one byte of padding. */
const oneByte = hex(`b0e0 0007 0000000a 0000002a  00000063
  bede0004  41 7631  31 0102  22 aabbcc  10 55 00 00 00 00`);
/** The same mid and transport sequence in two-byte elements, and an empty one. */
const twoByte = hex(`90e0 0007 0000000a 0000002a
  10000003  04 02 7631  03 02 0102  0c 00 00 00`);

test("RtpPacket.parse reads fields, contributing sources and one-byte extensions", () => {
  const packet = parse(Buffer.concat([oneByte.fill(0xb1, 0, 1), Buffer.from("payload")]));
  assert.ok(packet);
  assert.equal(packet.headerLength, 16 + 4 + 16);
  assert.equal(packet.padding, true);
  assert.equal(packet.payloadType, 0x60);
  assert.equal(packet.sequenceNumber, 7);
  assert.equal(packet.timestamp, 10);
  assert.equal(packet.ssrc, 42);
  assert.equal(packet.mid, "v1");
  assert.equal(packet.transportSequence, 0x0102);
  assert.equal(oneByte.readUInt16BE(packet.transportSequenceOffset), 0x0102);
  assert.equal(Buffer.from(packet.payload).toString(), "payload");
  assert.equal(packet.payloadLength, 7);
  assert.equal(packet.audioLevel, 0x55);
});

test("RtpPacket.audioLevel leaves out the bit for speech, and is -1 without the extension", () => {
  const withLevel = (extensions: string) =>
    parse(hex(`90600001 00000000 00000001 ${extensions}`))?.audioLevel;
  assert.equal(withLevel("bede0001 10ff 0000"), 127);
  assert.equal(withLevel("bede0001 1080 0000"), 0);
  assert.equal(withLevel("10000001 01011e00"), 30);
  assert.equal(withLevel("10000001 01000000"), -1, "an element of two-byte headers may be empty");
  // The object of one packet is used for the next one.
  const packet = parse(oneByte)!;
  assert.ok(packet.parse(hex("80600001 00000000 00000001"), 0, 12));
  assert.equal(packet.audioLevel, -1);
});

test("RtpPacket.parse reads two-byte extensions", () => {
  const packet = parse(twoByte);
  assert.equal(packet?.mid, "v1");
  assert.equal(packet?.transportSequence, 0x0102);
});

test("RtpPacket.blankOwnExtensions keeps the length and blanks what is the publisher's own", () => {
  for (const data of [oneByte, twoByte]) {
    const packet = parse(data)!;
    packet.blankOwnExtensions();
    const again = parse(bytesOf(packet))!;
    assert.equal(again.headerLength, packet.headerLength);
    assert.equal(again.mid, undefined);
    assert.equal(again.transportSequence, 0x0102);
    assert.equal(again.sequenceNumber, 7);
    assert.equal(bytesOf(packet).includes(hex("7631")), false, "the mid is gone");
  }
  const packet = parse(oneByte)!;
  packet.blankOwnExtensions();
  assert.equal(bytesOf(packet).includes(hex("aabbcc")), false, "the send time is gone");
  assert.equal(bytesOf(packet).includes(hex("1055")), true, "the audio level stays");
});

test("RtpPacket: an extension that comes twice is blanked twice, too many are malformed", () => {
  const mids = (count: number) =>
    Buffer.concat([hex("90600001 00000000 00000001 bede0000"), Buffer.alloc(count * 4, "404061")]);
  const data = hex("90600001 00000000 00000001 bede0002 4061 4062 1055 0000");
  const packet = parse(data)!;
  packet.blankOwnExtensions();
  assert.deepEqual(bytesOf(packet).subarray(16), hex("0000 0000 1055 0000"));
  const many = mids(9);
  for (let i = 0; i < 9; i++) many.set(hex("40610000"), 16 + i * 4);
  many.writeUInt16BE(9, 14);
  assert.equal(parse(many), undefined);
});

test("RtpPacket.parse refuses truncated headers and extensions that reach over the end", () => {
  for (let length = 0; length < 36; length++) {
    assert.equal(parse(oneByte.subarray(0, length)), undefined);
  }
  assert.equal(parse(hex("90600001 00000000 00000001 bede0001 4f616263")), undefined);
  assert.equal(parse(hex("40600001 00000000 00000001")), undefined, "version 1");
});

test("RtpPacket.mediaLength takes padding off and refuses impossible padding", () => {
  const mediaLength = (payload: string, padding: boolean) =>
    parse(hex(`${padding ? "a0" : "80"}600001 00000000 00000001 ${payload}`))!.mediaLength;
  assert.equal(mediaLength("aabb0003", false), 4);
  assert.equal(mediaLength("aabb000003", true), 2);
  assert.equal(mediaLength("000003", true), 0);
  assert.equal(mediaLength("000004", true), -1);
  assert.equal(mediaLength("000000", true), -1);
  assert.equal(mediaLength("", true), -1);
});

test("RtpPacket.unwrapRetransmission makes the packet that was lost, in its place", () => {
  // Number 500 repeats number 11, with two bytes of padding.
  const packet = parse(hex("b0e101f4 00000007 00000002 bede0001 31010200 000b 616263 0002"))!;
  assert.equal(packet.unwrapRetransmission(96), true);
  assert.deepEqual(
    bytesOf(packet),
    hex("90e0000b 00000007 00000002 bede0001 31010200 616263"),
  );
  assert.deepEqual(
    [packet.sequenceNumber, packet.payloadType, packet.padding, packet.payloadLength],
    [11, 96, false, 3],
  );
  assert.equal(packet.transportSequence, 0x0102);
  for (const payload of ["", "0b", "000003"]) {
    const probe = parse(
      hex(`${payload.length > 2 ? "a0" : "80"}610001 00000000 00000001 ${payload}`),
    );
    assert.equal(probe!.unwrapRetransmission(96), false);
  }
});

test("sequence numbers wrap in differences and unwrap to growing integers", () => {
  assert.equal(sequenceDifference(2, 65_534), 4);
  assert.equal(sequenceDifference(65_534, 2), -4);
  const unwrapper = new SequenceUnwrapper();
  const numbers = [65_534, 0, 65_535, 3].map((number) => unwrapper.unwrap(number));
  assert.deepEqual(numbers, [65_534, 65_536, 65_535, 65_539]);
});

test("parseRtcp reads a compound packet with sender report, NACK and PLI, and passes over goodbye", () => {
  const compound = Buffer.concat([
    senderReport(42, 0x11223344, 0x55667788, 900, 3, 300, "name"),
    nack(1, 42, [65_535, 0, 2, 40]),
    pictureLoss(1, 43),
    hex("81cb0001 0000002a"),
  ]);
  const messages = parseRtcp(compound);
  assert.deepEqual(messages, [
    {
      kind: "senderReport",
      ssrc: 42,
      ntpHigh: 0x11223344,
      ntpLow: 0x55667788,
      rtpTimestamp: 900,
    },
    { kind: "nack", ssrc: 42, sequenceNumbers: [65_535, 0, 2, 40] },
    { kind: "keyFrameRequest", ssrcs: [43] },
  ]);
});

test("parseRtcp reads FIR, and passes over REMB and report blocks", () => {
  const fir = hex("84ce0004 00000001 00000000 0000002a 01000000");
  const remb = hex("8fce0005 00000001 00000000 52454d42 010461a8 0000002a");
  const block = {
    ssrc: 42,
    fractionLost: 64,
    cumulativeLost: -2,
    extendedHighest: 100,
    jitter: 7,
    lastReport: 0,
    delaySinceLastReport: 0,
  };
  const report = receiverReport(1, [block]);
  assert.deepEqual(reportBlocks(rtcpPackets(report)), [block]);
  assert.deepEqual(parseRtcp(Buffer.concat([report, remb, fir])), [
    { kind: "keyFrameRequest", ssrcs: [42] },
  ]);
});

test("parsers survive any bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const data = Buffer.from(bytes);
      parseRtcp(data);
      const packet = parse(data);
      if (packet === undefined) return;
      const { mid, streamId, repairedStreamId, mediaLength } = packet;
      packet.blankOwnExtensions();
      packet.unwrapRetransmission(96);
      assert.ok(mediaLength <= data.length);
      for (const text of [mid, streamId, repairedStreamId]) assert.ok((text ?? "").length < 256);
    }),
    { numRuns: 5000 },
  );
});

test("ReceiveStatistics reports loss, the extended highest number and the report delay", () => {
  const statistics = new ReceiveStatistics(90_000);
  assert.equal(statistics.report(42, 0), undefined);
  for (const [number, at] of [[65_534, 0], [65_535, 10], [1, 30], [2, 40]] as const) {
    statistics.onPacket(number, at * 90, at);
  }
  statistics.onSenderReport(0xaaaa1111, 0x2222bbbb, 40);
  assert.deepEqual(statistics.report(42, 1040), {
    ssrc: 42,
    fractionLost: 51,
    cumulativeLost: 1,
    extendedHighest: 65_538,
    jitter: 0,
    lastReport: 0x11112222,
    delaySinceLastReport: 65_536,
  });
  assert.equal(statistics.report(42, 1040)?.fractionLost, 0, "the next interval lost nothing");
});

test("NackGenerator asks for a gap at once, again later, and not for ever", () => {
  const nacks = new NackGenerator();
  assert.deepEqual(nacks.onPacket(10, 0), []);
  assert.deepEqual(nacks.onPacket(13, 0), [11, 12]);
  assert.equal(nacks.wanted(11), 11);
  assert.deepEqual(nacks.onPacket(11, 5), []);
  assert.equal(nacks.wanted(11), undefined, "it has come");
  assert.equal(nacks.wanted(13), undefined, "it came by itself");
  assert.equal(nacks.wanted(15), 15, "it was lost before its gap shows");
  assert.equal(nacks.wanted(2000), undefined, "it is from another time");
  assert.deepEqual(nacks.due(10), []);
  let asked = 0;
  for (let at = 100; at < 5000; at += 100) asked += nacks.due(at).length;
  assert.equal(asked, 9, "ten requests in all");
  assert.equal(nacks.lost, 1);
  assert.equal(nacks.wanted(12), undefined);
});

test("NackGenerator gives up a gap that is too large", () => {
  const nacks = new NackGenerator();
  nacks.onPacket(1, 0);
  assert.deepEqual(nacks.onPacket(2000, 0), []);
  assert.equal(nacks.lost, 1998);
  assert.deepEqual(nacks.onPacket(2002, 0), [2001]);
});

test("NackGenerator gives up what was lost in a long silence, unless it is little", () => {
  const nacks = new NackGenerator();
  nacks.onPacket(1, 0);
  assert.deepEqual(nacks.onPacket(3, 0), [2]);
  assert.deepEqual(nacks.onPacket(6, 10_000), [4, 5], "a frame of who sends seldom");
  assert.equal(nacks.lost, 0);
  assert.equal(nacks.onPacket(107, 10_500).length, 100, "a short silence");
  assert.deepEqual(nacks.onPacket(308, 20_500), []);
  assert.equal(nacks.lost, 303, "with what was asked for before");
  assert.deepEqual(nacks.due(21_000), []);
});

/** An independent reader of transport-wide feedback: arrival times in µs by number. */
function readFeedback(packet: Buffer): Map<number, number> {
  assert.equal(packet[0]! & 0x1f, 15);
  assert.equal(packet[1], 205);
  assert.equal((packet.readUInt16BE(2) + 1) * 4, packet.length);
  const base = packet.readUInt16BE(12);
  const count = packet.readUInt16BE(14);
  const symbols: number[] = [];
  let at = 20;
  while (symbols.length < count) {
    const chunk = packet.readUInt16BE(at);
    at += 2;
    if (chunk < 0x8000) {
      for (let i = 0; i < (chunk & 0x1fff); i++) symbols.push(chunk >>> 13);
    } else {
      assert.ok((chunk & 0x4000) !== 0, "one-bit vectors are not used");
      for (let i = 0; i < 7; i++) symbols.push((chunk >>> (12 - i * 2)) & 3);
    }
  }
  let time = packet.readUIntBE(16, 3) * 64_000;
  const arrivals = new Map<number, number>();
  symbols.slice(0, count).forEach((symbol, i) => {
    if (symbol === 0) return;
    time += (symbol === 1 ? packet.readUInt8(at) : packet.readInt16BE(at)) * 250;
    at += symbol;
    arrivals.set((base + i) & 0xffff, time);
  });
  return arrivals;
}

test("TransportFeedbackWriter reports arrivals, gaps and reordering over the wrap", () => {
  const writer = new TransportFeedbackWriter();
  assert.equal(writer.take(1, 2), undefined);
  const arrivals: [number, number][] = [[65_534, 64_000], [65_535, 64_500], [2, 65_000], [
    1,
    70_000,
  ], [3, 200_000]];
  for (const [number, at] of arrivals) writer.onPacket(number, at);
  const packet = writer.take(1, 2)!;
  assert.deepEqual([...readFeedback(packet)].sort(), [...arrivals].sort());
  assert.equal(writer.pending, false);
  writer.onPacket(5, 300_000);
  const next = writer.take(1, 2)!;
  assert.deepEqual([...readFeedback(next)], [[5, 300_000]]);
  assert.equal(next.readUInt16BE(12), 4, "the lost packet 4 is covered");
  assert.equal(next[19], 1, "feedback packets are counted");
});

test("TransportFeedbackWriter loses no arrival whatever the pattern", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ lost: fc.boolean(), gapUs: fc.nat({ max: 20_000_000 }) }), {
        minLength: 1,
        maxLength: 60,
      }),
      (steps) => {
        const writer = new TransportFeedbackWriter();
        const expected = new Map<number, number>();
        let at = 1_000_000;
        steps.forEach(({ lost, gapUs }, number) => {
          at += gapUs;
          if (lost) return;
          writer.onPacket(number, at);
          expected.set(number, at);
        });
        const seen = new Map<number, number>();
        for (let round = 0; writer.pending && round < 100; round++) {
          const packet = writer.take(1, 2);
          if (packet === undefined) continue;
          for (const [number, time] of readFeedback(packet)) seen.set(number, time);
        }
        assert.deepEqual([...seen.keys()].sort(), [...expected.keys()].sort());
        for (const [number, time] of expected) {
          assert.ok(Math.abs(seen.get(number)! - time) <= 250, "within one step of 250 µs");
        }
      },
    ),
    { numRuns: 300 },
  );
});

test("extension ids are distinct and fit into one byte", () => {
  const ids = Object.values(ExtensionId);
  assert.equal(new Set(ids).size, ids.length);
  assert.ok(ids.every((id) => id >= 1 && id <= 14));
});
