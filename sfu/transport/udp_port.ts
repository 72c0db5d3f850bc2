/** The UDP port of one address of this machine, with the transports that use it. */
import { Buffer } from "node:buffer";
import { EventType, type NativeFunctions, type Realm, unwrap, utf8 } from "../../ffi/mod.ts";
import { RtpPacket } from "../rtp/packet.ts";
import { MediaQueue } from "./media_queue.ts";
import { NativeTransport, type TransportPort } from "./native_transport.ts";
import type { PacketMemory } from "./packet_memory.ts";
import { portDrops } from "./transport_stats.ts";
import type { TransportHandlers } from "./transport.ts";
import type { Turn } from "./turn.ts";

/** Longest fingerprint of a certificate. */
const MAX_FINGERPRINT = 256;

/** Times that the memory is filled before the event loop runs other tasks. */
const MAX_READS = 16;

/** A record of `sora_udp_port_read`: its header, and what its packet is padded to. */
const HEADER_BYTES = 16;
const RTCP = 0x8000_0000;

const decoder = new TextDecoder();

export class UdpPort implements TransportPort {
  readonly functions: NativeFunctions;
  readonly handle: number;
  readonly fingerprint: string;
  readonly memory: PacketMemory;
  readonly queue: MediaQueue;
  readonly turn: Turn;
  readonly #realm: Realm;
  readonly #transports = new Map<number, NativeTransport>();
  readonly #packet = new RtpPacket();
  readonly #words: Uint32Array;
  readonly #times: Float64Array;
  /** RTP packets that were malformed. */
  #malformed = 0;
  #next: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  /**
   * Binds it.
   *
   * @throws {SoraError} What the system says when `host` cannot be bound.
   */
  constructor(realm: Realm, host: string, memory: PacketMemory, turn: Turn) {
    const { functions, events } = realm;
    this.#realm = realm;
    this.functions = functions;
    this.memory = memory;
    this.turn = turn;
    this.#words = new Uint32Array(memory.incoming.buffer);
    this.#times = new Float64Array(memory.incoming.buffer);
    const handle = new Uint32Array(1);
    const address = utf8(host);
    unwrap(
      functions,
      functions.sora_udp_port_open(events.queue, address, address.length, handle),
    );
    this.handle = handle[0]!;
    const text = new Uint8Array(MAX_FINGERPRINT);
    const size = functions.sora_udp_port_fingerprint(this.handle, text, text.length);
    this.fingerprint = decoder.decode(text.subarray(0, unwrap(functions, size)));
    this.queue = new MediaQueue(functions, this.handle, memory, turn);
    events.listen(this.handle, (type) => {
      if (type === EventType.READABLE) this.#read();
    });
  }

  /** Whether no transport uses it. */
  get idle(): boolean {
    return this.#transports.size === 0;
  }

  /** Datagrams that were dropped and belong to no transport. */
  get drops(): number {
    return this.#malformed + (this.#closed ? 0 : portDrops(this.functions, this.handle));
  }

  /** Makes a transport. */
  open(lowWaterBytes: number, handlers: TransportHandlers): NativeTransport {
    return new NativeTransport(this, lowWaterBytes, handlers);
  }

  add(handle: number, transport: NativeTransport): void {
    this.#transports.set(handle, transport);
    // A port without transports has nothing to report. Deno's sanitizers would find that it waits, after a test whose clients are gone.
    this.#realm.events.hold();
    this.#realm.events.listen(handle, (type, argument, payload) => {
      try {
        transport.onEvent(type, argument, payload);
      } catch (error) {
        transport.fail(`An event could not be handled: ${error}`);
      }
    });
  }

  remove(handle: number): void {
    this.#transports.delete(handle);
    this.#realm.events.unlisten(handle);
    void this.#realm.events.release();
  }

  /** Closes all its transports and then itself; nothing is reported. Idempotent. */
  close(): void {
    if (this.#closed) return;
    for (const transport of [...this.#transports.values()]) transport.close();
    this.#malformed = this.drops;
    this.#closed = true;
    clearTimeout(this.#next);
    this.queue.clear();
    this.#realm.events.unlisten(this.handle);
    this.functions.sora_udp_port_close(this.handle);
  }

  /** Reads all media that waits; what it leads to is sent each time the memory was filled. */
  #read(): void {
    const { incoming } = this.memory;
    for (let reads = 0; reads < MAX_READS; reads++) {
      if (this.#closed) return;
      const size = this.functions.sora_udp_port_read(this.handle, incoming, incoming.length);
      if (size <= 0) return;
      this.turn.hold();
      try {
        this.#takeAll(size);
      } finally {
        this.turn.end();
      }
    }
    this.#next = setTimeout(() => this.#read(), 0);
  }

  #takeAll(size: number): void {
    const nowMs = performance.now();
    for (let at = 0; at + HEADER_BYTES <= size;) {
      const word = at >>> 2;
      const flaggedSize = this.#words[word + 1]!;
      const length = (flaggedSize & ~RTCP) >>> 0;
      const transport = this.#transports.get(this.#words[word]!);
      const start = at + HEADER_BYTES;
      if (transport !== undefined) {
        try {
          if (flaggedSize >= RTCP) this.#takeRtcp(transport, start, length);
          else this.#takeRtp(transport, start, length, this.#times[(at >>> 3) + 1]!, nowMs);
        } catch (error) {
          transport.fail(`A packet could not be handled: ${error}`);
        }
      }
      at = start + ((length + 7) & ~7);
    }
  }

  #takeRtp(
    transport: NativeTransport,
    start: number,
    size: number,
    arrivedMs: number,
    nowMs: number,
  ): void {
    const packet = this.#packet;
    if (!packet.parse(this.memory.bytes, start, size)) {
      this.#malformed++;
      return;
    }
    packet.arrivedMs = arrivedMs;
    packet.nowMs = nowMs;
    transport.onRtp(packet);
  }

  #takeRtcp(transport: NativeTransport, start: number, size: number): void {
    transport.onRtcp(Buffer.from(this.memory.bytes.buffer, start, size));
  }
}
