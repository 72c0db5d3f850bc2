/**
 * Scenes of simulcast and spotlight: which layer of a sender in the browser arrives where.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Sora, type SoraVideoCodecName } from "../../mod.ts";
import { openh264Files } from "../support/codec_libraries.ts";
import { eventually, pause } from "../support/eventually.ts";
import { MediaClient } from "../support/media_client.ts";
import { assertSees, BrowserMember } from "./member.ts";
import type { Scene, Stage } from "./scenes.ts";

const METHOD = "2025.2.0/RequestSimulcastRid";
/** The sizes of the layers; all are even. */
const LAYERS = {
  r0: { width: 240, height: 136, turn: 1 },
  r1: { width: 480, height: 272, turn: 1 },
  r2: { width: 960, height: 544, turn: 1 },
} as const;
type Rid = keyof typeof LAYERS;

/** A sender of three layers in the browser, and a receiver of each kind that changes its layer. */
async function playLayers(codec: SoraVideoCodecName, stage: Stage): Promise<void> {
  const { page, server } = stage;
  const urls = [server.url];
  const channelId = `layers-${codec}`;
  const sender = await BrowserMember.join(page, {
    urls,
    role: "sendonly",
    channelId,
    options: { simulcast: true, videoCodecType: codec, videoBitRate: 2_500 },
    frame: LAYERS.r2,
  });
  const receiver = await BrowserMember.join(page, {
    urls,
    role: "recvonly",
    channelId,
    options: {
      simulcast: true,
      simulcastRequestRid: "r0",
      videoCodecType: codec,
      dataChannelSignaling: true,
    },
  });
  const openh264 = [...openh264Files.values()].at(-1);
  await using sora = new Sora(codec === "H264" && openh264 !== undefined ? { openh264 } : {});
  await using client = new MediaClient(
    {
      signalingUrls: urls,
      role: "recvonly",
      channelId,
      simulcast: true,
      simulcastRequestRid: "r1",
      videoCodecType: codec,
      dataChannelSignaling: true,
    },
    {},
    sora,
  );
  await client.connect();
  await receiver.until("switched", ({ switched }) => switched.length === 1);
  await Promise.all([
    receiver.sees(sender.id, LAYERS.r0),
    assertSees(client, sender.id, LAYERS.r1),
  ]);
  const request = async (rid: Rid) => {
    await receiver.rpc(METHOD, { rid });
    await receiver.sees(sender.id, LAYERS[rid]);
    await receiver.until(
      `simulcast.switched to ${rid}`,
      ({ notify }) =>
        notify.findLast((one) => one.event_type === "simulcast.switched")?.current_rid === rid,
    );
  };
  await request("r2");
  await request("r1");
  await receiver.rpc(METHOD, { rid: "none" });
  await assertStops(receiver, sender.id);
  await request("r0");
  // Three layers were encoded all the while, and the other receiver kept its own.
  const outbound = await sender.stats("outbound-rtp");
  const sizes = outbound.map(({ rid, frameWidth, active }) => [rid, frameWidth, active]).sort();
  assert.deepEqual(sizes, [["r0", 240, true], ["r1", 480, true], ["r2", 960, true]]);
  await assertSees(client, sender.id, LAYERS.r1);
  await Promise.all([sender.disconnect(), receiver.disconnect()]);
}

/** Waits until no frame has come for a while. */
async function assertStops(receiver: BrowserMember, from: string): Promise<void> {
  await eventually("no more frames", async () => {
    const { frames } = await receiver.received(from);
    // Nothing happens meanwhile: that is the test.
    await pause(400);
    return (await receiver.received(from)).frames === frames;
  });
}

/** Layers of this library's sender in the browser. */
async function playOurLayers({ page, server }: Stage): Promise<void> {
  const channelId = "our-layers";
  await using client = new MediaClient({
    signalingUrls: [server.url],
    role: "sendonly",
    channelId,
    simulcast: true,
    videoCodecType: "VP8",
    videoBitRate: 2_500,
  }, { frame: LAYERS.r2 });
  await client.connect();
  const id = client.connection.connectionId!;
  const members = await Promise.all((["r0", "r1", "r2"] as const).map(async (rid) => {
    const member = await BrowserMember.join(page, {
      urls: [server.url],
      role: "recvonly",
      channelId,
      options: { simulcast: true, simulcastRequestRid: rid },
    });
    await member.sees(id, LAYERS[rid]);
    return member;
  }));
  await Promise.all(members.map((member) => member.disconnect()));
}

/** One place: whoever speaks is focused and heard, the other is not. */
async function playSpotlight({ page, server }: Stage): Promise<void> {
  const join = (tones: readonly number[]) =>
    BrowserMember.join(page, {
      urls: [server.url],
      role: "sendrecv",
      channelId: "spotlight",
      options: { spotlight: true, simulcast: true, spotlightNumber: 1, videoBitRate: 2_500 },
      frame: LAYERS.r2,
      tones,
    });
  const silent = await join([0]);
  const speaking = await join([500]);
  await silent.until(
    "who has the focus",
    ({ notify }) =>
      notify.some((one) =>
        one.event_type === "spotlight.focused" && one.connection_id === speaking.id
      ),
  );
  await silent.hears(speaking.id, [500]);
  await silent.sees(speaking.id, LAYERS.r1);
  await speaking.sees(silent.id, LAYERS.r0);
  await Promise.all([silent.disconnect(), speaking.disconnect()]);
}

/** Scenes of a browser that receives layers. */
export const receivedLayerScenes: readonly Scene[] = [
  { title: "simulcast of this library", play: playOurLayers },
];

/** Scenes of a browser that sends layers, which the browser SDK refuses in Firefox. */
export const sentLayerScenes: readonly Scene[] = [
  ...(["VP8", "VP9", "AV1", "H264"] as const).map((codec): Scene => ({
    title: `simulcast with ${codec}: each receiver's layer, and other ones on request`,
    play: (stage) => playLayers(codec, stage),
  })),
  { title: "a spotlight of one", play: playSpotlight },
];
