/**
 * Video frames to send.
 *
 * @module
 */

import type { SoraVideoFrame } from "./frame.ts";
import type { PixelLayout, SoraVideoRotation } from "./pixel_format.ts";

/** Size, layout and time of a frame. */
export interface SoraCapturedOptions extends PixelLayout {
  /** Width in pixels, 2 to 16,384. */
  readonly width: number;
  /** Height in pixels, 2 to 16,384. */
  readonly height: number;
  /**
   * Degrees to turn it clockwise for display: 0, 90, 180 or 270. Receivers get the angle (RTP extension video-orientation, 3GPP
   * TS 26.114) and turn it themselves; where that was not negotiated, it is turned here. Default: 0.
   */
  readonly rotation?: SoraVideoRotation | undefined;
  /** When it was captured, in microseconds on any monotonic clock, 0 to 2^53 - 1. Default: now. */
  readonly timestampUs?: number | undefined;
}

/** A frame in memory. */
export interface SoraPicture extends SoraCapturedOptions {
  /** The pixels, as `SoraVideoSource.onCaptured()` takes them. */
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** What may be written to `SoraVideoSource.writable`: a frame in memory, or a received one, which is then closed. */
export type SoraVideoChunk = SoraPicture | SoraVideoFrame;
