/**
 * Shared by the examples, and not about the library itself: a channel to try things in, test media, and when to end.
 *
 * @module
 */

import process from "node:process";
import { fetchedOpenH264 } from "../demo/openh264.ts";
import type { WavAudio } from "../files/mod.ts";
import { Sora, type SoraAudioSource, type SoraRole, type SoraVideoSource } from "../mod.ts";
import { SoraServer, type SoraServerOptions } from "../sfu/mod.ts";

/** A channel on a server. */
export interface Room extends AsyncDisposable {
  /** Options for `createConnection()` that lead to it. */
  readonly options: { readonly signalingUrls: readonly string[]; readonly channelId: string };
  /**
   * Connects another member, unless the server is a real one, where members come on their own.
   *
   * @param speech Audio that the member repeats with pauses of a second; by default it sends a test pattern and a tone.
   */
  invite(role: SoraRole, speech?: () => WavAudio): Promise<AsyncDisposable | undefined>;
}

/**
 * The channel `SORA_CHANNEL_ID` of the server `SORA_SIGNALING_URL` (several are separated by commas); when these are unset,
 * a channel of an embedded server, which ends with the room.
 *
 * @param options Options of the embedded server.
 */
export async function openRoom(options: SoraServerOptions = {}): Promise<Room> {
  const { SORA_SIGNALING_URL: urls, SORA_CHANNEL_ID: channelId } = process.env;
  if (urls) {
    if (!channelId) {
      fail("SORA_SIGNALING_URL is set, but SORA_CHANNEL_ID is not: set both, or neither");
    }
    console.log(`Using channel ${channelId} of ${urls}`);
    return {
      options: { signalingUrls: urls.split(","), channelId },
      invite: () => Promise.resolve(undefined),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  }
  const server = await SoraServer.start({ port: 0, ...options });
  console.log(`SORA_SIGNALING_URL is unset: using an embedded server, ${server.url}`);
  const room = { signalingUrls: [server.url], channelId: "example" };
  return {
    options: room,
    invite: (role, speech) => invite(room, role, speech?.()),
    [Symbol.asyncDispose]: () => server.close(),
  };
}

async function invite(
  options: Room["options"],
  role: SoraRole,
  speech: WavAudio | undefined,
): Promise<AsyncDisposable> {
  const sora = new Sora();
  const sources: { videoSource?: SoraVideoSource; audioSource?: SoraAudioSource } = {};
  if (role !== "recvonly") {
    if (speech === undefined) sources.videoSource = sora.createVideoSource();
    const { channels, sampleRate } = speech ?? { channels: 1, sampleRate: 48_000 };
    sources.audioSource = sora.createAudioSource({ channels, sampleRate });
  }
  await sora.createConnection({ ...options, role, ...sources }).connect();
  const media = speech === undefined || sources.audioSource === undefined
    ? sendTestMedia(sources.videoSource, sources.audioSource)
    : sendSpeech(sources.audioSource, speech);
  return {
    [Symbol.asyncDispose]: async () => {
      media[Symbol.dispose]();
      await sora.close();
    },
  };
}

/** Plays speech again and again, with pauses of a second, until it is disposed of. */
function sendSpeech(audioSource: SoraAudioSource, speech: WavAudio): Disposable {
  const { samples, sampleRate, channels } = speech;
  const writer = audioSource.createWritable().getWriter();
  const loop = new Int16Array(samples.length + sampleRate * channels);
  loop.set(samples);
  // The writer keeps to real time.
  const speak = async () => {
    while (true) await writer.write(loop);
  };
  speak().catch(() => {});
  return { [Symbol.dispose]: () => void writer.abort().catch(() => {}) };
}

/** Sends a test pattern of 640x360 at 30 frames per second and a tone of 440 Hz, until it is disposed of. */
export function sendTestMedia(
  videoSource: SoraVideoSource | undefined,
  audioSource: SoraAudioSource | undefined,
): Disposable {
  const began = performance.now();
  const [width, height] = [640, 360];
  const pixels = new Uint8Array(width * height * 3);
  let frame = 0;
  const camera = setInterval(() => {
    // A bar that moves to the right over a background whose blue, green and red change.
    for (let colour = 0; colour < 3; colour++) {
      const level = 128 + 100 * Math.sin(frame / 20 + colour * 2);
      for (let at = colour; at < pixels.length; at += 3) pixels[at] = level;
    }
    const bar = (frame * 4) % (width - 20);
    for (let row = 0; row < height; row++) {
      pixels.fill(255, (row * width + bar) * 3, (row * width + bar + 20) * 3);
    }
    videoSource?.onCaptured(pixels, { width, height });
    frame++;
  }, 1_000 / 30);
  let position = 0;
  const microphone = setInterval(() => {
    if (audioSource === undefined) return;
    const { sampleRate, channels } = audioSource;
    const due = Math.floor((performance.now() - began) * sampleRate / 1_000) - position;
    const tone = new Float32Array(due * channels);
    for (let at = 0; at < tone.length; at++) {
      const time = (position + Math.floor(at / channels)) / sampleRate;
      tone[at] = 0.3 * Math.sin(2 * Math.PI * 440 * time);
    }
    position += due;
    audioSource.onData(tone);
  }, 20);
  return {
    [Symbol.dispose]: () => {
      clearInterval(camera);
      clearInterval(microphone);
    },
  };
}

/** Resolves after `seconds`, when Ctrl-C is pressed, or as soon as `earlier` resolves. */
export async function untilDone(seconds: number, earlier?: Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, seconds * 1_000);
  process.once("SIGINT", resolve);
  console.log(`Running for ${seconds} s; press Ctrl-C to stop`);
  await (earlier === undefined ? promise : Promise.race([promise, earlier]));
  clearTimeout(timer);
  process.off("SIGINT", resolve);
}

/** The path of Cisco's OpenH264: `SORA_OPENH264`, or the newest one that `make build` fetched. */
export function openh264File(): string | undefined {
  return process.env.SORA_OPENH264 || [...fetchedOpenH264()].toSorted().at(-1)?.[1];
}

/** Ends the program with a message about something that its user can fix. */
export function fail(message: string): never {
  console.error(message);
  process.exit(1);
}
