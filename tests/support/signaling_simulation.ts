/**
 * A whole life of a session under faults, all of it decided by one seed: what the server, the network, the peer connection and
 * the user do, in whatever order, sense or not.
 *
 * @module
 */

import assert from "node:assert/strict";
import { deflateSync } from "node:zlib";
import type { SocketEnd } from "../../signaling/socket/socket.ts";
import { type FakePeer, type FakeSocket, settle } from "./signaling_fakes.ts";
import { ENDS, LABELS, MESSAGES, STATES } from "./signaling_nonsense.ts";
import { connectionNotify, offerMessage, Scene } from "./signaling_scene.ts";
import { Dice, Swarm } from "./swarm.ts";

/** The reason of an end that the server's application requested. */
const ASKED_BY_SERVER = "DISCONNECTED-API";
const SUCCEEDED = "CLOSE_SUCCEEDED";

/** Texts are few, and compressing one takes as long as much of a life. */
const compressed = new Map<string, Uint8Array>();

function deflated(text: string): Uint8Array {
  let data = compressed.get(text);
  if (data === undefined) compressed.set(text, data = deflateSync(text));
  return data;
}

interface Named {
  readonly code: string;
}

/** What happens in a life, and how often. */
const STEPS = {
  connect: 4,
  disconnect: 3,
  abort: 2,
  hint: 2,
  rpc: 3,
  message: 3,
  stats: 2,
  time: 11,
  socket: 35,
  peer: 35,
} as const;
const SOCKET_STEPS = { open: 30, end: 6, binary: 2, full: 2, closed: 10, text: 50 } as const;
const PEER_STEPS = {
  state: 20,
  candidate: 10,
  "open channel": 25,
  "close channel": 10,
  data: 35,
} as const;

/** The longest that a session may be connecting once all works: its waits between attempts, and the limits of what hangs. */
const HEALS_MS = 120_000;
const HEAL_STEP_MS = 100;

/** One life. */
class Simulation {
  readonly #dice: Dice;
  readonly #swarm: Swarm;
  readonly #scene: Scene;
  readonly #connects: { settled: boolean; readonly controller: AbortController }[] = [];
  /** The connects, by number, that were asked to end by the user or the server's application. */
  readonly #asked = new Set<number>();
  readonly #problems: string[] = [];
  #disconnects = 0;
  #faults = true;

  constructor(seed: number) {
    const dice = this.#dice = new Dice(seed);
    this.#swarm = new Swarm(dice);
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
    if (this.#dice.chance(0.5)) await this.#heal();
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
        const swarm = this.#swarm;
        if (swarm.fault("handler disconnects", 0.02)) this.#disconnect();
        if (swarm.fault("handler connects", 0.01)) this.#connect();
        if (swarm.fault("handler throws", 0.02)) throw new Error("handler");
        if (swarm.fault("handler rejects", 0.02)) return Promise.reject(new Error("handler"));
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
    const swarm = this.#swarm;
    if (swarm.fault("no peer", 0.03)) throw new Error("no peer");
    const { clock } = this.#scene;
    const maybe = <T>(value: () => T) => (): Promise<T> => {
      if (!this.#faults) return Promise.resolve(value());
      if (swarm.fault("peer refuses", 0.03)) return Promise.reject(new Error("refused"));
      if (swarm.fault("peer never answers", 0.02)) return new Promise(() => {});
      if (swarm.fault("peer is late", 0.25)) {
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
    const step = this.#swarm.pick(STEPS);
    if (step === "connect") this.#connect();
    else if (step === "disconnect") void this.#disconnect();
    else if (step === "abort") this.#abort();
    else if (step === "hint") session.hintNow();
    else if (step === "rpc") session.rpc("method").catch(() => {});
    else if (step === "message") session.sendDataChannel(this.#dice.pick(LABELS), "data");
    else if (step === "stats") session.getStats().catch(() => {});
    else if (step === "time") {
      await clock.advance(this.#dice.below(this.#dice.pick([10, 1_000, 40_000])));
    } else if (step === "socket") await this.#socketStep(this.#dice.pick(network.sockets));
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
    const step = this.#swarm.pick(SOCKET_STEPS);
    if (step === "open") await socket.open();
    else if (step === "end") await this.#endSocket(socket, this.#dice.pick(ENDS));
    else if (step === "binary") await socket.receiveBinary();
    else if (step === "full") socket.writable = !socket.writable;
    else if (step === "closed") {
      if (socket.closed !== undefined) await this.#endSocket(socket, ENDS[1]!);
    } else await socket.receive(this.#dice.pick(MESSAGES));
  }

  async #endSocket(socket: FakeSocket, end: SocketEnd): Promise<void> {
    if (end.reason === ASKED_BY_SERVER) this.#serverAsked();
    await socket.end(end);
  }

  async #peerStep(peer: FakePeer | undefined): Promise<void> {
    if (peer === undefined) return;
    const step = this.#swarm.pick(PEER_STEPS);
    const label = this.#dice.pick(LABELS);
    if (step === "state") peer.events.onConnectionStateChange(this.#dice.pick(STATES));
    else if (step === "candidate") {
      const candidate = this.#dice.pick(["candidate:1", "", "candidate:2"]);
      peer.events.onIceCandidate({ candidate, sdpMid: "0", sdpMLineIndex: 0 });
    } else if (step === "open channel") await peer.openChannel(label);
    else if (step === "close channel") await peer.closeChannel(label);
    else {
      const message = this.#dice.pick(MESSAGES);
      const text = typeof message === "string" ? message : JSON.stringify(message);
      if (text.includes(ASKED_BY_SERVER)) this.#serverAsked();
      const data = this.#dice.chance(0.2) ? deflated(text) : text;
      await peer.receiveData(label, data);
    }
  }

  /**
   * The network drops all that was open, and from then on it and the server work as they should: whatever the session was doing, it is
   * soon connected, or has given up in as many words.
   */
  async #heal(): Promise<void> {
    const { session, clock, network, peers } = this.#scene;
    for (const socket of [...network.sockets]) await socket.end(ENDS[0]!);
    const first = network.sockets.length;
    const served = new Map<FakeSocket, Set<string>>();
    for (let ms = 0; session.state === "connecting"; ms += HEAL_STEP_MS) {
      assert.ok(ms < HEALS_MS, "it goes on connecting though everything works");
      for (const socket of network.sockets.slice(first)) {
        const done = served.get(socket) ?? new Set();
        served.set(socket, done);
        const once = async (what: string, act: () => Promise<void>) => {
          if (done.has(what) || done.has("end")) return;
          done.add(what);
          await act();
        };
        if (!socket.terminated) await once("open", () => socket.open());
        if (socket.closed !== undefined) await once("end", () => socket.end(ENDS[1]!));
        if (socket.hasSent("connect")) {
          await once("offer", () => socket.receive(offerMessage()));
        }
        if (socket.hasSent("answer")) {
          await once("created", async () => {
            peers.at(-1)!.events.onConnectionStateChange("connected");
            await socket.receive(connectionNotify("created"));
          });
        }
      }
      await clock.advance(HEAL_STEP_MS);
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
