/** One client: its signaling over both transports, and its place in a channel. */
import type { Buffer } from "node:buffer";
import { type Admission, admit, describeMember, mayReceive } from "./admission.ts";
import type { Channel, Member } from "./channel.ts";
import { type ConnectionCounters, NO_COUNTERS } from "./counters.ts";
import { ConnectionInbox } from "./inbox.ts";
import { asRefusal, type ConnectionPhase, timeoutRefusal } from "./phase.ts";
import type { ConnectionHost } from "./host.ts";
import { ConnectionTimers, type Due } from "./timers.ts";
import type { SignalingLabel } from "../data/channel_settings.ts";
import { MAX_MESSAGE_BYTES } from "../data/member_channels.ts";
import type { RelayedMessage } from "../data/relayed_message.ts";
import { createId } from "../ids.ts";
import { MediaSession } from "../media/session.ts";
import type { ConnectionParts } from "./parts.ts";
import type { PendingConnection } from "./pending_places.ts";
import type { PublishedTrack } from "../media/published_track.ts";
import type { MediaKind } from "../sdp/codecs.ts";
import type { Role } from "../signaling/connect_request.ts";
import type { JsonObject, JsonValue } from "../../base/json.ts";
import { type NotifySubject, timestamp } from "../signaling/notify.ts";
import { offerMessage } from "../signaling/offer_message.ts";
import { CloseCode, type EndReason, Refusal, type RefusalReason } from "../signaling/refusal.ts";
import { MemberMetadata } from "../signaling/member_metadata.ts";
import type { SignalingSocket } from "../signaling/signaling_socket.ts";
import { LINGER_MS, SignalingTransports } from "./signaling_transports.ts";

export class Connection implements Member, PendingConnection {
  readonly id = createId();
  clientId = this.id;
  bundleId = this.id;
  readonly #host: ConnectionHost;
  readonly #parts: ConnectionParts;
  readonly #socket: SignalingSocket;
  readonly #address: string;
  readonly remote: string;
  #phase: ConnectionPhase = "connecting";
  readonly #timers: ConnectionTimers;
  readonly #inbox: ConnectionInbox;
  #admission: Admission | undefined;
  #channel: Channel | undefined;
  #media: MediaSession | undefined;
  readonly #transports: SignalingTransports;
  #finished = false;
  #reported: JsonValue[] = [];
  /** What notifications carry as `metadata`. */
  readonly metadata = new MemberMetadata(
    this.id,
    (data) => this.#channel?.pushFrom(this, data),
  );

  /**
   * @param address the address of this side's host candidate
   * @param remote whose places it takes
   */
  constructor(host: ConnectionHost, parts: ConnectionParts, address: string, remote: string) {
    this.#host = host;
    this.#parts = parts;
    this.#socket = parts.socket;
    this.#address = address;
    this.remote = remote;
    this.#timers = new ConnectionTimers(host.config);
    this.#transports = this.#createTransports();
    this.#inbox = new ConnectionInbox(host.config.maxMessageBytes, this.metadata, {
      onConnect: (message) => this.#onConnect(message),
      onAnswer: (type, sdp) => this.#onAnswer(type, sdp),
      onPong: (stats) => this.#onPong(stats),
      onDisconnect: () => this.#onDisconnect(),
      onRpcResponse: (response) => this.#transports.sendOn("rpc", response),
    });
    this.#socket.listen({
      onMessage: (type, message) => {
        if (this.#phase !== "ended") this.#inbox.onSocketMessage(type, message);
      },
      onRefused: (refusal) => {
        this.#refuse(refusal);
        this.#socket.close(CloseCode.signalingError, refusal.reason);
      },
      onClosed: () => this.#onSocketClosed(),
    });
  }

  get phase(): ConnectionPhase {
    return this.#phase;
  }

  /** `performance.now()` when the client was last heard, by a message or an authentic packet. */
  get heardAt(): number {
    return Math.max(this.#inbox.heardAt, this.#media?.transport.lastHeard ?? 0);
  }

  /** The channel that it is in. */
  get channelId(): string | undefined {
    return this.#phase === "ended" ? undefined : this.#channel?.id;
  }

  /** Gives its place to another, as its client is silent. */
  giveWay(): void {
    this.#refuse(timeoutRefusal(this.#phase));
  }

  get role(): Role {
    return this.#admission?.request.role ?? "recvonly";
  }

  get created(): boolean {
    return this.#phase === "created";
  }

  get tracks(): readonly PublishedTrack[] {
    return this.#media?.tracks ?? [];
  }

  /** Counters for the server's statistics. */
  counters(): ConnectionCounters {
    const counters = this.#media?.counters ?? NO_COUNTERS;
    const { dropped: droppedMessages = 0, droppedPackets = 0 } = this.#transports.data ?? {};
    return { ...counters, drops: counters.drops + droppedPackets, droppedMessages };
  }

  /** Bytes of data channel messages that wait for the client. */
  get waitingBytes(): number {
    return this.#transports.data?.waitingBytes ?? 0;
  }

  /** Whether messages of the client wait until their receivers have room. */
  get isHeldBack(): boolean {
    return this.#transports.data?.holds === true;
  }

  /** What the HTTP API tells of it: `stats` is what the client reported last. */
  statistics(): JsonObject {
    return {
      channel_id: this.#channel?.id ?? "",
      client_id: this.clientId,
      connection_id: this.id,
      role: this.role,
      timestamp: timestamp(),
      stats: this.#reported,
    };
  }

  receives(kind: MediaKind, sender: Member): boolean {
    return this.#admission !== undefined && mayReceive(this.#admission, kind, sender);
  }

  describe(): NotifySubject {
    return describeMember(this, this.#admission, {
      sessionId: this.#channel?.sessionId ?? "",
      minutes: this.#timers.minutes,
      metadata: this.metadata.value,
    });
  }

  notify(message: JsonObject): void {
    if (this.#admission?.grant?.notifies === false) return;
    this.#transports.send("notify", message);
  }

  push(message: JsonObject): void {
    this.#transports.send("push", message);
  }

  onTracksChanged(): void {
    if (this.#channel === undefined) return;
    this.#media?.want(this.#channel.tracksFor(this));
  }

  takesMessage(label: string): boolean {
    return this.#transports.data?.takesMessage(label) ?? true;
  }

  relayHeld(): boolean {
    return this.#transports.data?.deliverHeld() === true;
  }

  onMemberMessage(message: RelayedMessage): void {
    this.#transports.data?.sendMessage(message);
  }

  /** Sends bytes on a data channel as they are. Returns whether there is that channel. */
  sendRaw(label: string, data: Buffer): boolean {
    return this.#transports.data?.sendRaw(label, data) === true;
  }

  /** Limits what the client sends of video, in bit/s. Returns whether it is connected and sends any. */
  limitVideo(maxBitRate: number): boolean {
    return this.phase === "created" && this.#media?.limitVideo(maxBitRate) === true;
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

  #refuse(refusal: Refusal): void {
    this.refuse(refusal.reason, refusal.message);
  }

  /** Ends the connection from the server's side. Idempotent. */
  end(code: number, reason: string): void {
    if (!this.#leave()) return;
    this.#transports.close(code, reason);
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
    while (this.relayHeld());
    if (this.#transports.data?.isStuck(nowMs, this.#host.config.mediaTimeoutMs) === true) {
      this.refuse(
        "DATA-CHANNEL-SLOW-CONSUMER",
        `${this.waitingBytes} bytes of messages wait for the client, which has read next to nothing.`,
      );
      return;
    }
    const lastHeardMs = this.#media?.transport.lastHeard ?? nowMs;
    for (const due of this.#timers.check(nowMs, this.#phase, lastHeardMs)) this.#do(due);
  }

  #do(due: Due): void {
    if (due instanceof Refusal) this.#refuse(due);
    else if (due === "expire") this.end(CloseCode.normal, "LIFETIME-EXPIRED" satisfies EndReason);
    else if (due === "update") this.#channel?.update(this);
    else if (this.#socket.open) this.#socket.send({ type: "ping", stats: true });
    else this.#transports.sendOn("stats", { type: "req-stats" });
  }

  #onSocketClosed(): void {
    // Once switched, a client that ignores the WebSocket may close it, with or without a word.
    if (
      this.#transports.switched && this.#admission?.ignoresWebSocket === true &&
      this.#phase === "created"
    ) {
      return;
    }
    if (!this.#leave()) return;
    this.#finish(CloseCode.normal, "TYPE-DISCONNECT");
  }

  #onPong(stats: JsonValue | undefined): void {
    // Only the HTTP API asks for them.
    if (Array.isArray(stats) && this.#host.config.httpApi) this.#reported = stats;
    this.#timers.onPong();
  }

  #onConnect(message: JsonObject): void {
    this.#timers.expect(Infinity);
    this.#enter(message).catch((error) => this.#refuse(asRefusal(error)));
  }

  async #enter(message: JsonObject): Promise<void> {
    const admission = await admit(message, this.#host.config, this.#parts.signalingChannels);
    // The client may have left while its access token was verified.
    if (this.#phase === "ended") return;
    const { request } = admission;
    this.#admission = admission;
    const notifyMetadata = admission.grant?.notifyMetadata;
    if (notifyMetadata !== undefined) this.metadata.putMetadata(notifyMetadata, false);
    const stays = request.redirected && !this.#host.config.redirectAgain;
    const location = stays ? undefined : this.#host.redirect(request.channelId);
    if (location !== undefined) {
      this.#socket.send({ type: "redirect", location });
      this.abandon(CloseCode.normal, "REDIRECT");
      return;
    }
    if (request.clientId !== undefined) this.clientId = request.clientId;
    if (request.bundleId !== undefined) this.bundleId = request.bundleId;
    await this.#offer(admission, this.#host.channel(request.channelId, this.remote));
  }

  async #offer(admission: Admission, channel: Channel): Promise<void> {
    const { request, channels } = admission;
    const { config } = this.#host;
    this.#channel = channel;
    channel.join(this);
    const media = await MediaSession.open({
      config,
      certificate: this.#host.certificate,
      parts: this.#parts,
      address: this.#address,
      connectionId: this.id,
      request,
      codecs: channel.codecs,
      ...(channels.length > 0 ? { dataMaxMessageSize: MAX_MESSAGE_BYTES } : {}),
    }, {
      onConnected: () => this.#onConnected(),
      onData: (packet) => this.#transports.data?.receive(packet),
      onEnd: (reason, badFingerprint) => this.#onTransportEnd(reason, badFingerprint),
      sendReoffer: (sdp) => {
        this.#timers.expect(config.answerTimeoutMs);
        this.#transports.send("signaling", { type: "re-offer", sdp });
      },
    });
    if (this.#phase === "ended") {
      media.close();
      return;
    }
    this.#media = media;
    if (channels.length > 0) this.#transports.prepare(channels, this);
    this.#phase = "answering";
    this.#timers.expect(config.answerTimeoutMs);
    this.#socket.send(offerMessage({
      admission,
      member: this,
      sessionId: channel.sessionId,
      sdp: media.firstOffer(channel.tracksFor(this)),
      mid: media.mid,
      config,
    }));
  }

  #createTransports(): SignalingTransports {
    return new SignalingTransports(this.#host.config, this.#parts, {
      sendPacket: (packet) => this.#media?.transport.sendData(packet),
      onOpen: () => this.#switch(),
      onSignaling: (label, text) => this.#onChannelMessage(label, text),
      onMessage: (label, data) => this.#channel?.relay(this, label, data),
      mayRelay: (label) =>
        label === "rpc" ? this.#inbox.mayCall() : this.#channel?.mayRelay(this, label) ?? true,
      onRoom: () => this.#channel?.relayHeld(),
      onOverflow: () =>
        this.refuse("DATA-CHANNEL-SLOW-CONSUMER", "The client does not read its signaling."),
      onChannelsClosed: () => this.#leave(),
      onInvalid: (detail) => this.refuse("INVALID-MESSAGE", detail),
      onEnd: (reason) => this.#onTransportEnd(reason, false),
      onClosed: (code, reason) => this.#finish(code, reason),
    });
  }

  #switch(): void {
    if (this.#phase === "created") {
      this.#transports.switch(this.#admission?.ignoresWebSocket === true);
    }
  }

  #onChannelMessage(label: SignalingLabel, text: string): void {
    if (this.#phase === "ended") return;
    try {
      this.#inbox.onChannelMessage(label, text, this.#admission?.rpcMethods ?? []);
    } catch (error) {
      this.#refuse(asRefusal(error));
    }
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
    const establishing = this.#phase === "establishing";
    this.#timers.expect(establishing ? this.#host.config.establishTimeoutMs : Infinity);
    if (media.answer(sdp)) this.#channel?.publishFrom(this);
    media.resumeNegotiation();
  }

  #onConnected(): void {
    if (this.#phase !== "establishing") return;
    this.#phase = "created";
    this.#timers.onCreated(this.#admission?.lifetimeMs ?? 0);
    if (this.#media?.negotiating !== true) this.#timers.expect(Infinity);
    this.#channel?.announce(this);
  }

  #onDisconnect(): void {
    if (this.#leave()) this.#transports.closeAfterDisconnect();
  }

  #onTransportEnd(reason: string, badFingerprint: boolean): void {
    if (this.#phase === "ended") {
      this.#finish(CloseCode.normal, "TYPE-DISCONNECT");
    } else if (badFingerprint || !this.created || !this.#socket.open) {
      this.refuse(badFingerprint ? "BAD-FINGERPRINT" : "TRANSPORT-ERROR", reason);
    } else {
      // A client that leaves closes its transport too, and its `disconnect` may come later.
      this.#media?.stopReceiving();
      this.#timers.linger(new Refusal("TRANSPORT-ERROR", reason), LINGER_MS);
    }
  }

  /** Leaves the channel; false when that was done before. */
  #leave(): boolean {
    if (this.#phase === "ended") return false;
    this.#media?.stopReceiving();
    this.#transports.data?.deliverAllHeld();
    // The channel's last notification speaks of a connection that was created.
    this.#channel?.leave(this);
    this.#phase = "ended";
    return true;
  }

  /** Gives everything back. */
  #finish(code: number, reason: string): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#transports.finish(code, reason);
    this.#media?.close();
    this.#host.onEnded(this);
  }
}
