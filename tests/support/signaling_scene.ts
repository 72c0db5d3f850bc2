/**
 * A session with a fake network, peer and clock, and shortcuts to bring it into each of its states.
 *
 * @module
 */

import {
  checkSignalingOptions,
  type OfferMessage,
  type SignalingHandlers,
  SignalingSession,
} from "../../signaling/mod.ts";
import type { SignalingLimits } from "../../signaling/mod.ts";
import { transition } from "../../signaling/connection/transition.ts";
import { FakeClock, FakeNetwork, FakePeer, type FakeSocket, settle } from "./signaling_fakes.ts";

/** The connection id of {@link offerMessage}: 26 characters, as Sora's are. */
export const CONNECTION_ID = "S8YEN0TSE13JDC2991NG4XZ150";

/** An offer as a server without data channels sends it. */
export function offerMessage(changes: object = {}): OfferMessage {
  return {
    type: "offer",
    sdp: "offer sdp",
    connection_id: CONNECTION_ID,
    client_id: "client",
    bundle_id: "bundle",
    session_id: "session",
    channel_id: "channel",
    version: "2024.2.0",
    simulcast: false,
    spotlight: false,
    config: { iceServers: [], iceTransportPolicy: "all" },
    mid: { audio: "audio_Ab12Cd", video: "video_Ab12Cd" },
    ...changes,
  };
}

/** The labels that every server with data channel signaling opens. */
export const BUILT_IN_LABELS = ["signaling", "notify", "push", "stats", "rpc"];

/** What an offer with data channel signaling has besides, nothing compressed, with the labels given added. */
export function dataChannelOffer(labels: readonly object[] = [], changes: object = {}) {
  const builtIn = BUILT_IN_LABELS
    .map((label) => ({ label, direction: "sendrecv", compress: false }));
  return offerMessage({
    data_channel_signaling: true,
    ignore_disconnect_websocket: false,
    data_channels: [...builtIn, ...labels],
    ...changes,
  });
}

/** A notification about a connection. */
export function connectionNotify(event: string, changes: object = {}): object {
  return {
    type: "notify",
    event_type: `connection.${event}`,
    connection_id: CONNECTION_ID,
    role: "sendrecv",
    channel_connections: 1,
    ...changes,
  };
}

/** Everything that a handler was called with, in order: its name, then its arguments. */
export type Recorded = readonly [string, ...unknown[]];

/** Handlers whose calls a {@link Scene} records. */
export const EVENTS = [
  "onSetOffer",
  "onNotify",
  "onPush",
  "onSwitched",
  "onSignalingMessage",
  "onWsClose",
  "onDisconnect",
  "onDataChannel",
  "onMessage",
  "onRpc",
] as const;

/** A session and all around it. */
export class Scene {
  readonly clock = new FakeClock();
  readonly network = new FakeNetwork();
  readonly peers: FakePeer[] = [];
  readonly events: Recorded[] = [];
  readonly errors: unknown[] = [];
  readonly handlers: SignalingHandlers = {};
  /** Each transition of the state machine that was made: state, input, next state. */
  readonly transitions = new Set<string>();
  readonly session: SignalingSession;
  /** What the last `connect()` of a shortcut returned. */
  connecting: Promise<void> = Promise.resolve();
  /** Called with each new peer, before it is used. */
  onPeer: (peer: FakePeer) => void = () => {};

  constructor(options: object = {}, limits: Partial<SignalingLimits> = {}) {
    for (const name of EVENTS) {
      this.handlers[name] = (...args: unknown[]) => void this.events.push([name, ...args]);
    }
    this.handlers.onError = (error) => void this.errors.push(error);
    this.session = new SignalingSession({
      options: checkSignalingOptions({
        signalingUrls: ["ws://sora.example/signaling"],
        role: "sendrecv",
        channelId: "channel",
        ...options,
      }),
      handlers: this.handlers,
      createPeer: (offer, events) => {
        const peer = new FakePeer(offer, events);
        this.onPeer(peer);
        this.peers.push(peer);
        return peer;
      },
      createSocket: this.network.createSocket,
      client: { soraClient: "Sora FFI SDK 0.0.0" },
      clock: this.clock,
      random: () => 0,
      limits,
      transition: (state, input) => {
        const next = transition(state, input);
        this.transitions.add(`${state.kind} ${input.type} ${next.state.kind}`);
        return next;
      },
    });
  }

  get socket(): FakeSocket {
    return this.network.last;
  }

  get peer(): FakePeer {
    return this.peers.at(-1)!;
  }

  /** The recorded calls of some handlers. */
  of(...names: string[]): Recorded[] {
    return this.events.filter(([name]) => names.includes(name));
  }

  /** The recorded calls of `onWsClose` and `onDisconnect`. */
  get ends(): Recorded[] {
    return this.of("onWsClose", "onDisconnect");
  }

  /** Calls `connect()`; its promise can be awaited later without being reported as unhandled. */
  connect(signal?: AbortSignal): Promise<void> {
    const connected = this.session.connect({ signal });
    connected.catch(() => {});
    return connected;
  }

  /** Up to the open WebSocket. */
  async opened(signal?: AbortSignal): Promise<void> {
    this.connecting = this.connect(signal);
    await settle();
    await this.socket.open();
  }

  /** Up to the answer. */
  async answered(offer: object = offerMessage(), signal?: AbortSignal): Promise<void> {
    await this.opened(signal);
    await this.socket.receive(offer);
  }

  /** All the way. */
  async connected(offer: object = offerMessage()): Promise<void> {
    await this.answered(offer);
    this.peer.events.onConnectionStateChange("connected");
    await this.socket.receive(connectionNotify("created"));
    await this.connecting;
  }

  /** All the way to signaling over data channels. */
  async switched(ignore: boolean, labels: readonly object[] = [], changes: object = {}) {
    await this.connected(dataChannelOffer(labels, changes));
    for (
      const label of [
        ...BUILT_IN_LABELS,
        ...labels.map((l) => (l as { label: string }).label),
      ]
    ) {
      await this.peer.openChannel(label);
    }
    await this.socket.receive({ type: "switched", ignore_disconnect_websocket: ignore });
  }
}
