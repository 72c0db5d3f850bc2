/** The transports of the server over a native library that is none: what is sent, reported and released. */

import { Buffer } from "node:buffer";
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { EventType } from "../../ffi/mod.ts";
import { ExtensionId } from "../../sfu/rtp/extensions.ts";
import type { TransportHandlers } from "../../sfu/transport/transport.ts";
import { FIRST_TRANSPORT, record, rtp, udpPortScene } from "../support/udp_port_scene.ts";

test("NativeTransport: nothing is sent before it is connected, or reported once it is closed", () => {
  const { port, open, push, receive, told, calls } = udpPortScene();
  const transport = port.open(1000, { onConnected: () => {} } as unknown as TransportHandlers);
  assert.equal(transport.sendRtp(0, 20, 1, 2, 3, 0, "video"), false);
  assert.deepEqual(
    [transport.port, transport.ufrag, transport.password, transport.fingerprint],
    [5004, "fragment", "password", "AA:BB"],
  );
  const other = open();
  other.close();
  other.close();
  told.length = 0;
  push(EventType.TRANSPORT_ENDED, FIRST_TRANSPORT + 1, 1, Buffer.from("late"));
  receive(record(FIRST_TRANSPORT + 1, rtp(1)));
  assert.deepEqual(told, []);
  assert.equal(other.connected, false);
  assert.equal(other.drops, 127, "counted on");
  port.close();
  port.close();
  assert.deepEqual(calls, [
    `closed ${FIRST_TRANSPORT + 1}`,
    `closed ${FIRST_TRANSPORT}`,
    "port closed",
  ]);
});

test("NativeTransport: the end is reported once, and whose fault it was", () => {
  const { open, push, told, calls } = udpPortScene();
  open();
  push(EventType.TRANSPORT_ENDED, FIRST_TRANSPORT, 1, Buffer.from("another certificate"));
  push(EventType.TRANSPORT_ENDED, FIRST_TRANSPORT, 0, Buffer.from("again"));
  assert.deepEqual(told, ["connected", "end another certificate true"]);
  assert.deepEqual(calls, [`closed ${FIRST_TRANSPORT}`]);
});

test("NativeTransport: messages of a turn cross in one call, with their delivery", async () => {
  const { open, push, messages, calls, answers, told } = udpPortScene();
  const transport = open();
  answers.waiting = 5000;
  transport.sendMessage(1, 53, Buffer.from("one"), { ordered: true });
  transport.sendMessage(0xfffe, 51, Buffer.from("three"), { ordered: false, maxRetransmits: 0 });
  transport.sendMessage(3, 53, Buffer.from("x"), { ordered: true, maxPacketLifeTime: 7.2 });
  assert.equal(transport.waitingBytes, 9);
  assert.deepEqual(calls, []);
  await Promise.resolve();
  assert.deepEqual(calls, ["3 messages"]);
  const none = 0xffff_ffff;
  assert.deepEqual(messages, [
    { transport: FIRST_TRANSPORT, text: "one", command: [3, 0x1_0035, 1, none, none] },
    { transport: FIRST_TRANSPORT, text: "three", command: [5, 0xfffe_0033, 0, 0, none] },
    { transport: FIRST_TRANSPORT, text: "x", command: [1, 0x3_0035, 1, none, 8] },
  ]);
  assert.equal(transport.waitingBytes, 5000);
  push(EventType.WRITABLE, FIRST_TRANSPORT);
  assert.equal(transport.waitingBytes, 1000, "the low mark");
  assert.equal(told.at(-1), "writable");
  transport.sendMessage(1, 53, new Uint8Array(262_145), { ordered: true });
  await Promise.resolve();
  assert.equal(transport.droppedMessages, 6, "it was too large");
  assert.equal(messages.length, 3);
});

test("NativeTransport: there is room when what was sent does not rise above the mark", async () => {
  const { open, calls, answers, told } = udpPortScene();
  let left = 3;
  const transport = open({
    onWritable: () => {
      told.push("writable");
      if (left-- > 0) transport.sendMessage(1, 53, Buffer.from("more"), { ordered: true });
    },
  });
  // The native side reports a fall below the mark, 1000, and has nothing to report where there was none.
  answers.waiting = 1000;
  transport.sendMessage(1, 53, Buffer.from("first"), { ordered: true });
  await Promise.resolve();
  assert.deepEqual(calls, ["1 messages", "1 messages", "1 messages", "1 messages"]);
  assert.deepEqual(told, ["connected", "writable", "writable", "writable", "writable"]);
  answers.waiting = 1001;
  transport.sendMessage(1, 53, Buffer.from("last"), { ordered: true });
  await Promise.resolve();
  assert.equal(told.length, 5, "WRITABLE follows");
});

test("NativeTransport: streams are reset behind the messages given before", () => {
  const { open, calls } = udpPortScene();
  const transport = open();
  transport.sendMessage(1, 53, Buffer.from("last"), { ordered: true });
  transport.resetStreams([1, 3]);
  assert.deepEqual(calls, ["1 messages", "reset 1,3"]);
});

test("NativeTransport: messages are released in one call a turn, unless they are held", async () => {
  const { open, push, calls, told } = udpPortScene();
  const got: string[] = [];
  const transport = open({
    onMessage: (streamId, protocol, data) => {
      got.push(`${streamId} ${protocol} ${data}`);
      return data.length === 4;
    },
  });
  for (const text of ["a", "held", "bc"]) {
    push(EventType.TRANSPORT_MESSAGE, FIRST_TRANSPORT, (0xffff << 16) | 53, Buffer.from(text));
  }
  assert.deepEqual(got, ["65535 53 a", "65535 53 held", "65535 53 bc"]);
  await Promise.resolve();
  assert.deepEqual(calls, ["released 259"]);
  transport.release(4);
  await Promise.resolve();
  assert.equal(calls.at(-1), "released 132");
  push(EventType.STREAMS_RESET, FIRST_TRANSPORT, 0, Uint8Array.of(1, 0, 3, 1));
  assert.equal(told.at(-1), "reset 1,259");
});

test("NativeTransport.lastHeard is in the time of performance.now()", () => {
  const { open, answers } = udpPortScene();
  const transport = open();
  const began = transport.lastHeard;
  assert.ok(began <= performance.now());
  answers.heardMs = 1e9;
  const heard = transport.lastHeard;
  assert.ok(heard >= began && heard <= performance.now());
  assert.equal(transport.lastHeard, heard, "it was not heard since");
  answers.heardMs = 1e9 - 5000;
  assert.equal(transport.lastHeard, heard, "time does not go back");
});

test("NativeTransport: what the path carries is reported and shown, and what is wanted of it told", () => {
  const { open, push, told, calls } = udpPortScene();
  const transport = open();
  told.length = 0;
  push(EventType.BANDWIDTH, FIRST_TRANSPORT, 4_000_000_000);
  assert.deepEqual(told, ["bandwidth 4000000000"]);
  assert.deepEqual(transport.path, {
    bitRate: 6e5,
    roundTripMs: 20,
    lossShare: 0.1,
    pacedPackets: 7,
    probePackets: 9,
  });
  transport.want(1_200_000.4);
  transport.want(1e12);
  transport.setPadding(0xffff_ffff, 97, 65_535);
  assert.deepEqual(calls, [
    `${FIRST_TRANSPORT} wants 1200000`,
    `${FIRST_TRANSPORT} wants 4294967295`,
    `${FIRST_TRANSPORT} pads 4294967295,97,65535,${ExtensionId.transportSequence}`,
  ]);
  transport.close();
  transport.want(1);
  transport.setPadding(1, 97, 0);
  assert.equal(calls.length, 4, "only its end");
});
