/**
 * Scenes of stereo: left and right stay apart between the browser and this library.
 *
 * @module
 */

import { Sora, SoraAudioSink, type SoraMediaTrack } from "../../mod.ts";
import { eventually, within } from "../support/eventually.ts";
import { dominantFrequency } from "../support/tone.ts";
import { sendTones } from "../support/tone_scene.ts";
import { BrowserMember } from "./member.ts";
import type { Scene, Stage } from "./scenes.ts";

const RATE = 48_000;
const [BROWSER, LIBRARY] = [[440, 880], [660, 1_100]] as const;
const NEAR_HZ = 10;

async function playStereo({ page, server, name }: Stage): Promise<void> {
  const channelId = "stereo";
  await using sora = new Sora();
  using source = sora.createAudioSource({ channels: 2, sampleRate: RATE });
  await using connection = sora.createConnection({
    signalingUrls: [server.url],
    channelId,
    role: "sendrecv",
    video: false,
    audioSource: source,
  });
  const { promise: track, resolve } = Promise.withResolvers<SoraMediaTrack>();
  connection.onTrack = resolve;
  await connection.connect();
  using _sent = sendTones(source, RATE, LIBRARY);
  const member = await BrowserMember.join(page, {
    urls: [server.url],
    role: "sendrecv",
    channelId,
    // Chromium plays one channel unless the answer says stereo, which the browser SDK then makes it say.
    options: name === "chromium" ? { forceStereoOutput: true } : {},
    tones: BROWSER,
  });
  await member.hears(connection.connectionId!, LIBRARY);
  using sink = new SoraAudioSink(await within("the track", track), {
    sampleRate: RATE,
    channels: 2,
  });
  let heard: number[] = [];
  await eventually(`the tones ${BROWSER} here`, async () => {
    const { data } = await sink.read(RATE / 2);
    heard = [0, 1].map((channel) =>
      dominantFrequency(data.filter((_, i) => i % 2 === channel), RATE)
    );
    return heard.every((hz, i) => Math.abs(hz - BROWSER[i]!) <= NEAR_HZ);
  }).catch((error) => {
    throw new Error(`${error.message}; last: ${heard}`);
  });
  await member.disconnect();
}

/** The scenes. */
export const stereoScenes: readonly Scene[] = [
  { title: "stereo in both directions", play: playStereo },
];
