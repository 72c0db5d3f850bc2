/** The media of one connection: its transport, what it publishes and what it receives. */
import type { Buffer } from "node:buffer";
import type { ConnectionParts } from "../connection/parts.ts";
import type { AssociationHandlers, Transport } from "../transport/transport.ts";
import { Negotiator } from "./negotiator.ts";
import type { PublishedTrack } from "./published_track.ts";
import { Publisher } from "./publisher.ts";
import { parseRtcp } from "../rtp/rtcp.ts";
import type { ServerConfig } from "../options/options.ts";
import { type Codec, type CodecTable, DEFAULT_VIDEO_PARAMETERS } from "../sdp/codecs.ts";
import type { OwnSection } from "../sdp/media_plan.ts";
import type { ConnectRequest } from "../signaling/connect_request.ts";
import { Refusal } from "../signaling/refusal.ts";
import type { RequestRid } from "../sdp/rids.ts";
import { type FocusPolicy, Subscriber } from "./subscriber.ts";
import type { LayerSwitch } from "./layer_switch.ts";
import type { Subscription } from "./subscription.ts";

/** Settings of a session. */
export interface MediaSessionSettings {
  readonly config: ServerConfig;
  readonly parts: ConnectionParts;
  /** Address of the host candidate. */
  readonly address: string;
  readonly connectionId: string;
  readonly request: ConnectRequest;
  readonly codecs: CodecTable;
  /** What the client receives in a spotlight. */
  readonly focus?: FocusPolicy;
  /** Largest data channel message; undefined without data channels. */
  readonly dataMaxMessageSize?: number;
}

/** Events of a session. */
export interface MediaSessionHandlers extends AssociationHandlers {
  /** ICE and DTLS are up. */
  onConnected(): void;
  onEnd(reason: string, badFingerprint: boolean): void;
  sendReoffer(sdp: string): void;
  /** The layer that the client gets of another one changed. */
  onSwitched(change: LayerSwitch): void;
}

/** The tracks of the other members of a channel. */
export interface TracksOfOthers {
  /** All of them. */
  readonly present: readonly PublishedTrack[];
  /** Those that the connection is to receive. */
  readonly wanted: readonly PublishedTrack[];
}

/** Counters of one session. */
export interface MediaCounters {
  receivedPackets: number;
  receivedBytes: number;
  sentPackets: number;
  sentBytes: number;
  /** Key frames that its client was asked for. */
  keyFrameRequests: number;
  drops: number;
  lost: number;
  retransmitted: number;
  unknown: number;
  /** Packets beyond the limit of the bit rate. */
  limited: number;
}

export class MediaSession {
  readonly transport: Transport;
  readonly #opus: Codec;
  readonly #video: Codec;
  readonly #publisher: Publisher;
  readonly #subscriber: Subscriber;
  readonly #negotiator: Negotiator;

  /**
   * Makes a transport and what goes over it.
   *
   * @throws Refusal when the video format cannot be offered, or the error of the operating system.
   */
  constructor(settings: MediaSessionSettings, handlers: MediaSessionHandlers) {
    const { config, parts, request, codecs, address, dataMaxMessageSize } = settings;
    this.#opus = codecs.opus;
    this.#video = videoCodec(codecs, request);
    // A socket bound to a wildcard would answer from any address the system prefers, which the client
    // does not know. A link-local address cannot be bound without its zone.
    const host = /^fe80:/i.test(address) ? config.host : address;
    const transport = this.transport = parts.openTransport(host, {
      onConnected: () => {
        this.#subscriber.start();
        handlers.onConnected();
      },
      onRtp: (packet) => this.#publisher.onRtp(packet),
      onRtcp: (packet) => this.#onRtcp(packet),
      onBandwidth: (bitsPerSecond) => this.#subscriber.onBandwidth(bitsPerSecond),
      onAssociation: () => handlers.onAssociation(),
      onMessage: (streamId, protocol, data) => handlers.onMessage(streamId, protocol, data),
      onReset: (streamIds) => handlers.onReset(streamIds),
      onWritable: () => handlers.onWritable(),
      onEnd: (reason, badFingerprint) => handlers.onEnd(reason, badFingerprint),
    });
    transport.setVideo(this.#video.payloadType);
    this.#publisher = new Publisher(
      transport,
      settings.connectionId,
      config.maxReceivedBitRate * 1000,
    );
    this.#subscriber = new Subscriber(transport, {
      rid: request.simulcast?.rid ?? config.defaultSimulcastRid,
      ...(settings.focus === undefined ? {} : { focus: settings.focus }),
      onSwitched: (change) => handlers.onSwitched(change),
    });
    this.#negotiator = new Negotiator({
      host: address,
      transport,
      own: ownSections(request, config, this.#opus, this.#video),
      audioParameters: request.audio?.parameters ?? "minptime=10;useinbandfec=1",
      startBitRate: request.video?.bitRate ?? config.defaultVideoBitRate,
      ...(dataMaxMessageSize === undefined ? {} : { dataMaxMessageSize }),
      sendReoffer: (sdp) => handlers.sendReoffer(sdp),
    });
  }

  /** The tracks that the client publishes. */
  get tracks(): PublishedTrack[] {
    return this.#publisher.tracks;
  }

  /** Whether an offer waits for its answer. */
  get negotiating(): boolean {
    return this.#negotiator.outstanding;
  }

  /** What is forwarded to the client. */
  get subscriptions(): readonly Subscription[] {
    return this.#subscriber.subscriptions;
  }

  /** mids of the sections in which the client sends. */
  get mid(): { audio?: string; video?: string } {
    const audio = this.#negotiator.ownMid("audio");
    const video = this.#negotiator.ownMid("video");
    return {
      ...(audio === undefined ? {} : { audio }),
      ...(video === undefined ? {} : { video }),
    };
  }

  /** Counters for the server's statistics. */
  get counters(): MediaCounters {
    return {
      ...this.transport.traffic,
      keyFrameRequests: this.#publisher.keyFrameRequests,
      drops: this.transport.drops + this.#subscriber.refused,
      lost: this.#publisher.lost,
      retransmitted: this.#subscriber.retransmitted,
      unknown: this.#publisher.unknownPackets,
      limited: this.#publisher.limitedPackets,
    };
  }

  /** The first offer, with the tracks that are there already. */
  firstOffer({ present, wanted }: TracksOfOthers): string {
    this.#subscriber.setPresent(present, wanted);
    return this.#negotiator.firstOffer(wanted);
  }

  /** Limits what the client sends of video, in bit/s, by a re-offer. Returns whether it sends any. */
  limitVideo(maxBitRate: number): boolean {
    return this.#negotiator.limit("video", maxBitRate);
  }

  /** Sets the tracks to receive; sends a re-offer now or after the outstanding answer. */
  want({ present, wanted }: TracksOfOthers): void {
    this.#subscriber.setPresent(present, wanted);
    this.#negotiator.want(wanted);
  }

  /** Applies that the client is to receive other senders or layers than before. */
  applyFocus(): void {
    this.#subscriber.applyFocus();
  }

  /**
   * Takes an answer. Returns whether the published tracks changed.
   *
   * @throws Refusal when it cannot be used.
   */
  answer(sdp: string): boolean {
    const { answer, sending, receiving } = this.#negotiator.take(sdp);
    const changed = this.#publisher.setSections(
      sending,
      (kind) => kind === "audio" ? this.#opus : this.#video,
    );
    this.#subscriber.setTracks(receiving);
    this.transport.setRemote(answer.ufrag, answer.fingerprint);
    return changed;
  }

  /** Sends the re-offer of what changed while an answer was outstanding. */
  resumeNegotiation(): void {
    this.#negotiator.resume();
  }

  /** As {@linkcode Subscriber.request}. */
  requestRid(rid: RequestRid, senderId?: string): boolean {
    return this.#subscriber.request(rid, senderId);
  }

  /** Sends what is due; called every 100 ms. */
  tick(nowMs: number): void {
    this.#publisher.tick(nowMs);
    this.#subscriber.tick(nowMs);
  }

  /** Ends all subscriptions, so that nothing more is forwarded to this connection. */
  stopReceiving(): void {
    this.#subscriber.close();
  }

  /** Ends everything. Idempotent. */
  close(): void {
    this.#subscriber.close();
    this.transport.close();
  }

  #onRtcp(packet: Buffer): void {
    for (const message of parseRtcp(packet)) {
      this.#publisher.onRtcp(message);
      this.#subscriber.onRtcp(message);
    }
  }
}

/** The codec of the video that the client sends or would send. */
function videoCodec(codecs: CodecTable, request: ConnectRequest): Codec {
  const codec = request.video === undefined
    ? codecs.video("VP9", DEFAULT_VIDEO_PARAMETERS.VP9)
    : codecs.video(request.video.codecType, request.video.parameters);
  if (codec === undefined) {
    throw new Refusal("INVALID-VIDEO-FORMAT", "the channel has too many video formats");
  }
  return codec;
}

/**
 * The share of a video bit rate that its sender may use. A sender's target reaches the limit of the offer, and that of a
 * client of Sora stays a little below the nominal bit rate.
 */
const VIDEO_TARGET_SHARE = 0.98;

function ownSections(
  request: ConnectRequest,
  config: ServerConfig,
  opus: Codec,
  video: Codec,
): OwnSection[] {
  const sends = request.role !== "recvonly";
  const videoBitRate = request.video?.bitRate ?? config.defaultVideoBitRate;
  return [
    {
      kind: "audio",
      sends: sends && request.audio !== undefined,
      codec: opus,
      ...(request.audio?.bitRate === undefined ? {} : { maxBitRate: request.audio.bitRate * 1000 }),
    },
    {
      kind: "video",
      sends: sends && request.video !== undefined,
      codec: video,
      maxBitRate: Math.floor(videoBitRate * 1000 * VIDEO_TARGET_SHARE),
      ...(request.simulcast === undefined ? {} : { rids: request.simulcast.encodings }),
    },
  ];
}
