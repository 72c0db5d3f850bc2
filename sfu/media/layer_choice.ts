/** The layer of a track that a receiver is to get. */
import { isHigher, type RequestRid, type Rid } from "../sdp/rids.ts";
import type { Layer } from "./layer.ts";
import type { LayerRate } from "./layer_control.ts";
import type { PublishedTrack } from "./published_track.ts";

/**
 * The best layer that is alive, and no larger than both the requested one and the ceiling; without
 * any the next larger one. Undefined when none is wanted or none is alive.
 */
export function chooseLayer(
  { layers, hasBegun }: PublishedTrack,
  requested: RequestRid,
  ceiling: Rid,
): Layer | undefined {
  if (requested === "none") return undefined;
  // A layer alone is forwarded even while nothing comes.
  if (layers.length === 1) return layers[0];
  const limit = isHigher(requested, ceiling) ? ceiling : requested;
  let larger: Layer | undefined;
  for (const layer of layers) {
    if (!layer.isAlive) continue;
    if (layer.rid === undefined || !isHigher(layer.rid, limit)) return layer;
    larger = layer;
  }
  // At first a smaller one may be about to come.
  return hasBegun ? larger : undefined;
}

/** What could be forwarded of the layers that are alive and no larger than the requested one, the smallest first. */
export function layerRates(
  { layers }: PublishedTrack,
  requested: RequestRid,
  nowMs: number,
): LayerRate[] {
  if (requested === "none") return [];
  const isAllowed = ({ rid, isAlive }: Layer) =>
    rid === undefined || (isAlive && !isHigher(rid, requested));
  return layers.filter(isAllowed).reverse().flatMap((layer) => {
    const { rid } = layer;
    const whole = { rid, bitRate: layer.bitRate(nowMs), isThin: false };
    const base = layer.baseBitRate(nowMs);
    return base === undefined ? [whole] : [{ rid, bitRate: base, isThin: true }, whole];
  });
}
