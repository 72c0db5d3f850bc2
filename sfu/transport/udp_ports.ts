/** The UDP ports of a server: one for each address under which clients reach it. */
import { openRealm, type Realm } from "../../ffi/mod.ts";
import { PacketMemory } from "./packet_memory.ts";
import type { Transport, TransportHandlers } from "./transport.ts";
import { Turn } from "./turn.ts";
import { UdpPort } from "./udp_port.ts";

export class UdpPorts {
  readonly #realm: Realm;
  readonly #lowWaterBytes: number;
  readonly #turn: Turn;
  readonly #memory: PacketMemory;
  readonly #byHost = new Map<string, UdpPort>();
  /** Of ports that are closed. */
  #drops = 0;
  #closed = false;

  /**
   * @param lowWaterBytes `onWritable` of a transport is called when as little waits to be sent
   * @param library the native library's file, if it is not to be searched
   * @throws {SoraError} When the native library cannot be used.
   */
  constructor(lowWaterBytes: number, library?: string) {
    this.#realm = openRealm(library);
    this.#lowWaterBytes = lowWaterBytes;
    this.#memory = new PacketMemory(() => this.#turn.flush());
    this.#turn = new Turn(() => this.#memory.reset());
  }

  /** Datagrams that were dropped and belong to no transport. */
  get drops(): number {
    let drops = this.#drops;
    for (const port of this.#byHost.values()) drops += port.drops;
    return drops;
  }

  /**
   * Makes a transport on an address of this machine.
   *
   * @throws {SoraError} What the system says when `host` cannot be bound.
   */
  open(host: string, handlers: TransportHandlers): Transport {
    return this.#portOf(host).open(this.#lowWaterBytes, handlers);
  }

  /** Closes everything; nothing is reported any more. Resolves when nothing is left. Idempotent. */
  close(): Promise<void> {
    this.#closed = true;
    for (const host of [...this.#byHost.keys()]) this.#close(host);
    return this.#realm.events.settled();
  }

  #portOf(host: string): UdpPort {
    if (this.#closed) throw new Error("The server is closed");
    let port = this.#byHost.get(host);
    if (port !== undefined) return port;
    // A machine has many addresses: 127.0.0.0/8 are 16 million. Those that nobody uses are let go.
    for (const [other, { idle }] of this.#byHost) if (idle) this.#close(other);
    port = new UdpPort(this.#realm, host, this.#memory, this.#turn);
    this.#byHost.set(host, port);
    return port;
  }

  #close(host: string): void {
    const port = this.#byHost.get(host)!;
    port.close();
    this.#drops += port.drops;
    this.#byHost.delete(host);
  }
}
