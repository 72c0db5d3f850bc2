/**
 * Encoded frames, from an encoder or for a decoder.
 *
 * @module
 */

import { AudioFrameType, FrameDirection, Result, TransformerInfo } from "../../ffi/mod.ts";
import { wrongType } from "../../base/checks.ts";
import { SoraTransformableAudioFrameType, SoraTransformableFrameDirection } from "../enums.ts";
import { native, type NativeHandle } from "../native/handle.ts";

/** The description of a frame by `sora_transformer_take`, which the next call overwrites. */
export type FrameInfo = Readonly<Float64Array<ArrayBuffer>>;

const directions: ReadonlyMap<number, SoraTransformableFrameDirection> = new Map([
  [FrameDirection.UNKNOWN, SoraTransformableFrameDirection.UNKNOWN],
  [FrameDirection.SENDER, SoraTransformableFrameDirection.SENDER],
  [FrameDirection.RECEIVER, SoraTransformableFrameDirection.RECEIVER],
]);

const audioTypes: ReadonlyMap<number, SoraTransformableAudioFrameType> = new Map([
  [AudioFrameType.EMPTY, SoraTransformableAudioFrameType.EMPTY],
  [AudioFrameType.SPEECH, SoraTransformableAudioFrameType.SPEECH],
  [AudioFrameType.CN, SoraTransformableAudioFrameType.CN],
]);

/** Most lists are empty, so they share one array. */
const empty: readonly number[] = Object.freeze([]);

/** The longest data that a frame may be given, in bytes. */
const MAX_DATA_BYTES = 16 * 1024 * 1024;

const decoder = new TextDecoder();

/** A number of a frame's description. */
function numberAt(info: FrameInfo, place: number): number {
  return info[place] ?? NaN;
}

/** A number of a frame's description; `undefined` when it is not known. */
function knownAt(info: FrameInfo, place: number): number | undefined {
  const value = numberAt(info, place);
  return Number.isNaN(value) ? undefined : value;
}

/** A list behind the numbers. */
function listAt(info: FrameInfo, start: number, length: number): readonly number[] {
  if (length === 0) return empty;
  return Array.from(info.subarray(start, start + length));
}

/** The MIME type of a frame's codec. */
export function mimeTypeOf(handle: NativeHandle): string {
  const { functions } = handle;
  const size = handle.unwrap(functions.sora_encoded_frame_mime_type(handle.value, null, 0));
  const text = new Uint8Array(size);
  handle.unwrap(functions.sora_encoded_frame_mime_type(handle.value, text, size));
  return decoder.decode(text);
}

/**
 * An encoded frame (W3C WebRTC Encoded Transform, `RTCEncodedVideoFrame` and `RTCEncodedAudioFrame`). It continues when it is
 * enqueued into its transformer; otherwise it is dropped. Its properties stay readable.
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
 * const seen = Promise.withResolvers<void>();
 * transformer.onTransform = (frame) => {
 *   console.log(frame.direction, frame.mimeType); // SENDER video/VP9
 *   const data = frame.getData(); // a copy
 *   frame.setData(data.subarray(0, data.length)); // of any length
 *   transformer.enqueue(frame);
 *   seen.resolve();
 * };
 * await using sender = sora.createConnection({
 *   ...room,
 *   role: "sendonly",
 *   videoSource: source,
 *   videoFrameTransformer: transformer,
 * });
 * await sender.connect();
 * source.onCaptured(new Uint8Array(640 * 360 * 3), { width: 640, height: 360 });
 * await seen.promise;
 * ```
 */
export abstract class SoraTransformableFrame implements Disposable {
  /** Whether it is sent or received. */
  readonly direction: SoraTransformableFrameDirection;
  /** Its codec: `video/VP8` for instance. */
  readonly mimeType: string;
  /** RTP payload type. */
  readonly payloadType: number;
  /** RTP synchronization source. */
  readonly ssrc: number;
  /** RTP timestamp, in the codec's clock. */
  readonly rtpTimestamp: number;
  /** RTP contributing sources. */
  readonly contributingSources: readonly number[];
  /** @internal */
  readonly [native]: NativeHandle;
  /** Bytes of the encoded data. */
  #size: number;

  /** @internal */
  protected constructor(handle: NativeHandle, info: FrameInfo, mimeType: string) {
    this[native] = handle;
    this.#size = numberAt(info, TransformerInfo.SIZE);
    this.direction = directions.get(numberAt(info, TransformerInfo.DIRECTION)) ??
      SoraTransformableFrameDirection.UNKNOWN;
    this.mimeType = mimeType;
    this.payloadType = numberAt(info, TransformerInfo.PAYLOAD_TYPE);
    this.ssrc = numberAt(info, TransformerInfo.SSRC);
    this.rtpTimestamp = numberAt(info, TransformerInfo.RTP_TIMESTAMP);
    this.contributingSources = listAt(
      info,
      TransformerInfo.COUNT + numberAt(info, TransformerInfo.DEPENDENCIES),
      numberAt(info, TransformerInfo.CONTRIBUTING_SOURCES),
    );
  }

  /**
   * A copy of the encoded data.
   *
   * @throws {SoraError} `CLOSED` after it was enqueued or dropped.
   */
  getData(): Uint8Array<ArrayBuffer> {
    const handle = this[native];
    const { functions } = handle;
    const data = new Uint8Array(this.#size);
    handle.unwrap(functions.sora_encoded_frame_data(handle.value, data, data.byteLength));
    return data;
  }

  /**
   * Replaces the encoded data by a copy of `data`, of any length.
   *
   * @throws {TypeError} If `data` is not a `Uint8Array`.
   * @throws {RangeError} If it is longer than 16 MiB.
   * @throws {SoraError} `CLOSED` after it was enqueued or dropped.
   */
  setData(data: Uint8Array): void {
    if (!(data instanceof Uint8Array)) {
      throw wrongType("data", "a Uint8Array", data);
    }
    if (data.byteLength > MAX_DATA_BYTES) {
      throw new RangeError(
        `data must have at most ${MAX_DATA_BYTES} bytes, not ${data.byteLength}`,
      );
    }
    const handle = this[native];
    handle.unwrap(
      handle.functions.sora_encoded_frame_set_data(handle.value, data, data.byteLength),
    );
    this.#size = data.byteLength;
  }

  /** Drops it, unless it was enqueued. Idempotent. */
  close(): void {
    dropFrame(this[native]);
  }

  /** As {@link close}. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * An encoded audio frame.
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
 * const seen = Promise.withResolvers<void>();
 * transformer.onTransform = (frame) => {
 *   console.log(frame.direction, frame.audioLevel); // SENDER 127
 *   transformer.enqueue(frame);
 *   transformer.startShortCircuiting();
 *   seen.resolve();
 * };
 * await using sender = sora.createConnection({
 *   ...room,
 *   role: "sendonly",
 *   audioSource: source,
 *   audioFrameTransformer: transformer,
 * });
 * await sender.connect();
 * source.onData(new Int16Array(4_800)); // silence: -127 dBov
 * await seen.promise;
 * ```
 */
export class SoraTransformableAudioFrame extends SoraTransformableFrame {
  /** RTP sequence number of a received frame. */
  readonly sequenceNumber: number | undefined;
  /**
   * When it was captured, in milliseconds since 1970, if it is sent; `undefined` if it is received, as the built-in libwebrtc does
   * not report it.
   */
  readonly absoluteCaptureTimestamp: number | undefined;
  /** Its content. */
  readonly type: SoraTransformableAudioFrameType;
  /**
   * Audio level in -dBov (RFC 6464), 0 (the loudest) to 127 (silence): of a frame that is sent, the level of what was encoded; of
   * a received one, what its sender reports (RTP extension ssrc-audio-level), if it does.
   */
  readonly audioLevel: number | undefined;
  /** When a received frame reached the transformer, in milliseconds since 1970. */
  readonly receiveTime: number | undefined;

  /** @internal */
  constructor(handle: NativeHandle, info: FrameInfo, mimeType: string) {
    super(handle, info, mimeType);
    this.sequenceNumber = knownAt(info, TransformerInfo.SEQUENCE_NUMBER);
    this.absoluteCaptureTimestamp = knownAt(info, TransformerInfo.CAPTURE_TIME_MS);
    this.audioLevel = knownAt(info, TransformerInfo.AUDIO_LEVEL);
    this.receiveTime = knownAt(info, TransformerInfo.RECEIVE_TIME_MS);
    this.type = audioTypes.get(numberAt(info, TransformerInfo.AUDIO_TYPE)) ??
      SoraTransformableAudioFrameType.EMPTY;
  }
}

/**
 * An encoded video frame.
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
 * const seen = Promise.withResolvers<void>();
 * transformer.onTransform = (frame) => {
 *   console.log(frame.isKeyFrame, frame.width, frame.height); // true 640 360
 *   transformer.enqueue(frame);
 *   seen.resolve();
 * };
 * await using sender = sora.createConnection({
 *   ...room,
 *   role: "sendonly",
 *   videoSource: source,
 *   videoFrameTransformer: transformer,
 * });
 * await sender.connect();
 * source.onCaptured(new Uint8Array(640 * 360 * 3), { width: 640, height: 360 });
 * await seen.promise;
 * ```
 */
export class SoraTransformableVideoFrame extends SoraTransformableFrame {
  /** Whether it can be decoded without other frames. */
  readonly isKeyFrame: boolean;
  /** Its number, if the codec or the dependency descriptor has one. */
  readonly frameId: number | undefined;
  /** Numbers of the frames that it depends on. */
  readonly frameDependencies: readonly number[];
  /** Width in pixels; 0 when it is not known. */
  readonly width: number;
  /** Height in pixels; 0 when it is not known. */
  readonly height: number;
  /** Index of its spatial layer. */
  readonly spatialIndex: number;
  /** Index of its temporal layer; 255 without layers. */
  readonly temporalIndex: number;

  /** @internal */
  constructor(handle: NativeHandle, info: FrameInfo, mimeType: string) {
    super(handle, info, mimeType);
    this.isKeyFrame = numberAt(info, TransformerInfo.KEY_FRAME) === 1;
    this.frameId = knownAt(info, TransformerInfo.FRAME_ID);
    this.frameDependencies = listAt(
      info,
      TransformerInfo.COUNT,
      numberAt(info, TransformerInfo.DEPENDENCIES),
    );
    this.width = numberAt(info, TransformerInfo.WIDTH);
    this.height = numberAt(info, TransformerInfo.HEIGHT);
    this.spatialIndex = numberAt(info, TransformerInfo.SPATIAL_INDEX);
    this.temporalIndex = numberAt(info, TransformerInfo.TEMPORAL_INDEX);
  }
}

/** Drops a frame; `false` when it was enqueued or dropped before. */
export function dropFrame(handle: NativeHandle): boolean {
  const value = handle.take();
  if (value === 0) return false;
  return handle.functions.sora_encoded_frame_release(value) === Result.OK;
}
