/** The connection of one client, from its WebSocket to its end: admission, negotiation, leaving. */
import type { JsonObject, JsonValue } from "../../base/json.ts";
import type { SignalingLabel } from "../data/data_channel_settings.ts";
import { MAX_MESSAGE_BYTES } from "../data/data_channels.ts";
import { MediaSession } from "../media/session.ts";
import type { ServerConfig } from "../options/options.ts";
import { timestamp } from "../signaling/notify.ts";
import { offerMessage } from "../signaling/offer_message.ts";
import { CloseCode, type EndReason, Refusal } from "../signaling/refusal.ts";
import type { SignalingSocket } from "../signaling/signaling_socket.ts";
import { type Admission, admit } from "./admission.ts";
import type { Channel } from "./channel.ts";
import type { Channels } from "./channels.ts";
import { type ConnectionCounters, NO_COUNTERS, type RefusalCounters } from "./counters.ts";
import { ConnectionInbox } from "./inbox.ts";
import { ChannelMember } from "./member.ts";
import type { ConnectionEnd, ConnectionParts } from "./parts.ts";
import type { PlaceHolder } from "./pending_places.ts";
import { asRefusal, type ConnectionPhase, timeoutRefusal } from "./phase.ts";
import { redirectLocation } from "./redirect.ts";
import { reportCreated, reportDestroyed, reportRefused } from "./reports.ts";
import { LINGER_MS, SignalingTransports } from "./signaling_transports.ts";
import { ConnectionTimers, type Due } from "./timers.ts";

/** State that the connections of a server share. */
export interface ServerContext {
  readonly config: ServerConfig;
  readonly channels: Channels;
  readonly refusals: RefusalCounters;
  /** Whether the server takes no newcomers any more, because it is about to close. */
  draining: boolean;
}

/** How a client reached the server. */
export interface Arrival {
  /** The address of this side's host candidate. */
  readonly address: string;
  /** Whose places it takes: an address key. */
  readonly remote: string;
}

export class Connection implements PlaceHolder, ConnectionEnd {
  readonly remote: string;
  readonly member: ChannelMember;
  readonly #server: ServerContext;
  readonly #parts: ConnectionParts;
  readonly #socket: SignalingSocket;
  readonly #address: string;
  readonly #onEnded: () => void;
  readonly #timers: ConnectionTimers;
  readonly #inbox: ConnectionInbox;
  readonly #transports: SignalingTransports;
  #phase: ConnectionPhase = "connecting";
  #admission: Admission | undefined;
  #media: MediaSession | undefined;
  #finished = false;
  #reported: JsonValue[] = [];

  /** @param onEnded called once, when everything is released */
  constructor(
    server: ServerContext,
    parts: ConnectionParts,
    { address, remote }: Arrival,
    onEnded: () => void,
  ) {
    this.#server = server;
    this.#parts = parts;
    this.#socket = parts.socket;
    this.#address = address;
    this.remote = remote;
    this.#onEnded = onEnded;
    this.#timers = new ConnectionTimers(server.config);
    this.#transports = this.#createTransports();
    this.member = new ChannelMember(this, this.#transports);
    this.#inbox = new ConnectionInbox(server.config, this.member, {
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
        this.refuse(refusal);
        this.#socket.close(CloseCode.signalingError, refusal.reason);
      },
      onClosed: () => this.#onSocketClosed(),
    });
  }

  get id(): string {
    return this.member.id;
  }

  get phase(): ConnectionPhase {
    return this.#phase;
  }

  /** `performance.now()` when the client went on, by a step of the signaling or an authentic packet. */
  get heardAt(): number {
    return Math.max(this.#inbox.steppedAt, this.#media?.transport.lastHeard ?? 0);
  }

  /** Counters for the server's statistics. */
  counters(): ConnectionCounters {
    const counters = this.#media?.counters ?? NO_COUNTERS;
    return { ...counters, droppedMessages: this.#transports.data?.dropped ?? 0 };
  }

  /** Bytes of data channel messages that wait for the client. */
  get waitingBytes(): number {
    return this.#transports.data?.waitingBytes ?? 0;
  }

  /** Whether messages of the client wait until their receivers have room. */
  get isHeldBack(): boolean {
    return this.#transports.data?.holds === true;
  }

  /** Statistics for the HTTP API; `stats` is the client's latest report. */
  statistics(): JsonObject {
    const { channel, clientId, role } = this.member;
    return {
      channel_id: channel?.id ?? "",
      client_id: clientId,
      connection_id: this.id,
      role,
      timestamp: timestamp(),
      stats: this.#reported,
    };
  }

  giveWay(): void {
    this.refuse(timeoutRefusal(this.#phase));
  }

  /** Ends the connection for an error of the client. */
  refuse(refusal: Refusal): void {
    if (this.#phase === "ended") return;
    this.#server.refusals.count(refusal.reason);
    reportRefused(this.#server.config, refusal, this.member);
    this.end(CloseCode.signalingError, refusal.reason);
  }

  end(code: number, reason: string): void {
    if (!this.#leave(reason)) return;
    this.#transports.close(code, reason);
  }

  abandon(code: number, reason: string): void {
    this.#leave(reason);
    this.#finish(code, reason);
  }

  /** Does what is due; called every 100 ms. */
  tick(nowMs: number): void {
    if (this.#phase === "ended") return;
    this.#media?.tick(nowMs);
    while (this.member.relayHeld());
    if (this.#transports.data?.isStuck(nowMs, this.#server.config.mediaTimeoutMs) === true) {
      this.refuse(
        new Refusal(
          "DATA-CHANNEL-SLOW-CONSUMER",
          `${this.waitingBytes} bytes of messages wait for a client that reads next to nothing`,
        ),
      );
      return;
    }
    for (const due of this.#timers.check(nowMs, this.#phase)) this.#do(due);
  }

  #do(due: Due): void {
    if (due instanceof Refusal) this.refuse(due);
    else if (due === "expire") this.end(CloseCode.normal, "LIFETIME-EXPIRED" satisfies EndReason);
    else if (due === "update") this.member.channel?.update(this.member);
    else if (this.#socket.open) this.#socket.send({ type: "ping", stats: true });
    else this.#transports.sendOn("stats", { type: "req-stats" });
  }

  #createTransports(): SignalingTransports {
    return new SignalingTransports(this.#server.config, this.#parts, {
      onOpen: () => this.#switch(),
      onSignaling: (label, text) => this.#onChannelMessage(label, text),
      onMessage: (label, data) => this.member.channel?.relay(this.member, label, data),
      mayRelay: (label) =>
        label === "rpc"
          ? this.#inbox.mayCall()
          : this.member.channel?.mayRelay(this.member, label) ?? true,
      onRoom: () => this.member.channel?.relayHeld(),
      onOverflow: () =>
        this.refuse(
          new Refusal("DATA-CHANNEL-SLOW-CONSUMER", "the client does not read its signaling"),
        ),
      onAllClosed: () => this.#leave("TYPE-DISCONNECT"),
      onInvalid: (detail) => this.refuse(new Refusal("INVALID-MESSAGE", detail)),
      onClosed: (code, reason) => this.#finish(code, reason),
    });
  }

  #onPong(stats: JsonValue | undefined): void {
    // Only the HTTP API asks for them.
    if (Array.isArray(stats) && this.#server.config.httpApi) this.#reported = stats;
    this.#timers.onPong();
  }

  #onConnect(message: JsonObject): void {
    this.#timers.expect(Infinity);
    this.#enter(message).catch((error) => this.refuse(asRefusal(error)));
  }

  async #enter(message: JsonObject): Promise<void> {
    const { config, channels } = this.#server;
    const admission = await admit(message, config, this.#parts.signalingDataChannels);
    // The client may have left while its access token was verified.
    if (this.#phase === "ended") return;
    const { channelId, redirected } = admission.request;
    this.#admission = admission;
    this.member.admit(admission);
    const stays = redirected && !config.redirectAgain;
    const location = stays ? undefined : redirectLocation(config, channelId);
    if (location === undefined) {
      if (this.#server.draining) {
        throw new Refusal("SERVER-CLOSING", "the server is about to close");
      }
      this.#offer(admission, channels.toJoin(channelId, this.remote));
    } else {
      this.#socket.send({ type: "redirect", location });
      this.abandon(CloseCode.normal, "REDIRECT");
    }
  }

  #offer(admission: Admission, channel: Channel): void {
    const { request, dataChannels } = admission;
    const { config } = this.#server;
    const transports = this.#transports;
    this.member.join(channel, config);
    const focus = this.member.spotlightReceiver;
    const media = this.#media = new MediaSession({
      config,
      parts: this.#parts,
      address: this.#address,
      connectionId: this.id,
      request,
      codecs: channel.codecs,
      ...(focus === undefined ? {} : { focus }),
      ...(dataChannels.length > 0 ? { dataMaxMessageSize: MAX_MESSAGE_BYTES } : {}),
    }, {
      onConnected: () => this.#onConnected(),
      onAssociation: () => transports.data?.onAssociation(),
      onMessage: (streamId, protocol, data) =>
        transports.data?.onMessage(streamId, protocol, data) === true,
      onReset: (streamIds) => transports.data?.onReset(streamIds),
      onWritable: () => transports.data?.onWritable(),
      onEnd: (reason, badFingerprint) => this.#onTransportEnd(reason, badFingerprint),
      sendReoffer: (sdp) => {
        this.#timers.expect(config.answerTimeoutMs);
        transports.send("signaling", { type: "re-offer", sdp });
      },
      onSwitched: (change) => this.member.notifySwitched(change),
    });
    this.member.useMedia(media);
    if (dataChannels.length > 0) transports.prepare(dataChannels, media.transport, this);
    this.#phase = "answering";
    this.#timers.expect(config.answerTimeoutMs);
    this.#socket.send(offerMessage({
      admission,
      member: this.member,
      sessionId: channel.sessionId,
      sdp: media.firstOffer(channel.tracksFor(this.member)),
      mid: media.mid,
      config,
    }));
  }

  #onAnswer(type: "answer" | "re-answer", sdp: unknown): void {
    const media = this.#media;
    const first = this.#phase === "answering";
    if (media === undefined || first !== (type === "answer")) {
      throw new Refusal("INVALID-MESSAGE", `no ${type} is expected`);
    }
    if (typeof sdp !== "string") {
      throw new Refusal("INVALID-MESSAGE", `${type}.sdp must be a string`);
    }
    if (first) this.#phase = "establishing";
    const establishing = this.#phase === "establishing";
    this.#timers.expect(establishing ? this.#server.config.establishTimeoutMs : Infinity);
    if (media.answer(sdp)) this.member.channel?.publishFrom(this.member);
    media.resumeNegotiation();
  }

  #onConnected(): void {
    if (this.#phase !== "establishing") return;
    this.#phase = "created";
    this.#timers.onCreated(
      this.#admission?.lifetimeMs ?? 0,
      () => this.#media?.transport.lastHeard ?? 0,
    );
    if (this.#media?.negotiating !== true) this.#timers.expect(Infinity);
    this.member.announce();
    reportCreated(this.#server.config, this.member);
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
      this.refuse(asRefusal(error));
    }
  }

  #onDisconnect(): void {
    if (this.#leave("TYPE-DISCONNECT")) this.#transports.closeAfterDisconnect();
  }

  #onSocketClosed(): void {
    // Once switched, a client that ignores the WebSocket may close it in any way.
    if (
      this.#transports.switched && this.#admission?.ignoresWebSocket === true &&
      this.#phase === "created"
    ) {
      return;
    }
    if (!this.#leave("TYPE-DISCONNECT")) return;
    this.#finish(CloseCode.normal, "TYPE-DISCONNECT");
  }

  #onTransportEnd(reason: string, badFingerprint: boolean): void {
    if (this.#phase === "ended") {
      this.#finish(CloseCode.normal, "TYPE-DISCONNECT");
    } else if (badFingerprint || !this.#socket.open) {
      this.refuse(new Refusal(badFingerprint ? "BAD-FINGERPRINT" : "TRANSPORT-ERROR", reason));
    } else {
      // A client that leaves closes its transport too, and one that refuses this side's certificate knows best why: what either
      // has to say may come later.
      this.#media?.stopReceiving();
      this.#timers.linger(new Refusal("TRANSPORT-ERROR", reason), LINGER_MS);
    }
  }

  /** Leaves the channel; false when that was done before. */
  #leave(reason: string): boolean {
    if (this.#phase === "ended") return false;
    const { seconds } = this.member;
    this.member.leave();
    this.#phase = "ended";
    reportDestroyed(this.#server.config, this.member, reason, seconds);
    return true;
  }

  /** Releases everything. */
  #finish(code: number, reason: string): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#transports.finish(code, reason);
    this.#media?.close();
    const { channel } = this.member;
    if (channel !== undefined) this.#server.channels.release(channel);
    this.#onEnded();
  }
}
