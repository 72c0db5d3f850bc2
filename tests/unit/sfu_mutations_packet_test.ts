/**
 * Mutated RTP packets in a memory that they share with others, on their way from a publisher to a subscriber, and hostile sequence
 * numbers at what is kept for retransmission.
 */
import { strict as assert } from "node:assert";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { Publisher } from "../../sfu/media/publisher.ts";
import { Subscriber } from "../../sfu/media/subscriber.ts";
import { RtpPacket } from "../../sfu/rtp/packet.ts";
import { PacketHistory } from "../../sfu/rtp/packet_history.ts";
import { RepeatLimit } from "../../sfu/rtp/repeat_limit.ts";
import { parseRtcp } from "../../sfu/rtp/rtcp.ts";
import { SentNumbers } from "../../sfu/rtp/sent_numbers.ts";
import { CodecTable } from "../../sfu/sdp/codecs.ts";
import { FakeTransport } from "../support/fake_transport.ts";
import { type Mutator, survives } from "../support/mutations.ts";

const SSRC = 1111;
const RTX_SSRC = 2222;
const [PAYLOAD, RTX_PAYLOAD] = [96, 97];

const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");

const fields = (payloadType: number, sequenceNumber: number, ssrc: number, first = 0x80) => {
  const header = Buffer.alloc(12);
  header[0] = first;
  header[1] = payloadType;
  header.writeUInt16BE(sequenceNumber, 2);
  header.writeUInt32BE(ssrc, 8);
  return header;
};

/** Extensions of one byte: send time, transport-wide number, mid, rid, repaired rid; then of two, and of none that is known. */
const extensions = [
  hex("bede0005 22aabbcc 310007 40 76 50 72 60 73 0000000000"),
  hex("10000004 0203aabbcc 03020007 040176 050172 0000"),
  hex("abcd0001 ffffffff"),
];

const corpus: readonly Buffer[] = [
  Buffer.concat([fields(PAYLOAD, 1, SSRC), Buffer.from("payload")]),
  ...extensions.map((extension) =>
    Buffer.concat([fields(PAYLOAD, 2, SSRC, 0x90), extension, Buffer.from("payload")])
  ),
  Buffer.concat([fields(PAYLOAD, 3, SSRC, 0x82), Buffer.alloc(8), Buffer.from("two sources")]),
  Buffer.concat([fields(PAYLOAD, 4, SSRC, 0xa0), hex("0102030405060003")]),
  Buffer.concat([fields(RTX_PAYLOAD, 1, RTX_SSRC, 0x90), extensions[0]!, hex("0001 aabbcc")]),
  Buffer.concat([fields(RTX_PAYLOAD, 2, RTX_SSRC, 0xb0), extensions[0]!, hex("0005 0000 04")]),
  Buffer.concat([fields(PAYLOAD, 5, 3333, 0x90), extensions[0]!, Buffer.from("of no SSRC known")]),
];

/** What lies around a packet, which nobody may touch. */
const GUARD = 0x5a;
const AROUND = 64;
const memory = Buffer.alloc(AROUND * 2 + 70_000);

/** Lays a packet into the memory, calls `use`, and checks that nothing was written around it. */
function inMemory(data: Uint8Array, use: (offset: number) => void): void {
  const end = AROUND + data.length;
  const around = [memory.subarray(0, AROUND), memory.subarray(end, end + AROUND)];
  for (const part of around) part.fill(GUARD);
  memory.set(data, AROUND);
  use(AROUND);
  for (const part of around) assert.ok(part.every((byte) => byte === GUARD), "wrote around it");
}

function checkHeader(packet: RtpPacket): void {
  const { size, headerLength, transportSequenceOffset: at } = packet;
  assert.ok(headerLength >= 12 && headerLength <= size);
  assert.ok(at === 0 || (at >= 17 && at + 2 <= headerLength));
  assert.equal(packet.payload.length, packet.payloadLength);
  assert.ok(packet.mediaLength >= -1 && packet.mediaLength <= packet.payloadLength);
  for (const text of [packet.mid, packet.streamId, packet.repairedStreamId]) {
    assert.ok(text === undefined || text.length <= 255);
  }
}

test("RtpPacket survives mutated packets, and touches nothing around them", async () => {
  let parsed = 0;
  let repeated = 0;
  const packet = new RtpPacket();
  await survives({
    steps: 10_000,
    seed: 81,
    input: (mutator) => mutator.bytes(corpus),
    run: (data) =>
      inMemory(data, (offset) => {
        if (!packet.parse(memory, offset, data.length)) return;
        parsed++;
        checkHeader(packet);
        const { headerLength, transportSequenceOffset } = packet;
        packet.blankOwnExtensions();
        assert.equal(
          memory.subarray(offset + headerLength).indexOf(data.subarray(headerLength)),
          0,
        );
        // What was the sender's own is gone, and the rest is where it was.
        assert.ok(packet.parse(memory, offset, data.length));
        assert.equal(packet.headerLength, headerLength);
        assert.equal(packet.transportSequenceOffset, transportSequenceOffset);
        for (const own of [packet.mid, packet.streamId, packet.repairedStreamId]) {
          assert.equal(own, undefined);
        }
        const length = packet.mediaLength;
        const number = length < 2 ? -1 : memory.readUInt16BE(offset + headerLength);
        assert.equal(packet.unwrapRetransmission(PAYLOAD), length >= 2);
        if (length < 2) return;
        repeated++;
        assert.equal(packet.sequenceNumber, number);
        const { size } = packet;
        assert.equal(size, headerLength + length - 2);
        assert.ok(packet.offset >= offset && packet.offset + size <= offset + data.length);
        assert.ok(packet.parse(memory, packet.offset, size));
        assert.deepEqual([packet.sequenceNumber, packet.payloadType, packet.padding], [
          number,
          PAYLOAD,
          false,
        ]);
      }),
  });
  assert.ok(parsed > 1_000 && repeated > 1_000, `${parsed} were parsed, ${repeated} repeat others`);
});

const codec = new CodecTable().video("VP8", "")!;

/** A publisher of one track that is forwarded to one subscriber. */
function createScene() {
  const [ingress, egress] = [new FakeTransport(), new FakeTransport()];
  const publisher = new Publisher(ingress, "A");
  publisher.setSections([{
    kind: "video",
    mid: "v",
    rejected: false,
    direction: "sendonly",
    payloadTypes: [PAYLOAD, RTX_PAYLOAD],
    streams: [{ ssrc: SSRC, rtxSsrc: RTX_SSRC }],
  }], () => codec);
  const subscriber = new Subscriber(egress);
  subscriber.setPresent(publisher.tracks);
  subscriber.setTracks(publisher.tracks);
  subscriber.start();
  return { ingress, egress, publisher, subscriber, track: publisher.tracks[0]! };
}

test("a publisher's mutated packets are forwarded under the server's SSRCs, repeated when asked for, and bounded", async () => {
  let scene = createScene();
  let sequenceNumber = 0;
  let forwarded = 0;
  let repeated = 0;
  const packet = new RtpPacket();
  await survives({
    steps: 10_000,
    seed: 82,
    input: (mutator: Mutator) => {
      const data = mutator.bytes(corpus);
      sequenceNumber = (sequenceNumber + mutator.pick([1, 1, 1, 2, 20, 600, 40_000, -1])) & 0xffff;
      if (data.length >= 12 && data.length <= 1_500 && mutator.once(2)) {
        data.writeUInt16BE(sequenceNumber, 2);
        data.writeUInt32BE(mutator.pick([SSRC, SSRC, RTX_SSRC, mutator.integer(40)]), 8);
      }
      const nacked = Array.from({ length: mutator.integer(4) }, () => mutator.integer(65_536));
      return { anew: mutator.once(1_000), data, nacked: [...nacked, sequenceNumber] };
    },
    run: ({ anew, data, nacked }) => {
      if (anew) scene = createScene();
      const { ingress, egress, publisher, subscriber, track } = scene;
      // The transport drops what is larger.
      if (data.length > 1_500) return;
      const { memory } = ingress;
      memory.incoming.set(data);
      if (packet.parse(memory.bytes, 0, data.length)) {
        packet.arrivedMs = packet.nowMs = performance.now();
        publisher.onRtp(packet);
      }
      assert.ok(egress.packets.length <= 1);
      forwarded += egress.packets.length;
      subscriber.onRtcp({ kind: "nack", ssrc: track.ssrc, sequenceNumbers: nacked });
      assert.ok(egress.packets.length <= 1 + nacked.length);
      for (const { header, payload, ssrc } of egress.packets) {
        assert.ok([track.ssrc, track.rtxSsrc].includes(ssrc));
        if (ssrc === track.rtxSsrc) repeated++;
        assert.ok(header.length + payload.length <= data.length + 1_500);
      }
      publisher.tick(performance.now());
      assert.ok(ingress.rtcp.length <= 8, `${ingress.rtcp.length} RTCP messages for one packet`);
      for (const sent of [egress.packets, egress.rtcp, egress.rtcpPackets, ingress.rtcp]) {
        sent.length = 0;
      }
      ingress.rtcpPackets.length = ingress.forgotten.length = 0;
    },
  });
  assert.ok(forwarded > 500 && repeated > 100, `${forwarded} forwarded, ${repeated} repeated`);
});

test("a publisher and a subscriber survive mutated RTCP", async () => {
  const { ingress, egress, publisher, subscriber, track } = createScene();
  const words = (...numbers: number[]) => {
    const packet = Buffer.alloc(numbers.length * 4);
    numbers.forEach((number, i) => packet.writeUInt32BE(number >>> 0, i * 4));
    return packet;
  };
  const compounds = [
    words(0x80c8_0006, SSRC, 1, 2, 3, 4, 5),
    words(0x81cd_0003, 1, track.ssrc, 0x0001_ffff),
    words(0x81ce_0002, 1, track.ssrc),
    words(0x84ce_0004, 1, 0, track.ssrc, 0x0100_0000),
  ];
  await survives({
    steps: 5_000,
    seed: 83,
    input: (mutator) => mutator.bytes([...compounds, Buffer.concat(compounds)]),
    run: (data) => {
      for (const message of parseRtcp(data)) {
        publisher.onRtcp(message);
        subscriber.onRtcp(message);
      }
      // Sender reports and key frame requests have a least time between them.
      assert.ok(egress.rtcp.length <= 1);
      assert.ok(ingress.rtcp.length <= 1);
      egress.rtcp.length = egress.rtcpPackets.length = 0;
      ingress.rtcp.length = ingress.rtcpPackets.length = 0;
    },
  });
});

/** Numbers that go on, jump and come again. */
function nextNumber(mutator: Mutator, number: number): number {
  const step = mutator.pick([1, 1, 1, 1, 0, -1, 2, 1_023, 1_024, 1_025, 32_767, 32_768, -1_024]);
  return (number + step) & 0xffff;
}

test("SentNumbers gives out no number twice within its memory, whatever numbers come", async () => {
  let sent = new SentNumbers();
  let taken = new Set<number>();
  let number = 0;
  await survives({
    steps: 20_000,
    seed: 84,
    input: (mutator) => ({
      anew: mutator.once(2_000),
      number: number = nextNumber(mutator, number),
    }),
    run: ({ anew, number }) => {
      if (anew) {
        sent = new SentNumbers();
        taken = new Set();
      }
      const index = sent.indexOf(number);
      const isNew = sent.take(number);
      assert.ok(!isNew || (index & 0xffff) === number);
      if (isNew) assert.ok(!taken.has(index), `${index} was given out twice`);
      taken.add(index);
      const found = sent.find(number);
      assert.ok(found === -1 || (taken.has(found) && (found & 0xffff) === number));
      assert.ok(!isNew || found === index);
    },
  });
});

test("RepeatLimit gives each packet ten times at most, and not at once, whatever is asked for", async () => {
  const limit = new RepeatLimit();
  const given = new Map<number, number>();
  let nowMs = 0;
  await survives({
    steps: 20_000,
    seed: 85,
    // Fewer packets than it remembers.
    input: (mutator) => ({ index: mutator.integer(500), passesMs: mutator.pick([0, 0, 1, 5, 11]) }),
    run: ({ index, passesMs }) => {
      nowMs += passesMs;
      const times = given.get(index) ?? 0;
      if (!limit.take(index, nowMs)) return;
      given.set(index, times + 1);
      assert.ok(times < 10);
      assert.equal(limit.take(index, nowMs), false);
    },
  });
  assert.equal(given.size, 500);
});

test("PacketHistory finds a packet as it was, or none, whatever sizes and numbers come", async () => {
  const history = new PacketHistory();
  const packet = new RtpPacket();
  const bytes = Buffer.alloc(2_048);
  const latest = new Map<number, number>();
  let number = 0;
  let found = 0;
  await survives({
    steps: 10_000,
    seed: 86,
    input: (mutator) => ({
      number: number = nextNumber(mutator, number),
      size: mutator.pick([12, 100, 1_200, 2_016, 12 + mutator.integer(2_000)]),
      mark: mutator.integer(2 ** 32),
      asked: mutator.once(2) ? number : mutator.integer(65_536),
    }),
    run: ({ number, size, mark, asked }) => {
      fields(PAYLOAD, number, SSRC).copy(bytes);
      bytes.writeUInt32BE(mark, 4);
      assert.ok(packet.parse(bytes, 0, size));
      history.put(packet);
      latest.set(number, mark);
      const kept = history.find(asked);
      if (kept === undefined) return;
      found++;
      const data = Buffer.from(kept.bytes.subarray(kept.offset, kept.offset + kept.size));
      assert.equal(data.length, kept.size);
      assert.deepEqual([data.readUInt16BE(2), data.readUInt32BE(4)], [asked, latest.get(asked)]);
    },
  });
  assert.ok(found > 1_000);
});
