/**
 * The timeline of a connection, which shows why connecting was slow.
 *
 * @module
 */

import { quoted } from "../../base/text.ts";
import type { Clock } from "../../base/clock.ts";
import type { SoraSignalingErrorCode } from "../../base/errors.ts";
import type { SoraSignalingDirection, SoraSignalingType } from "./handlers.ts";
import type { PeerConnectionState } from "./peer.ts";

/**
 * A phase of connecting; some run side by side.
 *
 * - `previous`: until the connection before this one has ended, when `connect()` was called early
 * - `websocket`: from dialing until the first server has answered (name resolution, TCP, proxy, TLS, upgrade)
 * - `redirect`: from `redirect` until the WebSocket is closed; another `websocket` follows
 * - `offer`: from sending `connect` until `offer` is here (authentication among others)
 * - `set-offer`, `create-answer`: applying the offer, and making and applying the answer
 * - `peer-connection`: from sending `answer` until ICE and DTLS are done
 * - `created`: from sending `answer` until the own `connection.created` is here, or not waited for any more
 * - `switched`: from sending `answer` until signaling has moved to data channels
 * - `connect`: everything, from `connect()` until it resolves
 */
export type TimelinePhase =
  | "previous"
  | "websocket"
  | "redirect"
  | "offer"
  | "set-offer"
  | "create-answer"
  | "peer-connection"
  | "created"
  | "switched"
  | "connect";

/** An entry of a timeline, without its time. */
export type TimelineEvent =
  /** A phase of connecting has ended. */
  | {
    readonly kind: "phase";
    /** Which. */
    readonly phase: TimelinePhase;
    /** How long it took, in milliseconds. */
    readonly durationMs: number;
    /** Of `websocket` and `redirect`: where it led, without user name, password, query and fragment. */
    readonly url?: string;
  }
  /** A message was sent or received; those of users (labels that start with `#`) are left out. */
  | {
    readonly kind: "message";
    /** Its type, `offer` for instance; `rpc` on the data channel of that name; `invalid` if it is unknown. */
    readonly type: string;
    /** Which way. */
    readonly direction: SoraSignalingDirection;
    /** Over which transport. */
    readonly transport: SoraSignalingType;
    /** The data channel. */
    readonly label?: string;
  }
  /** The state of the peer connection changed (W3C WebRTC, `RTCPeerConnectionState`). */
  | { readonly kind: "peer-connection"; readonly state: PeerConnectionState }
  /** A data channel opened or closed. */
  | { readonly kind: "data-channel"; readonly label: string; readonly state: "open" | "closed" }
  /** The connection, or the attempt to connect, ended. */
  | { readonly kind: "end"; readonly code: SoraSignalingErrorCode }
  /** So many entries were left out here. */
  | { readonly kind: "gap"; readonly entries: number };

/** One entry of a timeline. */
export type TimelineEntry = TimelineEvent & {
  /** When, in milliseconds since `connect()` was called or, after a loss, since this attempt to connect again began. */
  readonly atMs: number;
};

/** How many entries are kept from the beginning, and how many from the end. */
const KEPT = 256;
/** Longest type and label that is remembered, in characters. */
const MAX_NAME = 64;

/** The timeline of one attempt to connect and of the connection that it leads to. */
export class Timeline {
  readonly #clock: Clock;
  readonly #startedAt: number;
  readonly #began = new Map<TimelinePhase, number>();
  readonly #first: TimelineEntry[] = [];
  /** A ring: the oldest is at `#dropped` modulo its length once it is full. */
  readonly #last: TimelineEntry[] = [];
  #dropped = 0;

  /** Begins now. */
  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startedAt = clock.now();
    this.begin("connect");
  }

  /** What happened so far, in order: the first 256 entries, the last 256, and a `gap` in between when there were more. */
  get entries(): readonly TimelineEntry[] {
    if (this.#dropped === 0) return [...this.#first, ...this.#last];
    const oldest = this.#dropped % KEPT;
    const last = [...this.#last.slice(oldest), ...this.#last.slice(0, oldest)];
    const gap = { kind: "gap", entries: this.#dropped, atMs: last[0]!.atMs } as const;
    return [...this.#first, gap, ...last];
  }

  /** A phase begins. */
  begin(...phases: readonly TimelinePhase[]): void {
    for (const phase of phases) this.#began.set(phase, this.#clock.now());
  }

  /** A phase that had begun has ended. @param url Redacted. */
  end(phase: TimelinePhase, url?: string): void {
    const began = this.#began.get(phase);
    if (began === undefined) return;
    this.#began.delete(phase);
    const durationMs = this.#clock.now() - began;
    this.add({ kind: "phase", phase, durationMs, ...(url === undefined ? {} : { url }) });
  }

  /** A message was sent or received. @param label The data channel, when it was one. */
  message(type: string, direction: SoraSignalingDirection, label?: string): void {
    const transport = label === undefined ? "WEBSOCKET" : "DATACHANNEL";
    const about = { kind: "message", type: name(type), direction, transport } as const;
    this.add(label === undefined ? about : { ...about, label });
  }

  /** A data channel opened or closed. */
  dataChannel(label: string, state: "open" | "closed"): void {
    this.add({ kind: "data-channel", label: name(label), state });
  }

  /** Anything else happened. */
  add(event: TimelineEvent): void {
    const entry = { ...event, atMs: this.#clock.now() - this.#startedAt };
    if (this.#first.length < KEPT) this.#first.push(entry);
    else if (this.#last.length < KEPT) this.#last.push(entry);
    else this.#last[this.#dropped++ % KEPT] = entry;
  }
}

/** Types and labels come from the server and may be of any length. */
function name(text: string): string {
  return quoted(text.slice(0, MAX_NAME));
}
