/** The transports of the server over a native library that is none: what crosses, in how many calls, and what comes back. */

import { Buffer } from "node:buffer";
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { EventType, Media, type NativeFunctions, Result } from "../../ffi/mod.ts";
import { EventPump } from "../../ffi/events.ts";
import { ExtensionId } from "../../sfu/rtp/extensions.ts";
import type { RtpPacket } from "../../sfu/rtp/packet.ts";
import { PacketMemory } from "../../sfu/transport/packet_memory.ts";
import { Turn } from "../../sfu/transport/turn.ts";
import type { Transport, TransportHandlers } from "../../sfu/transport/transport.ts";
import { UdpPort } from "../../sfu/transport/udp_port.ts";
import { until } from "../support/sfu_client.ts";
import { FakeNative } from "../support/fake_native.ts";

const PORT = 7;
const FIRST_TRANSPORT = 100;
const RTCP = 0x8000_0000;

/** One call of `sora_transport_send_messages`, by message. */
interface SentMessage {
  readonly transport: number;
  readonly text: string;
  readonly command: number[];
}

/** A port over a fake library. */
function scene() {
  const native = new FakeNative();
  let transports = FIRST_TRANSPORT;
  /** Calls of `sora_udp_port_send`. */
  const sends: number[][] = [];
  const messages: SentMessage[] = [];
  const calls: string[] = [];
  const reads: Uint8Array[] = [];
  const answers = { waiting: 0, heardMs: 0 };
  const text = (out: unknown, value: string) => {
    (out as Uint8Array).set(new TextEncoder().encode(value));
    return value.length;
  };
  const functions: Partial<NativeFunctions> = {
    sora_udp_port_open: (_queue, _host, _size, out) => {
      (out as Uint32Array)[0] = PORT;
      return Result.OK;
    },
    sora_udp_port_fingerprint: (_port, out) => text(out, "AA:BB"),
    sora_udp_port_read: (_port, out) => {
      const next = reads.shift();
      if (next === undefined) return 0;
      (out as Uint8Array).set(next);
      return next.length;
    },
    sora_udp_port_send: (_port, _packets, _size, commands, count) => {
      sends.push([...(commands as Uint32Array).subarray(0, count)]);
      return 0;
    },
    sora_udp_port_stats: (_port, out) => {
      (out as Float64Array).set([1, 2, 3]);
      return Result.OK;
    },
    sora_udp_port_close: () => {
      calls.push("port closed");
      return Result.OK;
    },
    sora_transport_create: (_port, _low, out, udpPort) => {
      (out as Uint32Array)[0] = transports++;
      (udpPort as Uint32Array)[0] = 5004;
      return Result.OK;
    },
    sora_transport_credentials: (_transport, out) => text(out, "fragment password"),
    sora_transport_send_messages: (transport, data, size, commands, count) => {
      const bytes = Buffer.from(data as Uint8Array).subarray(0, size);
      let at = 0;
      for (let i = 0; i < count; i += 5) {
        const command = [...(commands as Uint32Array).subarray(i, i + 5)];
        messages.push({ transport, text: bytes.toString("latin1", at, at + command[0]!), command });
        at += command[0]!;
      }
      assert.equal(at, size);
      calls.push(`${count / 5} messages`);
      return answers.waiting;
    },
    sora_transport_want: (transport, bitsPerSecond) => {
      calls.push(`${transport} wants ${bitsPerSecond}`);
      return Result.OK;
    },
    sora_transport_set_padding: (transport, ...padding) => {
      calls.push(`${transport} pads ${padding}`);
      return Result.OK;
    },
    sora_transport_release: (_transport, bytes) => {
      calls.push(`released ${bytes}`);
      return Result.OK;
    },
    sora_transport_reset_streams: (_transport, ids, count) => {
      calls.push(`reset ${[...(ids as Uint32Array).subarray(0, count)]}`);
      return Result.OK;
    },
    sora_transport_stats: (_transport, out) => {
      (out as Float64Array).set([
        answers.heardMs,
        10,
        20,
        30,
        40,
        1,
        2,
        4,
        8,
        16,
        5,
        32,
        64,
        6e5,
        20,
        0.1,
        7,
        9,
      ]);
      return Result.OK;
    },
    sora_transport_close: (transport) => {
      calls.push(`closed ${transport}`);
      return Result.OK;
    },
  };
  const binding = native.binding(functions);
  const events = new EventPump(binding, (error) => assert.fail(String(error)));
  const memory: PacketMemory = new PacketMemory(() => turn.flush());
  const turn: Turn = new Turn(() => memory.reset());
  const realm = { path: "/fake", functions: binding.functions, events };
  const port = new UdpPort(realm, "127.0.0.1", memory, turn);
  const push = (type: number, handle: number, argument = 0, payload = new Uint8Array(0)) =>
    native.push({ type, handle, argument, payload });
  const told: string[] = [];
  const open = (handlers: Partial<TransportHandlers> = {}) => {
    const transport = port.open(1000, {
      onConnected: () => void told.push("connected"),
      onRtp: () => void told.push("rtp"),
      onRtcp: () => void told.push("rtcp"),
      onBandwidth: (bitsPerSecond) => void told.push(`bandwidth ${bitsPerSecond}`),
      onAssociation: () => void told.push("association"),
      onMessage: () => false,
      onReset: (ids) => void told.push(`reset ${ids}`),
      onWritable: () => void told.push("writable"),
      onEnd: (reason, bad) => void told.push(`end ${reason} ${bad}`),
      ...handlers,
    });
    push(EventType.TRANSPORT_CONNECTED, transports - 1, 7);
    return transport;
  };
  /** Lets the port read these packets, in one read each. */
  const receive = (...all: Uint8Array[]) => {
    reads.push(...all);
    push(EventType.READABLE, PORT);
  };
  return { port, memory, turn, open, push, receive, told, sends, messages, calls, answers };
}

/** A record of `sora_udp_port_read`. */
function record(transport: number, packet: Uint8Array, flag = 0, atMs = 0): Buffer {
  const bytes = Buffer.alloc(16 + Math.ceil(packet.length / 8) * 8);
  bytes.writeUInt32LE(transport, 0);
  bytes.writeUInt32LE((packet.length | flag) >>> 0, 4);
  bytes.writeDoubleLE(atMs, 8);
  bytes.set(packet, 16);
  return bytes;
}

/** A packet with a sequence number. */
function rtp(number: number, size = 20): Buffer {
  const packet = Buffer.alloc(size);
  packet[0] = 0x80;
  packet.writeUInt16BE(number, 2);
  return packet;
}

/** Forwards a packet as it is. */
const forward = (transport: Transport, { offset, size, sequenceNumber }: RtpPacket) =>
  transport.sendRtp(offset, size, 1, sequenceNumber, 3, 17, "audio");

test("UdpPort: what one read brings goes out in one call, each packet once for all", () => {
  const { open, receive, sends } = scene();
  const targets: Transport[] = [];
  const arrived: number[] = [];
  open({
    onRtp: (packet) => {
      arrived.push(packet.arrivedMs);
      for (const target of targets) forward(target, packet);
    },
  });
  targets.push(open(), open());
  receive(Buffer.concat([
    record(FIRST_TRANSPORT, rtp(5), 0, 1.5),
    record(FIRST_TRANSPORT, rtp(6, 21), 0, 2.5),
  ]));
  const twice = [1, 5, 3, (17 << 16) | Media.AUDIO];
  assert.deepEqual(sends, [[
    ...[16, 20, 2, FIRST_TRANSPORT + 1, ...twice, FIRST_TRANSPORT + 2, ...twice],
    ...[16 + 24 + 16, 21, 2],
    ...[
      FIRST_TRANSPORT + 1,
      1,
      6,
      3,
      (17 << 16) | Media.AUDIO,
      FIRST_TRANSPORT + 2,
      1,
      6,
      3,
      (17 << 16) | Media.AUDIO,
    ],
  ]]);
  assert.deepEqual(arrived, [1.5, 2.5]);
});

test("UdpPort: more targets than one call takes are sent in several, and none is lost", () => {
  const { open, receive, sends } = scene();
  const targets: Transport[] = [];
  open({
    onRtp: (packet) => {
      for (let i = 0; i < 1000; i++) for (const target of targets) forward(target, packet);
    },
  });
  targets.push(open(), open(), open(), open());
  receive(record(FIRST_TRANSPORT, rtp(5)));
  assert.equal(sends.length, 2);
  assert.ok(sends.every((commands) => commands.length <= 16 * 1024));
  assert.deepEqual(sends.map(([offset, size, count]) => [offset, size, count! > 0]), [
    [16, 20, true],
    [16, 20, true],
  ]);
  assert.equal(sends.reduce((sum, [, , count]) => sum + count!, 0), 4000);
});

test("UdpPort: RTCP goes out with RTP, and outside of a read at the end of the turn", async () => {
  const { open, receive, sends, memory, told } = scene();
  const transport = open({ onRtcp: (packet) => transport.sendRtcp(Buffer.from(packet)) });
  receive(record(FIRST_TRANSPORT, Buffer.from("81c9000100000001", "hex"), RTCP));
  const own = memory.incoming.length;
  assert.deepEqual(sends, [[own, (8 | RTCP) >>> 0, 1, FIRST_TRANSPORT, 0, 0, 0, 0]]);
  sends.length = 0;
  transport.sendRtcp(new Uint8Array(8));
  transport.sendRtcp(new Uint8Array(12));
  assert.equal(sends.length, 0);
  await Promise.resolve();
  assert.deepEqual(sends.map((commands) => commands.filter((_, i) => i % 8 < 2)), [
    [own, (8 | RTCP) >>> 0, own + 8, (12 | RTCP) >>> 0],
  ]);
  assert.deepEqual(told, ["connected"]);
});

test("UdpPort: packets that are malformed, too large or nobody's change nothing and are counted", () => {
  const { port, open, receive, sends, told } = scene();
  const transport = open({
    onRtp: ({ offset }) => {
      assert.equal(transport.sendRtp(offset, 2017, 1, 2, 3, 0, "video"), false);
    },
  });
  const before = port.drops;
  receive(Buffer.concat([
    record(FIRST_TRANSPORT, Buffer.from("400000000000000000000000", "hex")),
    record(999, rtp(1)),
    record(FIRST_TRANSPORT, rtp(1)),
  ]));
  assert.deepEqual(sends, []);
  assert.deepEqual(told, ["connected"]);
  assert.equal(port.drops - before, 1);
  // 1 + 2 + 4 + 8 + 16, 32 and 64 of the figures; 5 are messages.
  assert.equal(transport.drops, 127 + 1);
  assert.equal(transport.droppedMessages, 5);
});

test("UdpPort: a handler that throws ends its own transport, and the others go on", () => {
  const { open, receive, push, told } = scene();
  const fail = () => {
    throw new Error("oops");
  };
  open({ onRtp: fail, onEnd: (reason) => void told.push(reason) });
  open({ onAssociation: fail, onEnd: (reason) => void told.push(reason) });
  open();
  told.length = 0;
  receive(Buffer.concat([0, 0, 2].map((n) => record(FIRST_TRANSPORT + n, rtp(1)))));
  push(EventType.ASSOCIATION, FIRST_TRANSPORT + 1);
  assert.deepEqual(told, [
    "A packet could not be handled: Error: oops",
    "rtp",
    "An event could not be handled: Error: oops",
  ]);
});

test("UdpPort: media that comes faster than it is handled lets other tasks run", async () => {
  const { open, receive } = scene();
  let packets = 0;
  open({ onRtp: () => void packets++ });
  receive(...Array.from({ length: 100 }, (_, n) => record(FIRST_TRANSPORT, rtp(n))));
  assert.ok(packets > 0 && packets < 100, `${packets}`);
  await until("all", () => packets === 100);
});

test("NativeTransport: nothing is sent before it is connected, or reported once it is closed", () => {
  const { port, open, push, receive, told, calls } = scene();
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
  const { open, push, told, calls } = scene();
  open();
  push(EventType.TRANSPORT_ENDED, FIRST_TRANSPORT, 1, Buffer.from("another certificate"));
  push(EventType.TRANSPORT_ENDED, FIRST_TRANSPORT, 0, Buffer.from("again"));
  assert.deepEqual(told, ["connected", "end another certificate true"]);
  assert.deepEqual(calls, [`closed ${FIRST_TRANSPORT}`]);
});

test("NativeTransport: messages of a turn cross in one call, with their delivery", async () => {
  const { open, push, messages, calls, answers, told } = scene();
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

test("NativeTransport: streams are reset behind the messages given before", () => {
  const { open, calls } = scene();
  const transport = open();
  transport.sendMessage(1, 53, Buffer.from("last"), { ordered: true });
  transport.resetStreams([1, 3]);
  assert.deepEqual(calls, ["1 messages", "reset 1,3"]);
});

test("NativeTransport: messages are released in one call a turn, unless they are held", async () => {
  const { open, push, calls, told } = scene();
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
  const { open, answers } = scene();
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
  const { open, push, told, calls } = scene();
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
