/**
 * The enumerations of the API.
 *
 * @module
 */

import type { SoraVideoCodecName } from "../signaling/mod.ts";

/** Video codecs that Sora knows. */
export const SoraVideoCodecType = {
  /** VP8 (RFC 6386). */
  VP8: "VP8",
  /** VP9. */
  VP9: "VP9",
  /** AV1 (AOMedia). */
  AV1: "AV1",
  /** H.264 (ITU-T); the option `openh264` adds an encoder and a decoder. */
  H264: "H264",
  /** H.265 (ITU-T). */
  H265: "H265",
} as const satisfies { readonly [T in SoraVideoCodecName]: T };

/** A member of {@link SoraVideoCodecType}: the same as a `SoraVideoCodecName`. */
export type SoraVideoCodecType = typeof SoraVideoCodecType[keyof typeof SoraVideoCodecType];

/** What to reduce when the encoder or the network cannot keep up (W3C mst-content-hint, `RTCDegradationPreference`). */
export const SoraDegradationPreference = {
  /** Nothing on purpose: frames are lost as they may. */
  DISABLED: "DISABLED",
  /** A balance of both. */
  BALANCED: "BALANCED",
  /** Keep the frame rate, reduce the resolution. */
  MAINTAIN_FRAMERATE: "MAINTAIN_FRAMERATE",
  /** Keep the resolution, reduce the frame rate. */
  MAINTAIN_RESOLUTION: "MAINTAIN_RESOLUTION",
} as const;

/** A member of {@link SoraDegradationPreference}. */
export type SoraDegradationPreference =
  typeof SoraDegradationPreference[keyof typeof SoraDegradationPreference];

/** Whether a track still delivers (W3C Media Capture and Streams, `MediaStreamTrackState`). */
export const SoraTrackState = {
  /** It delivers. */
  LIVE: "LIVE",
  /** It will deliver nothing more. */
  ENDED: "ENDED",
} as const;

/** A member of {@link SoraTrackState}. */
export type SoraTrackState = typeof SoraTrackState[keyof typeof SoraTrackState];

/** Severities of libwebrtc's log. */
export const SoraLoggingSeverity = {
  /** All lines. */
  VERBOSE: "VERBOSE",
  /** What happens, warnings and errors. */
  INFO: "INFO",
  /** Warnings and errors. */
  WARNING: "WARNING",
  /** Errors only. */
  ERROR: "ERROR",
  /** No lines. */
  NONE: "NONE",
} as const;

/** A member of {@link SoraLoggingSeverity}. */
export type SoraLoggingSeverity = typeof SoraLoggingSeverity[keyof typeof SoraLoggingSeverity];

/** Whether an encoded frame is sent or received. */
export const SoraTransformableFrameDirection = {
  /** Not known. */
  UNKNOWN: "UNKNOWN",
  /** Received, for the decoder. */
  RECEIVER: "RECEIVER",
  /** Sent, from the encoder. */
  SENDER: "SENDER",
} as const;

/** A member of {@link SoraTransformableFrameDirection}. */
export type SoraTransformableFrameDirection =
  typeof SoraTransformableFrameDirection[keyof typeof SoraTransformableFrameDirection];

/** The content of an encoded audio frame. */
export const SoraTransformableAudioFrameType = {
  /** Nothing. */
  EMPTY: "EMPTY",
  /** Audio. */
  SPEECH: "SPEECH",
  /** Comfort noise (RFC 3389), or its counterpart in the codec. */
  CN: "CN",
} as const;

/** A member of {@link SoraTransformableAudioFrameType}. */
export type SoraTransformableAudioFrameType =
  typeof SoraTransformableAudioFrameType[keyof typeof SoraTransformableAudioFrameType];
