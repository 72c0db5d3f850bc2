/**
 * Encoded frames, on their way from an encoder or to a decoder.
 *
 * @module
 */

import { Result } from "../ffi/constants.ts";
import { kindOf } from "../signaling/json.ts";
import { SoraTransformableAudioFrameType, SoraTransformableFrameDirection } from "./enums.ts";
import { native, type NativeHandle } from "./native_handle.ts";

/** What the native library tells of a frame. */
interface Metadata {
  readonly direction: "sender" | "receiver" | "unknown";
  readonly mimeType: string;
  readonly payloadType: number;
  readonly ssrc: number;
  readonly rtpTimestamp: number;
  readonly contributingSources: readonly number[];
  readonly sequenceNumber?: number;
  readonly absoluteCaptureTimestamp?: number;
  readonly receiveTime?: number;
  readonly type?: "empty" | "speech" | "cn";
  readonly isKeyFrame?: boolean;
  readonly frameId?: number;
  readonly frameDependencies?: readonly number[];
  readonly width?: number;
  readonly height?: number;
  readonly spatialIndex?: number;
  readonly temporalIndex?: number;
}

const directions = {
  sender: SoraTransformableFrameDirection.SENDER,
  receiver: SoraTransformableFrameDirection.RECEIVER,
  unknown: SoraTransformableFrameDirection.UNKNOWN,
} as const;

const audioTypes = {
  empty: SoraTransformableAudioFrameType.EMPTY,
  speech: SoraTransformableAudioFrameType.SPEECH,
  cn: SoraTransformableAudioFrameType.CN,
} as const;

/** The longest data that a frame may be given, in bytes. */
const MAX_DATA_BYTES = 16 * 1024 * 1024;

const decoder = new TextDecoder();
let buffer = new Uint8Array(2_048);

function readMetadata(handle: NativeHandle): Metadata {
  const { functions } = handle.realm;
  const read = () =>
    handle.unwrap(functions.sora_encoded_frame_metadata(handle.value, buffer, buffer.byteLength));
  let length = read();
  if (length > buffer.byteLength) {
    buffer = new Uint8Array(length);
    length = read();
  }
  return JSON.parse(decoder.decode(buffer.subarray(0, length)));
}

/**
 * An encoded frame (W3C WebRTC Encoded Transform, `RTCEncodedVideoFrame` and `RTCEncodedAudioFrame`). It goes on its way when
 * it is enqueued into its transformer; else it is dropped. What is known about it stays readable.
 */
export abstract class SoraTransformableFrame implements Disposable {
  /** Which way it goes. */
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

  /** @internal */
  protected constructor(handle: NativeHandle, metadata: Metadata) {
    this[native] = handle;
    this.direction = directions[metadata.direction];
    this.mimeType = metadata.mimeType;
    this.payloadType = metadata.payloadType;
    this.ssrc = metadata.ssrc;
    this.rtpTimestamp = metadata.rtpTimestamp;
    this.contributingSources = metadata.contributingSources;
  }

  /**
   * A copy of the encoded data.
   *
   * @throws {SoraError} `CLOSED` after it was enqueued or dropped.
   */
  getData(): Uint8Array<ArrayBuffer> {
    const handle = this[native];
    const { functions } = handle.realm;
    const size = handle.unwrap(functions.sora_encoded_frame_data(handle.value, null, 0));
    const data = new Uint8Array(size);
    handle.unwrap(functions.sora_encoded_frame_data(handle.value, data, size));
    return data;
  }

  /**
   * Replaces the encoded data, by shorter or longer one. It is copied.
   *
   * @throws {TypeError} If `data` is no `Uint8Array`.
   * @throws {RangeError} If it is longer than 16 MiB.
   * @throws {SoraError} `CLOSED` after it was enqueued or dropped.
   */
  setData(data: Uint8Array<ArrayBuffer>): void {
    if (!(data instanceof Uint8Array)) {
      throw new TypeError(`data must be a Uint8Array, not ${kindOf(data)}`);
    }
    if (data.byteLength > MAX_DATA_BYTES) {
      throw new RangeError(`data has ${data.byteLength} bytes, more than ${MAX_DATA_BYTES}`);
    }
    const handle = this[native];
    handle.unwrap(
      handle.realm.functions.sora_encoded_frame_set_data(handle.value, data, data.byteLength),
    );
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

/** An encoded frame of audio. */
export class SoraTransformableAudioFrame extends SoraTransformableFrame {
  /** RTP sequence number of a frame that was received. */
  readonly sequenceNumber: number | undefined;
  /**
   * When it was captured, in milliseconds since 1970, of a frame that is sent; `undefined` of one that is received, as the
   * libwebrtc that is built in does not tell it.
   */
  readonly absoluteCaptureTimestamp: number | undefined;
  /** What it holds. */
  readonly type: SoraTransformableAudioFrameType;
  /** Audio level in -dBov (RFC 6464); `undefined`, as the libwebrtc that is built in does not tell it. */
  readonly audioLevel: number | undefined = undefined;
  /** When a frame that is received came to the transformer, in milliseconds since 1970. */
  readonly receiveTime: number | undefined;

  /** @internal */
  constructor(handle: NativeHandle) {
    const metadata = readMetadata(handle);
    super(handle, metadata);
    this.sequenceNumber = metadata.sequenceNumber;
    this.absoluteCaptureTimestamp = metadata.absoluteCaptureTimestamp;
    this.receiveTime = metadata.receiveTime;
    this.type = audioTypes[metadata.type ?? "empty"];
  }
}

/** An encoded frame of video. */
export class SoraTransformableVideoFrame extends SoraTransformableFrame {
  /** Whether it can be decoded without any other. */
  readonly isKeyFrame: boolean;
  /** Its number, if the codec or the dependency descriptor gives it one. */
  readonly frameId: number | undefined;
  /** Numbers of the frames that it needs. */
  readonly frameDependencies: readonly number[];
  /** Width in pixels; 0 when it is not known. */
  readonly width: number;
  /** Height in pixels; 0 when it is not known. */
  readonly height: number;
  /** Spatial layer. */
  readonly spatialIndex: number;
  /** Temporal layer; 255 without layers. */
  readonly temporalIndex: number;

  /** @internal */
  constructor(handle: NativeHandle) {
    const metadata = readMetadata(handle);
    super(handle, metadata);
    this.isKeyFrame = metadata.isKeyFrame ?? false;
    this.frameId = metadata.frameId;
    this.frameDependencies = metadata.frameDependencies ?? [];
    this.width = metadata.width ?? 0;
    this.height = metadata.height ?? 0;
    this.spatialIndex = metadata.spatialIndex ?? 0;
    this.temporalIndex = metadata.temporalIndex ?? 0;
  }
}

/** Drops a frame; `false` when it was enqueued or dropped before. */
export function dropFrame(handle: NativeHandle): boolean {
  const value = handle.take();
  if (value === 0) return false;
  return handle.realm.functions.sora_encoded_frame_release(value) === Result.OK;
}
