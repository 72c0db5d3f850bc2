/** The connections of a server as its users see them: who is in which channel, and what flows. */

/** A layer of a published track: one of several with simulcast, else the only one. */
export interface SoraServerLayer {
  /** Its rid; absent without simulcast. */
  readonly rid?: string;
  /** RTP packets that came, repeated ones once. */
  readonly packets: number;
  /** Bytes of their payload. */
  readonly bytes: number;
}

/** A track that a connection publishes. */
export interface SoraServerTrack {
  /** Audio or video. */
  readonly kind: "audio" | "video";
  /** Encoding name, as in `a=rtpmap`: `opus`, `VP9`. */
  readonly codec: string;
  /** Its layers, the best first. */
  readonly layers: readonly SoraServerLayer[];
}

/** A track that is forwarded to a connection. */
export interface SoraServerSubscription {
  /** The connection that publishes it. */
  readonly connectionId: string;
  /** Audio or video. */
  readonly kind: "audio" | "video";
  /** The rid of the layer that is forwarded; absent without simulcast. */
  readonly rid?: string;
  /** RTP packets sent, without retransmissions. */
  readonly packets: number;
  /** Bytes of their payload. */
  readonly bytes: number;
}

/** What is known of the path to a client, from its feedback on what it receives. */
export interface SoraServerPath {
  /** What it carries, in bit/s. */
  readonly bitRate: number;
  /** Round trip time to the client, in ms. */
  readonly roundTripMs: number;
  /** Share of the packets that are lost, 0 to 1. */
  readonly lossShare: number;
  /** Packets of video so far that waited because more came than the path carries. */
  readonly pacedPackets: number;
  /** Packets so far that only probed whether it carries more. */
  readonly probePackets: number;
}

/** An established connection of a server, at one moment. Two of them give rates. */
export interface SoraServerConnection {
  /** The channel. */
  readonly channelId: string;
  /** The connection. */
  readonly connectionId: string;
  /** Its client's own name, or the connection's id. */
  readonly clientId: string;
  /** Connections with the same one receive nothing of each other. */
  readonly bundleId: string;
  /** What it does with media. */
  readonly role: "sendrecv" | "sendonly" | "recvonly";
  /** Whether it has the focus of its channel's spotlight; `fixed`: whoever speaks. Absent without a spotlight. */
  readonly focus?: "none" | "focused" | "fixed";
  /** What its signaling goes over at present. */
  readonly signaling: "websocket" | "datachannel";
  /** Seconds since it was established. */
  readonly seconds: number;
  /** Datagrams of its client: media, messages and what keeps the transport up. */
  readonly receivedPackets: number;
  /** Their bytes. */
  readonly receivedBytes: number;
  /** Packets of media to it: RTP and RTCP. */
  readonly sentPackets: number;
  /** Their bytes. */
  readonly sentBytes: number;
  /** The path to it; absent before its first feedback. */
  readonly path?: SoraServerPath;
  /** What it publishes. */
  readonly tracks: readonly SoraServerTrack[];
  /** What is forwarded to it. */
  readonly subscriptions: readonly SoraServerSubscription[];
}
