/** One client: its signaling over both transports, and its place in a channel. */
import type { Buffer } from "node:buffer";
import type { Channel, Member } from "./channel.ts";
import type { DtlsCertificate } from "./certificate.ts";
import { type ChannelSettings, SIGNALING_CHANNELS } from "./data/channel_settings.ts";
import type { SignalingLabel } from "./data/channel_settings.ts";
import { MAX_MESSAGE_BYTES, MemberChannels } from "./data/member_channels.ts";
import type { PacketLoss } from "./faults.ts";
import { createId } from "./ids.ts";
import { type MediaCounters, MediaSession } from "./media_session.ts";
import type { ServerConfig } from "./options.ts";
import type { PublishedTrack } from "./published_track.ts";
import { DEFAULT_VIDEO_PARAMETERS } from "./sdp/codecs.ts";
import { type AccessGrant, authorize } from "./signaling/access_token.ts";
import { type ConnectRequest, parseConnect, type Role } from "./signaling/connect_request.ts";
import { allows } from "./signaling/forwarding_filter.ts";
import type { Json, JsonObject } from "./signaling/json.ts";
import type { NotifySubject } from "./signaling/notify.ts";
import { offerMessage } from "./signaling/offer_message.ts";
import { CloseCode, type EndReason, Refusal, type RefusalReason } from "./signaling/refusal.ts";
import { handleRpc } from "./signaling/rpc.ts";
import { parseSignal } from "./signaling/signal.ts";
import type { SignalingSocket } from "./signaling/signaling_socket.ts";

/** The server as a connection sees it. */
export interface ConnectionHost {
  readonly config: ServerConfig;
  readonly certificate: DtlsCertificate;
  /** Packets to lose on purpose. */
  readonly loss: PacketLoss;
  /** The channel to join. @throws Refusal when it is full. */
  channel(id: string): Channel;
  /** Where a client of this channel is to go instead, if anywhere. */
  redirect(channelId: string): string | undefined;
  /** A connection was refused or lost; the detail is for people and has no client data. */
  onRefused(reason: RefusalReason, detail: string): void;
  /** A connection is over. */
  onEnded(connection: Connection): void;
}

/** How far a connection has come. */
export type ConnectionPhase = "connecting" | "answering" | "establishing" | "created" | "ended";

/** Time for a client to close its side of the data channels. */
const LINGER_MS = 1000;

const NO_COUNTERS: MediaCounters = { drops: 0, lost: 0, retransmitted: 0, unknown: 0 };

export class Connection implements Member {
  readonly id = createId();
  clientId = this.id;
  bundleId = this.id;
  readonly #host: ConnectionHost;
  readonly #socket: SignalingSocket;
  readonly #address: string;
  #phase: ConnectionPhase = "connecting";
  #deadline: number;
  #expiresAt = Infinity;
  #request: ConnectRequest | undefined;
  #grant: AccessGrant | undefined;
  #channel: Channel | undefined;
  #media: MediaSession | undefined;
  #data: MemberChannels | undefined;
  #switched = false;
  #finished = false;
  #linger: ReturnType<typeof setTimeout> | undefined;
  #metadata: Json | undefined;
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
      onClosed: () => this.#onSocketClosed(),
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

  get tracks(): readonly PublishedTrack[] {
    return this.#media?.tracks ?? [];
  }

  /** Counters for the server's statistics. */
  counters(): MediaCounters {
    return this.#media?.counters ?? NO_COUNTERS;
  }

  receives(kind: "audio" | "video", sender: Member): boolean {
    const request = this.#request;
    if (request?.[kind] === undefined || request.role === "sendonly") return false;
    return allows(request.forwardingFilters, {
      connection_id: sender.id,
      client_id: sender.clientId,
      kind,
    });
  }

  describe(): NotifySubject {
    const notifyMetadata = this.#request?.notifyMetadata;
    const authzMetadata = this.#grant?.authzMetadata;
    return {
      role: this.role,
      sessionId: this.#channel?.sessionId ?? "",
      clientId: this.clientId,
      bundleId: this.bundleId,
      connectionId: this.id,
      audio: this.#request?.audio !== undefined,
      video: this.#request?.video !== undefined,
      minutes: Math.floor((performance.now() - this.#createdAt) / 60_000),
      ...(notifyMetadata === undefined ? {} : { notifyMetadata }),
      ...(authzMetadata === undefined ? {} : { authzMetadata }),
      ...(this.#metadata === undefined ? {} : { metadata: this.#metadata }),
    };
  }

  notify(message: JsonObject): void {
    this.#signal("notify", message);
  }

  push(message: JsonObject): void {
    this.#signal("push", message);
  }

  onTracksChanged(): void {
    if (this.#channel === undefined) return;
    this.#media?.want(this.#channel.tracksFor(this));
  }

  onMemberMessage(label: string, senderId: string, data: Buffer): void {
    this.#data?.sendMessage(label, senderId, data);
  }

  /** Asks the client for a key frame of each of its videos. */
  requestKeyFrame(): void {
    for (const track of this.tracks) track.requestKeyFrame();
  }

  /** Ends the connection because of what the client did or failed to do. */
  refuse(reason: RefusalReason, detail: string): void {
    if (this.#phase === "ended") return;
    this.#host.onRefused(reason, detail);
    this.end(CloseCode.signalingError, reason);
  }

  /** Ends the connection from the server's side. Idempotent. */
  end(code: number, reason: string): void {
    if (!this.#leave()) return;
    if (this.#switched && this.#host.config.dataChannelSignalingCloseMessage) {
      this.#data?.sendSignaling("signaling", { type: "close", code, reason });
    }
    this.#socket.close(code, reason);
    this.#closeChannels(code, reason);
  }

  /** Ends the connection at once: what is still closing is cut. Idempotent. */
  abandon(code: number, reason: string): void {
    this.#leave();
    this.#finish(code, reason);
  }

  /** Does what is due; called every 50 ms. */
  tick(nowMs: number): void {
    if (this.#phase === "ended") return;
    this.#media?.tick(nowMs);
    if (nowMs > this.#deadline) {
      this.#onDeadline();
    } else if (nowMs > this.#expiresAt) {
      this.end(CloseCode.normal, "LIFETIME-EXPIRED" satisfies EndReason);
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
    const lastHeard = this.#media?.transport.lastHeard ?? nowMs;
    if (nowMs - lastHeard > mediaTimeoutMs) {
      this.refuse("MEDIA-TIMEOUT-ERROR", "The client's transport has been silent for too long.");
    } else if (this.#socket.open && nowMs - this.#heardPongAt > pongTimeoutMs) {
      this.refuse("PONG-TIMEOUT-ERROR", "No pong came in time.");
    } else if (nowMs - this.#pingedAt >= pingIntervalMs) {
      this.#pingedAt = nowMs;
      if (this.#socket.open) this.#socket.send({ type: "ping", stats: true });
      else this.#data?.sendSignaling("stats", { type: "req-stats" });
    }
  }

  /** Sends one message over the transport that signaling uses at present. */
  #signal(label: SignalingLabel, message: JsonObject): void {
    if (this.#switched) this.#data?.sendSignaling(label, message);
    else this.#socket.send(message);
  }

  #onSocketClosed(): void {
    // Once switched, a client that ignores the WebSocket may close it, with or without a word.
    if (this.#switched && this.#ignoresWebSocket && this.#phase === "created") return;
    if (!this.#leave()) return;
    this.#finish(CloseCode.normal, "TYPE-DISCONNECT");
  }

  get #ignoresWebSocket(): boolean {
    return this.#request?.ignoreDisconnectWebSocket ??
      this.#host.config.ignoreDisconnectWebSocket;
  }

  #onMessage(type: string, message: JsonObject): void {
    if (this.#phase === "ended") return;
    if (this.#request === undefined) {
      if (type !== "connect") {
        throw new Refusal("INVALID-MESSAGE", "The first message must be connect.");
      }
      this.#onConnect(message);
    } else if (type === "pong") {
      this.#heardPongAt = performance.now();
    } else if (type === "answer") {
      this.#onAnswer(type, message.sdp);
    } else {
      this.#onCommonMessage(type, message);
    }
  }

  /** Messages that may come over either transport. */
  #onCommonMessage(type: string, message: JsonObject): void {
    switch (type) {
      case "re-answer":
        this.#onAnswer(type, message.sdp);
        return;
      case "candidate":
        // Peers are found by their authenticated checks, so a candidate is only looked at.
        if (typeof message.candidate !== "string") {
          throw new Refusal("INVALID-MESSAGE", "candidate.candidate must be a string.");
        }
        return;
      case "disconnect":
        this.#onDisconnect();
        return;
      default:
        throw new Refusal("INVALID-MESSAGE", "A client does not send this message now.");
    }
  }

  #onConnect(connect: JsonObject): void {
    const { config } = this.#host;
    let message = connect;
    if (config.secret !== "") {
      this.#grant = authorize(connect, config.secret, Date.now() / 1000);
      message = this.#grant.message;
    }
    const request = parseConnect(message);
    this.#request = request;
    this.#deadline = Infinity;
    const location = request.redirected ? undefined : this.#host.redirect(request.channelId);
    if (location !== undefined) {
      this.#socket.send({ type: "redirect", location });
      this.#leave();
      this.#finish(CloseCode.normal, "REDIRECT");
      return;
    }
    if (request.clientId !== undefined) this.clientId = request.clientId;
    if (request.bundleId !== undefined) this.bundleId = request.bundleId;
    const channels = this.#dataChannels(request);
    this.#offer(request, channels, this.#host.channel(request.channelId)).catch((error) => {
      if (error instanceof Refusal) this.refuse(error.reason, error.message);
      else this.refuse("INTERNAL-ERROR", String(error));
    });
  }

  #dataChannels(request: ConnectRequest): readonly ChannelSettings[] {
    const enabled = request.dataChannelSignaling ?? this.#host.config.dataChannelSignaling;
    if (enabled) return [...SIGNALING_CHANNELS, ...request.dataChannels];
    if (request.dataChannels.length > 0) {
      throw new Refusal("INVALID-MESSAGE", "connect.data_channels needs data_channel_signaling.");
    }
    return [];
  }

  async #offer(
    request: ConnectRequest,
    channels: readonly ChannelSettings[],
    channel: Channel,
  ): Promise<void> {
    const { config, certificate, loss } = this.#host;
    const asked = request.video ??
      { codecType: "VP9" as const, parameters: DEFAULT_VIDEO_PARAMETERS.VP9 };
    const video = channel.codecs.video(asked.codecType, asked.parameters);
    if (video === undefined) {
      throw new Refusal("INVALID-VIDEO-FORMAT", "The channel has too many video formats.");
    }
    this.#channel = channel;
    channel.join(this);
    const media = await MediaSession.open({
      host: config.host,
      address: this.#address,
      certificate,
      loss,
      connectionId: this.id,
      request,
      opus: channel.codecs.opus,
      video,
      startBitRate: request.video?.bitRate ?? config.defaultVideoBitRate,
      ...(channels.length > 0 ? { dataMaxMessageSize: MAX_MESSAGE_BYTES } : {}),
    }, {
      onConnected: () => this.#onConnected(),
      onData: (packet) => this.#data?.receive(packet),
      onEnd: (reason, badFingerprint) => this.#onTransportEnd(reason, badFingerprint),
      sendReoffer: (sdp) => {
        this.#deadline = performance.now() + config.answerTimeoutMs;
        this.#signal("signaling", { type: "re-offer", sdp });
      },
    });
    if (this.#phase === "ended") {
      media.close();
      return;
    }
    this.#media = media;
    if (channels.length > 0) this.#data = this.#createChannels(channels, media);
    this.#phase = "answering";
    this.#deadline = performance.now() + config.answerTimeoutMs;
    const metadata = this.#grant?.metadata;
    this.#socket.send(offerMessage({
      request,
      sdp: media.firstOffer(channel.tracksFor(this)),
      connectionId: this.id,
      clientId: this.clientId,
      bundleId: this.bundleId,
      sessionId: channel.sessionId,
      mid: media.mid,
      ...(metadata === undefined ? {} : { metadata }),
      ignoreDisconnectWebSocket: channels.length > 0 && this.#ignoresWebSocket,
      dataChannels: channels,
      iceServers: config.iceServers,
      iceTransportPolicy: config.iceTransportPolicy,
      defaultVideoBitRate: config.defaultVideoBitRate,
    }));
  }

  #createChannels(channels: readonly ChannelSettings[], media: MediaSession): MemberChannels {
    return new MemberChannels(channels, {
      sendPacket: (packet) => media.transport.sendData(packet),
      onOpen: () => this.#switch(),
      onSignaling: (label, text) => this.#onChannelMessage(label, text),
      onMessage: (label, data) => this.#channel?.relay(this, label, data),
      onClosed: () => this.#onChannelsClosed(),
      onInvalid: (detail) => this.refuse("INVALID-MESSAGE", detail),
      onEnd: (reason) => this.#onTransportEnd(reason, false),
    });
  }

  #switch(): void {
    if (this.#phase !== "created") return;
    this.#socket.send({
      type: "switched",
      ignore_disconnect_websocket: this.#ignoresWebSocket,
    });
    this.#switched = true;
  }

  #onChannelMessage(label: SignalingLabel, text: string): void {
    if (this.#phase === "ended") return;
    try {
      if (label === "rpc") {
        const response = handleRpc(text, {
          putMetadata: (metadata, push) => this.#putMetadata("PutMetadata", { metadata }, push),
          putMetadataItem: (key, value, push) =>
            this.#putMetadata("PutMetadataItem", { key, value }, push),
        });
        if (response !== undefined) this.#data?.sendSignaling("rpc", response);
        return;
      }
      const { type, message } = parseSignal(text, this.#host.config.maxMessageBytes);
      if (label === "signaling") this.#onCommonMessage(type, message);
      else if (label === "stats") this.#heardPongAt = performance.now();
    } catch (error) {
      if (error instanceof Refusal) this.refuse(error.reason, error.message);
      else this.refuse("INTERNAL-ERROR", String(error));
    }
  }

  #putMetadata(action: string, change: JsonObject, push: boolean): Json {
    const { metadata, key, value } = change;
    const before = this.#metadata;
    const object = typeof before === "object" && before !== null && !Array.isArray(before)
      ? before
      : {};
    const next = typeof key === "string" ? { ...object, [key]: value ?? null } : metadata ?? null;
    this.#metadata = next;
    if (push) {
      this.#channel?.pushFrom(this, {
        action,
        connection_id: this.id,
        ...change,
        type: "signaling_notify_metadata_ext",
      });
    }
    return next;
  }

  #onAnswer(type: "answer" | "re-answer", sdp: unknown): void {
    const media = this.#media;
    const first = this.#phase === "answering";
    if (media === undefined || first !== (type === "answer")) {
      throw new Refusal("INVALID-MESSAGE", `No ${type} was waited for.`);
    }
    if (typeof sdp !== "string") {
      throw new Refusal("INVALID-MESSAGE", `${type}.sdp must be a string.`);
    }
    if (first) this.#phase = "establishing";
    this.#deadline = this.#phase === "establishing"
      ? performance.now() + this.#host.config.establishTimeoutMs
      : Infinity;
    if (media.answer(sdp)) this.#channel?.publishFrom(this);
    media.resumeNegotiation();
  }

  #onConnected(): void {
    if (this.#phase !== "establishing") return;
    this.#phase = "created";
    const nowMs = performance.now();
    this.#createdAt = this.#pingedAt = this.#heardPongAt = nowMs;
    if (this.#media?.negotiating !== true) this.#deadline = Infinity;
    const lifetimeMs = (this.#grant?.lifetimeSeconds ?? 0) * 1000 ||
      this.#host.config.connectionLifetimeMs;
    if (lifetimeMs > 0) this.#expiresAt = nowMs + lifetimeMs;
    this.#channel?.announce(this);
  }

  #onDisconnect(): void {
    if (this.#host.config.faults.ignoreDisconnect === true) return;
    if (!this.#leave()) return;
    const reason: EndReason = "TYPE-DISCONNECT";
    // Clients wait for the channels to close both ways before they believe a close.
    if (this.#switched) this.#closeChannels(CloseCode.normal, reason);
    else this.#finish(CloseCode.normal, reason);
  }

  #closeChannels(code: number, reason: string): void {
    if (this.#data === undefined || !this.#switched) {
      this.#finish(code, reason);
      return;
    }
    this.#linger = setTimeout(() => this.#finish(code, reason), LINGER_MS);
    this.#data.closeChannels();
  }

  #onChannelsClosed(): void {
    if (this.#phase === "created") this.#leave();
    this.#finish(CloseCode.normal, "TYPE-DISCONNECT");
  }

  #onTransportEnd(reason: string, badFingerprint: boolean): void {
    if (this.#phase === "ended") this.#finish(CloseCode.normal, "TYPE-DISCONNECT");
    else this.refuse(badFingerprint ? "BAD-FINGERPRINT" : "TRANSPORT-ERROR", reason);
  }

  /** Leaves the channel; false when that was done before. */
  #leave(): boolean {
    if (this.#phase === "ended") return false;
    this.#media?.stopReceiving();
    // The channel's last notification speaks of a connection that was created.
    this.#channel?.leave(this);
    this.#phase = "ended";
    return true;
  }

  /** Gives everything back. */
  #finish(code: number, reason: string): void {
    if (this.#finished) return;
    this.#finished = true;
    clearTimeout(this.#linger);
    this.#socket.close(code, reason);
    this.#data?.close();
    this.#media?.close();
    this.#host.onEnded(this);
  }
}
