/**
 * A member whose audio packets are made by hand, and another one who hears him.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { eventually } from "./eventually.ts";
import { fingerprintOf, rawCertificate, RawClient } from "./raw_client.ts";
import { RawSrtp } from "./raw_srtp.ts";
import { TestClient } from "./sfu_client.ts";

/** As many packets as the socket's buffer holds. */
const BURST = 40;
/** The SSRC of a speaker. */
export const SSRC = 0x1234_5678;
const OPUS = 109;
/** A packet that was lost is said again after that. */
const AGAIN_MS = 200;

/** One who sends audio, and another one who receives it. */
export class Speaker implements AsyncDisposable {
  readonly client: RawClient;
  readonly srtp: RawSrtp;
  readonly #listener: TestClient;
  /** The extended number of the latest packet. */
  number: number;
  /** The index of the latest RTCP packet. */
  index = 0;

  private constructor(client: RawClient, listener: TestClient, number: number) {
    this.client = client;
    this.#listener = listener;
    this.srtp = new RawSrtp(client.srtpKeys());
    this.number = number;
  }

  /** Joins a channel, and is heard there. */
  static async join(url: string, channel: string, number = 1_000): Promise<Speaker> {
    const room = { channel_id: channel, video: false } as const;
    const client = await RawClient.checked(url, { ...room, role: "sendonly" });
    const certificate = await rawCertificate();
    client.answer(fingerprintOf(certificate), SSRC);
    await client.handshake(certificate);
    const listener = await TestClient.join(url, { ...room, role: "recvonly" });
    const speaker = new Speaker(client, listener, number);
    await speaker.isHeard("hello");
    return speaker;
  }

  /** An RTP packet. */
  packet(number: number, text: string): Buffer {
    const header = Buffer.from([0x80, OPUS, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    header.writeUInt16BE(number & 0xffff, 2);
    header.writeUInt32BE((number * 960) >>> 0, 4);
    header.writeUInt32BE(SSRC, 8);
    return Buffer.concat([header, Buffer.from(text)]);
  }

  /** The SRTP packet with an extended number. */
  datagram(number: number, text: string): Buffer {
    return this.srtp.rtp(this.packet(number, text), Math.floor(number / 0x1_0000));
  }

  /** How often something was heard. */
  heard(text: string): number {
    return this.#listener.packets.filter(({ payload }) => payload.toString() === text).length;
  }

  /** All that was heard. */
  get texts(): readonly string[] {
    return this.#listener.packets.map(({ payload }) => payload.toString());
  }

  /** Says something until it is heard: a packet may get lost, or the listener not be ready. */
  async isHeard(text: string): Promise<void> {
    const say = () => this.client.send(this.datagram(++this.number, text));
    say();
    const timer = setInterval(say, AGAIN_MS);
    try {
      await eventually(`"${text}"`, () => this.heard(text) > 0);
    } finally {
      clearInterval(timer);
    }
  }

  /** Goes on to where the sequence numbers end for the `nth` time, and beyond. */
  async passesEnd(nth: number): Promise<void> {
    this.number = Math.max(this.number, nth * 0x1_0000 - 10);
    for (let i = 0; i < 20; i++) this.client.send(this.datagram(++this.number, "on"));
    await this.isHeard(`behind the end for the ${nth}. time`);
    assert.ok(this.number > nth * 0x1_0000);
  }

  /** Sends datagrams as fast as the server reads them. */
  async flood(datagrams: Iterable<Buffer>): Promise<void> {
    let sent = 0;
    for (const datagram of datagrams) {
      this.client.send(datagram);
      if (++sent % BURST === 0) await this.client.roundTrip();
    }
    await this.client.roundTrip();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client[Symbol.asyncDispose]();
    await this.#listener.cut();
  }
}

/** A compound RTCP packet of one, of the speaker. */
export function rtcp(type: number, format: number, words: readonly number[]): Buffer {
  const packet = Buffer.alloc(8 + words.length * 4);
  packet.writeUInt32BE(((0x80 | format) << 24 | type << 16 | (words.length + 1)) >>> 0, 0);
  packet.writeUInt32BE(SSRC, 4);
  words.forEach((word, i) => packet.writeUInt32BE(word >>> 0, 8 + i * 4));
  return packet;
}
