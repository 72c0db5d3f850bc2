/** The limit of the bit rate that one connection may send, with a real sender of more. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { SoraServer } from "../../sfu/mod.ts";
import { eventually } from "../support/eventually.ts";
import { MediaClient, nextFrame } from "../support/media_client.ts";

const LIMIT_KBPS = 1_000;

test("what goes beyond maxReceivedBitRate is dropped and counted, and the rest is forwarded", async () => {
  await using server = await SoraServer.start({ maxReceivedBitRate: LIMIT_KBPS });
  const room = { signalingUrls: [server.url], channelId: "limit", audio: false } as const;
  // Noise is what encoders spend all their bits on; a strip of it leaves key frames small enough to get through.
  const noise = {
    width: 320,
    height: 180,
    draw: (number: number, pixels: Uint8Array) => {
      let state = number + 1;
      pixels.fill(128);
      for (let i = 0; i < 320 * 45; i++) {
        state = Math.imul(state, 1_664_525) + 1_013_904_223 | 0;
        pixels[i] = state >>> 24;
      }
    },
  };
  await using sender = new MediaClient({
    ...room,
    role: "sendonly",
    videoCodecType: "VP8",
    videoBitRate: 6_000,
  }, { frame: noise });
  await using receiver = new MediaClient({ ...room, role: "recvonly" });
  const began = performance.now();
  await Promise.all([sender.connect(), receiver.connect()]);
  await eventually("packets beyond the limit", () => server.stats().limitedPackets > 0);
  const { video } = await receiver.from(sender, 1);
  for (let i = 0; i < 3; i++) (await nextFrame(video)).close();
  const [layer] = server.connections().flatMap(({ tracks }) => tracks).flatMap(({ layers }) =>
    layers
  );
  // A second's worth may come at once.
  const most = (performance.now() - began + 1_000) * LIMIT_KBPS / 8;
  assert.ok(layer!.bytes > 0 && layer!.bytes <= most, `${layer!.bytes} bytes of at most ${most}`);
});
