/**
 * The conversation with the server over an open WebSocket: connect, offer and answer, the data channels, the end.
 *
 * @module
 */

import { AddressChange, MOVE_TIMEOUT_MS } from "./address_change.ts";
import { Channels } from "./framing.ts";
import { Closer, type OnEnded } from "./closer.ts";
import { buildConnectMessage } from "../messages/connect.ts";
import type { SessionContext } from "./context.ts";
import type { Ending } from "./ending.ts";
import { type Emit, Incoming, type IncomingOwner } from "./incoming.ts";
import type { ManagedSocket } from "../socket/managed_socket.ts";
import type { NotifyMessage, OfferMessage, SwitchedMessage } from "../messages/mod.ts";
import { Negotiation, type RemoteOffer } from "./negotiation.ts";
import type { Peer, PeerConnectionState, PeerEvents } from "./peer.ts";
import { type Missing, Readiness } from "./readiness.ts";
import { redactError, safeCause } from "../messages/redact.ts";
import { Rpc } from "./rpc.ts";
import { StatsReplies } from "./stats_replies.ts";
import type { Timeline } from "./timeline.ts";
import { Transports } from "./transports.ts";

/** What a {@link Dialogue} tells. */
export interface DialogueOwner {
  /** Calls handlers, as long as they may be called. */
  readonly emit: Emit;
  /** Remembers what happens. */
  readonly timeline: Timeline;
  /** Whether handlers may be called. */
  readonly mayReport: () => boolean;
  /** The peer connection is connected and the own `connection.created` has come, or will not. Once. */
  readonly onConnected: () => void;
  /** The server asks to connect elsewhere. */
  readonly onRedirect: (location: string, text: string) => void;
  /** It is over. Once. */
  readonly onEnded: OnEnded;
}

/** One conversation. */
export class Dialogue {
  /** The ways to the server. */
  readonly transports: Transports;
  /** Remote procedure calls. */
  readonly rpc: Rpc;
  /** The offer, once it has come. */
  offer: OfferMessage | undefined;
  readonly #context: SessionContext;
  readonly #owner: DialogueOwner;
  readonly #closer: Closer;
  readonly #incoming: Incoming;
  readonly #readiness: Readiness;
  readonly #addressChange: AddressChange;
  readonly #statsReplies: StatsReplies;
  #negotiation: Negotiation | undefined;
  #over = false;
  #ignoreWebSocket = false;
  #cancelSwitchTimer: () => void = () => {};

  /** Takes over an open WebSocket. */
  constructor(context: SessionContext, owner: DialogueOwner, socket: ManagedSocket) {
    const { options, clock, counters, limits } = context;
    this.#context = context;
    this.#owner = owner;
    this.transports = new Transports(socket, owner.emit, counters, owner.timeline);
    this.#statsReplies = new StatsReplies(this.transports, counters);
    this.rpc = new Rpc(clock, limits, {
      send: (text) => this.transports.sendText("rpc", text),
      isAwaited: () => this.transports.channels?.isAwaited("rpc") === true,
    });
    this.#closer = new Closer(this.transports, options, clock, {
      emit: owner.emit,
      onUseless: (root) => this.close(root),
      onEnded: owner.onEnded,
    });
    this.#incoming = new Incoming(
      this.#incomingOwner(),
      owner.emit,
      counters,
      limits,
      owner.timeline,
    );
    this.#readiness = new Readiness(clock, limits.createdWaitMs, owner.timeline, {
      isClosing: () => this.#over || this.isClosing,
      onConnected: owner.onConnected,
    });
    this.#addressChange = new AddressChange(clock, () =>
      owner.onEnded({
        code: "PEER_CONNECTION_STATE_FAILED",
        message: "The address of this machine changed, and the peer connection did not come back " +
          `within ${MOVE_TIMEOUT_MS} ms`,
      }));
    socket.events = {
      onOpen: () => {},
      onText: (text) => this.#incoming.webSocket(text),
      onBinary: () => counters.ignoredMessages++,
      onEnd: (end, timedOut) => this.#webSocketEnded(end, timedOut),
    };
  }

  /** Sends `connect`. Not part of the constructor, because handlers may close the dialogue in answer to it. */
  start(redirected: boolean): void {
    const { options, client } = this.#context;
    const { transports } = this;
    this.#owner.timeline.begin("offer");
    const text = JSON.stringify(buildConnectMessage(options, client, redirected));
    // When the server is closing already, how it does is what counts.
    if (transports.sendWebSocketText("connect", text) || transports.socket?.isEnding) return;
    if (transports.failure !== undefined) {
      this.#unsent("connect", transports.failure);
      return;
    }
    const bytes = new TextEncoder().encode(text).byteLength;
    this.close({
      code: "INTERNAL_ERROR",
      message: `Failed to send connect: its ${bytes} bytes, metadata included, are more than the ` +
        "WebSocket takes at once",
    });
  }

  /** What is still missing before the connection counts as connected. */
  get missing(): Missing {
    return this.#readiness.missing;
  }

  /** Whether the end has begun. */
  get isClosing(): boolean {
    return this.#closer.isClosing;
  }

  /** Begins the end; `root`: why, when it was not the user's wish. */
  close(root?: Ending): void {
    if (this.#over || this.#closer.isClosing) return;
    this.#cancelTimers();
    this.#negotiation?.stop();
    this.#closer.start(root);
  }

  /** Tells the server that this is the end, without waiting for its answer. */
  abandon(): void {
    this.#closer.abandon();
  }

  /** Lets go of everything but the peer connection, which the owner closes; nothing is reported any more. */
  dispose(): void {
    this.#over = true;
    this.#cancelTimers();
    this.#closer.dispose();
    this.#statsReplies.stop();
    this.#negotiation?.stop();
    this.rpc.close();
    this.transports.socket?.terminate();
    this.transports.socket = undefined;
  }

  #cancelTimers(): void {
    this.#addressChange.stop();
    this.#cancelSwitchTimer();
    this.#readiness.stop();
  }

  #incomingOwner(): IncomingOwner {
    const emit = this.#owner.emit;
    const withPeer = (act: () => void): boolean => {
      if (this.transports.peer === undefined) return false;
      act();
      return true;
    };
    return {
      offer: (message, text) => this.#accept(message, text),
      invalidOffer: (problem) => {
        if (this.offer !== undefined) return;
        this.close({ code: "INTERNAL_ERROR", message: `Invalid offer message: ${problem}` });
      },
      redirect: (location, text) => {
        if (this.offer !== undefined || this.isClosing) return false;
        this.#owner.onRedirect(location, text);
        return true;
      },
      renegotiate: ({ type, sdp }, via, text) => this.#renegotiate({ type, sdp, via }, text),
      ping: ({ stats }) => void this.#statsReplies.pong(stats === true),
      notify: (message, text) => withPeer(() => this.#notify(message, text)),
      push: (message, text) => withPeer(() => emit("onPush", message, text)),
      switched: (message, text) => this.#switched(message, text),
      reqStats: () => void this.#statsReplies.stats(),
      announceClose: (code, reason) => this.#closer.announced(code, reason),
      rpc: (text) => {
        if (!this.rpc.receive(text)) emit("onRpc", text);
      },
      message: (label, data, info) => {
        this.#context.dataChannels?.message(label, data);
        emit("onMessage", label, data, info);
      },
    };
  }

  #accept(message: OfferMessage, text: string): boolean {
    if (this.offer !== undefined || this.isClosing) return false;
    const { createPeer, limits, clock, options } = this.#context;
    this.offer = message;
    this.#readiness.offered();
    this.#owner.timeline.begin("set-offer");
    this.#owner.emit("onSignalingMessage", "WEBSOCKET", "RECEIVED", text);
    if (this.#over || this.isClosing) return true;
    const channels = new Channels(message.data_channels ?? [], limits);
    let peer: Peer;
    try {
      peer = createPeer(message, this.#peerEvents(channels));
    } catch (error) {
      this.close({
        code: "INTERNAL_ERROR",
        message: `Failed to create PeerConnection: error=${redactError(error)}`,
        cause: safeCause(error),
      });
      return true;
    }
    this.transports.peer = peer;
    this.transports.channels = channels;
    if (message.data_channel_signaling === true) {
      const ms = options.dataChannelSignalingTimeoutMs;
      this.#cancelSwitchTimer = clock.after(ms, () =>
        this.close({
          code: "INTERNAL_ERROR",
          message: `DataChannel signaling timeout: not switched within ${ms} ms`,
        }));
    }
    this.#negotiation = this.#negotiate(peer, text);
    this.#negotiation.push({ type: "offer", sdp: message.sdp, via: "WebSocket" });
    return true;
  }

  #negotiate(peer: Peer, offerText: string): Negotiation {
    const { timeline } = this.#owner;
    return new Negotiation(peer, {
      onApplied: ({ type }) => {
        if (type !== "offer") return;
        timeline.end("set-offer");
        timeline.begin("create-answer");
        this.#owner.emit("onSetOffer", this.offer!, offerText);
      },
      onAnswer: ({ type }, sdp) => {
        timeline.end("create-answer");
        const sent = type === "offer"
          ? this.transports.sendWebSocket({ type: "answer", sdp })
          : this.transports.send({ type: type === "update" ? "update" : "re-answer", sdp });
        if (type === "offer") timeline.begin("peer-connection", "created", "switched");
        if (!sent) this.#unsent(`the answer to ${type}`, this.transports.failure);
      },
      onCandidate: (candidate) => this.#sendCandidate(candidate),
      onRefused: (step, { type, via }, error) =>
        this.close({
          code: "ICE_FAILED",
          message: `Failed to ${step} in ${type} message via ${via}: error=${redactError(error)}`,
          cause: safeCause(error),
        }),
      onUnsent: (what, error) => this.#unsent(what, error),
    });
  }

  #unsent(what: string, error: unknown): void {
    this.close({
      code: "INTERNAL_ERROR",
      message: `Failed to send ${what}${
        error === undefined ? "" : `: error=${redactError(error)}`
      }`,
      ...(error === undefined ? {} : { cause: safeCause(error) }),
    });
  }

  #sendCandidate(candidate: string): void {
    if (typeof candidate !== "string" || /[\r\n]/.test(candidate)) {
      this.close({ code: "INTERNAL_ERROR", message: "Failed to serialize candidate" });
    } else if (candidate !== "") {
      const { transports } = this;
      // A new address may have cut the WebSocket off, so the data channel comes first once signaling has moved there.
      if (transports.hasWebSocket && !transports.usesDataChannel) {
        transports.sendWebSocket({ type: "candidate", candidate });
      } else {
        transports.sendSignaling({ type: "candidate", candidate });
      }
    }
  }

  #renegotiate(offer: RemoteOffer, text: string): boolean {
    if (this.#negotiation === undefined || this.isClosing) return false;
    // What comes over the data channel was reported already, whatever it is.
    if (offer.via === "WebSocket") {
      this.#owner.emit("onSignalingMessage", "WEBSOCKET", "RECEIVED", text);
    }
    if (!this.#negotiation.push(offer)) {
      this.close({ code: "INTERNAL_ERROR", message: "Too many re-offers wait to be answered" });
    }
    return true;
  }

  #notify(message: NotifyMessage, text: string): void {
    this.#owner.emit("onNotify", message, text);
    if (message.event_type !== "connection.created") return;
    if (message.connection_id !== this.offer?.connection_id) return;
    this.#readiness.created();
  }

  #switched(message: SwitchedMessage, text: string): boolean {
    const { transports } = this;
    if (transports.peer === undefined || transports.switched || this.isClosing) return false;
    transports.switched = true;
    this.#owner.timeline.end("switched");
    this.#ignoreWebSocket = message.ignore_disconnect_websocket;
    this.#owner.emit("onSwitched", message, text);
    this.#leaveWebSocket();
    if (!this.#over) this.#closer.checkAssociation();
    return true;
  }

  /** The server's `switched` can overtake the news that the channel is open, so both are waited for. */
  #leaveWebSocket(): void {
    const { transports } = this;
    if (this.#over || !transports.usesDataChannel) return;
    this.#cancelSwitchTimer();
    if (!this.#ignoreWebSocket || !transports.hasWebSocket || this.isClosing) return;
    transports.detached = true;
    transports.socket!.close(1000, "", this.#context.options.webSocketCloseTimeoutMs);
  }

  #webSocketEnded(end: { code: number; reason: string; error?: Error }, timedOut: boolean): void {
    const { transports } = this;
    const mayGoOn = this.#ignoreWebSocket && transports.channels?.areLost !== true;
    if (mayGoOn && transports.hasWebSocket && !this.isClosing) {
      transports.socket = undefined;
      transports.detached = true;
      this.#owner.emit("onWsClose", end.code, end.reason);
    } else {
      this.#closer.webSocketEnded(end, timedOut);
    }
  }

  #peerEvents(channels: Channels): PeerEvents {
    const unlessOver = (act: () => void) => {
      if (!this.#over) act();
    };
    return {
      mayReport: () => !this.#over && this.#owner.mayReport(),
      onIceCandidate: (candidate) =>
        unlessOver(() => {
          if (!this.isClosing) this.#addressChange.candidate(candidate.candidate);
          if (this.#negotiation?.addCandidate(candidate) === false) {
            this.#context.counters.droppedCandidates++;
          }
        }),
      onConnectionStateChange: (state) => unlessOver(() => this.#peerStateChanged(state)),
      onDataChannelOpen: (label, reliability) =>
        unlessOver(() => {
          this.#owner.timeline.dataChannel(label, "open");
          const first = channels.opened(label, reliability);
          this.#context.dataChannels?.changed(label);
          if (label === "rpc") this.rpc.opened();
          if (first) this.#owner.emit("onDataChannel", label);
          this.#leaveWebSocket();
        }),
      onDataChannelMessage: (label, data) =>
        unlessOver(() => this.#incoming.dataChannel(channels, label, data)),
      onDataChannelMessagesDropped: (label, count) =>
        unlessOver(() => {
          this.#context.counters.droppedMessages += count;
          if (label.startsWith("#")) return;
          this.close({
            code: "INTERNAL_ERROR",
            message: `Messages on the data channel ${label} were lost: the JavaScript thread was ` +
              "busy for too long to take them",
          });
        }),
      onDataChannelBufferedAmount: (label) =>
        unlessOver(() => this.#context.dataChannels?.changed(label)),
      onDataChannelClose: (label) =>
        unlessOver(() => {
          this.#owner.timeline.dataChannel(label, "closed");
          const last = channels.closed(label);
          this.#context.dataChannels?.changed(label);
          if (last) this.#closer.dataChannelsEnded();
        }),
    };
  }

  #peerStateChanged(state: PeerConnectionState): void {
    this.#owner.timeline.add({ kind: "peer-connection", state });
    if (state === "failed" && !this.isClosing) {
      this.#owner.onEnded({
        code: "PEER_CONNECTION_STATE_FAILED",
        message: "PeerConnectionState::kFailed",
      });
    } else {
      if (!this.isClosing) this.#addressChange.stateChanged(state);
      this.#readiness.peerState(state);
    }
  }
}
