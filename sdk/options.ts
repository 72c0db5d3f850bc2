/**
 * Options of `Sora` and of its connections.
 *
 * @module
 */

import {
  checkBoolean,
  checkNonEmptyString,
  checkObject,
  checkOneOf,
  optional,
} from "../base/checks.ts";
import { kindOf } from "../base/json.ts";
import {
  type CheckedSignalingOptions,
  checkSignalingOptions,
  type SignalingOptions,
} from "../signaling/mod.ts";
import { SoraAudioSource } from "./audio/source.ts";
import { SoraVideoCodecPreference } from "./codecs/preference.ts";
import { SoraDegradationPreference } from "./enums.ts";
import {
  SoraAudioFrameTransformer,
  SoraVideoFrameTransformer,
} from "./transform/frame_transformer.ts";
import { SoraVideoSource } from "./video/source.ts";

/** Options of `Sora`. */
export interface SoraOptions {
  /**
   * The native library's file. Default: the one that the environment variable `SORA_FFI_LIBRARY` names, else `zig-out/lib`
   * of a checkout, else the platform package.
   */
  readonly library?: string | undefined;
  /** The file of OpenH264's library (Cisco): with it there is H264. It is opened at once. */
  readonly openh264?: string | undefined;
  /** Which codecs there are, and who encodes and decodes them. Default: all that is inside the library, and OpenH264. */
  readonly videoCodecPreference?: SoraVideoCodecPreference | undefined;
}

/** What a connection sends, and how. */
export interface SoraMediaOptions {
  /** Audio to send. */
  readonly audioSource?: SoraAudioSource | undefined;
  /** Video to send. */
  readonly videoSource?: SoraVideoSource | undefined;
  /** Gets the audio that is sent, between encoder and network. */
  readonly audioFrameTransformer?: SoraAudioFrameTransformer | undefined;
  /** Gets the video that is sent, between encoder and network. */
  readonly videoFrameTransformer?: SoraVideoFrameTransformer | undefined;
  /** What is given up when video cannot keep up. Default: libwebrtc decides. */
  readonly degradationPreference?: SoraDegradationPreference | undefined;
}

/** How a connection receives. */
export interface SoraReceiveOptions {
  /**
   * Whether video that is received is held back until the audio of the same stream is heard (lip-sync), and the other way
   * round. By default each comes as soon as it can, and timestamps say what belongs together.
   *
   * With it, a frame comes as late as its audio does: tens to hundreds of milliseconds, more after the network or this process
   * stood still.
   */
  readonly sync?: boolean | undefined;
}

/** Options of `Sora.createConnection()`. */
export interface SoraConnectionOptions
  extends SignalingOptions, SoraMediaOptions, SoraReceiveOptions {}

/** Options of a connection, checked and copied. */
export interface CheckedConnectionOptions {
  /** For signaling. */
  readonly signaling: CheckedSignalingOptions;
  /** For the peer connection. */
  readonly media: SoraMediaOptions & SoraReceiveOptions;
}

const preferences = Object.values(SoraDegradationPreference);

function checkInstance<T>(
  value: unknown,
  path: string,
  type: { readonly name: string; readonly prototype: T },
): T {
  if (typeof value === "object" && value !== null && value instanceof (type as never)) {
    return value as T;
  }
  throw new TypeError(`${path} must be a ${type.name}, not ${kindOf(value)}`);
}

/**
 * Checks the options of `Sora`.
 *
 * @throws {TypeError} Naming the path of the wrong option.
 */
export function checkSoraOptions(value: unknown): SoraOptions {
  const from = checkObject(value, "options", ["library", "openh264", "videoCodecPreference"]);
  const file = (v: unknown, p: string) => checkNonEmptyString(v, p);
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
  };
}

/**
 * Checks the options of a connection.
 *
 * @throws {TypeError} Naming the path of the wrong option.
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
