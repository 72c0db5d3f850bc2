/** A transport of the embedded server that keeps what is sent, for tests without a socket. */

import { Buffer } from "node:buffer";
import { RtpPacket } from "../../sfu/rtp/packet.ts";
import { parseRtcp, type RtcpMessage } from "../../sfu/rtp/rtcp.ts";
import { PacketMemory } from "../../sfu/transport/packet_memory.ts";
import type { DeliveryOptions, IgnoredStep, Transport } from "../../sfu/transport/transport.ts";
import { type RtcpPacket, rtcpPackets } from "./rtcp.ts";

/** One RTP packet as it was sent. */
export interface SentPacket {
  readonly header: Buffer;
  readonly payload: Buffer;
  readonly ssrc: number;
  readonly sequenceNumber: number;
}

/** One message as it was sent. */
export interface SentMessage {
  readonly streamId: number;
  readonly payloadProtocol: number;
  readonly data: Buffer;
  readonly delivery: DeliveryOptions;
}

/** The memory of all fake transports, as all transports of a server have one. */
const memory = new PacketMemory(() => {});

/** A packet as a transport hands it over: in the memory, until the next one comes. */
export function received(data: Uint8Array): RtpPacket {
  memory.incoming.set(data);
  const packet = new RtpPacket();
  if (!packet.parse(memory.bytes, 0, data.length)) throw new Error("The packet is malformed");
  packet.arrivedMs = packet.nowMs = performance.now();
  return packet;
}

/** The fields of a header. */
export function parseHeader(header: Uint8Array): RtpPacket {
  const packet = new RtpPacket();
  if (!packet.parse(header, 0, header.length)) throw new Error("The header is malformed");
  return packet;
}

/** A transport that keeps what is sent. */
export class FakeTransport implements Transport {
  readonly port = 9;
  readonly ufrag = "fake";
  readonly password = "fakefakefakefakefakefake";
  readonly fingerprint = Array(32).fill("AB").join(":");
  readonly lastHeard = 0;
  readonly drops = 0;
  readonly droppedMessages = 0;
  readonly traffic = { receivedPackets: 0, receivedBytes: 0, sentPackets: 0, sentBytes: 0 };
  readonly memory = memory;
  connected = true;
  /** What {@link Outbox} believes to wait. */
  waitingBytes = 0;
  readonly forgotten: number[] = [];
  readonly packets: SentPacket[] = [];
  readonly rtcp: RtcpMessage[] = [];
  readonly rtcpPackets: RtcpPacket[] = [];
  readonly messages: SentMessage[] = [];
  /** Streams that this side has reset. */
  readonly resets: number[] = [];
  readonly ignored: IgnoredStep[] = [];
  released = 0;
  /** Bit rates that were wanted. */
  readonly wanted: number[] = [];
  /** Retransmission streams that were named for padding. */
  readonly paddings: { ssrc: number; payloadType: number; sequenceNumber: number }[] = [];
  readonly path = {
    bitRate: 0,
    roundTripMs: 0,
    lossShare: 0,
    pacedPackets: 0,
    probePackets: 0,
  };
  #next = 0;
  closed = false;

  countWaitingBytes(): number {
    return this.waitingBytes;
  }

  setRemote(): void {}

  setVideo(): void {}

  want(bitsPerSecond: number): void {
    this.wanted.push(bitsPerSecond);
  }

  setPadding(ssrc: number, payloadType: number, sequenceNumber: number): void {
    this.paddings.push({ ssrc, payloadType, sequenceNumber });
  }

  sendRtp(
    offset: number,
    size: number,
    ssrc: number,
    sequenceNumber: number,
    timestamp: number,
    transportSequenceOffset: number,
  ): boolean {
    if (!this.connected) return false;
    const packet = Buffer.from(memory.bytes.subarray(offset, offset + size));
    packet.writeUInt16BE(sequenceNumber, 2);
    packet.writeUInt32BE(timestamp, 4);
    packet.writeUInt32BE(ssrc, 8);
    if (transportSequenceOffset > 0) {
      packet.writeUInt16BE(this.#next, transportSequenceOffset);
      this.#next = (this.#next + 1) & 0xffff;
    }
    const { headerLength } = parseHeader(packet);
    this.packets.push({
      header: packet.subarray(0, headerLength),
      payload: packet.subarray(headerLength),
      ssrc,
      sequenceNumber,
    });
    return true;
  }

  sendRtcp(packet: Uint8Array): void {
    const copy = Buffer.from(packet);
    this.rtcp.push(...parseRtcp(copy));
    this.rtcpPackets.push(...rtcpPackets(copy));
  }

  forget(ssrc: number): void {
    this.forgotten.push(ssrc);
  }

  sendMessage(
    streamId: number,
    payloadProtocol: number,
    data: Uint8Array,
    delivery: DeliveryOptions,
  ): void {
    this.messages.push({ streamId, payloadProtocol, data: Buffer.from(data), delivery });
  }

  resetStreams(streamIds: readonly number[]): void {
    this.resets.push(...streamIds);
  }

  release(bytes: number): void {
    this.released += bytes;
  }

  ignore(step: IgnoredStep): void {
    this.ignored.push(step);
  }

  close(): void {
    this.closed = true;
  }

  of<K extends RtcpMessage["kind"]>(kind: K): Extract<RtcpMessage, { kind: K }>[] {
    return this.rtcp.filter((message) => message.kind === kind) as Extract<
      RtcpMessage,
      { kind: K }
    >[];
  }
}
