/**
 * Statistics of what is sent (W3C webrtc-stats).
 *
 * @module
 */

import type { SoraRtpStreamStats, SoraStatsBase } from "./base.ts";

/** An RTP stream that is sent (`RTCOutboundRtpStreamStats`). */
export interface SoraOutboundRtpStats extends SoraRtpStreamStats {
  /** Discriminant. */
  readonly type: "outbound-rtp";
  /** Media description that it belongs to. */
  readonly mid?: string;
  /** Simulcast layer. */
  readonly rid?: string;
  /** Synchronization source of what is sent again (RFC 4588). */
  readonly rtxSsrc?: number;
  /** `screenshare`, when it is no camera. Of libwebrtc alone. */
  readonly contentType?: string;
  /** `id` of its source. */
  readonly mediaSourceId?: string;
  /** `id` of what the receiver reports of it. */
  readonly remoteId?: string;
  /** Whether it is sent at all. */
  readonly active?: boolean;
  /** RTP packets sent. */
  readonly packetsSent?: number;
  /** Payload sent, in bytes. */
  readonly bytesSent?: number;
  /** RTP headers and padding sent, in bytes. */
  readonly headerBytesSent?: number;
  /** Packets sent again (RFC 4588). */
  readonly retransmittedPacketsSent?: number;
  /** Payload of those, in bytes. */
  readonly retransmittedBytesSent?: number;
  /** Time that packets waited before they were sent, in seconds. */
  readonly totalPacketSendDelay?: number;
  /** What the encoder aims at, in bits per second. */
  readonly targetBitrate?: number;
  /** Negative acknowledgements received (RFC 4585). */
  readonly nackCount?: number;
  /** Full intra requests received (RFC 5104). */
  readonly firCount?: number;
  /** Picture loss indications received (RFC 4585). */
  readonly pliCount?: number;
  /** Pictures encoded. */
  readonly framesEncoded?: number;
  /** Key pictures encoded. */
  readonly keyFramesEncoded?: number;
  /** Pictures sent. */
  readonly framesSent?: number;
  /** Pictures of more than 2.5 times the average size. */
  readonly hugeFramesSent?: number;
  /** Pictures encoded in the last second. */
  readonly framesPerSecond?: number;
  /** Width of the last encoded picture in pixels. */
  readonly frameWidth?: number;
  /** Height of the last encoded picture in pixels. */
  readonly frameHeight?: number;
  /** Sum of the quantization parameters of encoded pictures. */
  readonly qpSum?: number;
  /** Time spent encoding, in seconds. */
  readonly totalEncodeTime?: number;
  /** Size that the encoder aimed at, summed, in bytes. */
  readonly totalEncodedBytesTarget?: number;
  /** Name of the encoder. */
  readonly encoderImplementation?: string;
  /** Whether the encoder is hardware. */
  readonly powerEfficientEncoder?: boolean;
  /** Layers (W3C webrtc-svc), `L1T1` for instance. */
  readonly scalabilityMode?: string;
  /** Why quality is reduced. */
  readonly qualityLimitationReason?: "none" | "cpu" | "bandwidth" | "other";
  /** How long it was for each reason, in seconds. */
  readonly qualityLimitationDurations?: Readonly<Record<string, number>>;
  /** How often the resolution changed because of it. */
  readonly qualityLimitationResolutionChanges?: number;
}

/** What the receiver reports of a stream that is sent (`RTCRemoteInboundRtpStreamStats`). */
export interface SoraRemoteInboundRtpStats extends SoraRtpStreamStats {
  /** Discriminant. */
  readonly type: "remote-inbound-rtp";
  /** `id` of the stream here. */
  readonly localId?: string;
  /** RTP packets lost (RFC 3550). */
  readonly packetsLost?: number;
  /** Which part was lost since the report before, 0 to 1. */
  readonly fractionLost?: number;
  /** Jitter of arrival in seconds. */
  readonly jitter?: number;
  /** Last round trip time in seconds. */
  readonly roundTripTime?: number;
  /** Round trip times, summed, in seconds. */
  readonly totalRoundTripTime?: number;
  /** How many were measured. */
  readonly roundTripTimeMeasurements?: number;
}

/** A source that is sent (`RTCAudioSourceStats`, `RTCVideoSourceStats`). */
export interface SoraMediaSourceStats extends SoraStatsBase {
  /** Discriminant. */
  readonly type: "media-source";
  /** `id` of the native track. */
  readonly trackIdentifier: string;
  /** What it carries. */
  readonly kind: "audio" | "video";
  /** Level of the audio, 0 to 1. */
  readonly audioLevel?: number;
  /** Energy of the audio, summed. */
  readonly totalAudioEnergy?: number;
  /** How long the audio lasts, in seconds. */
  readonly totalSamplesDuration?: number;
  /** How much weaker the echo is than what was played, in dB, where echo is cancelled. */
  readonly echoReturnLoss?: number;
  /** How much of it cancellation adds, in dB. */
  readonly echoReturnLossEnhancement?: number;
  /** Width of the last picture in pixels. */
  readonly width?: number;
  /** Height of the last picture in pixels. */
  readonly height?: number;
  /** Pictures captured. */
  readonly frames?: number;
  /** Pictures captured in the last second. */
  readonly framesPerSecond?: number;
}
