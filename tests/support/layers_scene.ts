/** A publisher whose video has layers, without a network, and its subscribers. */

import { strict as assert } from "node:assert";
import { Buffer } from "node:buffer";
import { Publisher } from "../../sfu/media/publisher.ts";
import { Subscriber } from "../../sfu/media/subscriber.ts";
import type { LayerSwitch } from "../../sfu/media/layer_switch.ts";
import { CodecTable } from "../../sfu/sdp/codecs.ts";
import type { RequestRid, Rid } from "../../sfu/sdp/rids.ts";
import { FakeTransport, parseHeader, received } from "./fake_transport.ts";

export const vp8 = new CodecTable().video("VP8", "")!;

/** What the publisher sends: layers under rids, with their own numbers, which wrap. */
export const R2 = {
  rid: "r2",
  ssrc: 102,
  rtxSsrc: 202,
  sequence: 30_000,
  timestamp: 500,
  picture: 77,
};
export const R1 = {
  rid: "r1",
  ssrc: 101,
  rtxSsrc: 201,
  sequence: 1_000,
  timestamp: 90_000,
  picture: 32_766,
};
export const R0 = {
  rid: "r0",
  ssrc: 100,
  rtxSsrc: 200,
  sequence: 65_534,
  timestamp: 4_294_967_000,
  picture: 9,
};
export type Sent = typeof R1;

export interface PacketOptions {
  readonly rtx?: boolean;
  readonly key?: boolean;
  /** How long after the scene began it comes, in ms. */
  readonly atMs?: number;
}

/** Bytes of the payload descriptor and of the frame before the text. */
export const DESCRIPTOR = 5;

/** A frame of one packet. */
export function packet(
  layer: Sent,
  number: number,
  { rtx = false, key = false }: PacketOptions,
): Buffer {
  // One-byte extensions: transport-wide number, mid "v", rid or repaired rid.
  const header = Buffer.from(
    "906000000000000000000000bede00023100004076517230",
    "hex",
  );
  const sequence = (layer.sequence + number) & 0xffff;
  header[1] = rtx ? vp8.rtxPayloadType! : vp8.payloadType;
  header.writeUInt16BE(rtx ? number : sequence, 2);
  header.writeUInt32BE((layer.timestamp + number * 3_000) >>> 0, 4);
  header.writeUInt32BE(rtx ? layer.rtxSsrc : layer.ssrc, 8);
  if (rtx) header[21] = 0x61;
  header.write(layer.rid, 22);
  const original = Buffer.alloc(rtx ? 2 : 0);
  if (rtx) original.writeUInt16BE(sequence, 0);
  const descriptor = Buffer.from([0x90, 0x80, 0, 0, key ? 0 : 1]);
  descriptor.writeUInt16BE(0x8000 | ((layer.picture + number) & 0x7fff), 2);
  return Buffer.concat([header, original, descriptor, Buffer.from(`${layer.rid} ${number}`)]);
}

export const pictureOf = (payload: Buffer) => payload.readUInt16BE(2) & 0x7fff;

/** A publisher of such layers, and subscribers to them. */
export function layersScene(rids: readonly Rid[] = ["r0", "r1"]) {
  const startMs = performance.now();
  const ingress = new FakeTransport();
  const publisher = new Publisher(ingress, "A");
  publisher.setSections([{
    kind: "video",
    mid: "v",
    rejected: false,
    direction: "sendonly",
    payloadTypes: [vp8.payloadType, vp8.rtxPayloadType!],
    streams: [],
    rids,
  }], () => vp8);
  const track = publisher.tracks[0]!;
  const send = (layer: Sent, number: number, options: PacketOptions = {}) => {
    const one = received(packet(layer, number, options));
    one.nowMs = startMs + (options.atMs ?? number * 33);
    publisher.onRtp(one);
  };
  const subscribe = (rid: RequestRid = "r2") => {
    const transport = new FakeTransport();
    const switches: LayerSwitch[] = [];
    const subscriber = new Subscriber(transport, {
      rid,
      onSwitched: (change) => switches.push(change),
    });
    subscriber.setPresent([track]);
    subscriber.setTracks([track]);
    subscriber.start();
    const texts = () =>
      transport.packets.map(({ payload }) => payload.subarray(DESCRIPTOR).toString());
    const numbers = () =>
      transport.packets.map(({ header, sequenceNumber }) => {
        const parsed = parseHeader(header);
        assert.equal(parsed.sequenceNumber, sequenceNumber, "encrypted under what the header says");
        return [sequenceNumber, parsed.timestamp];
      });
    return { transport, subscriber, switches, texts, numbers };
  };
  const report = (layer: Sent, ntpLow: number, rtpTimestamp: number) =>
    publisher.onRtcp({
      kind: "senderReport",
      ssrc: layer.ssrc,
      ntpHigh: 1,
      ntpLow,
      rtpTimestamp: rtpTimestamp >>> 0,
    });
  const keyFrameRequests = () => ingress.of("keyFrameRequest").flatMap(({ ssrcs }) => ssrcs);
  return { ingress, publisher, track, send, subscribe, report, keyFrameRequests };
}
