/**
 * What signaling needs of a peer connection. `sdk/` implements it over the native library; tests implement it with a fake.
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

/** What a peer reports. All are called on the JavaScript thread, never from inside a call to {@link Peer}. */
export interface PeerEvents {
  /** Whether the user's handlers may be called: not after the end, nor once connecting was given up. */
  mayReport(): boolean;
  /** A local candidate was gathered. */
  onIceCandidate(candidate: PeerIceCandidate): void;
  /** The connection state changed. */
  onConnectionStateChange(state: PeerConnectionState): void;
  /** A data channel that the server opened is open; `reliability` is what it says when it opens, if the peer can tell. */
  onDataChannelOpen(label: string, reliability?: DataChannelReliability): void;
  /**
   * A message came on a data channel; `binary` tells its payload type (RFC 8831). The bytes are the receiver's from now on:
   * they reach the user uncopied.
   */
  onDataChannelMessage(label: string, data: Uint8Array, binary: boolean): void;
  /** Messages on a data channel were lost, because JavaScript did not take them in time. */
  onDataChannelMessagesDropped(label: string, count: number): void;
  /** Less waits for sending on a data channel than before. */
  onDataChannelBufferedAmount(label: string): void;
  /** A data channel is closed. */
  onDataChannelClose(label: string): void;
}

/** One peer connection, always the answerer. */
export interface Peer {
  /** The largest message on a data channel that the server takes (RFC 8841, section 6), in bytes; infinite if it takes any. */
  readonly maxMessageBytes: number;
  /** How much may wait for sending on a data channel, in bytes. */
  readonly maxBufferedBytes: number;
  /** Applies a remote offer. Rejects with the native error's text when the SDP is refused. */
  setRemoteOffer(sdp: string): Promise<void>;
  /** Makes the answer and applies it locally; resolves with its SDP. */
  createAnswer(): Promise<string>;
  /** Statistics as the JSON text of an array (W3C webrtc-stats). */
  getStats(): Promise<string>;
  /** Sends on a data channel. `false` unless the channel is open and its buffer has room. */
  sendDataChannel(label: string, data: Uint8Array, binary: boolean): boolean;
  /** Bytes queued for sending on a data channel; 0 when there is no such channel. */
  bufferedAmount(label: string): number;
  /** Ends everything; resolves when nothing will be reported any more. Idempotent. */
  close(): Promise<void>;
}

/** Opens a peer for an offer: `offer.config` has the ICE servers and policy, `offer.mid` the own senders. */
export type PeerFactory = (offer: OfferMessage, events: PeerEvents) => Peer;
