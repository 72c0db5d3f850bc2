import fc from "fast-check";
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  clientFrame,
  closePayload,
  FrameReader,
  NO_STATUS,
  Opcode,
} from "../../signaling/socket/frames.ts";

const MAX_BYTES = 70_000;
const utf8 = (text: string) => new TextEncoder().encode(text);

type Read = readonly [kind: string, ...contents: unknown[]];

/** What is read of bytes that come in parts. */
function readParts(parts: Iterable<Uint8Array>, maxBytes = MAX_BYTES): Read[] {
  const read: Read[] = [];
  const reader = new FrameReader(maxBytes, {
    onText: (text) => read.push(["text", text]),
    onBinary: () => read.push(["binary"]),
    onPing: (payload) => read.push(["ping", [...payload]]),
    onClose: (code, reason) => read.push(["close", code, reason]),
  });
  for (const part of parts) reader.read(part);
  return read;
}

const read = (...bytes: number[]) => readParts([Uint8Array.from(bytes)]);

/** A server's frame, as RFC 6455 draws it in section 5.2. */
function serverFrame(opcode: number, payload: Uint8Array, final = true): Uint8Array {
  const { length } = payload;
  const wide = length > 65_535 ? 8 : length > 125 ? 2 : 0;
  const frame = new Uint8Array(2 + wide + length);
  frame[0] = (final ? 0x80 : 0) + opcode;
  frame[1] = wide === 8 ? 127 : wide === 2 ? 126 : length;
  for (let i = 0; i < wide; i++) frame[2 + i] = Math.floor(length / 256 ** (wide - 1 - i)) % 256;
  frame.set(payload, 2 + wide);
  return frame;
}

/** The opcode and the payload of a client's frame, by the same drawing. */
function readClientFrame(frame: Uint8Array): [opcode: number, payload: Uint8Array] {
  assert.equal(frame[0]! >> 4, 8, "one frame without reserved bits");
  assert.equal(frame[1]! >> 7, 1, "masked");
  const short = frame[1]! & 127;
  const wide = short === 127 ? 8 : short === 126 ? 2 : 0;
  const length = wide === 0
    ? short
    : frame.subarray(2, 2 + wide).reduce((sum, byte) => sum * 256 + byte, 0);
  assert.equal(wide, length > 65_535 ? 8 : length > 125 ? 2 : 0, "the shortest form");
  const mask = frame.subarray(2 + wide, 6 + wide);
  const payload = frame.subarray(6 + wide).map((byte, i) => byte ^ mask[i % 4]!);
  assert.equal(payload.length, length);
  return [frame[0]! & 15, payload];
}

test("FrameReader reads the examples of RFC 6455, section 5.7", () => {
  assert.deepEqual(read(0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f), [["text", "Hello"]]);
  assert.deepEqual(
    read(0x01, 0x03, 0x48, 0x65, 0x6c, 0x80, 0x02, 0x6c, 0x6f),
    [["text", "Hello"]],
  );
  assert.deepEqual(
    read(0x89, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f),
    [["ping", [0x48, 0x65, 0x6c, 0x6c, 0x6f]]],
  );
  const parts = [Uint8Array.of(0x82, 0x7e, 0x01, 0x00), new Uint8Array(256)];
  assert.deepEqual(readParts(parts), [["binary"]]);
  const wide = [Uint8Array.of(0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0), new Uint8Array(65_536)];
  assert.deepEqual(readParts(wide), [["binary"]]);
});

/** A message in fragments, with pings in between. */
const message = fc.record({
  text: fc.option(fc.string({ unit: "binary", maxLength: 300 }), { nil: undefined }),
  cuts: fc.array(fc.nat(300), { maxLength: 4 }),
  pings: fc.array(fc.uint8Array({ maxLength: 125 }), { maxLength: 2 }),
});

test("FrameReader reads the same messages, however they are fragmented and in whatever parts they come", () => {
  fc.assert(fc.property(
    fc.array(message, { maxLength: 5 }),
    fc.infiniteStream(fc.integer({ min: 1, max: 40 })),
    (messages, sizes) => {
      const frames: Uint8Array[] = [];
      const expected: Read[] = [];
      for (const { text, cuts, pings } of messages) {
        const bytes = text === undefined ? Uint8Array.of(1, 2, 3) : utf8(text);
        const at = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length]
          .toSorted((a, b) => a - b);
        const kind = text === undefined ? Opcode.BINARY : Opcode.TEXT;
        for (let i = 1; i < at.length; i++) {
          const opcode = i === 1 ? kind : Opcode.CONTINUATION;
          frames.push(serverFrame(opcode, bytes.subarray(at[i - 1], at[i]), i === at.length - 1));
          if (i > 1) continue;
          for (const ping of pings) {
            // One before the message's end if there are fragments.
            if (at.length > 2) frames.push(serverFrame(Opcode.PING, ping));
            if (at.length > 2) expected.push(["ping", [...ping]]);
          }
        }
        expected.push(text === undefined ? ["binary"] : ["text", text]);
      }
      const whole = Uint8Array.from(frames.flatMap((frame) => [...frame]));
      const parts: Uint8Array[] = [];
      for (let from = 0; from < whole.length;) {
        const size = sizes.next().value;
        parts.push(whole.subarray(from, from += size));
      }
      assert.deepEqual(readParts(parts), expected);
    },
  ));
});

test("FrameReader gives the code and the reason of a close frame, and reads nothing after it", () => {
  const close = serverFrame(Opcode.CLOSE, closePayload(4_490, "拒否"));
  assert.deepEqual(
    readParts([close, serverFrame(Opcode.TEXT, utf8("late")), Uint8Array.of(0xff)]),
    [["close", 4_490, "拒否"]],
  );
  assert.deepEqual(read(0x88, 0), [["close", NO_STATUS, ""]]);
  assert.deepEqual(read(0x88, 2, 3, 232), [["close", 1_000, ""]]);
});

const broken: Readonly<Record<string, readonly number[]>> = {
  "reserved bits": [0xc1, 0],
  "a mask": [0x81, 0x80, 1, 2, 3, 4],
  "an unknown opcode": [0x83, 0],
  "an unknown opcode of a control frame": [0x8b, 0],
  "a fragmented ping": [0x09, 0],
  "a ping that is too long": [0x89, 126, 0, 126],
  "a continuation of nothing": [0x80, 0],
  "a message in a message": [0x01, 0, 0x81, 0],
  "text that is not UTF-8": [0x81, 1, 0xff],
  "text that ends within a character": [0x81, 1, 0xe8],
  "half a code": [0x88, 1, 3],
  "the code 1005": [0x88, 2, 3, 237],
  "the code 999": [0x88, 2, 3, 231],
  "the code 5000": [0x88, 2, 19, 136],
  "a reason that is not UTF-8": [0x88, 3, 3, 232, 0xff],
  "a message that is too long": [0x81, 127, 0, 0, 0, 0, 0, 1, 17, 113],
  "the longest length": [0x81, 127, 255, 255, 255, 255, 255, 255, 255, 255],
};
for (const [name, bytes] of Object.entries(broken)) {
  test(`FrameReader throws at ${name}`, () => {
    assert.throws(() => read(...bytes), /^Error: The server sent /);
  });
}

test("FrameReader counts all fragments of a message against its limit", () => {
  const half = serverFrame(Opcode.TEXT, utf8("123456"), false);
  const rest = (text: string) => serverFrame(Opcode.CONTINUATION, utf8(text));
  assert.deepEqual(readParts([half, rest("7890")], 10), [["text", "1234567890"]]);
  assert.throws(() => readParts([half, rest("78901")], 10), /more than 10 bytes/);
});

test("FrameReader throws nothing but errors of the protocol, whatever comes", () => {
  fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (parts) => {
    try {
      readParts(parts);
    } catch (error) {
      assert.match(String(error), /^Error: The server sent /);
    }
  }));
});

test("clientFrame masks a payload of any length", () => {
  for (const length of [0, 1, 125, 126, 65_535, 65_536]) {
    const payload = Uint8Array.from({ length }, (_, i) => i * 7);
    assert.deepEqual(readClientFrame(clientFrame(Opcode.TEXT, payload)), [1, payload]);
  }
});

test("clientFrame has another mask each time", () => {
  const frames = Array.from({ length: 4 }, () => clientFrame(Opcode.PONG, new Uint8Array(8)));
  assert.ok(new Set(frames.map(String)).size > 1);
});

test("closePayload cuts a reason between characters", () => {
  const payload = closePayload(1_000, "語".repeat(50));
  assert.equal(new DataView(payload.buffer).getUint16(0), 1_000);
  // 123 bytes hold 41 characters of three bytes.
  assert.equal(new TextDecoder().decode(payload.subarray(2)), "語".repeat(41));
  assert.equal(closePayload(NO_STATUS, "").length, 0);
});
