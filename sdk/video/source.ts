/**
 * Video to send.
 *
 * @module
 */

import { wrongType } from "../../base/checks.ts";
import { native, type NativeHandle } from "../native/handle.ts";
import { CapturedOptions, checkTimestamp } from "./captured_options.ts";
import { wrongBuffer } from "./pixel_format.ts";
import { SoraSource } from "../track/source.ts";
import type { SoraVideoFrame } from "./frame.ts";
import type { SoraCapturedOptions, SoraVideoChunk } from "./chunk.ts";
import { VideoPace, videoWritable } from "./writable.ts";
import { Writables } from "../streams/writables.ts";

const NOW = -1;

/**
 * Video that this side sends. Made by `Sora.createVideoSource()`; one source may be sent over several connections.
 *
 * @example
 * ```ts
 * import { Sora } from "sora-ffi";
 * import { SoraServer } from "sora-ffi/sfu";
 *
 * await using server = await SoraServer.start({ port: 0 });
 * await using sora = new Sora();
 * const source = sora.createVideoSource();
 * await using connection = sora.createConnection({
 *   signalingUrls: [server.url],
 *   channelId: "room",
 *   role: "sendonly",
 *   audio: false,
 *   videoSource: source,
 * });
 * await connection.connect();
 * const pixels = new Uint8Array(640 * 360 * 4); // H × W × 4: it may be filled anew for each frame
 * for (let frame = 0; frame < 3; frame++) {
 *   pixels.fill(frame);
 *   source.onCaptured(pixels, { width: 640, height: 360, format: "RGBA" });
 * }
 * ```
 */
export class SoraVideoSource extends SoraSource {
  readonly #options = new CapturedOptions();
  readonly #pace = new VideoPace();
  readonly #writables = new Writables<SoraVideoChunk>((ended) =>
    videoWritable(
      {
        onCaptured: (data, options) => this.onCaptured(data, options),
        onFrame: (frame) => this.#onFrame(frame),
      },
      this.#pace,
      ended,
    )
  );

  /** @internal */
  constructor(handle: NativeHandle) {
    super("video", handle, (functions, source) => functions.sora_video_source_close(source));
  }

  /**
   * Sends a frame. It is converted once, natively, before this returns; the buffer may be reused at once.
   *
   * The last frame is kept and, until the next one, sent again when a receiver asks for a key frame, as one that joins later
   * does. It is also sent when it was given before the source is sent, and when the source is enabled or disabled.
   *
   * @param data The pixels, H × W × 3 bytes for `BGR`, in memory of this thread or shared with others. Longer than needed
   * only when a stride is given.
   * @returns `false` when the frame was left out: nothing sends it, or the encoder asked for fewer.
   * @throws {TypeError} If an option or the kind of `data` is wrong.
   * @throws {RangeError} If a number is outside its limits, or `data` has another length than size, format and stride require.
   * @throws {SoraError} `CLOSED` after {@link close}.
   */
  onCaptured(
    data: Uint8Array | Uint8ClampedArray,
    options: SoraCapturedOptions,
  ): boolean {
    const handle = this[native];
    const { functions } = handle;
    const checked = this.#options;
    checked.take(functions, options);
    const time = options.timestampUs === undefined ? NOW : checkTimestamp(options.timestampUs);
    if (!(data instanceof Uint8Array || data instanceof Uint8ClampedArray)) {
      throw wrongType("data", "a Uint8Array or a Uint8ClampedArray", data);
    }
    const { width, height, stride, bytes } = checked;
    const given = data.byteLength;
    if (given < bytes || (given > bytes && stride === 0)) {
      throw wrongBuffer("data", given, bytes, width, height, options);
    }
    const result = functions.sora_video_source_push(
      handle.value,
      data,
      given,
      width,
      height,
      stride,
      checked.format,
      checked.rotation,
      time,
    );
    return result === 1 || (result !== 0 && handle.unwrap(result) === 1);
  }

  /**
   * A stream (WHATWG Streams) that sends what is written, one frame at a time. Frames with a timestamp are sent at the intervals
   * of their timestamps, so a file may be written as fast as it is read; the others are sent at once. A received
   * {@link SoraVideoFrame} is sent at once and unmodified: its pixels are shared, not copied, and its rotation and the intervals
   * are kept; then it is closed. Closing or aborting the stream leaves the source open.
   *
   * It is the same until it is closed, aborted or broken by a wrong chunk, then a new one: one clip after the other may be piped
   * to it, and they follow each other at the pace of their frames.
   */
  get writable(): WritableStream<SoraVideoChunk> {
    return this.#writables.present;
  }

  #onFrame(frame: SoraVideoFrame): boolean {
    const handle = this[native];
    const { realm, value } = frame[native];
    if (realm !== handle.realm) {
      throw new TypeError(
        `chunk must be a frame of the source's native library, ${handle.realm.path}, not of ${realm.path}`,
      );
    }
    return handle.unwrap(realm.functions.sora_video_source_push_frame(handle.value, value)) === 1;
  }
}
