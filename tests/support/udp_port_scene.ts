/** A UDP port of the server over a native library that is none, and what crosses to it. */

import { Buffer } from "node:buffer";
import { strict as assert } from "node:assert";
import { EventType, type NativeFunctions, Result } from "../../ffi/mod.ts";
import { EventPump } from "../../ffi/events.ts";
import type { RtpPacket } from "../../sfu/rtp/packet.ts";
import { PacketMemory } from "../../sfu/transport/packet_memory.ts";
import { Turn } from "../../sfu/transport/turn.ts";
import type { Transport, TransportHandlers } from "../../sfu/transport/transport.ts";
import { UdpPort } from "../../sfu/transport/udp_port.ts";
import { FakeNative } from "./fake_native.ts";

export const PORT = 7;
export const FIRST_TRANSPORT = 100;
export const RTCP = 0x8000_0000;

/** One call of `sora_transport_send_messages`, by message. */
export interface SentMessage {
  readonly transport: number;
  readonly text: string;
  readonly command: number[];
}

/** A port over a fake library. */
export function udpPortScene() {
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
export function record(transport: number, packet: Uint8Array, flag = 0, atMs = 0): Buffer {
  const bytes = Buffer.alloc(16 + Math.ceil(packet.length / 8) * 8);
  bytes.writeUInt32LE(transport, 0);
  bytes.writeUInt32LE((packet.length | flag) >>> 0, 4);
  bytes.writeDoubleLE(atMs, 8);
  bytes.set(packet, 16);
  return bytes;
}

/** A packet with a sequence number. */
export function rtp(number: number, size = 20): Buffer {
  const packet = Buffer.alloc(size);
  packet[0] = 0x80;
  packet.writeUInt16BE(number, 2);
  return packet;
}

/** Forwards a packet as it is. */
export const forward = (transport: Transport, { offset, size, sequenceNumber }: RtpPacket) =>
  transport.sendRtp(offset, size, 1, sequenceNumber, 3, 17, "audio");
