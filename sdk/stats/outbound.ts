/**
 * Statistics of sent streams and their sources (W3C webrtc-stats).
 *
 * @module
 */

import type { SoraRtpStreamStats, SoraStatsBase } from "./base.ts";

/** A sent RTP stream (`RTCOutboundRtpStreamStats`). */
export interface SoraOutboundRtpStats extends SoraRtpStreamStats {
  /** Discriminant. */
  readonly type: "outbound-rtp";
  /** Media description that it belongs to. */
  readonly mid?: string;
  /** Simulcast layer. */
  readonly rid?: string;
  /** Synchronization source of retransmissions (RFC 4588). */
  readonly rtxSsrc?: number;
  /** `screenshare`, unless it is a camera. Specific to libwebrtc. */
  readonly contentType?: string;
  /** `id` of its source. */
  readonly mediaSourceId?: string;
  /** `id` of the receiver's report on it. */
  readonly remoteId?: string;
  /** Whether it is active. */
  readonly active?: boolean;
  /** RTP packets sent. */
  readonly packetsSent?: number;
  /** Payload sent, in bytes. */
  readonly bytesSent?: number;
  /** RTP headers and padding sent, in bytes. */
  readonly headerBytesSent?: number;
  /** Packets retransmitted (RFC 4588). */
  readonly retransmittedPacketsSent?: number;
  /** Payload of those packets, in bytes. */
  readonly retransmittedBytesSent?: number;
  /** Sum of the times that packets waited to be sent, in seconds. */
  readonly totalPacketSendDelay?: number;
  /** Target bit rate of the encoder, in bits per second. */
  readonly targetBitrate?: number;
  /** Negative acknowledgements received (RFC 4585). */
  readonly nackCount?: number;
  /** Full intra requests received (RFC 5104). */
  readonly firCount?: number;
  /** Picture loss indications received (RFC 4585). */
  readonly pliCount?: number;
  /** Frames encoded. */
  readonly framesEncoded?: number;
  /** Key frames encoded. */
  readonly keyFramesEncoded?: number;
  /** Frames sent. */
  readonly framesSent?: number;
  /** Frames of more than 2.5 times the average size. */
  readonly hugeFramesSent?: number;
  /** Frames encoded in the last second. */
  readonly framesPerSecond?: number;
  /** Width of the last encoded frame in pixels. */
  readonly frameWidth?: number;
  /** Height of the last encoded frame in pixels. */
  readonly frameHeight?: number;
  /** Sum of the quantization parameters of encoded frames. */
  readonly qpSum?: number;
  /** Time spent encoding, in seconds. */
  readonly totalEncodeTime?: number;
  /** Sum of the encoder's target sizes, in bytes. */
  readonly totalEncodedBytesTarget?: number;
  /** Name of the encoder. */
  readonly encoderImplementation?: string;
  /** Whether the encoder is hardware. */
  readonly powerEfficientEncoder?: boolean;
  /** Layers (W3C webrtc-svc), `L1T1` for instance. */
  readonly scalabilityMode?: string;
  /** Why quality is reduced. */
  readonly qualityLimitationReason?: "none" | "cpu" | "bandwidth" | "other";
  /** How long it was reduced for each reason, in seconds. */
  readonly qualityLimitationDurations?: Readonly<Record<string, number>>;
  /** How often the resolution changed because of that. */
  readonly qualityLimitationResolutionChanges?: number;
}

/** The receiver's report on a sent stream (`RTCRemoteInboundRtpStreamStats`). */
export interface SoraRemoteInboundRtpStats extends SoraRtpStreamStats {
  /** Discriminant. */
  readonly type: "remote-inbound-rtp";
  /** `id` of the stream on this side. */
  readonly localId?: string;
  /** RTP packets lost (RFC 3550). */
  readonly packetsLost?: number;
  /** Fraction of packets lost since the previous report, 0 to 1. */
  readonly fractionLost?: number;
  /** Interarrival jitter in seconds. */
  readonly jitter?: number;
  /** The last round trip time, in seconds. */
  readonly roundTripTime?: number;
  /** Sum of the round trip times, in seconds. */
  readonly totalRoundTripTime?: number;
  /** Number of round trip times. */
  readonly roundTripTimeMeasurements?: number;
}

/** The source of a sent stream (`RTCAudioSourceStats`, `RTCVideoSourceStats`). */
export interface SoraMediaSourceStats extends SoraStatsBase {
  /** Discriminant. */
  readonly type: "media-source";
  /** `id` of the native track. */
  readonly trackIdentifier: string;
  /** What it carries. */
  readonly kind: "audio" | "video";
  /** Level of the audio, 0 to 1. */
  readonly audioLevel?: number;
  /** Sum of the audio's energy. */
  readonly totalAudioEnergy?: number;
  /** Duration of the audio, in seconds. */
  readonly totalSamplesDuration?: number;
  /** Echo return loss in dB, where echo is cancelled. */
  readonly echoReturnLoss?: number;
  /** Echo return loss enhancement in dB, where echo is cancelled. */
  readonly echoReturnLossEnhancement?: number;
  /** Width of the last frame in pixels. */
  readonly width?: number;
  /** Height of the last frame in pixels. */
  readonly height?: number;
  /** Frames captured. */
  readonly frames?: number;
  /** Frames captured in the last second. */
  readonly framesPerSecond?: number;
}
