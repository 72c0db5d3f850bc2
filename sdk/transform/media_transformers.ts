/**
 * The transformers of encoded audio and video.
 *
 * @module
 */

import type { NativeHandle } from "../native/handle.ts";
import { SoraFrameTransformer, type SoraFrameTransformerOptions } from "./frame_transformer.ts";
import {
  type FrameInfo,
  SoraTransformableAudioFrame,
  SoraTransformableVideoFrame,
} from "./transformable_frame.ts";

/**
 * Intercepts encoded audio.
 *
 * @example
 * ```ts
 * import { Sora, SoraAudioFrameTransformer } from "sora-ffi";
 * import { SoraServer } from "sora-ffi/sfu";
 *
 * await using server = await SoraServer.start({ port: 0 });
 * await using sora = new Sora();
 * const room = { signalingUrls: [server.url], channelId: "room", video: false };
 * const source = sora.createAudioSource({ channels: 1, sampleRate: 48_000 });
 * const transformer = new SoraAudioFrameTransformer();
 * const first = Promise.withResolvers<void>();
 * transformer.onTransform = (frame) => {
 *   console.log(frame.mimeType); // audio/opus
 *   transformer.enqueue(frame);
 *   transformer.startShortCircuiting(); // the rest passes by itself
 *   first.resolve();
 * };
 * await using sender = sora.createConnection({
 *   ...room,
 *   role: "sendonly",
 *   audioSource: source,
 *   audioFrameTransformer: transformer,
 * });
 * await sender.connect();
 * source.onData(new Int16Array(4_800));
 * await first.promise;
 * ```
 */
export class SoraAudioFrameTransformer extends SoraFrameTransformer<SoraTransformableAudioFrame> {
  /**
   * Makes a transformer that serves nothing yet.
   *
   * @throws {TypeError} If an option is wrong.
   * @throws {RangeError} If a number is outside its limits.
   */
  constructor(options: SoraFrameTransformerOptions = {}) {
    super("audio", options);
  }

  /** @internal */
  protected override wrap(
    handle: NativeHandle,
    info: FrameInfo,
    mimeType: string,
  ): SoraTransformableAudioFrame {
    return new SoraTransformableAudioFrame(handle, info, mimeType);
  }
}

/**
 * Intercepts encoded video.
 *
 * @example
 * ```ts
 * import { Sora, SoraVideoFrameTransformer } from "sora-ffi";
 * import { SoraServer } from "sora-ffi/sfu";
 *
 * await using server = await SoraServer.start({ port: 0 });
 * await using sora = new Sora();
 * const room = { signalingUrls: [server.url], channelId: "room", audio: false };
 * const source = sora.createVideoSource();
 * const transformer = new SoraVideoFrameTransformer();
 * const first = Promise.withResolvers<void>();
 * transformer.onTransform = (frame) => {
 *   if (frame.isKeyFrame) first.resolve();
 *   frame.setData(frame.getData().map((byte) => byte ^ 0x5a)); // receivers do the same
 *   transformer.enqueue(frame); // otherwise it is not sent
 * };
 * await using sender = sora.createConnection({
 *   ...room,
 *   role: "sendonly",
 *   videoSource: source,
 *   videoFrameTransformer: transformer,
 * });
 * await sender.connect();
 * const grey = new Uint8Array(640 * 360 * 3).fill(128); // BGR
 * const camera = setInterval(() => source.onCaptured(grey, { width: 640, height: 360 }), 33);
 * await first.promise;
 * clearInterval(camera);
 * ```
 */
export class SoraVideoFrameTransformer extends SoraFrameTransformer<SoraTransformableVideoFrame> {
  /**
   * Makes a transformer that serves nothing yet.
   *
   * @throws {TypeError} If an option is wrong.
   * @throws {RangeError} If a number is outside its limits.
   */
  constructor(options: SoraFrameTransformerOptions = {}) {
    super("video", options);
  }

  /** @internal */
  protected override wrap(
    handle: NativeHandle,
    info: FrameInfo,
    mimeType: string,
  ): SoraTransformableVideoFrame {
    return new SoraTransformableVideoFrame(handle, info, mimeType);
  }
}
