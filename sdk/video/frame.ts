/**
 * Received video frames.
 *
 * @module
 */

import { openRealm, type Realm, unwrap, VideoInfo } from "../../ffi/mod.ts";
import {
  checkBoolean,
  checkInteger,
  checkNonEmptyString,
  checkObject,
  wrongType,
} from "../../base/checks.ts";
import { native, NativeHandle } from "../native/handle.ts";
import { FrameMemory } from "./frame_memory.ts";
import {
  type FrameSize,
  type PixelLayout,
  type SoraPixelFormat,
  type SoraVideoRotation,
  wrongBuffer,
} from "./pixel_format.ts";

/** Layout of the pixels that {@link SoraVideoFrame.copyTo} writes. */
export interface SoraVideoFrameLayout extends PixelLayout {
  /**
   * Turns the frame by its {@link SoraVideoFrame.rotation}, for display: it is then {@link SoraVideoFrame.displayWidth} x
   * {@link SoraVideoFrame.displayHeight}. Default: `false`, it stays unmodified.
   */
  readonly upright?: boolean | undefined;
}

/** Options of {@link SoraVideoFrame.data}. */
export interface SoraVideoFrameDataOptions {
  /** As in {@link SoraVideoFrameLayout}. */
  readonly upright?: boolean | undefined;
  /**
   * A buffer to reuse, from an earlier call for instance: the pixels are written to it, and as much of it as the frame needs is
   * returned. When it is too short it is left alone, and a new buffer is returned.
   */
  readonly reuse?: Uint8Array<ArrayBuffer> | undefined;
  /**
   * Puts the pixels in memory of the sink, for as long as the frame is open: {@link SoraVideoFrame.close} takes it back for later
   * frames and detaches the array, whose length is 0 from then on. Not together with `reuse`. Default: `false`, the array is
   * yours.
   */
  readonly untilClose?: boolean | undefined;
}

/** Token of a {@link SoraVideoFrame} on its way to another thread; may be structured-cloned. */
export interface SoraVideoFrameToken {
  /** Identifies the frame, once. */
  readonly frame: number;
  /** The native library that has it. */
  readonly library: string;
}

function release(handle: NativeHandle): boolean {
  const value = handle.take();
  if (value === 0) return false;
  handle.functions.sora_video_frame_release(value);
  return true;
}

let forgottenReported = false;

/** A backstop only: the garbage collector does not see the memory that a frame holds, so it is in no hurry. Warns once. */
const forgotten = new FinalizationRegistry<NativeHandle>((handle) => {
  if (!release(handle) || forgottenReported) return;
  forgottenReported = true;
  console.warn(
    "A SoraVideoFrame was not closed, and only the garbage collector released it: close() each frame, or declare it with " +
      "`using`, or its sink will drop frames. This warning is not repeated.",
  );
});

const TOKEN = ["frame", "library"] as const;
const DATA = ["upright", "reuse", "untilClose"] as const;
const LAYOUT = ["format", "stride", "upright"] as const;
const MAX_HANDLE = 0xffff_ffff;
/** Of frames that came from other threads. */
const transferred = new FrameMemory();

/**
 * A received video frame. Its pixels stay with the native library until they are read. Close it as soon as it is no longer
 * needed: a sink hands out no more than 32 at a time.
 *
 * @example
 * ```ts
 * import { Sora, SoraVideoSink } from "sora-ffi";
 * import { SoraServer } from "sora-ffi/sfu";
 *
 * await using server = await SoraServer.start({ port: 0 });
 * await using sora = new Sora();
 * const room = { signalingUrls: [server.url], channelId: "room", audio: false };
 * const source = sora.createVideoSource();
 * await using sender = sora.createConnection({ ...room, role: "sendonly", videoSource: source });
 * await using receiver = sora.createConnection({ ...room, role: "recvonly" });
 * await Promise.all([sender.connect(), receiver.connect()]);
 * const grey = new Uint8Array(640 * 360 * 3).fill(128); // BGR
 * const camera = setInterval(() => source.onCaptured(grey, { width: 640, height: 360 }), 33);
 *
 * for await (const track of receiver.tracks()) {
 *   for await (const received of new SoraVideoSink(track)) {
 *     using frame = received;
 *     const pixels = frame.data("RGBA", { untilClose: true }); // without, it may be kept
 *     console.log(pixels.length / (frame.width * frame.height)); // 4
 *     break;
 *   }
 *   break;
 * }
 * clearInterval(camera);
 * ```
 */
export class SoraVideoFrame implements Disposable {
  /** Width in pixels, before rotation. */
  readonly width: number;
  /** Height in pixels, before rotation. */
  readonly height: number;
  /** Degrees to turn it clockwise for display: 0, 90, 180 or 270. */
  readonly rotation: SoraVideoRotation;
  /** When it is to be shown, in microseconds on a monotonic clock. */
  readonly timestampUs: number;
  /** The timestamp of its RTP packets, 90 kHz. */
  readonly rtpTimestamp: number;
  /** When the sender captured it, in milliseconds since 1970 (RTP extension abs-capture-time), if known. */
  readonly absoluteCaptureTimestampMs: number | undefined;
  /** @internal */
  readonly [native]: NativeHandle;
  readonly #memory: FrameMemory;
  /** What is the sink's. */
  #borrowed: ArrayBuffer[] | undefined = undefined;

  /**
   * @param info What `sora_video_sink_take` wrote.
   * @param memory What it shares with other frames.
   * @internal
   */
  constructor(realm: Realm, info: Float64Array, memory: FrameMemory) {
    this.#memory = memory;
    this.width = info[VideoInfo.WIDTH] ?? 0;
    this.height = info[VideoInfo.HEIGHT] ?? 0;
    this.rotation = (info[VideoInfo.ROTATION] ?? 0) as SoraVideoRotation;
    this.timestampUs = info[VideoInfo.TIMESTAMP_US] ?? 0;
    this.rtpTimestamp = info[VideoInfo.RTP_TIMESTAMP] ?? 0;
    const captureTime = info[VideoInfo.CAPTURE_TIME_MS] ?? -1;
    this.absoluteCaptureTimestampMs = captureTime < 0 ? undefined : captureTime;
    const handle = new NativeHandle(realm, "The video frame", info[VideoInfo.FRAME] ?? 0);
    this[native] = handle;
    forgotten.register(this, handle, handle);
  }

  /**
   * The frame of a token, in any thread: the other end of {@link transfer}.
   *
   * @throws {TypeError} If it is not a token.
   * @throws {RangeError} If a number is outside its limits.
   * @throws {SoraError} `CLOSED` when the token was used before; `LIBRARY_NOT_FOUND`, `ABI_MISMATCH`, `UNSUPPORTED`: the native
   * library cannot be used here.
   */
  static from(token: SoraVideoFrameToken): SoraVideoFrame {
    checkObject(token, "token", TOKEN, TOKEN);
    const frame = checkInteger(token.frame, "token.frame", 1, MAX_HANDLE);
    const realm = openRealm(checkNonEmptyString(token.library, "token.library"));
    const info = new Float64Array(VideoInfo.COUNT);
    unwrap(realm.functions, realm.functions.sora_video_frame_transfer(frame, info));
    return new SoraVideoFrame(realm, info, transferred);
  }

  /** Width in pixels for display, after rotation. */
  get displayWidth(): number {
    return this.rotation % 180 === 0 ? this.width : this.height;
  }

  /** Height in pixels for display, after rotation. */
  get displayHeight(): number {
    return this.rotation % 180 === 0 ? this.height : this.width;
  }

  /**
   * The pixels in a buffer, rows without gaps: H × W × 3 bytes for `BGR`. A new buffer for each frame costs more than the
   * conversion, as the system has to find memory for it: where the pixels are needed no longer than the frame, let them be the
   * sink's, or pass the previous buffer as `reuse`.
   *
   * ```ts ignore
   * for await (using frame of sink) {
   *   const pixels = frame.data("RGBA", { untilClose: true });
   * }
   * ```
   *
   * @throws {TypeError} If the format or an option is wrong.
   * @throws {SoraError} `CLOSED` after {@link close}.
   */
  data(
    format: SoraPixelFormat = "BGR",
    options: SoraVideoFrameDataOptions = {},
  ): Uint8Array<ArrayBuffer> {
    const { upright } = options;
    const { reuse, untilClose } = checkObject(options, "options", DATA);
    if (reuse !== undefined && !(reuse instanceof Uint8Array)) {
      throw wrongType("options.reuse", "a Uint8Array", reuse);
    }
    const borrowed = untilClose !== undefined && checkBoolean(untilClose, "options.untilClose");
    if (borrowed && reuse !== undefined) {
      throw new TypeError("options.untilClose must not be true together with options.reuse");
    }
    const size = this.#size({ format, upright }, "data");
    if (borrowed) return this.#borrow(size, upright === true);
    const buffer = pixelBuffer(reuse as Uint8Array<ArrayBuffer> | undefined, size.bytes);
    this.#copy(buffer, size, upright === true);
    return buffer;
  }

  /**
   * Converts the pixels into a buffer.
   *
   * @param buffer Gets the pixels; must be long enough.
   * @returns The bytes that the frame takes in it, gaps included.
   * @throws {TypeError} If an option or the kind of `buffer` is wrong.
   * @throws {RangeError} If `buffer` is too short, or a number outside its limits.
   * @throws {SoraError} `CLOSED` after {@link close}.
   */
  copyTo(
    buffer: Uint8Array | Uint8ClampedArray,
    layout: SoraVideoFrameLayout = {},
  ): number {
    checkObject(layout, "options", LAYOUT);
    if (!(buffer instanceof Uint8Array || buffer instanceof Uint8ClampedArray)) {
      throw wrongType("buffer", "a Uint8Array or a Uint8ClampedArray", buffer);
    }
    const size = this.#size(layout, "options");
    const given = buffer.byteLength;
    if (given < size.bytes) {
      const upright = layout.upright === true;
      throw wrongBuffer(
        "buffer",
        given,
        size.bytes,
        this.#width(upright),
        this.#height(upright),
        layout,
      );
    }
    this.#copy(buffer, size, layout.upright === true);
    return size.bytes;
  }

  /**
   * Transfers the frame to another thread, a Worker for instance: post the token to it and call `SoraVideoFrame.from()` there. No
   * pixel is copied. This object is closed; the frame stays open until the other object is closed, and counts among the 32 of its
   * sink until then, even if nobody uses the token.
   *
   * @throws {SoraError} `CLOSED` after {@link close}.
   */
  transfer(): SoraVideoFrameToken {
    const handle = this[native];
    const { functions, realm: { path } } = handle;
    const info = new Float64Array(VideoInfo.COUNT);
    handle.unwrap(functions.sora_video_frame_transfer(handle.value, info));
    handle.take();
    forgotten.unregister(handle);
    this.#giveBack();
    return { frame: info[VideoInfo.FRAME] ?? 0, library: path };
  }

  /** Releases the frame, and the pixels that {@link data} gave with `untilClose`. Idempotent. */
  close(): void {
    forgotten.unregister(this[native]);
    release(this[native]);
    this.#giveBack();
  }

  /** As {@link close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  #width(upright: boolean): number {
    return upright ? this.displayWidth : this.width;
  }

  #height(upright: boolean): number {
    return upright ? this.displayHeight : this.height;
  }

  /** Checks a layout and computes the size of the frame in it. */
  #size(layout: SoraVideoFrameLayout, path: string): FrameSize {
    const upright = layout.upright !== undefined && checkBoolean(layout.upright, `${path}.upright`);
    const { functions } = this[native];
    const { sizes } = this.#memory;
    return sizes.of(functions, layout, this.#width(upright), this.#height(upright), path);
  }

  #copy(buffer: Uint8Array | Uint8ClampedArray, size: FrameSize, upright: boolean): void {
    const handle = this[native];
    handle.unwrap(
      handle.functions.sora_video_frame_copy(
        handle.value,
        size.format,
        buffer,
        buffer.byteLength,
        size.stride,
        upright ? 1 : 0,
      ),
    );
  }

  /** The pixels in memory of the sink. */
  #borrow(size: FrameSize, upright: boolean): Uint8Array<ArrayBuffer> {
    const buffer = this.#memory.take(size.bytes);
    const pixels = new Uint8Array(buffer);
    try {
      this.#copy(pixels, size, upright);
    } catch (error) {
      this.#memory.give(buffer);
      throw error;
    }
    (this.#borrowed ??= []).push(buffer);
    return pixels;
  }

  #giveBack(): void {
    const borrowed = this.#borrowed;
    this.#borrowed = undefined;
    if (borrowed !== undefined) { for (const buffer of borrowed) this.#memory.give(buffer); }
  }
}

/** The buffer to write to: the given one when it is long enough. */
function pixelBuffer(
  reuse: Uint8Array<ArrayBuffer> | undefined,
  bytes: number,
): Uint8Array<ArrayBuffer> {
  if (reuse === undefined || reuse.byteLength < bytes) return new Uint8Array(bytes);
  return reuse.byteLength === bytes ? reuse : reuse.subarray(0, bytes);
}
