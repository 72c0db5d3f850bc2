/** Chooses layers for a receiver so that they fit what the path to it carries. */
import type { MediaKind } from "../sdp/codecs.ts";
import { isHigher, type Rid } from "../sdp/rids.ts";
import type { Transport } from "../transport/transport.ts";
import { allocate } from "./allocation.ts";

/** A layer that could be forwarded. */
export interface LayerRate {
  /** Its rid; undefined when there is no other one. */
  readonly rid: Rid | undefined;
  /** Its bit rate of late, in bit/s. */
  readonly bitRate: number;
  /** Whether of its frames only those of the lowest temporal layer are meant. */
  readonly isThin: boolean;
}

/** A subscription whose layer can be limited. */
export interface Adjustable {
  readonly kind: MediaKind;
  /** The limit at present. */
  readonly ceiling: Rid;
  /** Whether frames of higher temporal layers are left out. */
  readonly isThin: boolean;
  /** The layers that may be forwarded as far as its receiver's wishes go, the smallest first. */
  choices(nowMs: number): readonly LayerRate[];
  /** `urgent`: what is forwarded above the limit ends at once, and not with the first frame below it. */
  limit(ceiling: Rid, urgent?: boolean): void;
  /** Leaves out frames of higher temporal layers, or does so no more. */
  thin(isThin: boolean): void;
}

/** A larger layer is chosen when it needs so much less than the path carries; one that is forwarded may need a little more. */
const TO_RISE = 1 / 1.15;
const TO_STAY = 1.1;

/**
 * A layer that needs much more than the path carries is left at once; one that needs a little more
 * after so long: congestion that passes makes the estimate fall below what is sent.
 */
const MUCH = 1.6;
const TO_FALL_MS = 1200;

/** Time for which a larger layer must fit. It doubles when the last rise did not last, up to the longest. */
const PATIENCE_MS = 1000;
const LONGEST_PATIENCE_MS = 4000;

/** A rise that is taken back sooner did not last. */
const LASTING_MS = 8000;

/** Time between two looks at what is needed. */
const INTERVAL_MS = 200;

/** Change of what is wanted, as a share, that the transport is told of. */
const CHANGE = 0.05;

export class LayerControl {
  readonly #transport: Transport;
  /** bit/s; 0: not known. */
  #carried = 0;
  #wanted = 0;
  #lookedAt = -Infinity;
  /** Since when a larger layer has fit. */
  #fitsSince: number | undefined;
  #patienceMs = PATIENCE_MS;
  /** Since when what is forwarded has been more than the path carries. */
  #exceedsSince: number | undefined;
  #roseAt = -Infinity;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** The path carries so much, in bit/s. */
  onBandwidth(bitsPerSecond: number, subscriptions: Iterable<Adjustable>, nowMs: number): void {
    const less = this.#carried === 0 || bitsPerSecond < this.#carried;
    this.#carried = bitsPerSecond;
    if (less) this.#look(subscriptions, nowMs);
  }

  /** Does what is due; called every 100 ms. */
  tick(nowMs: number, subscriptions: Iterable<Adjustable>): void {
    if (nowMs - this.#lookedAt >= INTERVAL_MS) this.#look(subscriptions, nowMs);
  }

  #look(subscriptions: Iterable<Adjustable>, nowMs: number): void {
    this.#lookedAt = nowMs;
    const videos: Adjustable[] = [];
    const choices: (readonly LayerRate[])[] = [];
    /** What goes out whatever the path carries: audio first of all. */
    let fixed = 0;
    for (const subscription of subscriptions) {
      const layers = subscription.choices(nowMs);
      if (subscription.kind === "video" && layers.length > 1) {
        videos.push(subscription);
        choices.push(layers);
      } else {
        fixed += layers[0]?.bitRate ?? 0;
      }
    }
    const rates = choices.map((layers) => layers.map(({ bitRate }) => bitRate));
    this.#want(rates.reduce((sum, levels) => sum + levels.at(-1)!, fixed), videos.length > 0);
    if (this.#carried === 0 || videos.length === 0) return;
    const now = videos.map((video, i) => levelOf(choices[i]!, video));
    const most = allocate(this.#carried * TO_STAY - fixed, rates);
    const sure = allocate(this.#carried * TO_RISE - fixed, rates);
    const exceeds = now.some((level, i) => level > most[i]!);
    if (!exceeds) this.#exceedsSince = undefined;
    else this.#exceedsSince ??= nowMs;
    const needed = now.reduce((sum, level, i) => sum + rates[i]![level]!, fixed);
    const urgent = exceeds && needed > this.#carried * MUCH;
    const fall = exceeds && (urgent || nowMs - this.#exceedsSince! >= TO_FALL_MS);
    const rise = now.some((level, i) => level < sure[i]!);
    if (fall) this.#fall(nowMs);
    if (!rise || exceeds) this.#fitsSince = undefined;
    else this.#fitsSince ??= nowMs;
    const rises = this.#fitsSince !== undefined && nowMs - this.#fitsSince >= this.#patienceMs;
    if (rises) {
      this.#fitsSince = undefined;
      this.#roseAt = nowMs;
    }
    videos.forEach((video, i) => {
      const level = now[i]!;
      const next = rises ? Math.max(level, sure[i]!) : fall ? Math.min(level, most[i]!) : level;
      // The largest is no limit: a larger one may come.
      const last = next === choices[i]!.length - 1;
      if (next === level && !last) return;
      const { rid = "r2", isThin } = choices[i]![next]!;
      video.limit(last ? "r2" : rid, urgent && next < level);
      video.thin(isThin);
    });
  }

  #fall(nowMs: number): void {
    const lasted = nowMs - this.#roseAt >= LASTING_MS;
    this.#patienceMs = lasted ? PATIENCE_MS : Math.min(this.#patienceMs * 2, LONGEST_PATIENCE_MS);
  }

  /** Tells the transport what all of it would need, as long as there is something to choose. */
  #want(bitRate: number, choosable: boolean): void {
    const wanted = choosable ? bitRate / TO_RISE : 0;
    if (Math.abs(wanted - this.#wanted) <= this.#wanted * CHANGE) return;
    this.#wanted = wanted;
    this.#transport.want(wanted);
  }
}

/** The largest of these layers that the limits of a subscription allow. */
function levelOf(layers: readonly LayerRate[], { ceiling, isThin }: Adjustable): number {
  let level = 0;
  layers.forEach((layer, i) => {
    const allowed = layer.rid === undefined || !isHigher(layer.rid, ceiling);
    if (allowed && (layer.isThin || !isThin)) level = i;
  });
  return level;
}
