/**
 * A sender of simulcast alone: what was negotiated, and what its layers do.
 *
 * @module
 */

import assert from "node:assert/strict";
import type {
  OfferMessage,
  SoraConnectionOptions,
  SoraOutboundRtpStats,
  SoraRole,
} from "../../mod.ts";
import { eventually } from "./eventually.ts";
import type { FrameStyle } from "./frame.ts";
import { MediaClient } from "./media_client.ts";

/** Packets that a layer which is not sent may have: probes of the bandwidth. */
const MAX_PROBES = 3;

export class SimulcastSender extends MediaClient {
  offer: OfferMessage | undefined;
  /** The SDP of the answer, and of the re-answers. */
  readonly answers: string[] = [];

  constructor(
    options: Omit<SoraConnectionOptions, "role">,
    frame: FrameStyle,
    role: SoraRole = "sendonly",
  ) {
    super({ simulcast: true, ...options, role, audio: false }, { frame });
    this.connection.onSetOffer = (offer) => this.offer = offer as OfferMessage;
    this.connection.onSignalingMessage = (_type, direction, text) => {
      if (direction !== "SENT") return;
      const { type, sdp } = JSON.parse(text);
      if (type === "answer" || type === "re-answer") this.answers.push(sdp);
    };
  }

  /** The layers in the statistics, the one of the smallest rid first. */
  async layers(): Promise<SoraOutboundRtpStats[]> {
    const stats = await this.connection.getStats();
    return stats.filter((one): one is SoraOutboundRtpStats => one.type === "outbound-rtp")
      .toSorted((a, b) => `${a.rid}` < `${b.rid}` ? -1 : 1);
  }

  /** Waits until just the layers of these sizes are sent, in the order of the rids; undefined for those that are not. */
  async sends(sizes: readonly (string | undefined)[]): Promise<SoraOutboundRtpStats[]> {
    const sent = await eventually(`layers ${sizes}`, async () => {
      const layers = await this.layers();
      const seen = layers.map(({ frameWidth, frameHeight, bytesSent = 0 }) =>
        bytesSent > 5_000 ? `${frameWidth}x${frameHeight}` : undefined
      );
      return seen.join() === sizes.join() && layers;
    }, 20_000);
    assert.deepEqual(sent.map(({ rid }) => rid), ["r0", "r1", "r2"]);
    sent.forEach(({ rid, bytesSent, packetsSent = 0, scalabilityMode }, index) => {
      if (sizes[index] !== undefined) {
        assert.equal(scalabilityMode, "L1T1", `${rid}`);
      } else {
        assert.equal(bytesSent, 0, `${rid}`);
        assert.ok(packetsSent <= MAX_PROBES, `${packetsSent} packets of ${rid}`);
      }
    });
    return sent;
  }
}
