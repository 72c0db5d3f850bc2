/**
 * What flows in one direction of a connection, from its statistics.
 *
 * @module
 */

import type { SoraStats } from "../../mod.ts";

/** What a report says. */
export interface Flow {
  /** Frames of video since the beginning: sent, or decoded. */
  readonly frames: number;
  /** Frames per second. */
  readonly fps: number;
  /** Bit rate of everything, headers included. */
  readonly kbps: number;
  /** Codec of the video; null while there is none. */
  readonly codec: string | null;
  /** Size of the video; of simulcast the largest. */
  readonly width: number | null;
  readonly height: number | null;
  /** Round trip time in milliseconds. */
  readonly rttMs: number | null;
  /** Share of packets lost, 0 to 1. */
  readonly loss: number | null;
}

interface Counts {
  readonly atMs: number;
  readonly bytes: number;
  readonly frames: number;
  readonly packets: number;
  readonly lost: number;
}

/** A share or rate with so many digits behind the point. */
const rounded = (value: number, digits: number) => Number(value.toFixed(digits));

/** Measures from one call to the next. */
export class FlowMeter {
  readonly #direction: "outbound-rtp" | "inbound-rtp";
  #before: Counts = { atMs: 0, bytes: 0, frames: 0, packets: 0, lost: 0 };

  constructor(direction: "outbound-rtp" | "inbound-rtp") {
    this.#direction = direction;
  }

  /** The flow since the call before, or since the beginning. */
  next(stats: readonly SoraStats[]): Flow {
    const codecs = new Map<string, string>();
    for (const one of stats) {
      if (one.type === "codec") codecs.set(one.id, one.mimeType.replace(/^\w+\//, ""));
    }
    let bytes = 0, frames = 0, packets = 0, lost = 0;
    let codec: string | null = null, width: number | null = null, height: number | null = null;
    let rttMs: number | null = null, loss: number | null = null;
    for (const one of stats) {
      if (one.type === "candidate-pair" && one.nominated === true) {
        rttMs = one.currentRoundTripTime === undefined
          ? null
          : rounded(one.currentRoundTripTime * 1_000, 1);
      } else if (one.type === "remote-inbound-rtp") {
        if (this.#direction === "outbound-rtp" && one.fractionLost !== undefined) {
          loss = Math.max(loss ?? 0, rounded(one.fractionLost, 4));
        }
      }
      if (one.type !== this.#direction) continue;
      if (one.type === "outbound-rtp") {
        bytes += (one.bytesSent ?? 0) + (one.headerBytesSent ?? 0);
        // Layers of simulcast have the same frames.
        frames = Math.max(frames, one.framesSent ?? 0);
      } else if (one.type === "inbound-rtp") {
        bytes += (one.bytesReceived ?? 0) + (one.headerBytesReceived ?? 0);
        frames += one.framesDecoded ?? 0;
        packets += one.packetsReceived ?? 0;
        lost += one.packetsLost ?? 0;
      }
      if (one.kind !== "video" || (one.frameWidth ?? 0) < (width ?? 0)) continue;
      width = one.frameWidth ?? width;
      height = one.frameHeight ?? height;
      codec = codecs.get(one.codecId ?? "") ?? codec;
    }
    const atMs = stats[0]?.timestamp ?? 0;
    const before = this.#before;
    this.#before = { atMs, bytes, frames, packets, lost };
    const ms = atMs - before.atMs;
    const rate = (now: number, then: number) =>
      before.atMs === 0 || !(ms > 0) ? 0 : Math.max(0, now - then) / ms;
    if (this.#direction === "inbound-rtp") {
      const [arrived, missing] = [packets - before.packets, lost - before.lost];
      loss = arrived + missing > 0 ? rounded(Math.max(0, missing) / (arrived + missing), 4) : null;
    }
    return {
      frames,
      fps: rounded(rate(frames, before.frames) * 1_000, 1),
      kbps: Math.round(rate(bytes, before.bytes) * 8),
      codec,
      width,
      height,
      rttMs,
      loss,
    };
  }
}
