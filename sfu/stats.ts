/** Counters of the server. */

/** What {@linkcode SoraServer.stats} returns. Counters grow from the server's start. */
export interface SoraServerStats {
  /** Channels with at least one connection now. */
  readonly channels: number;
  /** Established connections now. */
  readonly connections: number;
  /** Connections that are not established yet. */
  readonly pendingConnections: number;
  /** WebSockets accepted so far. */
  readonly acceptedSockets: number;
  /** TCP connections that were closed at once because their address had too many. */
  readonly refusedSockets: number;
  /** Connections that were ended with WebSocket close code 4490, by reason. */
  readonly refusals: Readonly<Record<string, number>>;
  /** Datagrams that were not authentic, seen before, malformed, or could not be sent. */
  readonly droppedPackets: number;
  /** RTP packets of streams that no answer named. */
  readonly unknownPackets: number;
  /** Packets lost on purpose (option `faults`). */
  readonly faultyPackets: number;
  /** Packets of publishers that never arrived, retransmissions included. */
  readonly lostPackets: number;
  /** Packets sent to subscribers again on request. */
  readonly retransmittedPackets: number;
  /** Data channel messages that were dropped because their receiver was slow. */
  readonly droppedMessages: number;
  /** Bytes of data channel messages that wait for slow receivers now. */
  readonly waitingMessageBytes: number;
  /** Connections whose messages are not read now, because a receiver of theirs is slow. */
  readonly heldBackConnections: number;
}
