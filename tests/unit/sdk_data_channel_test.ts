import assert from "node:assert/strict";
import { test } from "node:test";
import { Buffer } from "node:buffer";
import type { MessageLimit } from "../../signaling/connection/transports.ts";
import { DataChannelRegistry, type DataChannelTransport } from "../../sdk/data_channel.ts";
import { EventType } from "../../ffi/constants.ts";
import { EventPump } from "../../ffi/events.ts";
import { maxMessageBytes, NativeDataChannels } from "../../sdk/peer/data_channels.ts";
import { eventually, within } from "../support/eventually.ts";
import { FakeNative } from "../support/fake_native.ts";

/** A transport that sends nothing until it is released. */
class FakeTransport implements DataChannelTransport {
  open = true;
  buffered = 0;
  largest = 1_000_000;
  whose: MessageLimit["whose"] = "server";
  readonly sent: (Uint8Array | string)[] = [];

  sendDataChannel(_label: string, data: Uint8Array | string): boolean {
    if (!this.open || Buffer.byteLength(data) > this.largest) return false;
    this.sent.push(data);
    this.buffered += data.length;
    return true;
  }

  bufferedAmount(): number {
    return this.buffered;
  }

  isDataChannelOpen(): boolean {
    return this.open;
  }

  messageLimit(_label: string, data: Uint8Array | string): MessageLimit | undefined {
    const bytes = Buffer.byteLength(data);
    return bytes > this.largest ? { bytes, limit: this.largest, whose: this.whose } : undefined;
  }
}

function channels() {
  const transport = new FakeTransport();
  const all = new DataChannelRegistry(transport);
  return { transport, all, channel: all.get("#chat") };
}

test("writable waits while a mebibyte is buffered, and goes on when less is", async () => {
  const { transport, all, channel } = channels();
  const writer = channel.writable.getWriter();
  await writer.write(new Uint8Array(1_000_000));
  await writer.write(new Uint8Array(100_000));
  const third = writer.write("third");
  let done = false;
  third.then(() => done = true, () => {});
  all.changed("#chat");
  all.changed("#other");
  await Promise.resolve();
  assert.equal(done, false);
  assert.equal(transport.sent.length, 2);
  transport.buffered = 1_048_575;
  all.changed("#chat");
  await within("the third", third);
  assert.equal(transport.sent[2], "third");
});

test("closing writable waits until everything is sent", async () => {
  const { transport, all, channel } = channels();
  const writer = channel.writable.getWriter();
  await writer.write("x");
  const closing = writer.close();
  let closed = false;
  closing.then(() => closed = true, () => {});
  await Promise.resolve();
  assert.equal(closed, false);
  transport.buffered = 0;
  all.changed("#chat");
  await within("the close", closing);
});

test("writable is a new one after it was closed, and after it was aborted", async () => {
  const { transport, channel } = channels();
  for (const text of ["a", "b"]) {
    const written = ReadableStream.from([text]).pipeTo(channel.writable, { preventClose: true });
    await within("the write", written);
    transport.buffered = 0;
    await within("the end", text === "a" ? channel.writable.close() : channel.writable.abort());
  }
  const writer = channel.writable.getWriter();
  await within("the write", writer.write("c"));
  assert.deepEqual(transport.sent, ["a", "b", "c"]);
});

test("writable refuses what is no message", async () => {
  const { channel } = channels();
  const writer = channel.writable.getWriter();
  writer.closed.catch(() => {});
  await assert.rejects(writer.write(5 as never), {
    name: "TypeError",
    message: "chunk must be a Uint8Array or a string, not a number",
  });
});

test("writable reports whose limit a message exceeds, in bytes, without waiting", async () => {
  const limits = [
    ["server", "larger than the 9 bytes that the server accepts"],
    ["client", "larger than the 9 bytes that may wait to be sent"],
  ] as const;
  for (const [whose, words] of limits) {
    const { transport, channel } = channels();
    Object.assign(transport, { largest: 9, whose, buffered: 5 });
    const writer = channel.writable.getWriter();
    writer.closed.catch(() => {});
    // Four characters of three bytes each.
    await assert.rejects(within("the refusal", writer.write("日本語語")), {
      name: "RangeError",
      message: `A message of 12 bytes for #chat is ${words}`,
    });
  }
});

test("writable waits, and blames no limit, when a channel that looks open refuses a message", async () => {
  const { transport, all, channel } = channels();
  let refuse = true;
  const send = transport.sendDataChannel.bind(transport);
  transport.sendDataChannel = (label, data) => !refuse && send(label, data);
  const writer = channel.writable.getWriter();
  const write = writer.write("x");
  await Promise.resolve();
  assert.deepEqual(transport.sent, []);
  refuse = false;
  all.changed("#chat");
  await within("the write", write);
  assert.deepEqual(transport.sent, ["x"]);
});

test("readable gets messages from when it is asked for, in order, until the end", async () => {
  const { all, channel } = channels();
  all.message("#chat", Uint8Array.of(0));
  const reader = channel.readable.getReader();
  for (const byte of [1, 2]) all.message("#chat", Uint8Array.of(byte));
  all.message("#other", Uint8Array.of(9));
  const third = (await reader.read(), await reader.read(), reader.read());
  all.message("#chat", Uint8Array.of(3));
  assert.deepEqual(await within("the third", third), { done: false, value: Uint8Array.of(3) });
  all.message("#chat", Uint8Array.of(4));
  all.ended();
  // What came before the end is still read.
  assert.deepEqual((await reader.read()).value, Uint8Array.of(4));
  assert.equal((await reader.read()).done, true);
});

test("readable drops what finds 65,536 messages waiting, and counts it", async () => {
  const { all, channel } = channels();
  const reader = channel.readable.getReader();
  const empty = new Uint8Array(0);
  for (let count = 0; count < 65_540; count++) all.message("#chat", empty);
  assert.equal(channel.dropped, 4);
  await reader.cancel();
  all.message("#chat", empty);
  assert.equal(channel.dropped, 4);
});

test("a channel that has ended is closed for good, and its label gives a new one", async () => {
  const { transport, all, channel } = channels();
  const writer = channel.writable.getWriter();
  transport.open = false;
  const waiting = assert.rejects(writer.write("x"), {
    code: "CLOSED",
    message: "The connection of the data channel #chat has ended",
  });
  all.ended();
  await within("the failure", waiting);
  transport.open = true;
  assert.deepEqual([channel.isOpen, channel.bufferedAmount], [false, 0]);
  const next = all.get("#chat");
  assert.notEqual(next, channel);
  assert.equal(next.isOpen, true);
});

test("an aborted write stops waiting", async () => {
  const { transport, channel } = channels();
  transport.open = false;
  const writer = channel.writable.getWriter();
  const write = writer.write("x");
  let failed: unknown;
  write.catch((error) => failed = error);
  const reason = new Error("enough");
  await within("the abort", writer.abort(reason));
  await eventually("the write's end", () => failed !== undefined);
  assert.equal(failed, reason);
});

const sizes: readonly (readonly [string, number])[] = [
  ["v=0\r\na=max-message-size:262144\r\n", 262_144],
  ["v=0\r\na=max-message-size:0\r\n", Infinity],
  ["v=0\r\n", 65_536],
  ["v=0\r\na=max-message-size:many\r\n", 65_536],
];
for (const [sdp, bytes] of sizes) {
  test(`maxMessageBytes of ${JSON.stringify(sdp)} is ${bytes}`, () => {
    assert.equal(maxMessageBytes(sdp), bytes);
  });
}

test("NativeDataChannels reports which channel lost messages, and how many", () => {
  const native = new FakeNative();
  const { functions, path } = native.binding();
  const events = new EventPump(native.binding(), (error) => assert.fail(String(error)));
  const lost: unknown[] = [];
  const ignore = () => {};
  const channels = new NativeDataChannels({ path, functions, events }, {
    mayReport: () => true,
    onCodecFailed: ignore,
    onIceCandidate: ignore,
    onConnectionStateChange: ignore,
    onDataChannelOpen: ignore,
    onDataChannelMessage: ignore,
    onDataChannelMessagesDropped: (label, count) => lost.push([label, count]),
    onDataChannelBufferedAmount: ignore,
    onDataChannelClose: ignore,
  });
  channels.add(7, { label: "#chat", ordered: true, protocol: "" });
  channels.add(8, { label: "signaling", ordered: true, protocol: "" });
  native.push(
    { type: EventType.MESSAGES_DROPPED, handle: 7, argument: 1234 },
    { type: EventType.MESSAGES_DROPPED, handle: 8, argument: 1 },
  );
  assert.deepEqual(lost, [["#chat", 1234], ["signaling", 1]]);
});
