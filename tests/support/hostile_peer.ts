/**
 * A member whose RTCP packets are made by hand.
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import type { RtcpPacket } from "werift";
import { TestClient, until } from "./sfu_client.ts";

/** An established member with data channels that sends RTCP packets made by hand. */
export class HostileMember {
  readonly client: TestClient;

  private constructor(client: TestClient) {
    this.client = client;
  }

  /** Joins, with signaling on data channels. */
  static async join(url: string, channelId: string): Promise<HostileMember> {
    const client = await TestClient.join(url, {
      role: "sendrecv",
      channel_id: channelId,
      data_channel_signaling: true,
    });
    await until("switched", () => client.messages.some(({ type }) => type === "switched"));
    return new HostileMember(client);
  }

  /** SSRCs of the video that this member is offered. */
  get offeredVideo(): number[] {
    const offers = this.client.messages.filter(({ type }) =>
      type === "offer" || type === "re-offer"
    );
    const groups = String(offers.at(-1)?.sdp).matchAll(/^a=ssrc-group:FID (\d+) /gm);
    return [...groups].map(([, ssrc]) => Number(ssrc));
  }

  /** Sends one compound RTCP packet. */
  async sendRtcp(packet: Buffer): Promise<void> {
    const serialized = { serialize: () => packet } as unknown as RtcpPacket;
    await this.client.peer!.dtlsTransports[0]!.sendRtcp([serialized]);
  }

  /** Leaves without a word. */
  close(): Promise<void> {
    return this.client.cut();
  }
}
