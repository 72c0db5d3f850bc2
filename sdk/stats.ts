/**
 * Statistics (W3C webrtc-stats), as libwebrtc gives them. Members that are not listed here are there all the same; those that
 * are listed and optional come only when libwebrtc knows them. Durations are seconds unless the name says otherwise.
 *
 * @module
 */

/** What all statistics have (`RTCStats`). */
export interface SoraStatsBase {
  /** Identifier of the object that the statistics are about, the same in each report. */
  readonly id: string;
  /** When they were taken, in milliseconds since 1970. */
  readonly timestamp: number;
}

/** A codec in use (`RTCCodecStats`). */
export interface SoraCodecStats extends SoraStatsBase {
  readonly type: "codec";
  readonly transportId: string;
  readonly payloadType: number;
  readonly mimeType: string;
  readonly clockRate?: number;
  readonly channels?: number;
  readonly sdpFmtpLine?: string;
}

/** What the statistics of all RTP streams have (`RTCRtpStreamStats`). */
export interface SoraRtpStreamStats extends SoraStatsBase {
  readonly ssrc: number;
  readonly kind: "audio" | "video";
  readonly transportId?: string;
  readonly codecId?: string;
}

/** An RTP stream that is received (`RTCInboundRtpStreamStats`). */
export interface SoraInboundRtpStats extends SoraRtpStreamStats {
  readonly type: "inbound-rtp";
  readonly trackIdentifier: string;
  readonly mid?: string;
  readonly remoteId?: string;
  readonly packetsReceived?: number;
  readonly packetsLost?: number;
  readonly packetsDiscarded?: number;
  readonly jitter?: number;
  readonly bytesReceived?: number;
  readonly headerBytesReceived?: number;
  readonly retransmittedPacketsReceived?: number;
  readonly retransmittedBytesReceived?: number;
  readonly lastPacketReceivedTimestamp?: number;
  readonly jitterBufferDelay?: number;
  readonly jitterBufferTargetDelay?: number;
  readonly jitterBufferMinimumDelay?: number;
  readonly jitterBufferEmittedCount?: number;
  readonly nackCount?: number;
  readonly firCount?: number;
  readonly pliCount?: number;
  readonly framesReceived?: number;
  readonly framesDecoded?: number;
  readonly keyFramesDecoded?: number;
  readonly framesDropped?: number;
  readonly framesPerSecond?: number;
  readonly frameWidth?: number;
  readonly frameHeight?: number;
  readonly qpSum?: number;
  readonly totalDecodeTime?: number;
  readonly totalInterFrameDelay?: number;
  readonly totalSquaredInterFrameDelay?: number;
  readonly freezeCount?: number;
  readonly totalFreezesDuration?: number;
  readonly pauseCount?: number;
  readonly totalPausesDuration?: number;
  readonly decoderImplementation?: string;
  readonly powerEfficientDecoder?: boolean;
  readonly audioLevel?: number;
  readonly totalAudioEnergy?: number;
  readonly totalSamplesReceived?: number;
  readonly totalSamplesDuration?: number;
  readonly concealedSamples?: number;
  readonly silentConcealedSamples?: number;
  readonly concealmentEvents?: number;
  readonly insertedSamplesForDeceleration?: number;
  readonly removedSamplesForAcceleration?: number;
  readonly estimatedPlayoutTimestamp?: number;
}

/** An RTP stream that is sent (`RTCOutboundRtpStreamStats`). */
export interface SoraOutboundRtpStats extends SoraRtpStreamStats {
  readonly type: "outbound-rtp";
  readonly mid?: string;
  readonly rid?: string;
  readonly mediaSourceId?: string;
  readonly remoteId?: string;
  readonly active?: boolean;
  readonly packetsSent?: number;
  readonly bytesSent?: number;
  readonly headerBytesSent?: number;
  readonly retransmittedPacketsSent?: number;
  readonly retransmittedBytesSent?: number;
  readonly totalPacketSendDelay?: number;
  readonly targetBitrate?: number;
  readonly nackCount?: number;
  readonly firCount?: number;
  readonly pliCount?: number;
  readonly framesEncoded?: number;
  readonly keyFramesEncoded?: number;
  readonly framesSent?: number;
  readonly hugeFramesSent?: number;
  readonly framesPerSecond?: number;
  readonly frameWidth?: number;
  readonly frameHeight?: number;
  readonly qpSum?: number;
  readonly totalEncodeTime?: number;
  readonly totalEncodedBytesTarget?: number;
  readonly encoderImplementation?: string;
  readonly powerEfficientEncoder?: boolean;
  readonly scalabilityMode?: string;
  readonly qualityLimitationReason?: "none" | "cpu" | "bandwidth" | "other";
  readonly qualityLimitationDurations?: Readonly<Record<string, number>>;
  readonly qualityLimitationResolutionChanges?: number;
}

/** What the other side reports of a stream that is sent (`RTCRemoteInboundRtpStreamStats`). */
export interface SoraRemoteInboundRtpStats extends SoraRtpStreamStats {
  readonly type: "remote-inbound-rtp";
  readonly localId?: string;
  readonly packetsLost?: number;
  readonly fractionLost?: number;
  readonly jitter?: number;
  readonly roundTripTime?: number;
  readonly totalRoundTripTime?: number;
  readonly roundTripTimeMeasurements?: number;
}

/** What the other side reports of a stream that is received (`RTCRemoteOutboundRtpStreamStats`). */
export interface SoraRemoteOutboundRtpStats extends SoraRtpStreamStats {
  readonly type: "remote-outbound-rtp";
  readonly localId?: string;
  readonly remoteTimestamp?: number;
  readonly packetsSent?: number;
  readonly bytesSent?: number;
  readonly reportsSent?: number;
  readonly roundTripTime?: number;
  readonly totalRoundTripTime?: number;
  readonly roundTripTimeMeasurements?: number;
}

/** A source that is sent (`RTCAudioSourceStats`, `RTCVideoSourceStats`). */
export interface SoraMediaSourceStats extends SoraStatsBase {
  readonly type: "media-source";
  readonly trackIdentifier: string;
  readonly kind: "audio" | "video";
  readonly audioLevel?: number;
  readonly totalAudioEnergy?: number;
  readonly totalSamplesDuration?: number;
  readonly width?: number;
  readonly height?: number;
  readonly frames?: number;
  readonly framesPerSecond?: number;
}

/** Audio that is played (`RTCAudioPlayoutStats`). */
export interface SoraMediaPlayoutStats extends SoraStatsBase {
  readonly type: "media-playout";
  readonly kind: "audio";
  readonly synthesizedSamplesDuration?: number;
  readonly synthesizedSamplesEvents?: number;
  readonly totalSamplesDuration?: number;
  readonly totalPlayoutDelay?: number;
  readonly totalSamplesCount?: number;
}

/** The connection as a whole (`RTCPeerConnectionStats`). */
export interface SoraPeerConnectionStats extends SoraStatsBase {
  readonly type: "peer-connection";
  readonly dataChannelsOpened?: number;
  readonly dataChannelsClosed?: number;
}

/** A data channel (`RTCDataChannelStats`). */
export interface SoraDataChannelStats extends SoraStatsBase {
  readonly type: "data-channel";
  readonly label?: string;
  readonly protocol?: string;
  readonly dataChannelIdentifier?: number;
  readonly state: "connecting" | "open" | "closing" | "closed";
  readonly messagesSent?: number;
  readonly bytesSent?: number;
  readonly messagesReceived?: number;
  readonly bytesReceived?: number;
}

/** A transport: ICE and DTLS (`RTCTransportStats`). */
export interface SoraTransportStats extends SoraStatsBase {
  readonly type: "transport";
  readonly packetsSent?: number;
  readonly packetsReceived?: number;
  readonly bytesSent?: number;
  readonly bytesReceived?: number;
  readonly iceRole?: "unknown" | "controlling" | "controlled";
  readonly iceLocalUsernameFragment?: string;
  readonly iceState?: string;
  readonly dtlsState: "new" | "connecting" | "connected" | "closed" | "failed";
  readonly selectedCandidatePairId?: string;
  readonly localCertificateId?: string;
  readonly remoteCertificateId?: string;
  readonly tlsVersion?: string;
  readonly dtlsCipher?: string;
  readonly dtlsRole?: "client" | "server" | "unknown";
  readonly srtpCipher?: string;
  readonly selectedCandidatePairChanges?: number;
}

/** A pair of ICE candidates (`RTCIceCandidatePairStats`). */
export interface SoraCandidatePairStats extends SoraStatsBase {
  readonly type: "candidate-pair";
  readonly transportId: string;
  readonly localCandidateId: string;
  readonly remoteCandidateId: string;
  readonly state: "frozen" | "waiting" | "in-progress" | "failed" | "succeeded";
  readonly nominated?: boolean;
  readonly packetsSent?: number;
  readonly packetsReceived?: number;
  readonly bytesSent?: number;
  readonly bytesReceived?: number;
  readonly lastPacketSentTimestamp?: number;
  readonly lastPacketReceivedTimestamp?: number;
  readonly totalRoundTripTime?: number;
  readonly currentRoundTripTime?: number;
  readonly availableOutgoingBitrate?: number;
  readonly availableIncomingBitrate?: number;
  readonly requestsReceived?: number;
  readonly requestsSent?: number;
  readonly responsesReceived?: number;
  readonly responsesSent?: number;
  readonly consentRequestsSent?: number;
  readonly packetsDiscardedOnSend?: number;
  readonly bytesDiscardedOnSend?: number;
}

/** An ICE candidate (`RTCIceCandidateStats`). */
export interface SoraIceCandidateStats extends SoraStatsBase {
  readonly type: "local-candidate" | "remote-candidate";
  readonly transportId: string;
  readonly address?: string;
  readonly port?: number;
  readonly protocol?: "udp" | "tcp";
  readonly candidateType: "host" | "srflx" | "prflx" | "relay";
  readonly priority?: number;
  readonly url?: string;
  readonly relayProtocol?: "udp" | "tcp" | "tls";
  readonly foundation?: string;
  readonly relatedAddress?: string;
  readonly relatedPort?: number;
  readonly usernameFragment?: string;
  readonly tcpType?: "active" | "passive" | "so";
}

/** A certificate (`RTCCertificateStats`). */
export interface SoraCertificateStats extends SoraStatsBase {
  readonly type: "certificate";
  readonly fingerprint: string;
  readonly fingerprintAlgorithm: string;
  readonly base64Certificate: string;
  readonly issuerCertificateId?: string;
}

/** Statistics of one object, told apart by `type`. */
export type SoraStats =
  | SoraCodecStats
  | SoraInboundRtpStats
  | SoraOutboundRtpStats
  | SoraRemoteInboundRtpStats
  | SoraRemoteOutboundRtpStats
  | SoraMediaSourceStats
  | SoraMediaPlayoutStats
  | SoraPeerConnectionStats
  | SoraDataChannelStats
  | SoraTransportStats
  | SoraCandidatePairStats
  | SoraIceCandidateStats
  | SoraCertificateStats;

/** The statistics of one type: `SoraStatsOf<"inbound-rtp">`. */
export type SoraStatsOf<T extends SoraStats["type"]> = Extract<SoraStats, { readonly type: T }>;
