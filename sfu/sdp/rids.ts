/** The rids of simulcast layers, as Sora names them. */

/** All rids, the one of the smallest layer first. */
export const RIDS = ["r0", "r1", "r2"] as const;

/** The rid of a layer. */
export type Rid = (typeof RIDS)[number];

/** What a receiver may request: a layer, or no video. */
export const REQUEST_RIDS = ["none", ...RIDS] as const;

/** The rid of a requested layer, or `none`. */
export type RequestRid = (typeof REQUEST_RIDS)[number];

/** Whether `a` is of a larger layer than `b`. */
export function isHigher(a: RequestRid, b: RequestRid): boolean {
  return REQUEST_RIDS.indexOf(a) > REQUEST_RIDS.indexOf(b);
}

/** One layer of an own section: whether its sender is to begin with it (RFC 8853, 5.1). */
export interface OfferedRid {
  readonly rid: Rid;
  readonly active: boolean;
}
