/** Counters of the server. */

/** Counters of a server since its start, and its present state. */
export interface SoraServerStats {
  /** Channels with at least one connection at present. */
  readonly channels: number;
  /** Established connections at present. */
  readonly connections: number;
  /** Connections that are not established yet, at present. */
  readonly pendingConnections: number;
  /** WebSockets accepted so far. */
  readonly acceptedSockets: number;
  /** TCP connections cut because their address had too many that were not a connection's WebSocket. */
  readonly refusedSockets: number;
  /** Connections that the server ended with WebSocket close code 4490, by reason. */
  readonly refusals: Readonly<Record<string, number>>;
  /** Datagrams of clients: media, messages and what keeps transports up. */
  readonly receivedPackets: number;
  /** Their bytes, without the headers of UDP and IP. */
  readonly receivedBytes: number;
  /** Packets of media to clients: RTP and RTCP. */
  readonly sentPackets: number;
  /** Their bytes, without the headers of UDP and IP. */
  readonly sentBytes: number;
  /** Key frames that publishers were asked for. */
  readonly keyFrameRequests: number;
  /**
   * Datagrams that were forged, replayed or malformed, of no connection, not read in time, or that
   * could not be sent.
   */
  readonly droppedPackets: number;
  /** RTP packets of streams that belong to no track. */
  readonly unknownPackets: number;
  /** RTP packets of connections that sent more than `maxReceivedBitRate`. */
  readonly limitedPackets: number;
  /** Packets dropped by the option `faults`. */
  readonly faultyPackets: number;
  /** Packets of publishers that never arrived, retransmissions included. */
  readonly lostPackets: number;
  /** Packets sent to subscribers again on request. */
  readonly retransmittedPackets: number;
  /** Data channel messages dropped because their receiver was slow. */
  readonly droppedMessages: number;
  /** Bytes of data channel messages that wait for slow receivers at present. */
  readonly waitingMessageBytes: number;
  /** Connections whose messages are not read at present because a receiver is slow. */
  readonly heldBackConnections: number;
}
