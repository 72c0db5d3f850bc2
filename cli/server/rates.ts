/**
 * Bit rates, from what a server has counted at two moments.
 *
 * @module
 */

import type { SoraServerConnection } from "../../sfu/mod.ts";

/** A layer and its bit rate. */
export interface LayerRate {
  readonly rid?: string;
  readonly kbps: number;
}

/** A connection and what flows, in kbit/s. */
export interface ConnectionRates {
  readonly connection: SoraServerConnection;
  readonly inKbps: number;
  readonly outKbps: number;
  /** Its published tracks. */
  readonly tracks: readonly {
    readonly kind: string;
    readonly codec: string;
    readonly layers: readonly LayerRate[];
  }[];
}

/** The rates between one call and the next. */
export class Rates {
  #before = new Map<string, number>();
  #at = 0;

  /** The rates since the call before; 0 of what was not there then. */
  next(connections: readonly SoraServerConnection[], nowMs: number): ConnectionRates[] {
    const counted = new Map<string, number>();
    const elapsedMs = nowMs - this.#at;
    const rate = (bytes: number, ...path: readonly unknown[]) => {
      const name = path.join(" ");
      counted.set(name, bytes);
      const before = this.#before.get(name);
      // Bits in a millisecond are kilobits in a second. A track that began anew counts from 0.
      if (before === undefined || elapsedMs <= 0) return 0;
      return Math.max(0, bytes - before) * 8 / elapsedMs;
    };
    const rates = connections.map((connection) => {
      const id = connection.connectionId;
      return {
        connection,
        inKbps: rate(connection.receivedBytes, id, "in"),
        outKbps: rate(connection.sentBytes, id, "out"),
        tracks: connection.tracks.map(({ kind, codec, layers }, index) => ({
          kind,
          codec,
          layers: layers.map(({ rid, bytes }) => ({
            ...(rid === undefined ? {} : { rid }),
            kbps: rate(bytes, id, index, rid),
          })),
        })),
      };
    });
    this.#before = counted;
    this.#at = nowMs;
    return rates;
  }
}
