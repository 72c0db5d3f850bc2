import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { RtpPacket } from "../../sfu/rtp/packet.ts";
import { ThinnedNumbers } from "../../sfu/rtp/thinned_numbers.ts";
import { temporalReader } from "../../sfu/rtp/temporal_layers.ts";

/** A packet with this payload, and perhaps a dependency descriptor. */
function packet(payload: string, descriptor = ""): RtpPacket {
  const bytes = Buffer.from(descriptor, "hex");
  // A two-byte extension (RFC 8285, 4.3) of id 10.
  const extension = bytes.length === 0
    ? Buffer.alloc(0)
    : Buffer.concat([Buffer.from([10, bytes.length]), bytes]);
  const words = Math.ceil(extension.length / 4);
  const header = Buffer.from("80600001000000640000000a", "hex");
  if (words > 0) header[0]! |= 0x10;
  const profile = Buffer.from([0x10, 0, 0, words]);
  const all = Buffer.concat([
    header,
    ...(words === 0 ? [] : [profile, extension, Buffer.alloc(words * 4 - extension.length)]),
    Buffer.from(payload, "hex"),
  ]);
  const parsed = new RtpPacket();
  assert.ok(parsed.parse(all, 0, all.length));
  return parsed;
}

const read = (reader: (packet: RtpPacket) => void, one: RtpPacket) => {
  reader(one);
  return [one.temporalLayer, one.switchesUp];
};

test("temporalReader: TID and Y of VP8 (RFC 7741, 4.2)", () => {
  const reader = temporalReader("VP8")!;
  assert.deepEqual(read(reader, packet("1000")), [0, false], "no extension");
  assert.deepEqual(read(reader, packet("90e0812a0500aa")), [0, false], "TID 0");
  assert.deepEqual(read(reader, packet("90e0812a0560aa")), [1, true], "TID 1, Y");
  assert.deepEqual(read(reader, packet("90e0812a0540aa")), [1, false], "TID 1");
  assert.deepEqual(read(reader, packet("90e02a05a0aa")), [2, false], "TID 2, 7 bits of picture id");
  assert.deepEqual(read(reader, packet("90c0812a05aa")), [0, false], "no TID");
  assert.deepEqual(read(reader, packet("90e0812a")), [0, false], "cut short");
});

test("temporalReader: TID and U of VP9 (RFC 9628, 4.2)", () => {
  const reader = temporalReader("VP9")!;
  assert.deepEqual(read(reader, packet("88812aaa")), [0, false], "no layers");
  assert.deepEqual(read(reader, packet("a8812a0005aa")), [0, false]);
  assert.deepEqual(read(reader, packet("a8812a3005aa")), [1, true], "TID 1, U");
  assert.deepEqual(read(reader, packet("a82a2005aa")), [1, false], "7 bits of picture id");
  assert.deepEqual(read(reader, packet("a8812a5005aa")), [2, false]);
  assert.deepEqual(read(reader, packet("a881")), [0, false], "cut short");
});

test("temporalReader: templates of AV1's dependency descriptor (AV1 RTP specification, A.8)", () => {
  const reader = temporalReader("AV1")!;
  assert.deepEqual(read(reader, packet("00", "c00001")), [0, false], "before a key frame");
  // Two targets, templates of T0 and T1 from id 5 on: T0 is a switch for both, T1 discardable for the second.
  const bits = [
    "10000", // with a structure
    "000101", // template_id_offset
    "00001", // dt_cnt_minus_one
    "01" + "11", // the next template is of the next temporal layer, and the last
    "1010" + "0001", // indications
  ].join("");
  const structure = BigInt(`0b${bits.padEnd(32, "0")}`).toString(16).padStart(8, "0");
  assert.deepEqual(read(reader, packet("00", `c50001${structure}`)), [0, true]);
  assert.deepEqual(read(reader, packet("00", "c60002")), [1, false]);
  assert.deepEqual(read(reader, packet("00", "c50003")), [0, true]);
  assert.deepEqual(read(reader, packet("00", "c70004")), [0, false], "no such template");
  // A structure that is cut short changes nothing.
  assert.deepEqual(read(reader, packet("00", "c5000580")), [0, true]);
  assert.deepEqual(read(reader, packet("00", "c60006")), [1, false]);
  assert.equal(temporalReader("H264"), undefined);
});

test("ThinnedNumbers: what is left is numbered without a gap, and late packets find their place", () => {
  const numbers = new ThinnedNumbers();
  const taken = (own: number, leave = false) => numbers.take(own & 0xffff, leave);
  assert.deepEqual([65_534, 65_535, 65_536].map((own) => taken(own)), [65_534, 65_535, 0]);
  assert.equal(taken(1, true), -1);
  assert.equal(taken(2, true), -1);
  assert.equal(taken(3), 1);
  assert.equal(taken(6), 4, "two may come late");
  assert.equal(taken(5), 3);
  assert.equal(taken(4, true), 2, "they have a number already");
  assert.equal(taken(2), -1, "left out once, left out for ever");
  assert.equal(taken(7, true), -1);
  assert.equal(taken(8), 5);
  assert.deepEqual([0, 1, 2, 3, 4, 5].map((number) => numbers.ownOf(number)), [0, 3, 4, 5, 6, 8]);
  assert.equal(taken(5000), 4997, "a long gap");
  assert.equal(taken(3000), -1, "too old");
  assert.equal(taken(4500), 4497);
});
