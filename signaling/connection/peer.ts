/**
 * The peer connection as signaling sees it. `sdk/` implements it with the native library, tests with a fake.
 *
 * @module
 */

import type { DataChannelReliability } from "./framing.ts";
import type { OfferMessage } from "../messages/mod.ts";

/** States of a peer connection (W3C WebRTC, `RTCPeerConnectionState`). */
export type PeerConnectionState =
  | "new"
  | "connecting"
  | "connected"
  | "disconnected"
  | "failed"
  | "closed";

/** A local ICE candidate (W3C WebRTC, `RTCIceCandidateInit`). */
export interface PeerIceCandidate {
  /** The `candidate-attribute` of RFC 8839, without `a=`. */
  readonly candidate: string;
  /** The media description it belongs to. */
  readonly sdpMid: string;
  /** The index of that media description in the SDP. */
  readonly sdpMLineIndex: number;
}

/** Events of a peer. All are called on the JavaScript thread, never from inside a call to {@link Peer}. */
export interface PeerEvents {
  /** Whether the user's handlers may be called: not after the end, nor once connecting was given up. */
  mayReport(): boolean;
  /** An encoder or decoder gave up. */
  onCodecFailed(): void;
  /** A local candidate was gathered. */
  onIceCandidate(candidate: PeerIceCandidate): void;
  /** The connection state changed. */
  onConnectionStateChange(state: PeerConnectionState): void;
  /** A data channel of the server is open; `reliability`: its actual settings, if the peer knows them. */
  onDataChannelOpen(label: string, reliability?: DataChannelReliability): void;
  /**
   * A message was received on a data channel; `binary`: its payload type (RFC 8831). The bytes belong to the receiver: they
   * reach the user without a copy.
   */
  onDataChannelMessage(label: string, data: Uint8Array, binary: boolean): void;
  /** Messages on a data channel were lost because the JavaScript thread was busy for too long. */
  onDataChannelMessagesDropped(label: string, count: number): void;
  /** The buffered amount of a data channel decreased. */
  onDataChannelBufferedAmount(label: string): void;
  /** A data channel is closed. */
  onDataChannelClose(label: string): void;
}

/** One peer connection, always the answerer. */
export interface Peer {
  /** The largest message that the server accepts on a data channel (RFC 8841, section 6), in bytes; infinite without a limit. */
  readonly maxMessageBytes: number;
  /** The largest buffered amount of a data channel, in bytes. */
  readonly maxBufferedBytes: number;
  /** Applies a remote offer. Rejects with the native error's text when the SDP is refused. */
  setRemoteOffer(sdp: string): Promise<void>;
  /** Creates the answer and applies it locally; resolves with its SDP. */
  createAnswer(): Promise<string>;
  /** Statistics as the JSON text of an array (W3C webrtc-stats). */
  getStats(): Promise<string>;
  /** Sends on a data channel. `false` unless the channel is open and its buffer has room. */
  sendDataChannel(label: string, data: Uint8Array, binary: boolean): boolean;
  /** Bytes queued for sending on a data channel; 0 when there is no such channel. */
  bufferedAmount(label: string): number;
  /** Closes it; resolves when no more events will come. Idempotent. */
  close(): Promise<void>;
}

/** Opens a peer for an offer: `offer.config` has the ICE servers and policy, `offer.mid` the own senders. */
export type PeerFactory = (offer: OfferMessage, events: PeerEvents) => Peer;
