/**
 * Statistics of what is received (W3C webrtc-stats).
 *
 * @module
 */

import type { SoraRtpStreamStats } from "./base.ts";

/** An RTP stream that is received (`RTCInboundRtpStreamStats`). */
export interface SoraInboundRtpStats extends SoraRtpStreamStats {
  /** Discriminant. */
  readonly type: "inbound-rtp";
  /** `id` of the track. */
  readonly trackIdentifier: string;
  /** Media description that it belongs to. */
  readonly mid?: string;
  /** `id` of what the sender reports of it. */
  readonly remoteId?: string;
  /** RTP packets received. */
  readonly packetsReceived?: number;
  /** RTP packets lost (RFC 3550); below 0 when duplicates came. */
  readonly packetsLost?: number;
  /** RTP packets that came too late or too early to be used. */
  readonly packetsDiscarded?: number;
  /** Jitter of arrival in seconds (RFC 3550). */
  readonly jitter?: number;
  /** Payload received, in bytes. */
  readonly bytesReceived?: number;
  /** RTP headers and padding received, in bytes. */
  readonly headerBytesReceived?: number;
  /** Packets that came again after they were lost (RFC 4588). */
  readonly retransmittedPacketsReceived?: number;
  /** Payload of those, in bytes. */
  readonly retransmittedBytesReceived?: number;
  /** When the last packet came, in milliseconds since 1970. */
  readonly lastPacketReceivedTimestamp?: number;
  /** Time that all samples or frames spent in the jitter buffer, in seconds. */
  readonly jitterBufferDelay?: number;
  /** Time that the jitter buffer aimed at, summed like `jitterBufferDelay`, in seconds. */
  readonly jitterBufferTargetDelay?: number;
  /** Time that the network alone asked for, summed like `jitterBufferDelay`, in seconds. */
  readonly jitterBufferMinimumDelay?: number;
  /** Samples or frames that left the jitter buffer. */
  readonly jitterBufferEmittedCount?: number;
  /** Negative acknowledgements sent (RFC 4585). */
  readonly nackCount?: number;
  /** Full intra requests sent (RFC 5104). */
  readonly firCount?: number;
  /** Picture loss indications sent (RFC 4585). */
  readonly pliCount?: number;
  /** Whole pictures received. */
  readonly framesReceived?: number;
  /** Pictures decoded. */
  readonly framesDecoded?: number;
  /** Key pictures decoded. */
  readonly keyFramesDecoded?: number;
  /** Pictures dropped before or after decoding. */
  readonly framesDropped?: number;
  /** Pictures decoded in the last second. */
  readonly framesPerSecond?: number;
  /** Width of the last decoded picture in pixels. */
  readonly frameWidth?: number;
  /** Height of the last decoded picture in pixels. */
  readonly frameHeight?: number;
  /** Sum of the quantization parameters of decoded pictures. */
  readonly qpSum?: number;
  /** Time spent decoding, in seconds. */
  readonly totalDecodeTime?: number;
  /** Time between decoded pictures, summed, in seconds. */
  readonly totalInterFrameDelay?: number;
  /** Its squares, summed, in seconds squared. */
  readonly totalSquaredInterFrameDelay?: number;
  /** How often the picture froze. */
  readonly freezeCount?: number;
  /** How long it was frozen, in seconds. */
  readonly totalFreezesDuration?: number;
  /** How often no picture came for 5 seconds. */
  readonly pauseCount?: number;
  /** How long those pauses were, in seconds. */
  readonly totalPausesDuration?: number;
  /** Name of the decoder. */
  readonly decoderImplementation?: string;
  /** Whether the decoder is hardware. */
  readonly powerEfficientDecoder?: boolean;
  /** Level of the audio, 0 to 1. */
  readonly audioLevel?: number;
  /** Energy of the audio, summed. */
  readonly totalAudioEnergy?: number;
  /** Samples that left the jitter buffer, made up ones included. */
  readonly totalSamplesReceived?: number;
  /** How long those last, in seconds. */
  readonly totalSamplesDuration?: number;
  /** Samples made up because packets were missing. */
  readonly concealedSamples?: number;
  /** Those of them that were silent. */
  readonly silentConcealedSamples?: number;
  /** How often samples were made up. */
  readonly concealmentEvents?: number;
  /** Samples added to play more slowly. */
  readonly insertedSamplesForDeceleration?: number;
  /** Samples removed to play faster. */
  readonly removedSamplesForAcceleration?: number;
  /** When the sender captured what is played now, in milliseconds of its NTP clock. */
  readonly estimatedPlayoutTimestamp?: number;
  /** `id` of the statistics of what plays it. */
  readonly playoutId?: string;
  /** Synchronization source of what comes again (RFC 4588). */
  readonly rtxSsrc?: number;
  /** Synchronization source of forward error correction (RFC 5109, RFC 8627). */
  readonly fecSsrc?: number;
  /** Packets of forward error correction received. */
  readonly fecPacketsReceived?: number;
  /** Payload of those, in bytes. */
  readonly fecBytesReceived?: number;
  /** Those of them that were of no use. */
  readonly fecPacketsDiscarded?: number;
  /** Time from the first packet of each picture to the picture decoded, summed, in seconds. */
  readonly totalProcessingDelay?: number;
  /** Time that pictures of several packets took to be whole, summed, in seconds. */
  readonly totalAssemblyTime?: number;
  /** How many those were. */
  readonly framesAssembledFromMultiplePackets?: number;
  /** `screenshare`, when it is no camera. Of libwebrtc alone. */
  readonly contentType?: string;
  /** Times of the slowest picture. Of libwebrtc alone. */
  readonly googTimingFrameInfo?: string;
  /** How often the jitter buffer was emptied. Of libwebrtc alone. */
  readonly jitterBufferFlushes?: number;
  /** Samples whose packets came late by more than the buffer held. Of libwebrtc alone. */
  readonly delayedPacketOutageSamples?: number;
  /** By how much packets came later than the quickest, summed, in seconds. Of libwebrtc alone. */
  readonly relativePacketArrivalDelay?: number;
  /** How often the sound was interrupted. Of libwebrtc alone. */
  readonly interruptionCount?: number;
  /** How long those interruptions were, in seconds. Of libwebrtc alone. */
  readonly totalInterruptionDuration?: number;
  /** Delay that the sender asked for at least, in seconds. Of libwebrtc alone. */
  readonly minPlayoutDelay?: number;
}

/** What the sender reports of a stream that is received (`RTCRemoteOutboundRtpStreamStats`). */
export interface SoraRemoteOutboundRtpStats extends SoraRtpStreamStats {
  /** Discriminant. */
  readonly type: "remote-outbound-rtp";
  /** `id` of the stream here. */
  readonly localId?: string;
  /** When it was reported, in milliseconds since 1970 on the sender's clock. */
  readonly remoteTimestamp?: number;
  /** RTP packets sent. */
  readonly packetsSent?: number;
  /** Payload sent, in bytes. */
  readonly bytesSent?: number;
  /** Sender reports sent (RFC 3550). */
  readonly reportsSent?: number;
  /** Last round trip time in seconds. */
  readonly roundTripTime?: number;
  /** Round trip times, summed, in seconds. */
  readonly totalRoundTripTime?: number;
  /** How many were measured. */
  readonly roundTripTimeMeasurements?: number;
}
