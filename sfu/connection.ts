/** One client: its signaling, its transport, what it publishes and what it receives. */
import type { Buffer } from "node:buffer";
import type { DtlsCertificate } from "./certificate.ts";
import type { Channel, Member } from "./channel.ts";
import type { PacketLoss } from "./faults.ts";
import { createId } from "./ids.ts";
import { MediaTransport } from "./media_transport.ts";
import { Negotiator } from "./negotiator.ts";
import type { ServerConfig } from "./options.ts";
import type { PublishedTrack } from "./published_track.ts";
import { Publisher } from "./publisher.ts";
import { parseRtcp } from "./rtp/rtcp.ts";
import type { Codec } from "./sdp/codecs.ts";
import type { OwnSection } from "./sdp/media_plan.ts";
import { type ConnectRequest, parseConnect, type Role } from "./signaling/connect_request.ts";
import type { JsonObject } from "./signaling/json.ts";
import type { NotifySubject } from "./signaling/notify.ts";
import { offerMessage } from "./signaling/offer_message.ts";
import { CloseCode, Refusal, type RefusalReason } from "./signaling/refusal.ts";
import type { SignalingSocket } from "./signaling/signaling_socket.ts";
import { Subscriber } from "./subscriber.ts";

/** The server as a connection sees it. */
export interface ConnectionHost {
  readonly config: ServerConfig;
  readonly certificate: DtlsCertificate;
  /** Packets to lose on purpose. */
  readonly loss: PacketLoss;
  /** The channel to join. @throws Refusal when it is full. */
  channel(id: string): Channel;
  /** A connection was refused or lost; the detail is for the server's own counters and log. */
  onRefused(reason: RefusalReason, detail: string): void;
  /** A connection is over. */
  onEnded(connection: Connection): void;
}

/** How far a connection has come. */
export type ConnectionPhase = "connecting" | "answering" | "establishing" | "created" | "ended";

export class Connection implements Member {
  readonly id = createId();
  clientId = this.id;
  bundleId = this.id;
  readonly #host: ConnectionHost;
  readonly #socket: SignalingSocket;
  readonly #address: string;
  #phase: ConnectionPhase = "connecting";
  #deadline: number;
  #request: ConnectRequest | undefined;
  #channel: Channel | undefined;
  #transport: MediaTransport | undefined;
  #negotiator: Negotiator | undefined;
  #publisher: Publisher | undefined;
  #subscriber: Subscriber | undefined;
  #createdAt = 0;
  #pingedAt = 0;
  #heardPongAt = 0;

  /** @param address the address of this side's host candidate */
  constructor(host: ConnectionHost, socket: SignalingSocket, address: string) {
    this.#host = host;
    this.#socket = socket;
    this.#address = address;
    this.#deadline = performance.now() + host.config.connectTimeoutMs;
    socket.listen({
      onMessage: (type, message) => this.#onMessage(type, message),
      onRefused: (refusal) => this.refuse(refusal.reason, refusal.message),
      onClosed: () => this.end(CloseCode.normal, "TYPE-DISCONNECT"),
    });
  }

  get phase(): ConnectionPhase {
    return this.#phase;
  }

  get role(): Role {
    return this.#request?.role ?? "recvonly";
  }

  get created(): boolean {
    return this.#phase === "created";
  }

  get receivesAudio(): boolean {
    return this.#request?.audio !== undefined && this.role !== "sendonly";
  }

  get receivesVideo(): boolean {
    return this.#request?.video !== undefined && this.role !== "sendonly";
  }

  get tracks(): readonly PublishedTrack[] {
    return this.#publisher?.tracks ?? [];
  }

  /** Counters of this connection, for the server's statistics. */
  counters(): { drops: number; lost: number; retransmitted: number; unknown: number } {
    return {
      drops: this.#transport?.drops ?? 0,
      lost: this.#publisher?.lost ?? 0,
      retransmitted: this.#subscriber?.retransmitted ?? 0,
      unknown: this.#publisher?.unknownPackets ?? 0,
    };
  }

  /** The transport, once there is one. */
  get transport(): MediaTransport | undefined {
    return this.#transport;
  }

  describe(): NotifySubject {
    const metadata = this.#request?.notifyMetadata;
    return {
      role: this.role,
      sessionId: this.#channel?.sessionId ?? "",
      clientId: this.clientId,
      bundleId: this.bundleId,
      connectionId: this.id,
      audio: this.#request?.audio !== undefined,
      video: this.#request?.video !== undefined,
      minutes: Math.floor((performance.now() - this.#createdAt) / 60_000),
      ...(metadata === undefined ? {} : { notifyMetadata: metadata }),
    };
  }

  notify(message: JsonObject): void {
    this.#socket.send(message);
  }

  onTracksChanged(): void {
    if (this.#channel === undefined) return;
    this.#negotiator?.want(this.#channel.tracksFor(this));
  }

  /** Ends the connection because of what the client did or failed to do. */
  refuse(reason: RefusalReason, detail: string): void {
    if (this.#phase === "ended") return;
    this.#host.onRefused(reason, detail);
    this.end(CloseCode.signalingError, reason);
  }

  /** Ends the connection. Idempotent. */
  end(code: number, reason: string): void {
    if (this.#phase === "ended") return;
    // The channel's last notification speaks of a connection that was created.
    const channel = this.#channel;
    this.#subscriber?.close();
    channel?.leave(this);
    this.#phase = "ended";
    this.#transport?.close();
    this.#socket.close(code, reason);
    this.#host.onEnded(this);
  }

  /** Does what is due; called every 50 ms. */
  tick(nowMs: number): void {
    if (this.#phase === "ended") return;
    this.#publisher?.tick(nowMs);
    if (nowMs > this.#deadline) {
      this.#onDeadline();
    } else if (this.#phase === "created") {
      this.#keepAlive(nowMs);
    }
  }

  #onDeadline(): void {
    if (this.#phase === "connecting") {
      this.refuse("CONNECT-WAIT-TIMEOUT-ERROR", "No connect message came in time.");
    } else if (this.#phase === "establishing") {
      this.refuse("CONNECTION-CREATED-WAIT-TIMEOUT-ERROR", "ICE and DTLS took too long.");
    } else {
      this.refuse("ANSWER-TIMEOUT-ERROR", "No answer came in time.");
    }
  }

  #keepAlive(nowMs: number): void {
    const { mediaTimeoutMs, pingIntervalMs, pongTimeoutMs } = this.#host.config;
    const transport = this.#transport;
    if (transport !== undefined && nowMs - transport.lastHeard > mediaTimeoutMs) {
      this.refuse("MEDIA-TIMEOUT-ERROR", "The client's transport has been silent for too long.");
    } else if (nowMs - this.#heardPongAt > pongTimeoutMs) {
      this.refuse("PONG-TIMEOUT-ERROR", "No pong came in time.");
    } else if (nowMs - this.#pingedAt >= pingIntervalMs) {
      this.#pingedAt = nowMs;
      this.#socket.send({ type: "ping", stats: true });
    }
  }

  #onMessage(type: string, message: JsonObject): void {
    if (this.#phase === "ended") return;
    if (this.#request === undefined) {
      if (type !== "connect") {
        throw new Refusal("INVALID-MESSAGE", "The first message must be connect.");
      }
      this.#request = parseConnect(message);
      this.#deadline = Infinity;
      this.#offer(this.#request);
      return;
    }
    switch (type) {
      case "answer":
      case "re-answer":
        this.#onAnswer(type, message.sdp);
        return;
      case "candidate":
        // Peers are found by their authenticated checks, so a candidate is only looked at.
        if (typeof message.candidate !== "string") {
          throw new Refusal("INVALID-MESSAGE", "candidate.candidate must be a string.");
        }
        return;
      case "pong":
        this.#heardPongAt = performance.now();
        return;
      case "disconnect":
        this.end(CloseCode.normal, "TYPE-DISCONNECT");
        return;
      default:
        throw new Refusal(
          "INVALID-MESSAGE",
          `A client does not send this message now: ${
            ["connect", "offer", "ping", "notify"].includes(type) ? type : "unknown type"
          }.`,
        );
    }
  }

  #offer(request: ConnectRequest): void {
    if (request.clientId !== undefined) this.clientId = request.clientId;
    if (request.bundleId !== undefined) this.bundleId = request.bundleId;
    const channel = this.#host.channel(request.channelId);
    const video = request.video ?? { codecType: "VP9" as const, parameters: "profile-id=0" };
    const videoCodec = channel.codecs.video(video.codecType, video.parameters);
    if (videoCodec === undefined) {
      throw new Refusal("INVALID-VIDEO-FORMAT", "The channel has too many video formats.");
    }
    this.#channel = channel;
    channel.join(this);
    this.#openTransport(request, channel, videoCodec).catch((error) => {
      this.refuse("INTERNAL-ERROR", String(error));
    });
  }

  async #openTransport(
    request: ConnectRequest,
    channel: Channel,
    videoCodec: Codec,
  ): Promise<void> {
    const { config, certificate, loss } = this.#host;
    const transport = await MediaTransport.open(config.host, certificate, loss, {
      onConnected: () => this.#onConnected(),
      onRtp: (data, header, payload) => this.#publisher?.onRtp(data, header, payload),
      onRtcp: (packet) => this.#onRtcp(packet),
      onData: () => {},
      onEnd: (reason, badFingerprint) =>
        this.refuse(badFingerprint ? "BAD-FINGERPRINT" : "TRANSPORT-ERROR", reason),
    });
    if (this.#phase === "ended") {
      transport.close();
      return;
    }
    this.#transport = transport;
    this.#publisher = new Publisher(transport, this.id);
    this.#subscriber = new Subscriber(transport);
    this.#negotiator = new Negotiator({
      host: this.#address,
      certificate,
      transport,
      own: ownSections(request, channel.codecs.opus, videoCodec),
      audioParameters: request.audio?.parameters ?? "minptime=10;useinbandfec=1",
      startBitRate: request.video?.bitRate ?? config.defaultVideoBitRate,
      sendReoffer: (sdp) => {
        this.#deadline = performance.now() + config.answerTimeoutMs;
        this.#socket.send({ type: "re-offer", sdp });
      },
    });
    this.#phase = "answering";
    this.#deadline = performance.now() + config.answerTimeoutMs;
    const sdp = this.#negotiator.firstOffer(channel.tracksFor(this));
    const audioMid = this.#negotiator.ownMid("audio");
    const videoMid = this.#negotiator.ownMid("video");
    this.#socket.send(offerMessage({
      request,
      sdp,
      connectionId: this.id,
      clientId: this.clientId,
      bundleId: this.bundleId,
      sessionId: channel.sessionId,
      mid: {
        ...(audioMid === undefined ? {} : { audio: audioMid }),
        ...(videoMid === undefined ? {} : { video: videoMid }),
      },
      defaultVideoBitRate: config.defaultVideoBitRate,
    }));
  }

  #onAnswer(type: "answer" | "re-answer", sdp: unknown): void {
    const negotiator = this.#negotiator;
    const first = this.#phase === "answering";
    if (negotiator === undefined || first !== (type === "answer")) {
      throw new Refusal("INVALID-MESSAGE", `No ${type} was waited for.`);
    }
    if (typeof sdp !== "string") {
      throw new Refusal("INVALID-MESSAGE", `${type}.sdp must be a string.`);
    }
    const { answer, sending, receiving } = negotiator.take(sdp);
    this.#deadline = Infinity;
    if (first) {
      this.#phase = "establishing";
      this.#deadline = performance.now() + this.#host.config.establishTimeoutMs;
    } else if (this.#phase === "establishing") {
      this.#deadline = performance.now() + this.#host.config.establishTimeoutMs;
    }
    const published = this.#publisher?.setSections(
      sending,
      (kind) => this.#codecOf(kind),
    );
    this.#subscriber?.setTracks(receiving);
    this.#transport?.setRemote(answer.ufrag, answer.fingerprint);
    if (published === true) this.#channel?.publishFrom(this);
    negotiator.resume();
  }

  #codecOf(kind: "audio" | "video"): Codec {
    const codecs = this.#channel!.codecs;
    const video = this.#request?.video;
    if (kind === "audio" || video === undefined) return codecs.opus;
    return codecs.video(video.codecType, video.parameters) ?? codecs.opus;
  }

  #onConnected(): void {
    if (this.#phase !== "establishing") return;
    this.#phase = "created";
    const nowMs = performance.now();
    this.#createdAt = this.#pingedAt = this.#heardPongAt = nowMs;
    if (this.#negotiator?.outstanding !== true) this.#deadline = Infinity;
    this.#subscriber?.start();
    this.#channel?.announce(this);
  }

  #onRtcp(packet: Buffer): void {
    for (const message of parseRtcp(packet)) {
      this.#publisher?.onRtcp(message);
      this.#subscriber?.onRtcp(message);
    }
  }
}

function ownSections(request: ConnectRequest, opus: Codec, video: Codec): OwnSection[] {
  const sends = request.role !== "recvonly";
  const bits = (kbps: number | undefined) => kbps === undefined ? {} : { maxBitRate: kbps * 1000 };
  return [
    {
      kind: "audio",
      sends: sends && request.audio !== undefined,
      codec: opus,
      ...bits(request.audio?.bitRate),
    },
    {
      kind: "video",
      sends: sends && request.video !== undefined,
      codec: video,
      ...bits(request.video?.bitRate),
    },
  ];
}
