/** When received video and audio come, after the server stood still: each at once, or together. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Sora,
  SoraAudioStreamSink,
  type SoraConnection,
  type SoraMediaTrack,
  SoraVideoSink,
} from "../../mod.ts";
import { Child } from "../support/child.ts";
import { eventually, pause } from "../support/eventually.ts";
import { Tone } from "../support/tone.ts";

const SERVER = new URL("../../cli/mod.ts", import.meta.url);
const FROZEN_MS = 600;
const RATE = 48_000;
const FRAME_MS = 20;
/** A delay that is noticed. */
const LATE_MS = 80;
/** How far apart audio and video may be (EBU R 37). */
const LIP_SYNC_MS = 45;
const size = { width: 160, height: 120 };

/** A receiver, and how late video and audio come to it, in ms, newest last. */
class Watcher {
  readonly video: number[] = [];
  readonly audio: number[] = [];
  readonly tracks: SoraMediaTrack[] = [];

  constructor(readonly connection: SoraConnection) {
    connection.onTrack = (track) => {
      this.tracks.push(track);
      if (track.kind === "video") this.#watch(track);
      else void this.#listen(track);
    };
  }

  #watch(track: SoraMediaTrack): void {
    new SoraVideoSink(track).onFrame = (frame) => {
      const time = frame.absoluteCaptureTimestampMs;
      frame.close();
      if (time !== undefined) this.video.push(Date.now() - time);
    };
  }

  async #listen(track: SoraMediaTrack): Promise<void> {
    for await (const { absoluteCaptureTimestampMs: time } of new SoraAudioStreamSink(track)) {
      if (time !== undefined) this.audio.push(Date.now() - time);
    }
  }
}

/** The least of the newest: what comes late because the machine is busy does not count. */
function least(delays: readonly number[]): number {
  return Math.min(...delays.slice(-25));
}

function median(delays: readonly number[]): number {
  return delays.toSorted((a, b) => a - b)[delays.length >> 1] ?? Infinity;
}

test("video comes at once though its audio is late, and in time with it where sync asks for that", async () => {
  await using server = new Child(SERVER, ["server", "--port", "0"]);
  const { url } = JSON.parse(`{${await server.line('{"event":"listening",')}`) as { url: string };
  await using sora = new Sora();
  const room = { signalingUrls: [url], channelId: "sync" };
  const videoSource = sora.createVideoSource();
  const audioSource = sora.createAudioSource({ channels: 1, sampleRate: RATE });
  const sender = sora.createConnection({ ...room, role: "sendonly", videoSource, audioSource });
  const receive = (options: { readonly sync?: boolean }) =>
    new Watcher(sora.createConnection({ ...room, role: "recvonly", ...options }));
  const prompt = receive({});
  const together = receive({ sync: true });
  await sender.connect();
  await prompt.connection.connect();
  await together.connection.connect();

  const pixels = new Uint8Array(size.width * size.height * 3);
  const tone = new Tone(RATE, 440);
  const start = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    for (; sent * FRAME_MS <= performance.now() - start; sent++) {
      audioSource.onData(tone.next(RATE * FRAME_MS / 1_000));
      videoSource.onCaptured(pixels.fill(sent & 0xff), size);
    }
  }, 5);
  try {
    await eventually("video and audio together", () => {
      const [video, audio] = [together.video, together.audio].map((delays) => delays.slice(-50));
      return video?.length === 50 && audio?.length === 50 &&
        Math.abs(median(video) - median(audio)) <= LIP_SYNC_MS;
    }, 15_000);
    for (const { tracks } of [prompt, together]) {
      // Whatever libwebrtc is configured to do.
      assert.deepEqual(
        new Map(tracks.map(({ kind, streamId }) => [kind, streamId])),
        new Map([["audio", sender.connectionId], ["video", sender.connectionId]]),
      );
    }

    server.kill("SIGSTOP");
    // The server stands still.
    await pause(FROZEN_MS);
    server.kill("SIGCONT");
    // What stood still with the server does not count.
    await pause(FROZEN_MS);
    for (const { video, audio } of [prompt, together]) video.length = audio.length = 0;
    await eventually("frames that are held back", () => {
      return together.video.length >= 25 && least(together.video) >= LATE_MS;
    });
    const delay = least(prompt.video);
    assert.ok(delay < LATE_MS / 2, `frames come after ${delay} ms`);
  } finally {
    clearInterval(timer);
  }
});
