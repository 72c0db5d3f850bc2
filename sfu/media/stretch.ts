/** What a subscription sends of one layer between two switches, and the offsets of its numbers. */
import type { RtpPacket } from "../rtp/packet.ts";
import type { KeptPacket } from "../rtp/packet_history.ts";
import { ThinnedNumbers } from "../rtp/thinned_numbers.ts";
import type { Layer, SenderTime } from "./layer.ts";

/** One stretch. Numbers of the layer plus an offset are those that are sent. */
export interface Stretch {
  readonly layer: Layer;
  /** The index of the first number that it was sent under. */
  readonly firstIndex: number;
  readonly sequenceOffset: number;
  readonly timestampOffset: number;
  /** The offset that the clocks of the layers give, of which the used one may be off by a step. */
  readonly clockOffset: number;
  /** Numbers without those of frames that are left out; undefined as long as none was. */
  thinned?: ThinnedNumbers;
}

/** The latest packet of a stretch as it was sent. */
export interface LastSent {
  readonly timestamp: number;
  /** When it came, in ms. */
  readonly atMs: number;
}

/** A layer goes on at least so much later than the one before it ended: timestamps of frames differ. */
const STEP_SECONDS = 1 / 100;

/** Sender reports that lead so far from the times at which packets came are wrong. */
const TRUSTED_SECONDS = 2;

/** The packet that was sent under a number of a stretch, if it is still kept. */
export function keptPacket(
  { layer, sequenceOffset, thinned }: Stretch,
  sent: number,
): KeptPacket | undefined {
  const number = (sent - sequenceOffset) & 0xffff;
  return layer.history?.find(thinned?.ownOf(number) ?? number);
}

/** Goes on with a layer's first packet. Timestamps go on by the clock of the sender reports, or by times of arrival. */
export function continueWith(
  layer: Layer,
  first: RtpPacket,
  before: Stretch,
  nextIndex: number,
  last: LastSent,
): Stretch {
  const { clockRate } = layer.track.codec;
  const elapsed = Math.round((first.nowMs - last.atMs) * clockRate / 1000);
  const arrival = (last.timestamp + elapsed - first.timestamp) >>> 0;
  let clockOffset = offsetOfClocks(before, layer, clockRate) ?? arrival;
  if (Math.abs(signed(clockOffset - arrival)) > TRUSTED_SECONDS * clockRate) clockOffset = arrival;
  const earliest = (last.timestamp + Math.round(STEP_SECONDS * clockRate) - first.timestamp) >>> 0;
  return {
    layer,
    firstIndex: nextIndex,
    sequenceOffset: (nextIndex - first.sequenceNumber) & 0xffff,
    timestampOffset: signed(clockOffset - earliest) < 0 ? earliest : clockOffset,
    clockOffset,
  };
}

/** What is added to timestamps of a layer to be on the clock of the stretch before; undefined when that is not known. */
function offsetOfClocks(before: Stretch, layer: Layer, clockRate: number): number | undefined {
  if (before.layer === layer) return before.clockOffset;
  const [from, to] = [before.layer.senderTime, layer.senderTime];
  if (from === undefined || to === undefined) return undefined;
  const ticks = Math.round(secondsBetween(from, to) * clockRate);
  return (from.rtpTimestamp + ticks + before.clockOffset - to.rtpTimestamp) >>> 0;
}

function secondsBetween(from: SenderTime, to: SenderTime): number {
  return to.ntpHigh - from.ntpHigh + (to.ntpLow - from.ntpLow) / 2 ** 32;
}

/** A difference of timestamps, in -2^31..2^31 - 1. */
function signed(difference: number): number {
  return difference | 0;
}

/** Whether frames of higher temporal layers are left out at present, and are to be. */
export class Thinner {
  /** Whether they are to be. */
  wanted = false;
  #thins = false;
  #timestamp = -1;

  /** The number of a packet of a stretch among those that are forwarded; -1: it is left out. */
  take(packet: RtpPacket, stretch: Stretch): number {
    const leave = this.#leaves(packet);
    if (leave) stretch.thinned ??= new ThinnedNumbers();
    const { sequenceNumber } = packet;
    return stretch.thinned?.take(sequenceNumber, leave) ?? sequenceNumber;
  }

  /** Whether a packet is left out. Changes come between two frames. */
  #leaves(packet: RtpPacket): boolean {
    if (packet.timestamp !== this.#timestamp) {
      this.#timestamp = packet.timestamp;
      if (this.wanted) this.#thins = true;
      else if (packet.switchesUp || packet.startsKeyFrame) this.#thins = false;
    }
    return this.#thins && packet.temporalLayer > 0;
  }
}
