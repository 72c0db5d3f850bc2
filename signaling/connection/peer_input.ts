/**
 * What a peer connection reports, as inputs of the state machine.
 *
 * @module
 */

import type { AddressChange } from "./address_change.ts";
import type { SessionContext } from "./context.ts";
import { type Ending, messagesLost } from "./ending.ts";
import type { DataChannelReliability } from "./framing.ts";
import type { Reporter } from "./handlers.ts";
import type { Negotiation } from "./negotiation.ts";
import type { PeerConnectionState, PeerEvents, PeerIceCandidate } from "./peer.ts";
import { route } from "./route.ts";
import type { Rpc } from "./rpc.ts";
import type { Input } from "./state.ts";
import type { Timeline } from "./timeline.ts";
import type { Transports } from "./transports.ts";

/** What the connection has that its peer connection's reports concern. */
export interface PeerInputScope {
  readonly owner: { readonly reporter: Reporter; readonly timeline: Timeline };
  readonly transports: Transports;
  readonly rpc: Rpc;
  readonly addressChange: AddressChange;
  readonly hasEnded: () => boolean;
  readonly isClosing: () => boolean;
  /** None before the offer was accepted. */
  readonly negotiation: () => Negotiation | undefined;
  /** Feeds the state machine. */
  readonly input: (input: Input) => void;
  /** Begins the end, for this reason. */
  readonly close: (root: Ending) => void;
}

/** The events of the peer connection of one connection. */
export class PeerInput implements PeerEvents {
  readonly #context: SessionContext;
  readonly #owner: PeerInputScope["owner"];
  readonly #transports: Transports;
  readonly #rpc: Rpc;
  readonly #addressChange: AddressChange;
  readonly #hasEnded: () => boolean;
  readonly #isClosing: () => boolean;
  readonly #negotiation: () => Negotiation | undefined;
  readonly #input: (input: Input) => void;
  readonly #close: (root: Ending) => void;

  constructor(context: SessionContext, scope: PeerInputScope) {
    this.#context = context;
    this.#owner = scope.owner;
    this.#transports = scope.transports;
    this.#rpc = scope.rpc;
    this.#addressChange = scope.addressChange;
    this.#hasEnded = scope.hasEnded;
    this.#isClosing = scope.isClosing;
    this.#negotiation = scope.negotiation;
    this.#input = scope.input;
    this.#close = scope.close;
  }

  mayReport(): boolean {
    return !this.#hasEnded() && this.#owner.reporter.isOpen;
  }

  onIceCandidate(candidate: PeerIceCandidate): void {
    if (this.#hasEnded()) return;
    if (!this.#isClosing()) this.#addressChange.candidate(candidate.candidate);
    if (this.#negotiation()?.addCandidate(candidate) === false) {
      this.#context.counters.droppedCandidates++;
    }
  }

  onConnectionStateChange(state: PeerConnectionState): void {
    if (this.#hasEnded()) return;
    const { timeline } = this.#owner;
    timeline.add({ kind: "peer-connection", state });
    if (state !== "failed" && !this.#isClosing()) this.#addressChange.stateChanged(state);
    if (state === "connected") timeline.end("peer-connection");
    this.#input({ type: "peer-state", state });
  }

  onDataChannelOpen(label: string, reliability?: DataChannelReliability): void {
    const { channels } = this.#transports;
    if (this.#hasEnded() || channels === undefined) return;
    this.#owner.timeline.dataChannel(label, "open");
    const first = channels.opened(label, reliability);
    this.#context.dataChannels?.changed(label);
    if (label === "rpc") this.#rpc.opened();
    if (first) this.#owner.reporter.emit("onDataChannel", label);
    if (label === "signaling") this.#input({ type: "signaling-opened" });
  }

  onDataChannelMessage(label: string, data: Uint8Array): void {
    if (this.#hasEnded()) return;
    const { reporter, timeline } = this.#owner;
    const { channels } = this.#transports;
    const { input, type, text } = route(label, data, channels, this.#context.limits);
    if (label === "signaling" && text !== undefined) {
      reporter.emit("onSignalingMessage", "DATACHANNEL", "RECEIVED", text);
    }
    if (type !== undefined) timeline.message(type, "RECEIVED", label);
    this.#input(input);
  }

  onDataChannelMessagesDropped(label: string, count: number): void {
    if (this.#hasEnded()) return;
    this.#context.counters.droppedMessages += count;
    if (label.startsWith("#")) return;
    this.#close(messagesLost(label));
  }

  onCodecFailed(): void {
    if (!this.#hasEnded()) ++this.#context.counters.codecFailures;
  }

  onDataChannelBufferedAmount(label: string): void {
    if (!this.#hasEnded()) this.#context.dataChannels?.changed(label);
  }

  onDataChannelClose(label: string): void {
    const { channels } = this.#transports;
    if (this.#hasEnded() || channels === undefined) return;
    this.#owner.timeline.dataChannel(label, "closed");
    const last = channels.closed(label);
    if (label === "signaling") this.#input({ type: "signaling-closed" });
    this.#context.dataChannels?.changed(label);
    if (last) this.#input({ type: "channels-closed", lost: channels.areLost });
  }
}
