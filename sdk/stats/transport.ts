/**
 * Statistics of transports and ICE (W3C webrtc-stats).
 *
 * @module
 */

import type { SoraStatsBase } from "./base.ts";

/** A transport: ICE and DTLS (`RTCTransportStats`). */
export interface SoraTransportStats extends SoraStatsBase {
  /** Discriminant. */
  readonly type: "transport";
  /** Packets sent. */
  readonly packetsSent?: number;
  /** Packets received. */
  readonly packetsReceived?: number;
  /** Bytes sent. */
  readonly bytesSent?: number;
  /** Bytes received. */
  readonly bytesReceived?: number;
  /** `id` of the transport of RTCP, when it has one of its own. */
  readonly rtcpTransportStatsId?: string;
  /** Role in ICE (RFC 8445). */
  readonly iceRole?: "unknown" | "controlling" | "controlled";
  /** Local user name fragment of ICE. */
  readonly iceLocalUsernameFragment?: string;
  /** State of ICE (W3C WebRTC, `RTCIceTransportState`). */
  readonly iceState?: string;
  /** State of DTLS. */
  readonly dtlsState: "new" | "connecting" | "connected" | "closed" | "failed";
  /** `id` of the candidate pair in use. */
  readonly selectedCandidatePairId?: string;
  /** `id` of the local certificate. */
  readonly localCertificateId?: string;
  /** `id` of the remote certificate. */
  readonly remoteCertificateId?: string;
  /** Version of DTLS, four hexadecimal digits. */
  readonly tlsVersion?: string;
  /** Cipher of DTLS. */
  readonly dtlsCipher?: string;
  /** Role in DTLS. */
  readonly dtlsRole?: "client" | "server" | "unknown";
  /** SRTP protection profile (RFC 5764). */
  readonly srtpCipher?: string;
  /** How often the candidate pair in use changed. */
  readonly selectedCandidatePairChanges?: number;
}

/** A pair of ICE candidates (`RTCIceCandidatePairStats`). */
export interface SoraCandidatePairStats extends SoraStatsBase {
  /** Discriminant. */
  readonly type: "candidate-pair";
  /** `id` of its transport. */
  readonly transportId: string;
  /** `id` of the local candidate. */
  readonly localCandidateId: string;
  /** `id` of the remote candidate. */
  readonly remoteCandidateId: string;
  /** State of its connectivity checks (RFC 8445). */
  readonly state: "frozen" | "waiting" | "in-progress" | "failed" | "succeeded";
  /** Its priority (RFC 8445). */
  readonly priority?: number;
  /** Whether packets can be sent over it. Specific to libwebrtc. */
  readonly writable?: boolean;
  /** Whether it was nominated. */
  readonly nominated?: boolean;
  /** Packets sent over it. */
  readonly packetsSent?: number;
  /** Packets received over it. */
  readonly packetsReceived?: number;
  /** Bytes sent over it. */
  readonly bytesSent?: number;
  /** Bytes received over it. */
  readonly bytesReceived?: number;
  /** When the last packet was sent, in milliseconds since 1970. */
  readonly lastPacketSentTimestamp?: number;
  /** When the last packet was received, in milliseconds since 1970. */
  readonly lastPacketReceivedTimestamp?: number;
  /** Sum of the round trip times of its checks, in seconds. */
  readonly totalRoundTripTime?: number;
  /** The last round trip time of a check, in seconds. */
  readonly currentRoundTripTime?: number;
  /** Estimate of the bit rate that can be sent, in bits per second. */
  readonly availableOutgoingBitrate?: number;
  /** Estimate of the bit rate that can be received, in bits per second. */
  readonly availableIncomingBitrate?: number;
  /** Connectivity checks received. */
  readonly requestsReceived?: number;
  /** Connectivity checks sent. */
  readonly requestsSent?: number;
  /** Responses to checks received. */
  readonly responsesReceived?: number;
  /** Responses to checks sent. */
  readonly responsesSent?: number;
  /** Consent checks sent (RFC 7675). */
  readonly consentRequestsSent?: number;
  /** Packets that could not be sent. */
  readonly packetsDiscardedOnSend?: number;
  /** Bytes that could not be sent. */
  readonly bytesDiscardedOnSend?: number;
}

/** An ICE candidate (`RTCIceCandidateStats`). */
export interface SoraIceCandidateStats extends SoraStatsBase {
  /** Discriminant. */
  readonly type: "local-candidate" | "remote-candidate";
  /** `id` of its transport. */
  readonly transportId: string;
  /** Its address. */
  readonly address?: string;
  /** Its port. */
  readonly port?: number;
  /** `address` under its former name. Specific to libwebrtc. */
  readonly ip?: string;
  /** Whether it is a remote candidate. Specific to libwebrtc. */
  readonly isRemote?: boolean;
  /** Kind of the network. Specific to libwebrtc. */
  readonly networkType?: string;
  /** Kind of the network below a VPN. Specific to libwebrtc. */
  readonly networkAdapterType?: string;
  /** Whether the network is a VPN. Specific to libwebrtc. */
  readonly vpn?: boolean;
  /** Its protocol. */
  readonly protocol?: "udp" | "tcp";
  /** Its type (RFC 8445). */
  readonly candidateType: "host" | "srflx" | "prflx" | "relay";
  /** Its priority (RFC 8445). */
  readonly priority?: number;
  /** URL of the server that it was obtained from. */
  readonly url?: string;
  /** Protocol to the TURN server. */
  readonly relayProtocol?: "udp" | "tcp" | "tls";
  /** Its foundation (RFC 8445). */
  readonly foundation?: string;
  /** Its related address (RFC 8839). */
  readonly relatedAddress?: string;
  /** Its related port (RFC 8839). */
  readonly relatedPort?: number;
  /** Its user name fragment. */
  readonly usernameFragment?: string;
  /** Its TCP type (RFC 6544). */
  readonly tcpType?: "active" | "passive" | "so";
}

/** A certificate (`RTCCertificateStats`). */
export interface SoraCertificateStats extends SoraStatsBase {
  /** Discriminant. */
  readonly type: "certificate";
  /** Its fingerprint (RFC 8122). */
  readonly fingerprint: string;
  /** Hash of the fingerprint, `sha-256` for instance. */
  readonly fingerprintAlgorithm: string;
  /** The certificate, DER in Base64. */
  readonly base64Certificate: string;
  /** `id` of the issuer's certificate. */
  readonly issuerCertificateId?: string;
}
