/**
 * A connection over an open WebSocket: it feeds inputs to the state machine, runs the effects, and alone writes the state.
 *
 * @module
 */

import { buildConnectMessage } from "../messages/connect.ts";
import type { OfferMessage } from "../messages/mod.ts";
import type { ManagedSocket } from "../socket/managed_socket.ts";
import { AddressChange, MOVE_TIMEOUT_MS } from "./address_change.ts";
import { Answers } from "./answers.ts";
import type { SessionContext } from "./context.ts";
import {
  connectTooLong,
  type Ending,
  notSent,
  notSwitched,
  peerNotCreated,
  TOO_MANY_OFFERS,
  type WsClose,
} from "./ending.ts";
import { Channels } from "./framing.ts";
import type { Reporter } from "./handlers.ts";
import { Negotiation } from "./negotiation.ts";
import type { Peer } from "./peer.ts";
import { PeerInput } from "./peer_input.ts";
import { PeerStats } from "./peer_stats.ts";
import { route } from "./route.ts";
import { Rpc } from "./rpc.ts";
import {
  type Effect,
  type Input,
  isReported,
  missing,
  needsWebSocket,
  OFFERING,
  type State,
  type Timer,
} from "./state.ts";
import type { Timeline } from "./timeline.ts";
import { Timers } from "./timers.ts";
import { transition } from "./transition.ts";
import { Transports } from "./transports.ts";

/** Owner of a {@link Connection}. */
export interface ConnectionOwner {
  /** Calls handlers, as long as they may be called. */
  readonly reporter: Reporter;
  /** The timeline. */
  readonly timeline: Timeline;
  /** It is connected. Once. */
  connected(): void;
  /** The server asks to connect elsewhere. */
  redirect(location: string, text: string): void;
  /** It has ended by itself. Once. `close` is to be reported first; `cut`: a WebSocket that was just being left was cut. */
  ended(ending: Ending, close: WsClose | undefined, cut: boolean): void;
}

/** One connection. */
export class Connection {
  /** The WebSocket and the peer connection. */
  readonly transports: Transports;
  /** Remote procedure calls. */
  readonly rpc: Rpc;
  /** The offer, once it has come. */
  offer: OfferMessage | undefined;
  readonly #context: SessionContext;
  readonly #owner: ConnectionOwner;
  readonly #addressChange: AddressChange;
  readonly #stats: PeerStats;
  readonly #timers: Timers;
  readonly #peerInput: PeerInput;
  #negotiation: Negotiation | undefined;
  #state: State = OFFERING;

  /** Takes over an open WebSocket. */
  constructor(context: SessionContext, owner: ConnectionOwner, socket: ManagedSocket) {
    const { clock, counters, limits } = context;
    this.#context = context;
    this.#owner = owner;
    this.transports = new Transports(socket, owner.reporter, counters, owner.timeline);
    this.#stats = new PeerStats(this.transports, counters, () => this.#state);
    this.rpc = new Rpc(clock, limits, this.transports);
    this.#timers = new Timers(context, (timer, ms) => this.#expired(timer, ms));
    const lost = { type: "address-lost", waitedMs: MOVE_TIMEOUT_MS } as const;
    this.#addressChange = new AddressChange(clock, () => this.#input(lost));
    this.#peerInput = new PeerInput(context, {
      owner,
      transports: this.transports,
      rpc: this.rpc,
      addressChange: this.#addressChange,
      hasEnded: () => this.#state.kind === "ended",
      isClosing: () => this.isClosing,
      negotiation: () => this.#negotiation,
      input: (input) => this.#input(input),
      close: (root) => this.close(root),
    });
    socket.events = {
      onOpen: () => {},
      onText: (text) => this.#receiveText(text),
      onBinary: () => this.#input({ type: "unknown" }),
      onEnd: (end, timedOut) => {
        this.transports.socket = undefined;
        const lost = this.transports.channels?.areLost === true;
        this.#input({ type: "websocket-ended", end, timedOut, lost });
      },
    };
  }

  /** Sends `connect`. Not part of the constructor, because handlers may close the connection in answer to it. */
  start(redirected: boolean): void {
    const { options, client } = this.#context;
    const { transports } = this;
    this.#owner.timeline.begin("offer");
    const text = JSON.stringify(buildConnectMessage(options, client, redirected));
    // When the server is closing already, how it does is what counts.
    if (transports.sendWebSocketText("connect", text) || transports.socket?.isEnding) return;
    if (transports.failure !== undefined) this.close(notSent("connect", transports.failure));
    else this.close(connectTooLong(new TextEncoder().encode(text).byteLength));
  }

  /** What is still missing before the connection counts as connected. */
  get missing(): string | undefined {
    return missing(this.#state);
  }

  /** Whether the end has begun. */
  get isClosing(): boolean {
    return this.#state.kind === "closing" || this.#state.kind === "ended";
  }

  /** Begins the end. @param root Why, unless the user requested it. */
  close(root?: Ending): void {
    const { socket, channels } = this.transports;
    const serverCloses = socket?.isEnding === true;
    const channelsOpen = (channels?.openCount ?? 0) > 0;
    this.#input({ type: "disconnect", root, serverCloses, channelsOpen });
  }

  /** Ends the connection without waiting for the server. `true`: a WebSocket that was just being left was cut. */
  abandon(): boolean {
    const cut = !needsWebSocket(this.#state) && this.transports.socket !== undefined;
    this.#input({ type: "abandon" });
    return cut;
  }

  /** Ends the connection but for its WebSocket, which is the caller's from now on. */
  handOver(): ManagedSocket | undefined {
    const { socket } = this.transports;
    this.transports.socket = undefined;
    this.#input({ type: "redirected" });
    return socket;
  }

  /** The only writer of the state. */
  #input(input: Input): void {
    const { state, effects } = (this.#context.transition ?? transition)(this.#state, input);
    this.#state = state;
    for (const effect of effects) {
      if (effect.type !== "negotiate") {
        this.#run(effect, input);
      } else if (!this.#negotiation!.push(effect.offer)) {
        this.close(TOO_MANY_OFFERS);
      }
      // A handler that was called may have led to another state.
      if (this.#state !== state) return;
    }
  }

  #run(effect: Exclude<Effect, { type: "negotiate" }>, input: Input): void {
    const { transports } = this;
    const { reporter } = this.#owner;
    switch (effect.type) {
      case "handle":
        this.#handle(input);
        break;
      case "ignore":
        this.#context.counters.ignoredMessages++;
        break;
      case "report-received":
        reporter.emit("onSignalingMessage", "WEBSOCKET", "RECEIVED", effect.text);
        break;
      case "report-close":
        reporter.emit("onWsClose", effect.close.code, effect.close.reason);
        break;
      case "disconnect":
        this.close(effect.root);
        break;
      case "start-timer":
        this.#timers.start(effect.timer);
        break;
      case "stop-timer":
        this.#timers.stop(effect.timer);
        break;
      case "stop":
        this.#stop();
        break;
      case "send-disconnect":
        if (!transports.send({ type: "disconnect", reason: effect.reason }, effect.over)) {
          this.#input({ type: "disconnect-unsent" });
        }
        break;
      case "give-up":
        this.#input({ type: "closing-timeout" });
        break;
      case "leave-websocket":
        transports.socket!.close(1000, "", this.#context.options.webSocketCloseTimeoutMs);
        break;
      case "connected":
        this.#owner.timeline.end("connect");
        this.#owner.connected();
        break;
      case "release":
      case "end":
        this.#release();
        if (effect.type === "end") this.#owner.ended(effect.ending, effect.close, effect.cut);
        break;
    }
  }

  /** Handles a message that the state machine accepted. */
  #handle(input: Input): void {
    const { reporter, timeline } = this.#owner;
    switch (input.type) {
      case "offer":
        this.#accept(input.message, input.text);
        break;
      case "redirect":
        this.#owner.redirect(input.message.location, input.text);
        break;
      case "ping":
        void this.#stats.pong(input.message.stats === true);
        break;
      case "req-stats":
        void this.#stats.send();
        break;
      case "notify":
        reporter.emit("onNotify", input.message, input.text);
        if (input.message.event_type !== "connection.created") break;
        if (input.message.connection_id !== this.offer?.connection_id) break;
        this.#created();
        break;
      case "switched": {
        const ignore = input.message.ignore_disconnect_websocket;
        timeline.end("switched");
        reporter.emit("onSwitched", input.message, input.text);
        const lost = this.transports.channels?.areLost === true;
        this.#input({ type: "switch-reported", ignore, lost });
        break;
      }
      case "rpc":
        if (!this.rpc.receive(input.text)) reporter.emit("onRpc", input.text);
        break;
      case "message": {
        const { label, data, info } = input;
        this.#context.dataChannels?.message(label, data);
        reporter.emit("onMessage", label, data, info);
        break;
      }
      case "broken":
      case "invalid-offer":
        this.#context.counters.invalidMessages++;
        break;
      default:
        if (isReported(input)) reporter.report(input.type, input.message, input.text);
    }
  }

  #accept(message: OfferMessage, text: string): void {
    const { createPeer, limits } = this.#context;
    const { reporter, timeline } = this.#owner;
    const { transports } = this;
    this.offer = message;
    timeline.end("offer");
    timeline.begin("set-offer");
    reporter.emit("onSignalingMessage", "WEBSOCKET", "RECEIVED", text);
    if (this.isClosing) return;
    const channels = new Channels(message.data_channels ?? [], limits);
    let peer: Peer;
    try {
      peer = createPeer(message, this.#peerInput);
    } catch (error) {
      this.close(peerNotCreated(error));
      return;
    }
    transports.peer = peer;
    transports.channels = channels;
    const answers = new Answers(
      { message, text },
      transports,
      this.#owner,
      () => this.#state,
      (ending) => this.close(ending),
    );
    this.#negotiation = new Negotiation(peer, answers);
    this.#input({ type: "peer-created", signaling: channels.isAwaited("signaling") });
    if (message.data_channel_signaling === true) this.#timers.start("switch");
    this.#negotiation.push({ type: "offer", sdp: message.sdp, via: "WebSocket" });
  }

  #created(): void {
    this.#owner.timeline.end("created");
    this.#input({ type: "created" });
  }

  #receiveText(text: string): void {
    const { input, type } = route("websocket", text, undefined, this.#context.limits);
    if (type !== undefined) this.#owner.timeline.message(type, "RECEIVED");
    this.#input(input);
  }

  #expired(timer: Timer, waitedMs: number): void {
    switch (timer) {
      case "switch":
        this.close(notSwitched(waitedMs));
        break;
      case "created":
        this.#created();
        break;
      case "channels": {
        const lost = this.transports.channels?.areLost === true;
        this.#input({ type: "channels-timeout", lost, waitedMs });
        break;
      }
      default:
        this.#input({ type: "closing-timeout" });
    }
  }

  #stop(): void {
    this.#addressChange.stop();
    this.#timers.stopAll();
    this.#negotiation?.stop();
  }

  /** Releases everything but the peer connection, which the owner closes. */
  #release(): void {
    this.#stop();
    this.rpc.close();
    this.transports.socket?.terminate();
    this.transports.socket = undefined;
  }
}
