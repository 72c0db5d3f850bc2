/**
 * A whole life of a session under faults, all of it decided by one seed: what the server, the network, the peer connection and
 * the user do, in whatever order, sense or not.
 *
 * @module
 */

import assert from "node:assert/strict";
import { deflateSync } from "node:zlib";
import { seededRandom } from "../../base/random.ts";
import type { SocketEnd } from "../../signaling/socket/socket.ts";
import { type FakePeer, type FakeSocket, settle } from "./signaling_fakes.ts";
import {
  BUILT_IN_LABELS,
  connectionNotify,
  dataChannelOffer,
  offerMessage,
  Scene,
} from "./signaling_scene.ts";

/** Decisions from a seed. */
export class Dice {
  /** From 0 up to 1. */
  readonly next: () => number;

  constructor(seed: number) {
    this.next = seededRandom(seed);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }
}

const LABELS = [...BUILT_IN_LABELS, "#chat", "#zlib", "#unknown"];
const CHAT = [
  { label: "#chat", direction: "sendrecv", compress: false },
  { label: "#zlib", direction: "sendrecv", compress: true },
];

/** Messages that a server may send, in its right mind or not. */
const MESSAGES: readonly (object | string)[] = [
  offerMessage(),
  offerMessage(),
  dataChannelOffer(CHAT),
  dataChannelOffer(CHAT),
  { type: "offer", sdp: "no more" },
  { type: "re-offer", sdp: "re-offer sdp" },
  { type: "update", sdp: "update sdp" },
  { type: "ping" },
  { type: "ping", stats: true },
  connectionNotify("created"),
  connectionNotify("created"),
  connectionNotify("created", { connection_id: "SOMEBODY" }),
  connectionNotify("destroyed"),
  { type: "push", data: [1] },
  { type: "switched", ignore_disconnect_websocket: true },
  { type: "switched", ignore_disconnect_websocket: false },
  { type: "redirect", location: "ws://node2.example/signaling" },
  { type: "redirect", location: "nonsense" },
  { type: "req-stats" },
  { type: "close", code: 1000, reason: "DISCONNECTED-API" },
  { type: "close", code: 4490, reason: "SOMETHING" },
  { type: "invented" },
  { jsonrpc: "2.0", id: 1, result: 1 },
  "rubbish",
  "",
];

const ENDS: readonly SocketEnd[] = [
  { code: 0, reason: "", error: new Error("read ECONNRESET") },
  { code: 1000, reason: "TYPE-DISCONNECT" },
  { code: 1000, reason: "DISCONNECTED-API" },
  { code: 1001, reason: "" },
  { code: 4490, reason: "AUTHENTICATION-FAILURE" },
];

/** The reason of an end that the server's application requested. */
const ASKED_BY_SERVER = "DISCONNECTED-API";
const SUCCEEDED = "CLOSE_SUCCEEDED";

interface Named {
  readonly code: string;
}

const STATES = [
  "connecting",
  "connected",
  "connected",
  "disconnected",
  "failed",
  "closed",
] as const;

/** One life. */
class Simulation {
  readonly #dice: Dice;
  readonly #scene: Scene;
  readonly #connects: { settled: boolean; readonly controller: AbortController }[] = [];
  /** The connects, by number, that were asked to end by the user or the server's application. */
  readonly #asked = new Set<number>();
  readonly #problems: string[] = [];
  #disconnects = 0;
  #faults = true;

  constructor(seed: number) {
    const dice = this.#dice = new Dice(seed);
    this.#scene = new Scene({
      signalingUrls: Array.from({ length: 1 + dice.below(3) }, (_, i) => `ws://${i}.example/`),
      ...(dice.chance(0.3) && { reconnect: { maxRetries: dice.below(4), initialDelayMs: 100 } }),
    });
    this.#scene.onPeer = (peer) => this.#newPeer(peer);
    this.#watchHandlers();
  }

  get transitions(): ReadonlySet<string> {
    return this.#scene.transitions;
  }

  async run(): Promise<void> {
    const steps = 10 + this.#dice.below(50);
    if (this.#dice.chance(0.9)) this.#connect();
    for (let i = 0; i < steps; i++) await this.#step();
    this.#faults = false;
    await this.#end();
    await this.#progress();
  }

  #watchHandlers(): void {
    const { handlers } = this.#scene;
    const names = Object.keys(handlers).filter((name) => name !== "onError");
    for (const name of [...names, "onReconnecting", "onReconnected"] as (keyof typeof handlers)[]) {
      handlers[name] = (...args: unknown[]) => {
        const outstanding = this.#connects.length - this.#disconnects;
        assert.ok(outstanding > 0, `${name} was called after onDisconnect`);
        this.#checkEnd(name, args[0]);
        if (name === "onDisconnect") this.#disconnects++;
        if (!this.#faults) return;
        if (this.#dice.chance(0.02)) this.#disconnect();
        if (this.#dice.chance(0.01)) this.#connect();
        if (this.#dice.chance(0.02)) throw new Error("handler");
        if (this.#dice.chance(0.02)) return Promise.reject(new Error("handler"));
      };
    }
    handlers.onError = (error) => assert.equal((error as Error).message, "handler");
  }

  /** What a handler throws is caught, so that a problem is remembered instead. */
  #checkEnd(name: string, first: unknown): void {
    if (name === "onReconnecting" && (first as Named).code === SUCCEEDED) {
      this.#problems.push("a success was followed by another attempt");
    }
    if (name !== "onDisconnect") return;
    if (first !== SUCCEEDED || this.#asked.has(this.#disconnects)) return;
    this.#problems.push("a success that nobody had asked for");
  }

  #connect(): void {
    const { session } = this.#scene;
    const before = session.state;
    const controller = new AbortController();
    const connected = session.connect({ signal: controller.signal });
    if (before === "connecting" || before === "connected") {
      connected.catch(() => {});
      return;
    }
    const entry = { settled: false, controller };
    this.#connects.push(entry);
    const settled = () => void (entry.settled = true);
    connected.then(settled, settled);
  }

  #disconnect(): Promise<void> {
    const { session } = this.#scene;
    if (session.state !== "disconnected") this.#asked.add(this.#connects.length - 1);
    return session.disconnect();
  }

  #newPeer(peer: FakePeer): void {
    if (!this.#faults) return;
    if (this.#dice.chance(0.03)) throw new Error("no peer");
    const { clock } = this.#scene;
    const maybe = <T>(value: () => T) => (): Promise<T> => {
      const fate = this.#faults ? this.#dice.next() : 1;
      if (fate < 0.03) return Promise.reject(new Error("refused"));
      if (fate < 0.05) return new Promise(() => {});
      if (fate < 0.3) {
        const delay = this.#dice.below(2_000);
        return new Promise((resolve) => clock.after(delay, () => resolve(value())));
      }
      return Promise.resolve(value());
    };
    let answers = 0;
    peer.onSetRemoteOffer = maybe(() => {});
    peer.onCreateAnswer = maybe(() => `answer ${++answers}`);
    peer.onGetStats = maybe(() => this.#dice.pick(["[]", "{}", "rubbish"]));
    peer.onClose = maybe(() => {});
  }

  async #step(): Promise<void> {
    const { session, clock, network, peers } = this.#scene;
    const roll = this.#dice.next();
    if (roll < 0.04) this.#connect();
    else if (roll < 0.07) void this.#disconnect();
    else if (roll < 0.09) this.#abort();
    else if (roll < 0.11) session.hintNow();
    else if (roll < 0.14) session.rpc("method").catch(() => {});
    else if (roll < 0.17) session.sendDataChannel(this.#dice.pick(LABELS), "data");
    else if (roll < 0.19) session.getStats().catch(() => {});
    else if (roll < 0.3) {
      await clock.advance(this.#dice.below(this.#dice.pick([10, 1_000, 40_000])));
    } else if (roll < 0.65) await this.#socketStep(this.#dice.pick(network.sockets));
    else await this.#peerStep(this.#dice.pick(peers));
    await settle();
  }

  #serverAsked(): void {
    this.#asked.add(this.#disconnects);
  }

  #abort(): void {
    const life = this.#dice.below(this.#connects.length);
    this.#asked.add(life);
    this.#connects[life]?.controller.abort();
  }

  /** Sockets report what they please, late and twice too, but never text before they are open. */
  async #socketStep(socket: FakeSocket | undefined): Promise<void> {
    if (socket === undefined) return;
    const roll = this.#dice.next();
    if (roll < 0.3) await socket.open();
    else if (roll < 0.36) await this.#endSocket(socket, this.#dice.pick(ENDS));
    else if (roll < 0.38) await socket.receiveBinary();
    else if (roll < 0.4) socket.writable = !socket.writable;
    else if (roll < 0.5 && socket.closed !== undefined) await this.#endSocket(socket, ENDS[1]!);
    else await socket.receive(this.#dice.pick(MESSAGES));
  }

  async #endSocket(socket: FakeSocket, end: SocketEnd): Promise<void> {
    if (end.reason === ASKED_BY_SERVER) this.#serverAsked();
    await socket.end(end);
  }

  async #peerStep(peer: FakePeer | undefined): Promise<void> {
    if (peer === undefined) return;
    const roll = this.#dice.next();
    const label = this.#dice.pick(LABELS);
    if (roll < 0.2) peer.events.onConnectionStateChange(this.#dice.pick(STATES));
    else if (roll < 0.3) {
      const candidate = this.#dice.pick(["candidate:1", "", "candidate:2"]);
      peer.events.onIceCandidate({ candidate, sdpMid: "0", sdpMLineIndex: 0 });
    } else if (roll < 0.55) await peer.openChannel(label);
    else if (roll < 0.65) await peer.closeChannel(label);
    else {
      const message = this.#dice.pick(MESSAGES);
      const text = typeof message === "string" ? message : JSON.stringify(message);
      if (text.includes(ASKED_BY_SERVER)) this.#serverAsked();
      const data = this.#dice.chance(0.2) ? deflateSync(text) : text;
      await peer.receiveData(label, data);
    }
  }

  /** Everybody falls silent: within the timeouts all must be over, and nothing may be left. */
  async #end(): Promise<void> {
    const { session, clock, network, peers } = this.#scene;
    let done = false;
    void this.#disconnect().then(() => done = true);
    await clock.advance(60_000);
    assert.ok(done, "disconnect() hangs");
    assert.equal(session.state, "disconnected");
    this.#nothingLeft();
    for (const peer of peers) {
      assert.ok(peer.closed, "a peer was not closed");
      assert.deepEqual(peer.callsInVain, [], "a peer was used after its close()");
    }
    for (const socket of network.sockets) {
      assert.deepEqual(socket.sentInVain, [], "something was sent after the end");
    }
    const used = network.sockets.length;
    await clock.advance(600_000);
    assert.equal(network.sockets.length, used, "a socket was opened after the end");
  }

  #nothingLeft(): void {
    assert.deepEqual(this.#problems, []);
    assert.equal(this.#scene.clock.pending, 0, "timers are left");
    assert.equal(this.#disconnects, this.#connects.length, "onDisconnect once per connect()");
    assert.ok(this.#connects.every(({ settled }) => settled), "connect() hangs");
  }

  /** With everything working again, a connection must come up and end in order. */
  async #progress(): Promise<void> {
    const scene = this.#scene;
    this.#connect();
    await settle();
    await scene.socket.open();
    await scene.socket.receive(offerMessage());
    scene.peer.events.onConnectionStateChange("connected");
    await scene.socket.receive(connectionNotify("created"));
    assert.equal(scene.session.state, "connected");
    const done = this.#disconnect();
    await scene.socket.end({ code: 1000, reason: "TYPE-DISCONNECT" });
    await done;
    await scene.clock.advance(0);
    this.#nothingLeft();
  }
}

/**
 * Runs one life; rejects if one of the invariants does not hold.
 *
 * @returns The transitions that were made, as `Scene.transitions` has them.
 */
export async function simulate(seed: number): Promise<ReadonlySet<string>> {
  const simulation = new Simulation(seed);
  await simulation.run();
  return simulation.transitions;
}
