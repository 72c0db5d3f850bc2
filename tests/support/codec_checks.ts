/**
 * What holds for a sender and a receiver of each codec.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { SoraConnection, SoraStatsOf, SoraVideoCodecName } from "../../mod.ts";
import type { SoraServer } from "../../sfu/mod.ts";
import { eventually } from "./eventually.ts";
import type { MediaClient } from "./media_client.ts";
import { videoRtpOf } from "./statistics.ts";

const KEY_FRAMES = 3;

/** By what names statistics call what encodes and decodes. */
export interface CodecNames {
  /** The codec. */
  readonly codec: SoraVideoCodecName;
  /** `encoderImplementation`. */
  readonly encoder: string;
  /** `decoderImplementation`. */
  readonly decoder: string;
}

/** The codec of statistics of one direction. */
async function mimeTypeOf(
  connection: SoraConnection,
  codecId: string | undefined,
): Promise<string | undefined> {
  const stats = await connection.getStats();
  return stats.find((s): s is SoraStatsOf<"codec"> => s.type === "codec" && s.id === codecId)
    ?.mimeType;
}

/** Encoder, decoder and codec are called by their names in the statistics of both sides. */
export async function assertStatistics(
  sender: SoraConnection,
  receiver: SoraConnection,
  { codec, encoder, decoder }: CodecNames,
): Promise<void> {
  const outbound = await videoRtpOf(sender, "outbound-rtp");
  assert.equal(outbound.encoderImplementation, encoder);
  assert.equal(await mimeTypeOf(sender, outbound.codecId), `video/${codec}`);
  const inbound = await videoRtpOf(receiver, "inbound-rtp");
  assert.equal(inbound.decoderImplementation, decoder);
  assert.equal(await mimeTypeOf(receiver, inbound.codecId), `video/${codec}`);
}

/** Three key frames are encoded for three that the server asks for, one after the other. */
export async function assertKeyFrames(server: SoraServer, sender: MediaClient): Promise<void> {
  const count = async () =>
    (await videoRtpOf(sender.connection, "outbound-rtp")).keyFramesEncoded ?? 0;
  let [before, since] = [await count(), performance.now()];
  for (let i = 0; i < KEY_FRAMES; i++) {
    // libwebrtc leaves out a request within 300 ms of another, as of a receiver's that has just joined.
    await eventually("the time for another key frame", async () => {
      const now = await count();
      if (now !== before) [before, since] = [now, performance.now()];
      return performance.now() - since > 500;
    });
    assert.ok(server.requestKeyFrame(sender.connection.connectionId ?? ""));
    await eventually(
      `key frame ${i + 1} for one request`,
      async () => await count() > before,
      3_000,
    );
  }
}
