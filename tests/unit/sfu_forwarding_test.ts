import { Buffer } from "node:buffer";
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { PublishedTrack } from "../../sfu/media/published_track.ts";
import { Publisher } from "../../sfu/media/publisher.ts";
import { CodecTable } from "../../sfu/sdp/codecs.ts";
import { Subscriber } from "../../sfu/media/subscriber.ts";
import { FakeTransport, parseHeader, received } from "../support/fake_transport.ts";
import { reportBlocks } from "../support/rtcp.ts";

const codecs = new CodecTable();
const vp8 = codecs.video("VP8", "")!;
const SSRC = 1111;
const RTX_SSRC = 2222;

function scene() {
  const ingress = new FakeTransport();
  const egress = new FakeTransport();
  const publisher = new Publisher(ingress, "A");
  publisher.setSections([{
    kind: "video",
    mid: "v",
    rejected: false,
    direction: "sendonly",
    payloadTypes: [96, 97],
    streams: [{ ssrc: SSRC, rtxSsrc: RTX_SSRC }],
  }], () => vp8);
  const subscriber = new Subscriber(egress);
  const track = publisher.tracks[0]!;
  const send = (
    sequenceNumber: number,
    payload: Buffer = Buffer.from(`p${sequenceNumber}`),
    options: { rtx?: boolean; padding?: boolean; nowMs?: number } = {},
  ) => {
    // One-byte extensions: transport-wide number (id 3), then padding.
    const header = Buffer.from("90600000000000000000000abede000131000000", "hex");
    if (options.padding === true) header[0]! |= 0x20;
    header[1] = options.rtx === true ? 97 : 96;
    header.writeUInt16BE(sequenceNumber, 2);
    header.writeUInt32BE(options.rtx === true ? RTX_SSRC : SSRC, 8);
    header.writeUInt16BE(sequenceNumber, 17);
    const packet = received(Buffer.concat([header, payload]));
    if (options.nowMs !== undefined) packet.nowMs = options.nowMs;
    publisher.onRtp(packet);
  };
  const retransmit = (original: number, rtxNumber: number) => {
    const prefix = Buffer.alloc(2);
    prefix.writeUInt16BE(original, 0);
    send(rtxNumber, Buffer.concat([prefix, Buffer.from(`p${original}`)]), { rtx: true });
  };
  return { ingress, egress, publisher, subscriber, track, send, retransmit };
}

/** The tracks that there are, all of which the client takes. */
function ready(subscriber: Subscriber, tracks: readonly PublishedTrack[]): void {
  subscriber.setPresent(tracks);
  subscriber.setTracks(tracks);
}

/** A packet whose only extension is a mid of one letter. */
function packetWithMid(ssrc: number, mid: string, sequenceNumber = 1): Buffer {
  const header = Buffer.from("906000010000000000000000bede000140000000", "hex");
  header.writeUInt16BE(sequenceNumber, 2);
  header.writeUInt32BE(ssrc, 8);
  header.write(mid, 17);
  return Buffer.concat([header, Buffer.from("x")]);
}

test("Publisher and Subscriber: packets are forwarded under the server's SSRC, numbered anew", () => {
  const { egress, subscriber, track, send } = scene();
  ready(subscriber, [track]);
  send(1);
  assert.equal(egress.packets.length, 0, "not before the transport is up");
  subscriber.start();
  send(2);
  send(3);
  assert.deepEqual(egress.packets.map((packet) => packet.sequenceNumber), [2, 3]);
  const headers = egress.packets.map((packet) => parseHeader(packet.header));
  assert.ok(headers.every((header) => header.ssrc === track.ssrc && header.ssrc !== SSRC));
  assert.deepEqual(egress.packets.map((packet) => packet.header.readUInt16BE(17)), [0, 1]);
  assert.equal(egress.packets[0]!.payload.toString(), "p2");
});

test("Publisher: a gap is asked for at once and its retransmission is forwarded", () => {
  const { ingress, egress, subscriber, track, send, retransmit } = scene();
  ready(subscriber, [track]);
  subscriber.start();
  send(10);
  send(13);
  assert.deepEqual(ingress.of("nack"), [{ kind: "nack", ssrc: SSRC, sequenceNumbers: [11, 12] }]);
  retransmit(11, 500);
  const recovered = egress.packets.at(-1)!;
  assert.equal(recovered.sequenceNumber, 11);
  assert.equal(recovered.payload.toString(), "p11");
  assert.equal(parseHeader(recovered.header).payloadType, 96);
  retransmit(11, 501);
  assert.equal(egress.packets.length, 3, "the same retransmission twice is forwarded once");
  retransmit(14, 502);
  assert.equal(egress.packets.at(-1)!.sequenceNumber, 14, "a loss that did not show yet");
});

test("Publisher: padding of the retransmission stream is not forwarded", () => {
  const { egress, subscriber, track, send } = scene();
  ready(subscriber, [track]);
  subscriber.start();
  send(10);
  send(500, Buffer.from("000004", "hex"), { rtx: true, padding: true });
  send(501, Buffer.from("00000003", "hex"), { rtx: true, padding: true });
  send(502, Buffer.alloc(0), { rtx: true });
  assert.equal(egress.packets.length, 1);
});

test("Subscriber: a NACK is answered from the history with an RTX packet", () => {
  const { egress, subscriber, track, send } = scene();
  ready(subscriber, [track]);
  subscriber.start();
  send(10);
  send(11);
  subscriber.onRtcp({ kind: "nack", ssrc: track.ssrc, sequenceNumbers: [10, 99] });
  assert.equal(egress.packets.length, 3);
  const rtx = egress.packets[2]!;
  assert.equal(rtx.ssrc, track.rtxSsrc);
  assert.equal(parseHeader(rtx.header).payloadType, 97);
  assert.equal(rtx.payload.readUInt16BE(0), 10);
  assert.equal(rtx.payload.toString("utf8", 2), "p10");
  assert.equal(rtx.header.readUInt16BE(17), 2, "retransmissions share the one numbering");
  assert.equal(subscriber.retransmitted, 1);
  subscriber.onRtcp({ kind: "nack", ssrc: 12345, sequenceNumbers: [10] });
  assert.equal(egress.packets.length, 3, "an unknown SSRC is ignored");
});

test("Publisher: key frame requests are throttled, and one held back is sent later", () => {
  const { ingress, publisher, subscriber, track, send } = scene();
  ready(subscriber, [track]);
  subscriber.start();
  assert.equal(ingress.of("keyFrameRequest").length, 0, "nothing to repeat before the first");
  send(1);
  for (let i = 0; i < 5; i++) subscriber.onRtcp({ kind: "keyFrameRequest", ssrcs: [track.ssrc] });
  assert.deepEqual(ingress.of("keyFrameRequest"), [{ kind: "keyFrameRequest", ssrcs: [SSRC] }]);
  publisher.tick(performance.now() + 100);
  assert.equal(ingress.of("keyFrameRequest").length, 1);
  publisher.tick(performance.now() + 301);
  assert.equal(ingress.of("keyFrameRequest").length, 2);
  publisher.tick(performance.now() + 1000);
  assert.equal(ingress.of("keyFrameRequest").length, 2, "held back once, sent once");
});

test("Publisher: sender reports go on with the subscriber's SSRC and the same time", () => {
  const { egress, publisher, subscriber, track, send } = scene();
  ready(subscriber, [track]);
  subscriber.start();
  send(1);
  const report = { ntpHigh: 7, ntpLow: 8, rtpTimestamp: 9 };
  publisher.onRtcp({ kind: "senderReport", ssrc: SSRC, ...report });
  publisher.onRtcp({ kind: "senderReport", ssrc: 999, ...report });
  assert.deepEqual(egress.of("senderReport"), [
    { kind: "senderReport", ssrc: track.ssrc, ...report },
  ]);
  const late = new FakeTransport();
  const second = new Subscriber(late);
  ready(second, [track]);
  second.start();
  assert.equal(late.of("senderReport").length, 1, "who comes later gets the latest at once");
});

test("Publisher: a thousand sender reports at once are forwarded as one", () => {
  const { publisher, egress, subscriber, track } = scene();
  ready(subscriber, [track]);
  subscriber.start();
  const report = { ntpHigh: 5, ntpLow: 6, rtpTimestamp: 7 };
  for (let i = 0; i < 1000; i++) {
    publisher.onRtcp({ kind: "senderReport", ssrc: SSRC, ...report, ntpLow: i });
  }
  assert.deepEqual(egress.of("senderReport").map(({ ntpLow }) => ntpLow), [0]);
});

test("Publisher.tick: receiver reports each second, transport-wide feedback each time", () => {
  const { ingress, publisher, send } = scene();
  send(1);
  send(2);
  const now = performance.now();
  publisher.tick(now + 50);
  const feedback = () =>
    ingress.rtcpPackets.filter(({ type, format }) => type === 205 && format === 15);
  assert.equal(feedback().length, 1);
  publisher.tick(now + 100);
  assert.equal(feedback().length, 1, "nothing new arrived");
  publisher.tick(now + 1100);
  publisher.tick(now + 1200);
  publisher.tick(now + 2200);
  assert.equal(
    reportBlocks(ingress.rtcpPackets).filter((report) => report.ssrc === SSRC).length,
    3,
  );
});

test("Publisher: what is due goes out with packets, and not by ticks between them", () => {
  const { ingress, publisher, send } = scene();
  const feedback = () =>
    ingress.rtcpPackets.filter(({ type, format }) => type === 205 && format === 15).length;
  // Whole milliseconds: 49.999… are not 50.
  const now = Math.ceil(performance.now());
  send(1, undefined, { nowMs: now });
  publisher.tick(now + 49);
  send(2, undefined, { nowMs: now + 49 });
  assert.equal(feedback(), 0);
  send(3, undefined, { nowMs: now + 50 });
  assert.equal(feedback(), 1);
  send(4, undefined, { nowMs: now + 60 });
  publisher.tick(now + 99);
  assert.equal(feedback(), 1);
  publisher.tick(now + 100);
  assert.equal(feedback(), 2, "no packet came for so long");
});

test("Publisher: streams that no answer names are found by mid, others counted", () => {
  const { publisher, egress, subscriber, track } = scene();
  ready(subscriber, [track]);
  subscriber.start();
  const packet = (ssrc: number, mid: string) => {
    publisher.onRtp(received(packetWithMid(ssrc, mid)));
  };
  packet(3333, "v");
  assert.equal(egress.packets.length, 1);
  packet(4444, "z");
  assert.equal(publisher.unknownPackets, 1);
});

test("Publisher: the number of streams that a client may start is bounded", () => {
  const { publisher } = scene();
  for (let ssrc = 1; ssrc <= 100; ssrc++) {
    publisher.onRtp(received(packetWithMid(ssrc, "v")));
  }
  assert.equal(publisher.unknownPackets, 100 - 15, "sixteen streams, one was there before");
});

test("Subscriber.setTracks: a track that is left out rests, and goes on where it was", () => {
  const { egress, subscriber, track, send } = scene();
  ready(subscriber, [track]);
  subscriber.start();
  send(1);
  subscriber.setTracks([]);
  send(2);
  assert.equal(egress.packets.length, 1);
  assert.deepEqual(egress.forgotten, [], "its packet numbers must not begin anew");
  subscriber.setTracks([track]);
  send(3);
  assert.deepEqual(egress.packets.map(({ sequenceNumber }) => sequenceNumber), [1, 2]);
  subscriber.onRtcp({ kind: "nack", ssrc: track.ssrc, sequenceNumbers: [1] });
  assert.equal(subscriber.retransmitted, 1);
});

test("Subscriber.setPresent: a track that is gone is forgotten, and an answer cannot bring it back", () => {
  const { egress, subscriber, track, send } = scene();
  ready(subscriber, [track]);
  subscriber.start();
  send(1);
  subscriber.onRtcp({ kind: "nack", ssrc: track.ssrc, sequenceNumbers: [1] });
  subscriber.setPresent([]);
  assert.deepEqual(egress.forgotten, [track.ssrc, track.rtxSsrc]);
  subscriber.setTracks([track]);
  send(2);
  assert.equal(egress.packets.length, 2, "the packet and its retransmission");
  assert.equal(subscriber.retransmitted, 1, "counted on");
});

/** The start of a key frame: a payload descriptor, and a frame header without P (RFC 7741, 4.2 and 4.3). */
const keyFrame = Buffer.from("1000", "hex");

for (const skipped of [1, 100, 33_000, 65_537]) {
  test(`Subscriber.setPresent: after ${skipped} packets were blocked, what follows is numbered on`, () => {
    const { egress, subscriber, track, send } = scene();
    ready(subscriber, [track]);
    subscriber.start();
    for (const number of [1, 2, 3]) send(number);
    subscriber.setPresent([track], []);
    subscriber.setTracks([track]);
    send(4);
    assert.equal(egress.packets.length, 3, "an answer to an offer from before brings nothing back");
    const next = (4 + skipped) & 0xffff;
    subscriber.setPresent([track]);
    send(next, keyFrame);
    assert.equal(egress.packets.length, 3, "not before the answer");
    subscriber.setTracks([track]);
    for (const more of [1, 2]) send((next + more) & 0xffff, keyFrame);
    assert.equal(egress.packets.length, 5);
    const numbers = egress.packets.map(({ sequenceNumber }) => sequenceNumber);
    assert.equal(new Set(numbers).size, 5, `${numbers}`);
    // A receiver takes a number of more than 32,768 ahead for one from before (RFC 3711, 3.3.1).
    assert.ok(((numbers[3]! - numbers[2]!) & 0xffff) < 32_768, `${numbers}`);
    assert.equal((numbers[4]! - numbers[3]!) & 0xffff, 1);
    assert.deepEqual(egress.forgotten, [], "its packet numbers must not begin anew");
    subscriber.setPresent([]);
    assert.deepEqual(egress.forgotten, [track.ssrc, track.rtxSsrc]);
  });
}

test("Subscriber: the 2,000th newcomer has SSRCs of its own, and the one before is forgotten", () => {
  const transport = new FakeTransport();
  const subscriber = new Subscriber(transport);
  subscriber.start();
  const ssrcs = new Set<number>();
  for (let joined = 1; joined <= 2000; joined++) {
    const track = new PublishedTrack({
      kind: "video",
      codec: vp8,
      streamId: `member ${joined}`,
      requestKeyFrame: () => {},
    });
    ssrcs.add(track.ssrc).add(track.rtxSsrc!);
    ready(subscriber, [track]);
    const header = Buffer.from("806000010000000000000000", "hex");
    track.layers[0].publish(received(Buffer.concat([header, Buffer.from("picture")])));
    subscriber.onRtcp({ kind: "nack", ssrc: track.ssrc, sequenceNumbers: [1] });
    assert.deepEqual(
      transport.packets.splice(0).map(({ ssrc }) => ssrc),
      [track.ssrc, track.rtxSsrc],
      "the packet and its retransmission",
    );
  }
  assert.equal(ssrcs.size, 4000, "no SSRC is used twice");
  subscriber.close();
  assert.deepEqual(new Set(transport.forgotten), ssrcs);
});

test("Subscription: a number goes out once, whatever comes under it later", () => {
  const { egress, subscriber, track, send } = scene();
  ready(subscriber, [track]);
  subscriber.start();
  for (const number of [1, 2, 4, 3, 2, 4, 1]) send(number, Buffer.from(`${egress.packets.length}`));
  assert.deepEqual(egress.packets.map(({ sequenceNumber }) => sequenceNumber), [1, 2, 4, 3]);
  assert.equal(subscriber.refused, 3);
});

test("Subscriber: packets that it was not sent are not sent again, though others got them", () => {
  const { egress, subscriber, track, send } = scene();
  const other = new Subscriber(new FakeTransport());
  for (const one of [subscriber, other]) {
    ready(one, [track]);
    one.start();
  }
  send(1, Buffer.from("one"));
  subscriber.setTracks([]);
  send(2, Buffer.from("two"));
  subscriber.setTracks([track]);
  send(3, Buffer.from("three"));
  egress.packets.length = 0;
  subscriber.onRtcp({ kind: "nack", ssrc: track.ssrc, sequenceNumbers: [1, 2, 3] });
  assert.deepEqual(
    egress.packets.map(({ payload }) => [payload.readUInt16BE(0), payload.subarray(2).toString()]),
    [[1, "one"], [2, "three"]],
    "under the numbers that they had",
  );
});

test("Publisher.setSections: streams that a later answer leaves out make room for its own", () => {
  const { ingress, egress, publisher, subscriber, track } = scene();
  ready(subscriber, [track]);
  subscriber.start();
  for (let round = 0; round < 100; round++) {
    const ssrc = 10_000 + round;
    const changed = publisher.setSections([{
      kind: "video",
      mid: "v",
      rejected: false,
      direction: "sendonly",
      payloadTypes: [96, 97],
      streams: [{ ssrc, rtxSsrc: 20_000 + round }],
    }], () => vp8);
    assert.equal(changed, false);
    publisher.onRtp(received(packetWithMid(ssrc, "?", round)));
  }
  assert.equal(egress.packets.length, 100);
  assert.equal(ingress.forgotten.length, 200, "each with its retransmissions");
});

test("Publisher: a stream has one stream of retransmissions, and forgets the one before", () => {
  const transport = new FakeTransport();
  const publisher = new Publisher(transport, "A");
  for (let rtxSsrc = 3000; rtxSsrc < 3100; rtxSsrc++) {
    publisher.setSections([{
      kind: "video",
      mid: "v",
      rejected: false,
      direction: "sendonly",
      payloadTypes: [96, 97],
      streams: [{ ssrc: SSRC, rtxSsrc }],
    }], () => vp8);
  }
  assert.deepEqual(transport.forgotten, Array.from({ length: 99 }, (_, n) => 3000 + n));
});
