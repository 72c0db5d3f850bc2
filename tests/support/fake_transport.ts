/** A transport of the embedded server that keeps what is sent, for tests without a socket. */

import { Buffer } from "node:buffer";
import { parseRtcp, type RtcpMessage } from "../../sfu/rtp/rtcp.ts";
import type { MediaTransport } from "../../sfu/transport/transport.ts";
import { type RtcpPacket, rtcpPackets } from "./rtcp.ts";

/** One RTP packet as it was sent. */
export interface SentPacket {
  readonly header: Buffer;
  readonly payload: Buffer;
  readonly ssrc: number;
  readonly sequenceNumber: number;
}

/** A transport that keeps what is sent. */
export class FakeTransport {
  readonly connected = true;
  readonly forgotten: number[] = [];
  readonly packets: SentPacket[] = [];
  readonly rtcp: RtcpMessage[] = [];
  readonly rtcpPackets: RtcpPacket[] = [];

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
    this.rtcpPackets.push(...rtcpPackets(packet));
  }

  forgetSent(ssrc: number): void {
    this.forgotten.push(ssrc);
  }

  forgetReceived(ssrc: number): void {
    this.forgotten.push(ssrc);
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
