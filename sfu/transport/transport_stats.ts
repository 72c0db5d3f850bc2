/** The figures of native transports and UDP ports. */
import type { NativeFunctions } from "../../ffi/mod.ts";
import type { PathState, Traffic } from "./transport.ts";

/** Places in the array that `sora_transport_stats` fills. */
const HEARD_MS = 0;
const TRAFFIC = 1;
const FIRST_DROP = 5;
const MESSAGES_DROPPED = 10;
const LAST_DROP = 12;
const PATH = 13;
const COUNT = 18;

/** Figures of a UDP port, each of which counts datagrams that were dropped. */
const PORT_COUNT = 3;

const figures = new Float64Array(COUNT);

/**
 * How much more `performance.now()` shows than the clock of the figures. It is never more than a
 * fresh figure says, as what was heard was heard before now.
 */
let clockOffsetMs = Infinity;

/** Figures of a transport that is open or was. */
export class TransportStats {
  /** `performance.now()` when the peer was last heard. */
  heardAt = performance.now();
  /** Packets that were given up. */
  drops = 0;
  droppedMessages = 0;
  traffic: Traffic = { receivedPackets: 0, receivedBytes: 0, sentPackets: 0, sentBytes: 0 };
  path: PathState = {
    bitRate: 0,
    roundTripMs: 0,
    lossShare: 0,
    pacedPackets: 0,
    probePackets: 0,
  };
  readonly #functions: NativeFunctions;
  readonly #transport: number;

  constructor(functions: NativeFunctions, transport: number) {
    this.#functions = functions;
    this.#transport = transport;
  }

  /** Reads the figures. */
  refresh(): this {
    if (this.#functions.sora_transport_stats(this.#transport, figures, COUNT) < 0) return this;
    const heardMs = figures[HEARD_MS]!;
    if (heardMs > 0) {
      clockOffsetMs = Math.min(clockOffsetMs, performance.now() - heardMs);
      this.heardAt = Math.max(this.heardAt, heardMs + clockOffsetMs);
    }
    this.drops = 0;
    for (let i = FIRST_DROP; i <= LAST_DROP; i++) {
      if (i !== MESSAGES_DROPPED) this.drops += figures[i]!;
    }
    this.droppedMessages = figures[MESSAGES_DROPPED]!;
    this.traffic = {
      receivedPackets: figures[TRAFFIC]!,
      receivedBytes: figures[TRAFFIC + 1]!,
      sentPackets: figures[TRAFFIC + 2]!,
      sentBytes: figures[TRAFFIC + 3]!,
    };
    this.path = {
      bitRate: figures[PATH]!,
      roundTripMs: figures[PATH + 1]!,
      lossShare: figures[PATH + 2]!,
      pacedPackets: figures[PATH + 3]!,
      probePackets: figures[PATH + 4]!,
    };
    return this;
  }
}

/** Datagrams that a UDP port dropped: not read in time, of no transport, or refused by the system. */
export function portDrops(functions: NativeFunctions, port: number): number {
  figures.fill(0);
  functions.sora_udp_port_stats(port, figures, PORT_COUNT);
  return figures[0]! + figures[1]! + figures[2]!;
}
