/**
 * Received pictures.
 *
 * @module
 */

import type { Realm } from "../ffi/realm.ts";
import { VideoInfo } from "../ffi/constants.ts";
import { checkObject } from "../signaling/checks.ts";
import { kindOf } from "../signaling/json.ts";
import { NativeHandle } from "./native_handle.ts";
import {
  pictureSize,
  type PixelLayout,
  type SoraPixelFormat,
  wrongBuffer,
} from "./pixel_format.ts";

interface Forgotten {
  readonly handle: NativeHandle;
  readonly released: () => void;
}

function release({ handle, released }: Forgotten): void {
  const value = handle.take();
  if (value === 0) return;
  handle.realm.functions.sora_video_frame_release(value);
  released();
}

/** A backstop only: the engine does not see the memory that a picture holds, so it is in no hurry. */
const forgotten = new FinalizationRegistry<Forgotten>(release);

const LAYOUT = ["format", "stride"] as const;

/**
 * A received picture. Its pixels stay with the native library until they are asked for. Close it as soon as it is not needed
 * any more: a sink hands out no more than 32 at a time.
 */
export class SoraVideoFrame implements Disposable {
  /** Width in pixels, before rotation. */
  readonly width: number;
  /** Height in pixels, before rotation. */
  readonly height: number;
  /** Degrees to turn it clockwise for display: 0, 90, 180 or 270. */
  readonly rotation: number;
  /** When it is to be shown, in microseconds on a clock that never goes back. */
  readonly timestampUs: number;
  /** The timestamp of its RTP packets, 90 kHz. */
  readonly rtpTimestamp: number;
  /** When the sender captured it, in milliseconds since 1970 (RTP extension abs-capture-time), if that is known. */
  readonly absoluteCaptureTimestampMs: number | undefined;
  readonly #native: Forgotten;

  /**
   * @param info What `sora_video_sink_take` wrote.
   * @param released Called once when the picture was given back.
   * @internal
   */
  constructor(realm: Realm, info: Float64Array, released: () => void) {
    this.width = info[VideoInfo.WIDTH] ?? 0;
    this.height = info[VideoInfo.HEIGHT] ?? 0;
    this.rotation = info[VideoInfo.ROTATION] ?? 0;
    this.timestampUs = info[VideoInfo.TIMESTAMP_US] ?? 0;
    this.rtpTimestamp = info[VideoInfo.RTP_TIMESTAMP] ?? 0;
    const captureTime = info[VideoInfo.CAPTURE_TIME_MS] ?? -1;
    this.absoluteCaptureTimestampMs = captureTime < 0 ? undefined : captureTime;
    const handle = new NativeHandle(realm, "The video frame", info[VideoInfo.FRAME] ?? 0);
    this.#native = { handle, released };
    forgotten.register(this, this.#native, this.#native);
  }

  /**
   * The pixels in a fresh buffer, not rotated, rows without gaps: H × W × 3 bytes for `BGR`. {@link copyTo} saves the
   * allocation.
   *
   * @throws {TypeError} If the format is unknown.
   * @throws {SoraError} `CLOSED` after {@link close}.
   */
  data(format: SoraPixelFormat = "BGR"): Uint8Array<ArrayBuffer> {
    const { handle } = this.#native;
    const value = handle.value;
    const { functions } = handle.realm;
    const size = pictureSize(functions, { format }, this.width, this.height, "data");
    const buffer = new Uint8Array(size.bytes);
    handle.unwrap(
      functions.sora_video_frame_copy(value, size.format, buffer, size.bytes, size.stride),
    );
    return buffer;
  }

  /**
   * Converts the pixels into a buffer, not rotated.
   *
   * @param buffer Gets the pixels; must be long enough.
   * @returns The bytes written, gaps included.
   * @throws {TypeError} If an option or the kind of `buffer` is wrong.
   * @throws {RangeError} If `buffer` is too short.
   * @throws {SoraError} `CLOSED` after {@link close}.
   */
  copyTo(
    buffer: Uint8Array<ArrayBuffer> | Uint8ClampedArray<ArrayBuffer>,
    layout: PixelLayout = {},
  ): number {
    checkObject(layout, "options", LAYOUT);
    if (!(buffer instanceof Uint8Array || buffer instanceof Uint8ClampedArray)) {
      throw new TypeError(
        `buffer must be a Uint8Array or Uint8ClampedArray, not ${kindOf(buffer)}`,
      );
    }
    const { handle } = this.#native;
    const value = handle.value;
    const { functions } = handle.realm;
    const { format, stride, bytes } = pictureSize(
      functions,
      layout,
      this.width,
      this.height,
      "options",
    );
    const given = buffer.byteLength;
    if (given < bytes) {
      throw wrongBuffer("buffer", given, bytes, this.width, this.height, layout);
    }
    handle.unwrap(functions.sora_video_frame_copy(value, format, buffer, given, stride));
    return bytes;
  }

  /** Gives the picture back. Idempotent. */
  close(): void {
    forgotten.unregister(this.#native);
    release(this.#native);
  }

  /** As {@link close}. */
  [Symbol.dispose](): void {
    this.close();
  }
}
