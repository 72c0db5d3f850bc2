/**
 * What `sora-ffi send` sends, by the words of its command line: the test picture, a file, a URL, or devices.
 *
 * @module
 */

import { openCamera, openMicrophone } from "../../devices/mod.ts";
import {
  type MediaInput,
  type MediaReader,
  readMedia,
  type ReadMediaOptions,
} from "../../files/mod.ts";
import { UsageError } from "../command.ts";
import type { Size } from "../pattern.ts";
import { type Feed, MediaFeed } from "./feed.ts";
import { TestFeed } from "./test_feed.ts";

/** The word for the test picture. */
export const TEST_SOURCE = "testsrc";

/** Formats of ffmpeg that read devices: what comes out of them comes in real time. */
const DEVICES = [
  "alsa",
  "avfoundation",
  "dshow",
  "fbdev",
  "gdigrab",
  "jack",
  "kmsgrab",
  "pulse",
  "v4l2",
  "x11grab",
] as const;

/** What opens the devices of one kind alone, which can then be asked for a size and a rate; both words mean the default device. */
const CAMERAS = ["camera", "v4l2"] as const;
const MICROPHONES = ["microphone", "pulse", "alsa"] as const;

/** What makes pictures and sounds as fast as they are taken. */
const LAVFI = "lavfi";

/** Inputs of ffmpeg over a network, which come in real time as well. */
const URL_PATTERN = /^(?:https?|rtsps?|rtmps?|srt|udp|rtp|tcp|tls):\/\//;

/** One source. */
export interface Source {
  /** As it is given. */
  readonly word: string;
  /** For `readMedia()`; undefined for the test picture. */
  readonly input: string | MediaInput | undefined;
  /** Whether it comes in real time by itself. */
  readonly isLive: boolean;
}

/** What is wanted of the sources. */
export interface FeedOptions {
  readonly video: boolean;
  readonly audio: boolean;
  readonly size: Size | undefined;
  readonly fps: number | undefined;
  readonly loop: boolean;
  readonly startMs: number | undefined;
}

/** The form of the test picture, unless it is given: little enough for the first second of a connection. */
const TEST_FORM = { width: 640, height: 360, frameRate: 30 } as const;

function parseSource(word: string): Source {
  if (word === "") throw new UsageError("SOURCE must not be empty");
  if (word === TEST_SOURCE) return { word, input: undefined, isLive: false };
  if (URL_PATTERN.test(word)) return { word, input: { input: word }, isLive: true };
  const [, format = "", input = ""] = /^([a-z0-9]+):(.+)$/s.exec(word) ?? [];
  if (word === "camera" || word === "microphone") {
    return { word, input: { format: word, input: "default" }, isLive: true };
  }
  const isDevice = DEVICES.some((name) => name === format);
  if (!isDevice && format !== LAVFI) return { word, input: word, isLive: false };
  return { word, input: { format, input }, isLive: isDevice };
}

/**
 * Reads the sources: one with video and audio, or one of video and one of audio.
 *
 * @throws {UsageError} There are more, or they do not go together.
 */
export function parseSources(words: readonly string[]): readonly Source[] {
  const sources = (words.length === 0 ? [TEST_SOURCE] : words).map(parseSource);
  if (sources.length > 1 && sources.some(({ input }) => input === undefined)) {
    throw new UsageError(`${TEST_SOURCE} has video and audio: it must be the only source`);
  }
  return sources;
}

/** What one of the sources is read for. */
function wantedOf(
  index: number,
  count: number,
  options: FeedOptions,
  signal: AbortSignal,
): ReadMediaOptions {
  const { size, fps } = options;
  const form = {
    ...size,
    ...(fps === undefined ? {} : { frameRate: fps }),
  };
  const video = !options.video ? false : Object.keys(form).length > 0 ? form : undefined;
  const { loop, startMs } = options;
  // Of two sources each is for one thing, which it must have.
  const kinds = count === 1
    ? { video, audio: options.audio ? undefined : false }
    : index === 0
    ? { video: video ?? true, audio: false }
    : { video: false, audio: true };
  return { ...kinds, loop, startMs, signal };
}

/** An input that ffmpeg reads no faster than it is to be shown and heard. */
function inRealTime(input: string | MediaInput): MediaInput {
  const { arguments: more = [], ...rest } = typeof input === "string"
    ? { input: `file:${input}` }
    : input;
  return { ...rest, arguments: ["-re", ...more] };
}

/** Opens one of the sources; beside a live one, the others keep to real time by themselves. */
function openSource(
  { word, input = "", isLive }: Source,
  wanted: ReadMediaOptions,
  { size, fps }: FeedOptions,
  isBesideLive: boolean,
): Promise<MediaReader> {
  const { signal } = wanted;
  const format = typeof input === "string" ? undefined : input.format;
  const isOf = (formats: readonly string[]) => formats.some((name) => name === format);
  const device = word === format ? undefined : word;
  if (isOf(CAMERAS) && wanted.video !== false) {
    return openCamera({ device, ...size, frameRate: fps, signal });
  }
  if (isOf(MICROPHONES) && wanted.audio !== false) return openMicrophone({ device, signal });
  return readMedia(isBesideLive && !isLive ? inRealTime(input) : input, wanted);
}

/**
 * Opens the sources.
 *
 * @throws {SoraError} `FFMPEG_NOT_FOUND`, `FFMPEG_FAILED`, `DEVICE_FAILED`: as `readMedia()` and `openCamera()`.
 */
export async function openFeed(
  sources: readonly Source[],
  options: FeedOptions,
  signal: AbortSignal,
): Promise<Feed> {
  const [first] = sources;
  if (first?.input === undefined) {
    const { video, audio, size, fps } = options;
    const form = { ...TEST_FORM, ...size, ...(fps === undefined ? {} : { frameRate: fps }) };
    return new TestFeed({ video: video ? form : undefined, audio });
  }
  const isLive = sources.some((source) => source.isLive);
  const opened = await Promise.allSettled(
    sources.map((source, i) =>
      openSource(source, wantedOf(i, sources.length, options, signal), options, isLive)
    ),
  );
  const readers = opened.flatMap((one) => one.status === "fulfilled" ? [one.value] : []);
  const failed = opened.find((one) => one.status === "rejected");
  const feed = new MediaFeed(readers, isLive);
  if (failed === undefined && !signal.aborted) return feed;
  await feed[Symbol.asyncDispose]();
  throw failed === undefined ? signal.reason : failed.reason;
}
