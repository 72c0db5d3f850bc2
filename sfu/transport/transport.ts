/** The transport of one connection (ICE, DTLS, SRTP and SCTP), as the rest of the server sees it. */
import type { Buffer } from "node:buffer";
import type { RtpPacket } from "../rtp/packet.ts";
import type { MediaKind } from "../sdp/codecs.ts";
import type { PacketMemory } from "./packet_memory.ts";

/** How one message of SCTP is delivered. */
export interface DeliveryOptions {
  readonly ordered: boolean;
  readonly maxRetransmits?: number;
  readonly maxPacketLifeTime?: number;
}

/** What the SCTP association of a transport reports. */
export interface AssociationHandlers {
  /** It is up. */
  onAssociation(): void;
  /**
   * A message. Returns whether it is held: the peer's window is smaller by it until
   * {@linkcode Transport.release}.
   */
  onMessage(streamId: number, payloadProtocol: number, data: Buffer): boolean;
  /** The peer sends nothing on these streams any more. */
  onReset(streamIds: readonly number[]): void;
  /** Little of what was given to be sent still waits. */
  onWritable(): void;
}

/** What a transport reports. Nothing is called after `close()`. */
export interface TransportHandlers extends AssociationHandlers {
  /** ICE and DTLS are up and the peer's certificate is the one of its answer. */
  onConnected(): void;
  /** A packet in the transport's memory, valid only during the call. It may be rewritten. */
  onRtp(packet: RtpPacket): void;
  /** A compound RTCP packet, valid only during the call. */
  onRtcp(packet: Buffer): void;
  /** What the path to the peer carries, in bit/s, whenever that has changed. */
  onBandwidth(bitsPerSecond: number): void;
  /** The transport is of no use any more; `reason` is for people. */
  onEnd(reason: string, badFingerprint: boolean): void;
}

/** The datagrams of a peer and the packets of media to it, and their bytes without the headers of UDP and IP. */
export interface Traffic {
  readonly receivedPackets: number;
  readonly receivedBytes: number;
  readonly sentPackets: number;
  readonly sentBytes: number;
}

/** What is known of the path to a peer, from its feedback. */
export interface PathState {
  /** What it carries, in bit/s; 0: not known. */
  readonly bitRate: number;
  readonly roundTripMs: number;
  /** Share of the packets that are lost, 0 to 1. */
  readonly lossShare: number;
  /** Packets so far that waited because more came than it carries, and packets that only probed it. */
  readonly pacedPackets: number;
  readonly probePackets: number;
}

/** Steps of a connection that a transport can be told to ignore. */
export type IgnoredStep = "ice" | "dtls" | "sctp";

export interface Transport {
  /** The UDP port of the host candidate. */
  readonly port: number;
  /** The ICE credentials of this side. */
  readonly ufrag: string;
  readonly password: string;
  /** SHA-256 fingerprint of this side's certificate, as SDP writes it. */
  readonly fingerprint: string;
  /** Whether media can be sent. */
  readonly connected: boolean;
  /** `performance.now()` of the last authentic datagram of the peer, or of the beginning. */
  readonly lastHeard: number;
  /** Packets that were given up: not sent, not authentic, seen before, or malformed. */
  readonly drops: number;
  /** Messages that were dropped because too much waited. */
  readonly droppedMessages: number;
  /** What came and went so far. */
  readonly traffic: Traffic;
  /** What is known of the path to the peer. */
  readonly path: PathState;
  /** Where packets to send are. */
  readonly memory: PacketMemory;
  /** Bytes of messages that wait to be sent. */
  readonly waitingBytes: number;

  /** Bytes of messages that wait to be sent, asked for and not estimated as {@linkcode waitingBytes} is. */
  countWaitingBytes(): number;
  /** Binds the transport to the peer's answer: its ICE fragment and SHA-256 fingerprint. */
  setRemote(ufrag: string, fingerprint: string): void;
  /** Says under which payload type the peer sends video: packets of its frames come together. */
  setVideo(payloadType: number): void;
  /**
   * Sends an RTP packet that is in the memory, at the end of the turn, with these numbers in the
   * place of its own. Video may have to wait for what was sent before. Returns false when it cannot
   * be sent.
   *
   * @param transportSequenceOffset where the transport-wide sequence number goes, or 0
   */
  sendRtp(
    offset: number,
    size: number,
    ssrc: number,
    sequenceNumber: number,
    timestamp: number,
    transportSequenceOffset: number,
    kind: MediaKind,
  ): boolean;
  /**
   * Says what would be sent if the path carried it, in bit/s: packets of padding find out whether it
   * does. 0: they do not.
   */
  want(bitsPerSecond: number): void;
  /**
   * Names the retransmission stream that such packets are of. It numbers all its packets from now
   * on, beginning with this one.
   */
  setPadding(ssrc: number, payloadType: number, sequenceNumber: number): void;
  /** Sends a compound RTCP packet at the end of the turn. */
  sendRtcp(packet: Uint8Array): void;
  /** Forgets a stream of either side: nothing is sent under its SSRC any more. */
  forget(ssrc: number): void;
  /** Sends a message of SCTP, which is neither empty nor changed, at the end of the turn. */
  sendMessage(
    streamId: number,
    payloadProtocol: number,
    data: Uint8Array,
    delivery: DeliveryOptions,
  ): void;
  /** Ends streams of this side (RFC 6525), behind the messages given before. */
  resetStreams(streamIds: readonly number[]): void;
  /** Gives a message that was held back to the peer's window. */
  release(bytes: number): void;
  /** Ignores what leads to a step from now on, to test clients. */
  ignore(step: IgnoredStep): void;
  /** Ends the transport and tells the peer. Idempotent. */
  close(): void;
}
