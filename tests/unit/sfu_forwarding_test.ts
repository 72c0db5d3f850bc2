import { Buffer } from "node:buffer";
import { strict as assert } from "node:assert";
import { test } from "node:test";
import type { MediaTransport } from "../../sfu/media_transport.ts";
import { Publisher } from "../../sfu/publisher.ts";
import { parseRtpHeader } from "../../sfu/rtp/packet.ts";
import { parseRtcp, type RtcpMessage } from "../../sfu/rtp/rtcp.ts";
import { CodecTable } from "../../sfu/sdp/codecs.ts";
import { Subscriber } from "../../sfu/subscriber.ts";

interface SentPacket {
  readonly header: Buffer;
  readonly payload: Buffer;
  readonly ssrc: number;
  readonly sequenceNumber: number;
}

/** A transport that keeps what is sent. */
class FakeTransport {
  readonly connected = true;
  readonly packets: SentPacket[] = [];
  readonly rtcp: RtcpMessage[] = [];

  sendRtp(header: Buffer, payload: Buffer, ssrc: number, sequenceNumber: number, prefix?: Buffer) {
    const all = prefix === undefined ? [payload] : [prefix, payload];
    this.packets.push({
      header: Buffer.from(header),
      payload: Buffer.concat(all),
      ssrc,
      sequenceNumber,
    });
    return header.length + payload.length;
  }

  sendRtcp(packet: Buffer): void {
    this.rtcp.push(...parseRtcp(packet));
  }

  of<K extends RtcpMessage["kind"]>(kind: K): Extract<RtcpMessage, { kind: K }>[] {
    return this.rtcp.filter((message) => message.kind === kind) as Extract<
      RtcpMessage,
      { kind: K }
    >[];
  }

  asTransport(): MediaTransport {
    return this as unknown as MediaTransport;
  }
}

const codecs = new CodecTable();
const vp8 = codecs.video("VP8", "")!;
const SSRC = 1111;
const RTX_SSRC = 2222;

function scene() {
  const ingress = new FakeTransport();
  const egress = new FakeTransport();
  const publisher = new Publisher(ingress.asTransport(), "A");
  publisher.setSections([{
    kind: "video",
    mid: "v",
    rejected: false,
    direction: "sendonly",
    payloadTypes: [96, 97],
    streams: [{ ssrc: SSRC, rtxSsrc: RTX_SSRC }],
  }], () => vp8);
  const subscriber = new Subscriber(egress.asTransport());
  const track = publisher.tracks[0]!;
  const send = (
    sequenceNumber: number,
    payload: Buffer = Buffer.from(`p${sequenceNumber}`),
    options: { rtx?: boolean; padding?: boolean } = {},
  ) => {
    // One-byte extensions: transport-wide number (id 3), then padding.
    const header = Buffer.from("90600000000000000000000abede000131000000", "hex");
    if (options.padding === true) header[0]! |= 0x20;
    header[1] = options.rtx === true ? 97 : 96;
    header.writeUInt16BE(sequenceNumber, 2);
    header.writeUInt32BE(options.rtx === true ? RTX_SSRC : SSRC, 8);
    header.writeUInt16BE(sequenceNumber, 17);
    const data = Buffer.concat([header, payload]);
    publisher.onRtp(data, parseRtpHeader(data)!, payload);
  };
  const retransmit = (original: number, rtxNumber: number) => {
    const prefix = Buffer.alloc(2);
    prefix.writeUInt16BE(original, 0);
    send(rtxNumber, Buffer.concat([prefix, Buffer.from(`p${original}`)]), { rtx: true });
  };
  return { ingress, egress, publisher, subscriber, track, send, retransmit };
}

/** A packet whose only extension is a mid of one letter. */
function packetWithMid(ssrc: number, mid: string): { data: Buffer; payload: Buffer } {
  const header = Buffer.from("906000010000000000000000bede000140000000", "hex");
  header.writeUInt32BE(ssrc, 8);
  header.write(mid, 17);
  const payload = Buffer.from("x");
  return { data: Buffer.concat([header, payload]), payload };
}

test("Publisher and Subscriber: packets are forwarded under the server's SSRC, numbered anew", () => {
  const { egress, subscriber, track, send } = scene();
  subscriber.setTracks([track]);
  send(1);
  assert.equal(egress.packets.length, 0, "not before the transport is up");
  subscriber.start();
  send(2);
  send(3);
  assert.deepEqual(egress.packets.map((packet) => packet.sequenceNumber), [2, 3]);
  const headers = egress.packets.map((packet) => parseRtpHeader(packet.header)!);
  assert.ok(headers.every((header) => header.ssrc === track.ssrc && header.ssrc !== SSRC));
  assert.deepEqual(egress.packets.map((packet) => packet.header.readUInt16BE(17)), [0, 1]);
  assert.equal(egress.packets[0]!.payload.toString(), "p2");
});

test("Publisher: a gap is asked for at once and its retransmission is forwarded", () => {
  const { ingress, egress, subscriber, track, send, retransmit } = scene();
  subscriber.setTracks([track]);
  subscriber.start();
  send(10);
  send(13);
  assert.deepEqual(ingress.of("nack"), [{ kind: "nack", ssrc: SSRC, sequenceNumbers: [11, 12] }]);
  retransmit(11, 500);
  const recovered = egress.packets.at(-1)!;
  assert.equal(recovered.sequenceNumber, 11);
  assert.equal(recovered.payload.toString(), "p11");
  assert.equal(parseRtpHeader(recovered.header)?.payloadType, 96);
  retransmit(11, 501);
  assert.equal(egress.packets.length, 3, "the same retransmission twice is forwarded once");
  retransmit(14, 502);
  assert.equal(egress.packets.at(-1)!.sequenceNumber, 14, "a loss that did not show yet");
});

test("Publisher: padding of the retransmission stream is not forwarded", () => {
  const { egress, subscriber, track, send } = scene();
  subscriber.setTracks([track]);
  subscriber.start();
  send(10);
  send(500, Buffer.from("000004", "hex"), { rtx: true, padding: true });
  send(501, Buffer.from("00000003", "hex"), { rtx: true, padding: true });
  send(502, Buffer.alloc(0), { rtx: true });
  assert.equal(egress.packets.length, 1);
});

test("Subscriber: a NACK is answered from the history with an RTX packet", () => {
  const { egress, subscriber, track, send } = scene();
  subscriber.setTracks([track]);
  subscriber.start();
  send(10);
  send(11);
  subscriber.onRtcp({ kind: "nack", ssrc: track.ssrc, sequenceNumbers: [10, 99] });
  assert.equal(egress.packets.length, 3);
  const rtx = egress.packets[2]!;
  assert.equal(rtx.ssrc, track.rtxSsrc);
  assert.equal(parseRtpHeader(rtx.header)?.payloadType, 97);
  assert.equal(rtx.payload.readUInt16BE(0), 10);
  assert.equal(rtx.payload.toString("utf8", 2), "p10");
  assert.equal(rtx.header.readUInt16BE(17), 2, "retransmissions share the one numbering");
  assert.equal(subscriber.retransmitted, 1);
  subscriber.onRtcp({ kind: "nack", ssrc: 12345, sequenceNumbers: [10] });
  assert.equal(egress.packets.length, 3, "an unknown SSRC is ignored");
});

test("Publisher: key frame requests are throttled, and one held back is sent later", () => {
  const { ingress, publisher, subscriber, track, send } = scene();
  subscriber.setTracks([track]);
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
  subscriber.setTracks([track]);
  subscriber.start();
  send(1);
  const report = { ntpHigh: 7, ntpLow: 8, rtpTimestamp: 9 };
  publisher.onRtcp({ kind: "senderReport", ssrc: SSRC, ...report });
  publisher.onRtcp({ kind: "senderReport", ssrc: 999, ...report });
  assert.deepEqual(egress.of("senderReport"), [
    { kind: "senderReport", ssrc: track.ssrc, ...report },
  ]);
  const late = new FakeTransport();
  const second = new Subscriber(late.asTransport());
  second.setTracks([track]);
  second.start();
  assert.equal(late.of("senderReport").length, 1, "who comes later gets the latest at once");
});

test("Publisher.tick: receiver reports each second, transport-wide feedback each time", () => {
  const { ingress, publisher, send } = scene();
  send(1);
  send(2);
  const now = performance.now();
  publisher.tick(now + 50);
  assert.equal(ingress.of("transportFeedback").length, 1);
  publisher.tick(now + 100);
  assert.equal(ingress.of("transportFeedback").length, 1, "nothing new arrived");
  const reports = () => ingress.of("reports").flatMap((message) => message.reports);
  publisher.tick(now + 1100);
  publisher.tick(now + 1200);
  publisher.tick(now + 2200);
  assert.equal(reports().filter((report) => report.ssrc === SSRC).length, 3);
});

test("Publisher: streams that no answer names are found by mid, others counted", () => {
  const { publisher, egress, subscriber, track } = scene();
  subscriber.setTracks([track]);
  subscriber.start();
  const packet = (ssrc: number, mid: string) => {
    const { data, payload } = packetWithMid(ssrc, mid);
    publisher.onRtp(data, parseRtpHeader(data)!, payload);
  };
  packet(3333, "v");
  assert.equal(egress.packets.length, 1);
  packet(4444, "z");
  assert.equal(publisher.unknownPackets, 1);
});

test("Publisher: the number of streams that a client may start is bounded", () => {
  const { publisher } = scene();
  for (let ssrc = 1; ssrc <= 100; ssrc++) {
    const { data, payload } = packetWithMid(ssrc, "v");
    publisher.onRtp(data, parseRtpHeader(data)!, payload);
  }
  assert.equal(publisher.unknownPackets, 100 - 15, "sixteen streams, one was there before");
});

test("Subscriber.setTracks: a track that is left out is not forwarded any more", () => {
  const { egress, subscriber, track, send } = scene();
  subscriber.setTracks([track]);
  subscriber.start();
  send(1);
  subscriber.setTracks([]);
  send(2);
  assert.equal(egress.packets.length, 1);
});
