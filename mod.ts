/**
 * sora-ffi: a client SDK for the WebRTC SFU Sora, for Deno and Bun, over libwebrtc.
 *
 * ```ts
 * import { Sora, SoraVideoSink } from "sora-ffi";
 *
 * await using sora = new Sora();
 * const videoSource = sora.createVideoSource();
 * await using connection = sora.createConnection({
 *   signalingUrls: ["wss://sora.example.com/signaling"],
 *   role: "sendrecv",
 *   channelId: "my-channel",
 *   videoSource,
 * });
 * connection.onTrack = (track) => {
 *   if (track.kind !== "video") return;
 *   const sink = new SoraVideoSink(track);
 *   const pixels = new Uint8Array(1920 * 1080 * 3);
 *   sink.onFrame = (received) => {
 *     using frame = received; // closes it
 *     const bytes = frame.copyTo(pixels, { format: "BGR" });
 *     console.log(frame.width, frame.height, pixels.subarray(0, bytes));
 *   };
 * };
 * await connection.connect();
 * videoSource.onCaptured(new Uint8Array(640 * 480 * 3), { width: 640, height: 480 });
 * ```
 *
 * Importing has no side effect: the native library is loaded when it is first needed.
 *
 * @module
 */

export { SoraAudioFrame } from "./sdk/audio/frame.ts";
export type { SoraAudioFrameInit } from "./sdk/audio/frame.ts";
export { SoraAudioSink } from "./sdk/audio/sink.ts";
export type {
  SoraAudioDataHandler,
  SoraAudioDataInfo,
  SoraAudioFormatHandler,
  SoraAudioReadResult,
} from "./sdk/audio/sink.ts";
export type { SoraAudioSinkOptions } from "./sdk/audio/native_sink.ts";
export { SoraAudioSource } from "./sdk/audio/source.ts";
export type { SoraAudioDataOptions, SoraAudioSourceOptions } from "./sdk/audio/source_options.ts";
export { SoraAudioStreamSink } from "./sdk/audio/stream_sink.ts";
export type { SoraAudioFrameHandler } from "./sdk/audio/stream_sink.ts";
export type { SoraAudioChunk, SoraAudioWritableOptions } from "./sdk/audio/writable.ts";
export {
  getVideoCodecCapability,
  SoraVideoCodecCapability,
  SoraVideoCodecImplementation,
} from "./sdk/codecs/capability.ts";
export type {
  SoraUnavailableVideoCodecEngine,
  SoraVideoCodecCapabilityOptions,
  SoraVideoCodecEngine,
  SoraVideoCodecSupport,
  SoraVideoSizes,
} from "./sdk/codecs/capability.ts";
export {
  createVideoCodecPreferenceFromImplementation,
  SoraVideoCodecPreference,
} from "./sdk/codecs/preference.ts";
export type { SoraVideoCodecPreferenceCodec } from "./sdk/codecs/preference.ts";
export { SoraConnection } from "./sdk/connection.ts";
export { SoraDataChannel } from "./sdk/data_channel.ts";
export {
  SoraDegradationPreference,
  SoraLoggingSeverity,
  SoraTrackState,
  SoraTransformableAudioFrameType,
  SoraTransformableFrameDirection,
  SoraVideoCodecType,
} from "./sdk/enums.ts";
export { SoraFrameTransformer } from "./sdk/transform/frame_transformer.ts";
export {
  SoraAudioFrameTransformer,
  SoraVideoFrameTransformer,
} from "./sdk/transform/media_transformers.ts";
export type {
  SoraFrameTransformerOptions,
  SoraFrameTransformHandler,
} from "./sdk/transform/frame_transformer.ts";
export { enableLibwebrtcLog, rtcLog } from "./sdk/log.ts";
export type { SoraLogSink } from "./sdk/log.ts";
export type {
  SoraConnectionInfo,
  SoraConnectionTelemetry,
  SoraObservedConnection,
  SoraTelemetry,
  SoraTelemetryEnd,
} from "./sdk/telemetry.ts";
export { SoraMediaTrack } from "./sdk/track/media_track.ts";
export type { SoraUndecodable } from "./sdk/track/media_track.ts";
export type {
  SoraConnectionOptions,
  SoraMediaOptions,
  SoraOptions,
  SoraReceiveOptions,
} from "./sdk/options.ts";
export type { PixelLayout, SoraPixelFormat, SoraVideoRotation } from "./sdk/video/pixel_format.ts";
export { SoraFrameSink } from "./sdk/track/frame_sink.ts";
export { SoraSink } from "./sdk/track/sink.ts";
export { SoraSource } from "./sdk/track/source.ts";
export { Sora } from "./sdk/sora.ts";
export type { SoraSpotlightRids } from "./sdk/spotlight.ts";
export type * from "./sdk/stats/mod.ts";
export { toPrometheus } from "./sdk/stats/prometheus.ts";
export type { SoraPrometheusOptions } from "./sdk/stats/prometheus.ts";
export { SoraTrackInterface } from "./sdk/track/track.ts";
export type { SoraTrackKind } from "./sdk/track/track.ts";
export {
  SoraTransformableAudioFrame,
  SoraTransformableFrame,
  SoraTransformableVideoFrame,
} from "./sdk/transform/transformable_frame.ts";
export { SoraVAD } from "./sdk/vad.ts";
export type { SoraVADFormat, SoraVADOptions } from "./sdk/vad.ts";
export { version } from "./base/version.ts";
export { SoraVideoFrame } from "./sdk/video/frame.ts";
export type {
  SoraVideoFrameDataOptions,
  SoraVideoFrameLayout,
  SoraVideoFrameToken,
} from "./sdk/video/frame.ts";
export { SoraVideoSink } from "./sdk/video/sink.ts";
export type { SoraVideoFrameHandler, SoraVideoSinkOptions } from "./sdk/video/sink.ts";
export { SoraVideoSource } from "./sdk/video/source.ts";
export type { SoraCapturedOptions, SoraPicture, SoraVideoChunk } from "./sdk/video/chunk.ts";
export * from "./signaling/public.ts";
export {
  SoraError,
  type SoraErrorCode,
  type SoraLibraryErrorCode,
  SoraRpcError,
  SoraSignalingErrorCode,
} from "./base/errors.ts";
export type { JsonValue } from "./base/json.ts";
