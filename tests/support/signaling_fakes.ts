/**
 * A clock, a WebSocket and a peer connection that tests of signaling control.
 *
 * @module
 */

import type { Clock } from "../../base/clock.ts";
import type { OfferMessage, Peer, PeerEvents } from "../../signaling/mod.ts";
import type {
  SignalingSocket,
  SocketEnd,
  SocketEvents,
  SocketRequest,
} from "../../signaling/socket/socket.ts";

/** Lets everything that waits for a promise run. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 40; i++) await Promise.resolve();
}

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** A clock that only advances when a test advances it. */
export class FakeClock implements Clock {
  #now = 0;
  readonly #timers: Timer[] = [];

  now(): number {
    return this.#now;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.#now + ms, callback };
    this.#timers.push(timer);
    return () => this.#remove(timer);
  }

  #remove(timer: Timer): void {
    const index = this.#timers.indexOf(timer);
    if (index >= 0) this.#timers.splice(index, 1);
  }

  /** The one that is due first, if that is not after `end`; of several the one that was set first. */
  #first(end: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.at <= end && (first === undefined || timer.at < first.at)) first = timer;
    }
    return first;
  }

  /** How many timers are running. */
  get pending(): number {
    return this.#timers.length;
  }

  /** Moves time on, running what is due in the order it is due. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (;;) {
      const due = this.#first(end);
      if (due === undefined) break;
      this.#remove(due);
      this.#now = Math.max(this.#now, due.at);
      due.callback();
      await settle();
    }
    this.#now = end;
  }
}

/** One WebSocket of a {@link FakeNetwork}. */
export class FakeSocket implements SignalingSocket {
  readonly sent: string[] = [];
  closed: { readonly code: number; readonly reason: string } | undefined;
  terminated = false;
  /** The server has begun to close it. */
  isEnding = false;
  /** Whether `send` works. */
  writable = true;
  /** What was sent too late: after the end, or other than a pong after `disconnect`. */
  readonly sentInVain: string[] = [];
  #ended = false;
  readonly request: SocketRequest;
  readonly #events: SocketEvents;

  constructor(request: SocketRequest, events: SocketEvents) {
    this.request = request;
    this.#events = events;
  }

  /** Whether a message of a type was sent. */
  hasSent(type: string): boolean {
    return this.sent.some((text) => text.startsWith(`{"type":"${type}"`));
  }

  send(text: string): boolean {
    const isLate = this.hasSent("disconnect") && !text.startsWith(`{"type":"pong"`);
    if (this.#ended || this.terminated || isLate) this.sentInVain.push(text);
    if (!this.writable || this.isEnding || this.terminated || this.closed !== undefined) {
      return false;
    }
    this.sent.push(text);
    return true;
  }

  close(code: number, reason: string): void {
    this.closed ??= { code, reason };
  }

  terminate(): void {
    this.terminated = true;
  }

  /** What was sent, parsed. */
  get messages(): { readonly type: string; readonly [key: string]: unknown }[] {
    return this.sent.map((text) => JSON.parse(text));
  }

  /** The types of what was sent. */
  get types(): string[] {
    return this.messages.map(({ type }) => type);
  }

  async open(): Promise<void> {
    this.#events.onOpen();
    await settle();
  }

  async receive(message: string | object): Promise<void> {
    this.#events.onText(typeof message === "string" ? message : JSON.stringify(message));
    await settle();
  }

  async receiveBinary(): Promise<void> {
    this.#events.onBinary();
    await settle();
  }

  async end(end: SocketEnd): Promise<void> {
    this.#ended = true;
    this.#events.onEnd(end);
    await settle();
  }
}

/** Makes {@link FakeSocket}s. */
export class FakeNetwork {
  readonly sockets: FakeSocket[] = [];

  readonly createSocket = (request: SocketRequest, events: SocketEvents): FakeSocket => {
    const socket = new FakeSocket(request, events);
    this.sockets.push(socket);
    return socket;
  };

  /** The newest socket. */
  get last(): FakeSocket {
    return this.sockets.at(-1)!;
  }
}

/** A peer connection, which by default succeeds. */
export class FakePeer implements Peer {
  readonly calls: string[] = [];
  readonly offer: OfferMessage;
  readonly events: PeerEvents;
  readonly sentData: { label: string; data: Uint8Array; binary: boolean }[] = [];
  readonly openLabels = new Set<string>();
  closed = false;
  maxMessageBytes = Infinity;
  maxBufferedBytes = Infinity;
  /** Calls after `close()`. */
  readonly callsInVain: string[] = [];
  stats = `[{"type":"transport","id":"T1","timestamp":1}]`;
  buffered = 0;
  /** Overrides of what succeeds. */
  onSetRemoteOffer: (sdp: string) => Promise<void> = () => Promise.resolve();
  onCreateAnswer: () => Promise<string> = () => Promise.resolve(`answer ${this.#answers}`);
  onGetStats: () => Promise<string> = () => Promise.resolve(this.stats);
  onClose: () => Promise<void> = () => Promise.resolve();
  #answers = 0;

  constructor(offer: OfferMessage, events: PeerEvents) {
    this.offer = offer;
    this.events = events;
  }

  setRemoteOffer(sdp: string): Promise<void> {
    this.#called("setRemoteOffer");
    this.calls.push(`setRemoteOffer ${sdp}`);
    return this.onSetRemoteOffer(sdp);
  }

  createAnswer(): Promise<string> {
    this.#called("createAnswer");
    this.calls.push("createAnswer");
    this.#answers++;
    return this.onCreateAnswer();
  }

  getStats(): Promise<string> {
    this.#called("getStats");
    return this.onGetStats();
  }

  sendDataChannel(label: string, data: Uint8Array, binary: boolean): boolean {
    this.#called("sendDataChannel");
    if (!this.openLabels.has(label)) return false;
    this.sentData.push({ label, data, binary });
    return true;
  }

  bufferedAmount(label: string): number {
    return this.openLabels.has(label) ? this.buffered : 0;
  }

  close(): Promise<void> {
    this.closed = true;
    this.openLabels.clear();
    return this.onClose();
  }

  #called(name: string): void {
    if (this.closed) this.callsInVain.push(name);
  }

  async openChannel(label: string): Promise<void> {
    this.openLabels.add(label);
    this.events.onDataChannelOpen(label);
    await settle();
  }

  async closeChannel(label: string): Promise<void> {
    this.openLabels.delete(label);
    this.events.onDataChannelClose(label);
    await settle();
  }

  async receiveData(label: string, data: Uint8Array | string | object): Promise<void> {
    const bytes = data instanceof Uint8Array
      ? data
      : new TextEncoder().encode(typeof data === "string" ? data : JSON.stringify(data));
    this.events.onDataChannelMessage(label, bytes, true);
    await settle();
  }
}
