/**
 * The options of `sora-ffi load`, and the members that they describe.
 *
 * @module
 */

import type { SoraConnectionOptions } from "../../mod.ts";
import {
  choiceOf,
  integerOf,
  numberOf,
  type Option,
  textOf,
  UsageError,
  type Values,
} from "../command.ts";
import { CONNECTION_FLAGS, connectionOptions } from "../connection/flags.ts";
import type { Size } from "../pattern.ts";

const MAX_MEMBERS = 10_000;
const MAX_SECONDS = 86_400;
/** The longest side of the pattern: it is in memory as a whole. */
const MAX_SIDE = 8_192;
const CODECS = ["VP8", "VP9", "AV1", "H264", "H265"] as const;

/** How long leaving may take: a thousand members at a server that does not answer leave within it. */
const LEAVING = { disconnectWaitTimeoutMs: 2_000, webSocketCloseTimeoutMs: 1_000 } as const;

/** The options of `sora-ffi load`. */
export const LOAD_FLAGS: Readonly<Record<string, Option>> = {
  senders: { value: "NUMBER", summary: "members that send (default 1)" },
  receivers: { value: "NUMBER", summary: "members that receive (default 1)" },
  channels: { value: "NUMBER", summary: "channels that they are spread over (default 1)" },
  "first-channel": {
    value: "NUMBER",
    summary: "number of the first channel, when others come from other processes (default 0)",
  },
  ramp: { value: "NUMBER", summary: "members that begin to connect in a second (default 10)" },
  duration: { value: "SECONDS", summary: "how long all of them stay (default 10)" },
  interval: { value: "SECONDS", summary: "from one report to the next (default 1)" },
  clip: { value: "FILE", summary: "YUV4MPEG2 to send instead of a pattern, again and again" },
  size: { value: "WxH", summary: "size of the pattern (default 640x360)" },
  fps: { value: "NUMBER", summary: "its frames per second (default 30)" },
  "video-codec": { value: "NAME", summary: `${CODECS.join(", ")} (default VP8)` },
  "video-bit-rate": { value: "KBPS", summary: "bit rate of one sender's video (default 500)" },
  "no-video": { summary: "send no video" },
  "no-audio": { summary: "send no audio" },
  simulcast: { summary: "send several sizes of the video" },
  spotlight: { summary: "focus on members that speak" },
  "data-channel-signaling": { summary: "move signaling to data channels" },
  openh264: { value: "FILE", summary: "path of Cisco's OpenH264, for H264" },
  ...CONNECTION_FLAGS,
};

/** A member to be. */
export interface PlannedMember {
  readonly role: "sendonly" | "recvonly";
  readonly channelId: string;
}

/** What a load test does. */
export interface LoadPlan {
  /** The members in the order in which they connect: senders first. */
  readonly members: readonly PlannedMember[];
  /** Options of every connection. */
  readonly connection: Omit<SoraConnectionOptions, "role" | "channelId">;
  readonly channels: number;
  readonly rampPerSecond: number;
  readonly durationMs: number;
  readonly intervalMs: number;
  readonly audio: boolean;
  readonly video: boolean;
  readonly size: Size;
  readonly fps: number;
  readonly clip: string | undefined;
  readonly openh264: string | undefined;
}

/** A size: `640x360`. */
export function sizeOf(values: Values, name: string): Size | undefined {
  const text = textOf(values, name);
  if (text === undefined) return undefined;
  const [, width = 0, height = 0] = /^(\d{1,5})x(\d{1,5})$/.exec(text)?.map(Number) ?? [];
  if (Math.min(width, height) >= 2 && Math.max(width, height) <= MAX_SIDE) return { width, height };
  throw new UsageError(
    `--${name} must be a width and a height from 2 to ${MAX_SIDE}, 640x360 for instance, not ${
      JSON.stringify(text.slice(0, 100))
    }`,
  );
}

/** Members of a role, spread evenly over the channels. */
function spread(role: PlannedMember["role"], count: number, channels: readonly string[]) {
  return Array.from(
    { length: count },
    (_, i): PlannedMember => ({ role, channelId: channels[i % channels.length]! }),
  );
}

/**
 * Reads the plan of a load test.
 *
 * @throws {UsageError} An option is wrong, or there are no members.
 */
export function loadPlan(values: Values): LoadPlan {
  const senders = integerOf(values, "senders", 0, MAX_MEMBERS) ?? 1;
  const receivers = integerOf(values, "receivers", 0, MAX_MEMBERS) ?? 1;
  if (senders + receivers === 0) {
    throw new UsageError("--senders and --receivers must not both be 0");
  }
  const count = integerOf(values, "channels", 1, MAX_MEMBERS) ?? 1;
  if (count > Math.max(senders, receivers)) {
    throw new UsageError(
      `--channels must be at most the number of senders or of receivers, ${
        Math.max(senders, receivers)
      }, not ${count}`,
    );
  }
  const first = integerOf(values, "first-channel", 0, 1_000_000) ?? 0;
  const numbered = count > 1 || values["first-channel"] !== undefined;
  const { channelId, ...connection } = connectionOptions(values);
  const channels = Array.from(
    { length: count },
    (_, i) => numbered ? `${channelId}-${first + i}` : channelId,
  );
  const video = values["no-video"] !== true;
  const audio = values["no-audio"] !== true;
  if (!video && !audio) throw new UsageError("--no-video and --no-audio exclude each other");
  const clip = textOf(values, "clip");
  const size = sizeOf(values, "size");
  if (clip !== undefined && size !== undefined) {
    throw new UsageError("--clip and --size exclude each other: the clip has a size of its own");
  }
  return {
    members: [...spread("sendonly", senders, channels), ...spread("recvonly", receivers, channels)],
    connection: {
      ...connection,
      ...LEAVING,
      audio,
      video,
      videoCodecType: choiceOf(values, "video-codec", CODECS) ?? "VP8",
      videoBitRate: integerOf(values, "video-bit-rate", 1, 50_000) ?? 500,
      simulcast: values["simulcast"] === true ? true : undefined,
      spotlight: values["spotlight"] === true ? true : undefined,
      dataChannelSignaling: values["data-channel-signaling"] === true ? true : undefined,
    },
    channels: count,
    rampPerSecond: numberOf(values, "ramp", 0.01, 1_000) ?? 10,
    durationMs: (numberOf(values, "duration", 1, MAX_SECONDS) ?? 10) * 1_000,
    intervalMs: (numberOf(values, "interval", 0.1, 3_600) ?? 1) * 1_000,
    audio,
    video,
    size: size ?? { width: 640, height: 360 },
    fps: numberOf(values, "fps", 1, 120) ?? 30,
    clip,
    openh264: textOf(values, "openh264"),
  };
}
