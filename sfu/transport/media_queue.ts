/** The media packets that a turn sends from one UDP port, as `sora_udp_port_send` takes them. */
import { Media, type NativeFunctions } from "../../ffi/mod.ts";
import type { MediaKind } from "../sdp/codecs.ts";
import type { PacketMemory } from "./packet_memory.ts";
import type { Turn, TurnWork } from "./turn.ts";

/** Numbers that wait at most: some 3,000 packets. */
const CAPACITY = 16 * 1024;

/** Numbers of a packet, and of each transport that it goes to. */
const PACKET = 3;
const TARGET = 5;

const RTCP = 0x8000_0000;

/** Largest packet before it is protected. */
const MAX_BYTES = 2016;

export class MediaQueue implements TurnWork {
  readonly #functions: NativeFunctions;
  readonly #port: number;
  readonly #memory: PacketMemory;
  readonly #turn: Turn;
  readonly #commands = new Uint32Array(CAPACITY);
  #length = 0;
  /** The packet that the latest commands are about, and where the number of its transports is. */
  #offset = -1;
  #size = 0;
  #countAt = 0;

  /** @param port the native UDP port */
  constructor(functions: NativeFunctions, port: number, memory: PacketMemory, turn: Turn) {
    this.#functions = functions;
    this.#port = port;
    this.#memory = memory;
    this.#turn = turn;
  }

  /** Adds a packet for one transport. Returns false when it is too large. */
  add(
    transport: number,
    offset: number,
    size: number,
    ssrc: number,
    sequenceNumber: number,
    timestamp: number,
    transportSequenceOffset: number,
    kind: MediaKind,
  ): boolean {
    if (size > MAX_BYTES) return false;
    const at = this.#begin(offset, size, size);
    const commands = this.#commands;
    commands[at] = transport;
    commands[at + 1] = ssrc;
    commands[at + 2] = sequenceNumber;
    commands[at + 3] = timestamp;
    commands[at + 4] = (transportSequenceOffset << 16) |
      (kind === "audio" ? Media.AUDIO : Media.VIDEO);
    return true;
  }

  /** Adds a compound RTCP packet for one transport. Returns false when it is too large. */
  addRtcp(transport: number, offset: number, size: number): boolean {
    if (size > MAX_BYTES) return false;
    const at = this.#begin(offset, size, (size | RTCP) >>> 0);
    this.#commands.fill(0, at, at + TARGET);
    this.#commands[at] = transport;
    return true;
  }

  /** Hands everything over. */
  flush(): void {
    const length = this.#length;
    if (length === 0) return;
    this.#length = 0;
    this.#offset = -1;
    const { bytes } = this.#memory;
    this.#functions.sora_udp_port_send(this.#port, bytes, bytes.length, this.#commands, length);
  }

  /** Drops everything. */
  clear(): void {
    this.#length = 0;
    this.#offset = -1;
  }

  /** Makes room for one more transport of a packet. */
  #begin(offset: number, size: number, flaggedSize: number): number {
    if (this.#length + PACKET + TARGET > CAPACITY) this.flush();
    if (this.#length === 0) this.#turn.add(this);
    const commands = this.#commands;
    if (offset === this.#offset && size === this.#size) {
      commands[this.#countAt]!++;
    } else {
      const at = this.#length;
      commands[at] = offset;
      commands[at + 1] = flaggedSize;
      commands[at + 2] = 1;
      this.#offset = offset;
      this.#size = size;
      this.#countAt = at + 2;
      this.#length = at + PACKET;
    }
    const at = this.#length;
    this.#length = at + TARGET;
    return at;
  }
}
