/**
 * Received video.
 *
 * @module
 */

import { checkInteger, checkObject } from "../../base/checks.ts";
import { SoraError } from "../../base/errors.ts";
import { report } from "../../base/handlers.ts";
import { type NativeFunctions, Result, VideoInfo } from "../../ffi/mod.ts";
import { SoraFrameSink } from "../track/frame_sink.ts";
import type { SoraTrackInterface } from "../track/track.ts";
import { SoraVideoFrame } from "./frame.ts";
import { FrameMemory } from "./frame_memory.ts";

/** Options of a {@link SoraVideoSink}. */
export interface SoraVideoSinkOptions {
  /** How many frames wait for the reader, 1 to 32; when one more comes, the oldest is dropped. Default: 3. */
  readonly depth?: number | undefined;
}

/** Handler of a frame. Whoever gets it closes it. */
export type SoraVideoFrameHandler = (frame: SoraVideoFrame) => unknown;

const DEFAULT_DEPTH = 3;
const MAX_DEPTH = 32;
const info = new Float64Array(VideoInfo.COUNT);

function checkDepth(options: SoraVideoSinkOptions): number {
  const { depth = DEFAULT_DEPTH } = checkObject(options, "options", ["depth"]);
  return checkInteger(depth, "options.depth", 1, MAX_DEPTH);
}

/**
 * Receives the frames of a track: through `onFrame`, `for await`, or `readable`. Whoever gets a frame closes it, and may hold up
 * to 32 of them. A slow reader loses the oldest frames, which `dropped` counts.
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
 *     using frame = received; // gives its buffer back
 *     console.log(frame.width, frame.height); // 640 360
 *     break;
 *   }
 *   break;
 * }
 * clearInterval(camera);
 * ```
 */
export class SoraVideoSink extends SoraFrameSink<SoraVideoFrame> {
  readonly #memory = new FrameMemory();
  #fullReported = false;

  /**
   * Starts to receive the frames of a track.
   *
   * @param track A received video track.
   * @throws {TypeError} If an option or the track is wrong.
   * @throws {RangeError} If a number is outside its limits.
   * @throws {SoraError} `CLOSED` when the track has ended.
   */
  constructor(track: SoraTrackInterface, options: SoraVideoSinkOptions = {}) {
    const depth = checkDepth(options);
    super("video", track, {
      create: (functions: NativeFunctions, track, out) =>
        functions.sora_video_sink_create(track, depth, out),
      dropped: (functions, sink) => functions.sora_video_sink_dropped(sink),
      close: (functions, sink) => functions.sora_video_sink_close(sink),
    });
  }

  /** Null when a frame must be closed first, in any realm (thread), after which the pump runs again. @internal */
  protected override take(): SoraVideoFrame | null | undefined {
    const { functions, realm, value } = this.handle;
    const result = functions.sora_video_sink_take(value, info);
    if (result >= 0) return new SoraVideoFrame(realm, info, this.#memory);
    if (result !== Result.ERROR_LIMIT) {
      this.checked(result);
      return undefined;
    }
    this.#reportFull();
    return null;
  }

  /** @internal */
  protected override finish(): void {
    this.#memory.close();
    super.finish();
  }

  #reportFull(): void {
    if (this.#fullReported) return;
    this.#fullReported = true;
    report(
      this,
      new SoraError(
        "LIMIT_EXCEEDED",
        "As many video frames are held as a sink hands out at a time (32), so frames are dropped: " +
          "close() each frame as soon as it is no longer needed",
      ),
    );
  }
}
