/**
 * Scenes of audio and video between the browser and this library: what is sent is recognized at the far side.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Sora, type SoraVideoCodecName } from "../../mod.ts";
import { openh264Files } from "../support/codec_libraries.ts";
import { MediaClient } from "../support/media_client.ts";
import { assertHears, assertSees, BrowserMember } from "./member.ts";
import type { Scene, Stage } from "./scenes.ts";

const SIZE = { width: 320, height: 240 } as const;
const CODECS = ["VP8", "VP9", "AV1", "H264"] as const satisfies readonly SoraVideoCodecName[];
/** The colours and the tones of the two senders. */
const [BROWSER, LIBRARY] = [
  { frame: { ...SIZE, turn: 0 }, toneHz: 440 },
  { frame: { ...SIZE, turn: 2 }, toneHz: 660 },
] as const;

async function playBoth({ page, server }: Stage): Promise<void> {
  const room = { role: "sendrecv", channelId: "sendrecv" } as const;
  const member = await BrowserMember.join(page, {
    urls: [server.url],
    ...room,
    frame: BROWSER.frame,
    tones: [BROWSER.toneHz],
  });
  await using client = new MediaClient({ signalingUrls: [server.url], ...room }, LIBRARY);
  await client.connect();
  const id = client.connection.connectionId!;
  await Promise.all([
    member.sees(id, LIBRARY.frame),
    member.hears(id, [LIBRARY.toneHz]),
    assertSees(client, member.id, BROWSER.frame),
    assertHears(client, member.id, BROWSER.toneHz),
  ]);
  await member.disconnect();
}

/** A sender and a receiver of each kind in one channel: each receiver gets both senders. */
async function playCodec(
  codec: SoraVideoCodecName,
  { page, server, name }: Stage,
): Promise<string | void> {
  const { encoder, decoder } = await page.call("codec", codec);
  if (!encoder && name === "firefox" && codec === "H264") {
    return "Firefox has H.264 only with a library that it downloads";
  }
  assert.deepEqual([encoder, decoder], [true, true]);
  const channelId = codec;
  const urls = [server.url];
  const options = { videoCodecType: codec };
  const openh264 = [...openh264Files.values()].at(-1);
  await using sora = new Sora(codec === "H264" && openh264 !== undefined ? { openh264 } : {});
  const room = { signalingUrls: urls, channelId, videoCodecType: codec };
  await using sending = new MediaClient({ ...room, role: "sendonly" }, LIBRARY, sora);
  await using receiving = new MediaClient({ ...room, role: "recvonly" }, {}, sora);
  await Promise.all([sending.connect(), receiving.connect()]);
  const [sender, receiver] = await Promise.all([
    BrowserMember.join(page, {
      urls,
      role: "sendonly",
      channelId,
      options,
      frame: BROWSER.frame,
      tones: [BROWSER.toneHz],
    }),
    BrowserMember.join(page, { urls, role: "recvonly", channelId, options }),
  ]);
  const id = sending.connection.connectionId!;
  await Promise.all([
    receiver.sees(id, LIBRARY.frame),
    receiver.hears(id, [LIBRARY.toneHz]),
    receiver.sees(sender.id, BROWSER.frame),
    receiver.hears(sender.id, [BROWSER.toneHz]),
    assertSees(receiving, sender.id, BROWSER.frame),
    assertHears(receiving, sender.id, BROWSER.toneHz),
  ]);
  const codecs = await receiver.stats("codec");
  assert.deepEqual(
    [...new Set(codecs.map(({ mimeType }) => mimeType))].sort(),
    ["audio/opus", `video/${codec}`],
  );
  await Promise.all([sender.disconnect(), receiver.disconnect()]);
}

/** The scenes. */
export const mediaScenes: readonly Scene[] = [
  { title: "sendrecv, audio and video in both directions", smoke: true, play: playBoth },
  ...CODECS.map((codec): Scene => ({
    title: `sendonly and recvonly with ${codec}`,
    play: (stage) => playCodec(codec, stage),
  })),
];
