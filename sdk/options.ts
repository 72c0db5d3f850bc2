/**
 * Options of `Sora` and of its connections.
 *
 * @module
 */

import {
  checkBoolean,
  checkFunction,
  checkInstance,
  checkNonEmptyString,
  checkObject,
  checkOneOf,
  optional,
} from "../base/checks.ts";
import {
  type CheckedSignalingOptions,
  checkSignalingOptions,
  type SignalingOptions,
} from "../signaling/mod.ts";
import { SoraAudioSource } from "./audio/source.ts";
import { SoraVideoCodecPreference } from "./codecs/preference.ts";
import { SoraDegradationPreference } from "./enums.ts";
import type { SoraTelemetry } from "./telemetry.ts";
import {
  SoraAudioFrameTransformer,
  SoraVideoFrameTransformer,
} from "./transform/media_transformers.ts";
import { SoraVideoSource } from "./video/source.ts";

/** Options of `Sora`. */
export interface SoraOptions {
  /**
   * The path of the native library. Default: that of the environment variable `SORA_FFI_LIBRARY`, else `zig-out/lib` of a
   * checkout, else the platform package.
   */
  readonly library?: string | undefined;
  /** The path of OpenH264's library (Cisco), which adds H264. It is opened at once. */
  readonly openh264?: string | undefined;
  /** The video codecs, and the engines that encode and decode them. Default: the engines inside the library, and OpenH264. */
  readonly videoCodecPreference?: SoraVideoCodecPreference | undefined;
  /**
   * Whether the threads of audio, network, decoders and encoders, in this order, come before those of other programs, as far as the
   * system allows it (on Linux `CAP_SYS_NICE`, `RLIMIT_RTPRIO` or `RLIMIT_NICE`; `sora-ffi doctor` shows it). JavaScript's own thread
   * keeps its priority. Default: true.
   */
  readonly raiseThreads?: boolean | undefined;
  /** Observes the connections: `openTelemetry()` of `sora-ffi/opentelemetry`. Default: nothing does. */
  readonly telemetry?: SoraTelemetry | undefined;
}

/** Options of a connection for the media that it sends. */
export interface SoraMediaOptions {
  /** The audio to send. */
  readonly audioSource?: SoraAudioSource | undefined;
  /** The video to send. */
  readonly videoSource?: SoraVideoSource | undefined;
  /** Transforms the audio that is sent, between encoder and network. */
  readonly audioFrameTransformer?: SoraAudioFrameTransformer | undefined;
  /** Transforms the video that is sent, between encoder and network. */
  readonly videoFrameTransformer?: SoraVideoFrameTransformer | undefined;
  /** What to reduce when the encoder or the network cannot keep up. Default: libwebrtc decides. */
  readonly degradationPreference?: SoraDegradationPreference | undefined;
}

/** Options of a connection for the media that it receives. */
export interface SoraReceiveOptions {
  /**
   * Whether received video is delayed until the audio of the same stream is played (lip-sync), and vice versa. By default each
   * comes as soon as possible, and timestamps show what belongs together.
   *
   * With it, a frame is as late as its audio: by tens to hundreds of milliseconds, and by more after the network or this process
   * has stalled.
   */
  readonly sync?: boolean | undefined;
}

/** Options of `Sora.createConnection()`. */
export interface SoraConnectionOptions
  extends SignalingOptions, SoraMediaOptions, SoraReceiveOptions {}

/** The options of a connection, checked and copied. */
export interface CheckedConnectionOptions {
  /** For signaling. */
  readonly signaling: CheckedSignalingOptions;
  /** For the peer connection. */
  readonly media: SoraMediaOptions & SoraReceiveOptions;
}

const preferences = Object.values(SoraDegradationPreference);

function checkTelemetry(value: unknown, path: string): SoraTelemetry {
  const telemetry = checkObject(value, path, undefined, ["observe"]);
  checkFunction(telemetry["observe"], `${path}.observe`);
  return value as SoraTelemetry;
}

const file = (value: unknown, path: string) => checkNonEmptyString(value, path);

/**
 * Checks the options of `Sora.load()`.
 *
 * @throws {TypeError} Naming the path of the wrong option.
 */
export function checkLoadOptions(value: unknown): Pick<SoraOptions, "library"> {
  const from = checkObject(value, "options", ["library"]);
  return optional(from, "library", "options", file);
}

/**
 * Checks the options of `Sora`.
 *
 * @throws {TypeError} Naming the path of the wrong option.
 * @throws {RangeError} If a number or a length is outside its limits.
 */
export function checkSoraOptions(value: unknown): SoraOptions {
  const from = checkObject(value, "options", [
    "library",
    "openh264",
    "videoCodecPreference",
    "raiseThreads",
    "telemetry",
  ]);
  return {
    ...optional(from, "library", "options", file),
    ...optional(from, "openh264", "options", file),
    ...optional(
      from,
      "videoCodecPreference",
      "options",
      // A copy, checked again, because its entries may be changed at any time.
      (v, p) =>
        new SoraVideoCodecPreference(checkInstance(v, p, SoraVideoCodecPreference).toJSON()),
    ),
    ...optional(from, "raiseThreads", "options", checkBoolean),
    ...optional(from, "telemetry", "options", checkTelemetry),
  };
}

/**
 * Checks the options of a connection.
 *
 * @throws {TypeError} Naming the path of the wrong option.
 * @throws {RangeError} If a number or a length is outside its limits.
 */
export function checkConnectionOptions(value: unknown): CheckedConnectionOptions {
  const signaling = checkSignalingOptions(value, [
    "audioSource",
    "videoSource",
    "audioFrameTransformer",
    "videoFrameTransformer",
    "degradationPreference",
    "sync",
  ]);
  const from = value as { readonly [key: string]: unknown };
  const media = {
    ...optional(from, "audioSource", "options", (v, p) => checkInstance(v, p, SoraAudioSource)),
    ...optional(from, "videoSource", "options", (v, p) => checkInstance(v, p, SoraVideoSource)),
    ...optional(
      from,
      "audioFrameTransformer",
      "options",
      (v, p) => checkInstance(v, p, SoraAudioFrameTransformer),
    ),
    ...optional(
      from,
      "videoFrameTransformer",
      "options",
      (v, p) => checkInstance(v, p, SoraVideoFrameTransformer),
    ),
    ...optional(
      from,
      "degradationPreference",
      "options",
      (v, p) => checkOneOf(v, p, preferences),
    ),
    ...optional(from, "sync", "options", checkBoolean),
  };
  return { signaling, media };
}
