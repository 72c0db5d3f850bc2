/**
 * What the examples share and what is not about the library: a room to try things in, something to see and hear, and an end.
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
  /** Where it is: options for `createConnection()`. */
  readonly options: { readonly signalingUrls: readonly string[]; readonly channelId: string };
  /**
   * Brings in somebody else, unless the server is a real one: there, others may come by themselves.
   *
   * @param speech What they say, with pauses of a second; by default they send a test picture and a tone.
   */
  invite(role: SoraRole, speech?: () => WavAudio): Promise<AsyncDisposable | undefined>;
}

/**
 * The channel `SORA_CHANNEL_ID` of the server `SORA_SIGNALING_URL` (several are separated by commas); when these are unset,
 * a channel of an embedded server, which ends with the room.
 *
 * @param options What the embedded server does otherwise than usual.
 */
export async function openRoom(options: SoraServerOptions = {}): Promise<Room> {
  const { SORA_SIGNALING_URL: urls, SORA_CHANNEL_ID: channelId } = process.env;
  if (urls) {
    if (!channelId) fail("Set SORA_CHANNEL_ID as well as SORA_SIGNALING_URL");
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

/** Says something, again and again after a pause of a second, until it is disposed of. */
function sendSpeech(audioSource: SoraAudioSource, speech: WavAudio): Disposable {
  const { samples, sampleRate, channels } = speech;
  const writer = audioSource.createWritable().getWriter();
  const said = new Int16Array(samples.length + sampleRate * channels);
  said.set(samples);
  // The writer keeps to real time.
  const speak = async () => {
    while (true) await writer.write(said);
  };
  speak().catch(() => {});
  return { [Symbol.dispose]: () => void writer.abort().catch(() => {}) };
}

/** Sends a test picture, 640x360 and 30 a second, and a tone of 440 Hz, until it is disposed of. */
export function sendTestMedia(
  videoSource: SoraVideoSource | undefined,
  audioSource: SoraAudioSource | undefined,
): Disposable {
  const began = performance.now();
  const [width, height] = [640, 360];
  const picture = new Uint8Array(width * height * 3);
  let frame = 0;
  const camera = setInterval(() => {
    // A bar that moves to the right over a background whose blue, green and red change.
    for (let channel = 0; channel < 3; channel++) {
      const level = 128 + 100 * Math.sin(frame / 20 + channel * 2);
      for (let at = channel; at < picture.length; at += 3) picture[at] = level;
    }
    const bar = (frame * 4) % (width - 20);
    for (let row = 0; row < height; row++) {
      picture.fill(255, (row * width + bar) * 3, (row * width + bar + 20) * 3);
    }
    videoSource?.onCaptured(picture, { width, height });
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

/** Waits until the time is over or Ctrl-C is pressed. */
export async function untilDone(seconds: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, seconds * 1_000);
  process.once("SIGINT", resolve);
  console.log(`Ends after ${seconds} s, or with Ctrl-C`);
  await promise;
  clearTimeout(timer);
  process.off("SIGINT", resolve);
}

/** Cisco's OpenH264: the file that `SORA_OPENH264` names, or the newest one that `make build` fetched. */
export function openh264File(): string | undefined {
  return process.env.SORA_OPENH264 || [...fetchedOpenH264()].toSorted().at(-1)?.[1];
}

/** Ends the program with a message about what its user can put right. */
export function fail(message: string): never {
  console.error(message);
  process.exit(1);
}
