/**
 * A member of the soak: sends 720p with audio, or receives everybody's with lip-sync. Its arguments: the server's URL, and `send` or
 * `receive`. It prints `report` and a {@link Report} as JSON every five seconds, until a signal ends it.
 *
 * @module
 */

import process from "node:process";
import { Sora, SoraAudioStreamSink, type SoraMediaTrack, SoraVideoSink } from "../../../mod.ts";
import { drawFrames, everyFrame, size } from "../../../bench/frames.ts";
import { median } from "../../../demo/statistics.ts";
import { type MemoryInUse, memoryNow } from "../../support/memory_in_use.ts";
import { Tone } from "../../support/tone.ts";

/** What was seen since the report before. */
export interface Report extends MemoryInUse {
  /** Frames received, of all senders. */
  readonly frames: number;
  /** The longest time without a frame of a sender. */
  readonly stallMs: number;
  /** The largest distance of the medians of how late a sender's audio and video come. */
  readonly lipSyncMs: number;
  /** What went wrong. */
  readonly errors: readonly string[];
}

const REPORT_MS = 5_000;
const RATE = 48_000;
/** Fewer give no median worth the name. */
const LEAST = 50;

const [url = "", how = ""] = process.argv.slice(2);
const room = { signalingUrls: [url], channelId: "soak" } as const;
const errors: string[] = [];

/** What one sender's media came like. */
class Watched {
  frames = 0;
  #last = performance.now();
  #stallMs = 0;
  #video: number[] = [];
  #audio: number[] = [];

  watch(track: SoraMediaTrack): void {
    if (track.kind === "audio") void this.#listen(track);
    else {
      new SoraVideoSink(track).onFrame = (frame) => {
        const time = frame.absoluteCaptureTimestampMs;
        frame.close();
        this.#tick();
        this.frames++;
        if (time !== undefined) this.#video.push(Date.now() - time);
      };
    }
  }

  async #listen(track: SoraMediaTrack): Promise<void> {
    for await (const { absoluteCaptureTimestampMs: time } of new SoraAudioStreamSink(track)) {
      if (time !== undefined) this.#audio.push(Date.now() - time);
    }
  }

  #tick(): void {
    const now = performance.now();
    this.#stallMs = Math.max(this.#stallMs, now - this.#last);
    this.#last = now;
  }

  /** What was seen since it was last called. */
  take(): Pick<Report, "frames" | "stallMs" | "lipSyncMs"> {
    // One that lasts counts in each report.
    this.#stallMs = Math.max(this.#stallMs, performance.now() - this.#last);
    const [frames, stallMs, video, audio] = [this.frames, this.#stallMs, this.#video, this.#audio];
    [this.frames, this.#stallMs, this.#video, this.#audio] = [0, 0, [], []];
    const enough = Math.min(video.length, audio.length) >= LEAST;
    const lipSyncMs = enough ? Math.abs(median(video) - median(audio)) : 0;
    return { frames, stallMs, lipSyncMs };
  }
}

const watched = new Map<string, Watched>();
await using sora = new Sora();
const sending = how === "send";
const videoSource = sora.createVideoSource();
const audioSource = sora.createAudioSource({ channels: 1, sampleRate: RATE });
await using connection = sora.createConnection(
  sending
    ? {
      ...room,
      role: "sendonly",
      videoCodecType: "VP8",
      videoBitRate: 1_500,
      degradationPreference: "MAINTAIN_RESOLUTION",
      videoSource,
      audioSource,
    }
    : { ...room, role: "recvonly", sync: true },
);
connection.onError = (error) => errors.push(String(error));
connection.onDisconnect = (code, message) => errors.push(`${code}: ${message}`);
connection.onTrack = (track) => {
  const one = watched.get(track.streamId) ?? new Watched();
  watched.set(track.streamId, one);
  one.watch(track);
};
await connection.connect();

if (sending) {
  const frames = drawFrames(8);
  const tone = new Tone(RATE, 440);
  const start = performance.now();
  let samples = 0;
  everyFrame((index) => {
    const due = Math.floor((performance.now() - start) * RATE / 1_000) - samples;
    samples += due;
    audioSource.onData(tone.next(due));
    videoSource.onCaptured(frames[index % frames.length]!, size);
  });
}

setInterval(() => {
  const seen = [...watched.values()].map((one) => one.take());
  const most = (values: readonly number[]) => Math.max(0, ...values);
  const report: Report = {
    ...memoryNow(),
    frames: seen.reduce((sum, { frames }) => sum + frames, 0),
    stallMs: most(seen.map(({ stallMs }) => stallMs)),
    lipSyncMs: most(seen.map(({ lipSyncMs }) => lipSyncMs)),
    errors: errors.splice(0),
  };
  // Deno keeps the last thousand lines of `console.log()` for a debugger.
  process.stdout.write(`report ${JSON.stringify(report)}\n`);
}, REPORT_MS);
console.log("ready");
// Until a signal ends it.
await new Promise(() => {});
