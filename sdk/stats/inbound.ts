/**
 * Statistics of received streams (W3C webrtc-stats).
 *
 * @module
 */

import type { SoraRtpStreamStats } from "./base.ts";

/** A received RTP stream (`RTCInboundRtpStreamStats`). */
export interface SoraInboundRtpStats extends SoraRtpStreamStats {
  /** Discriminant. */
  readonly type: "inbound-rtp";
  /** `id` of the track. */
  readonly trackIdentifier: string;
  /** Media description that it belongs to. */
  readonly mid?: string;
  /** `id` of the sender's report on it. */
  readonly remoteId?: string;
  /** RTP packets received. */
  readonly packetsReceived?: number;
  /** RTP packets lost (RFC 3550); negative when duplicates were received. */
  readonly packetsLost?: number;
  /** RTP packets that came too late or too early to be used. */
  readonly packetsDiscarded?: number;
  /** Interarrival jitter in seconds (RFC 3550). */
  readonly jitter?: number;
  /** Payload received, in bytes. */
  readonly bytesReceived?: number;
  /** RTP headers and padding received, in bytes. */
  readonly headerBytesReceived?: number;
  /** Retransmitted packets received (RFC 4588). */
  readonly retransmittedPacketsReceived?: number;
  /** Payload of those packets, in bytes. */
  readonly retransmittedBytesReceived?: number;
  /** When the last packet was received, in milliseconds since 1970. */
  readonly lastPacketReceivedTimestamp?: number;
  /** Time that all samples or frames spent in the jitter buffer, in seconds. */
  readonly jitterBufferDelay?: number;
  /** Target delay of the jitter buffer, summed like `jitterBufferDelay`, in seconds. */
  readonly jitterBufferTargetDelay?: number;
  /** Delay that the network alone required, summed like `jitterBufferDelay`, in seconds. */
  readonly jitterBufferMinimumDelay?: number;
  /** Samples or frames that left the jitter buffer. */
  readonly jitterBufferEmittedCount?: number;
  /** Negative acknowledgements sent (RFC 4585). */
  readonly nackCount?: number;
  /** Full intra requests sent (RFC 5104). */
  readonly firCount?: number;
  /** Picture loss indications sent (RFC 4585). */
  readonly pliCount?: number;
  /** Complete frames received. */
  readonly framesReceived?: number;
  /** Frames decoded. */
  readonly framesDecoded?: number;
  /** Key frames decoded. */
  readonly keyFramesDecoded?: number;
  /** Frames dropped before or after decoding. */
  readonly framesDropped?: number;
  /** Frames decoded in the last second. */
  readonly framesPerSecond?: number;
  /** Width of the last decoded frame in pixels. */
  readonly frameWidth?: number;
  /** Height of the last decoded frame in pixels. */
  readonly frameHeight?: number;
  /** Sum of the quantization parameters of decoded frames. */
  readonly qpSum?: number;
  /** Time spent decoding, in seconds. */
  readonly totalDecodeTime?: number;
  /** Sum of the intervals between decoded frames, in seconds. */
  readonly totalInterFrameDelay?: number;
  /** Sum of the squares of those intervals, in seconds squared. */
  readonly totalSquaredInterFrameDelay?: number;
  /** How often the video froze. */
  readonly freezeCount?: number;
  /** How long it was frozen, in seconds. */
  readonly totalFreezesDuration?: number;
  /** How often no frame came for 5 seconds. */
  readonly pauseCount?: number;
  /** How long those pauses were, in seconds. */
  readonly totalPausesDuration?: number;
  /** Name of the decoder. */
  readonly decoderImplementation?: string;
  /** Whether the decoder is hardware. */
  readonly powerEfficientDecoder?: boolean;
  /** Level of the audio, 0 to 1. */
  readonly audioLevel?: number;
  /** Sum of the audio's energy. */
  readonly totalAudioEnergy?: number;
  /** Samples that left the jitter buffer, concealed ones included. */
  readonly totalSamplesReceived?: number;
  /** Duration of those samples, in seconds. */
  readonly totalSamplesDuration?: number;
  /** Samples synthesized in place of missing packets. */
  readonly concealedSamples?: number;
  /** Concealed samples that were silent. */
  readonly silentConcealedSamples?: number;
  /** How often concealment began. */
  readonly concealmentEvents?: number;
  /** Samples added to play more slowly. */
  readonly insertedSamplesForDeceleration?: number;
  /** Samples removed to play faster. */
  readonly removedSamplesForAcceleration?: number;
  /** Capture time of what is played now, in milliseconds of the sender's NTP clock. */
  readonly estimatedPlayoutTimestamp?: number;
  /** `id` of the statistics of its playout. */
  readonly playoutId?: string;
  /** Synchronization source of retransmissions (RFC 4588). */
  readonly rtxSsrc?: number;
  /** Synchronization source of forward error correction (RFC 5109, RFC 8627). */
  readonly fecSsrc?: number;
  /** Packets of forward error correction received. */
  readonly fecPacketsReceived?: number;
  /** Payload of those packets, in bytes. */
  readonly fecBytesReceived?: number;
  /** Packets of forward error correction that were of no use. */
  readonly fecPacketsDiscarded?: number;
  /** Sum of the times from a frame's first packet to the decoded frame, in seconds. */
  readonly totalProcessingDelay?: number;
  /** Sum of the times that frames of several packets took to be complete, in seconds. */
  readonly totalAssemblyTime?: number;
  /** Number of those frames. */
  readonly framesAssembledFromMultiplePackets?: number;
  /** `screenshare`, unless it is a camera. Specific to libwebrtc. */
  readonly contentType?: string;
  /** Times of the slowest frame. Specific to libwebrtc. */
  readonly googTimingFrameInfo?: string;
  /** How often the jitter buffer was emptied. Specific to libwebrtc. */
  readonly jitterBufferFlushes?: number;
  /** Samples whose packets came late by more than the buffer held. Specific to libwebrtc. */
  readonly delayedPacketOutageSamples?: number;
  /** Sum of the delays of packets relative to the fastest one, in seconds. Specific to libwebrtc. */
  readonly relativePacketArrivalDelay?: number;
  /** How often the audio was interrupted. Specific to libwebrtc. */
  readonly interruptionCount?: number;
  /** How long those interruptions were, in seconds. Specific to libwebrtc. */
  readonly totalInterruptionDuration?: number;
  /** The least delay that the sender asked for, in seconds. Specific to libwebrtc. */
  readonly minPlayoutDelay?: number;
}

/** The sender's report on a received stream (`RTCRemoteOutboundRtpStreamStats`). */
export interface SoraRemoteOutboundRtpStats extends SoraRtpStreamStats {
  /** Discriminant. */
  readonly type: "remote-outbound-rtp";
  /** `id` of the stream on this side. */
  readonly localId?: string;
  /** When the report was sent, in milliseconds since 1970 on the sender's clock. */
  readonly remoteTimestamp?: number;
  /** RTP packets sent. */
  readonly packetsSent?: number;
  /** Payload sent, in bytes. */
  readonly bytesSent?: number;
  /** Sender reports sent (RFC 3550). */
  readonly reportsSent?: number;
  /** The last round trip time, in seconds. */
  readonly roundTripTime?: number;
  /** Sum of the round trip times, in seconds. */
  readonly totalRoundTripTime?: number;
  /** Number of round trip times. */
  readonly roundTripTimeMeasurements?: number;
}
