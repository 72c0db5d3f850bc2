/**
 * Places for pending connections, which are not established yet: each address has a share, and when
 * places are short, silent clients lose theirs.
 */

/** A connection that is not established yet. */
export interface PendingConnection {
  /** The client's address, as an {@linkcode addressKey}. */
  readonly remote: string;
  /** `performance.now()` when its client was last heard. */
  readonly heardAt: number;
}

/** A pending connection that can be ended. */
export interface PlaceHolder extends PendingConnection {
  /** Ends the connection, so that another gets its place. */
  giveWay(): void;
}

/** Share of `connectTimeoutMs` that a client may be silent while others wait for its place. */
const SHORT_PATIENCE = 1 / 5;

/** How long a client may be silent while others wait for its place. */
export function patienceMs({ connectTimeoutMs }: { readonly connectTimeoutMs: number }): number {
  return connectTimeoutMs * SHORT_PATIENCE;
}

/** Limits of pending connections, and how long one may be silent while places are short. */
export interface PendingLimits {
  readonly places: number;
  readonly placesPerAddress: number;
  readonly patienceMs: number;
}

/**
 * What counts as one address: an IPv4 address, also one mapped into IPv6, and a /64 network of
 * IPv6, of which one host may have every address (RFC 6177).
 */
export function addressKey(address: string | undefined): string {
  if (address === undefined) return "";
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped !== null) return mapped[1]!;
  if (!address.includes(":")) return address;
  const [head = "", tail] = address.toLowerCase().replace(/%.*$/, "").split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const words = [...left, ...Array<string>(zeros).fill("0"), ...right];
  return `${words.slice(0, 4).map((word) => word.replace(/^0+(?=.)/, "")).join(":")}::/64`;
}

/**
 * Whether a newcomer gets a place: `true`, `false`, or the connection whose place it gets, which
 * has been silent for the longest.
 */
export function placeFor<P extends PendingConnection>(
  remote: string,
  pending: readonly P[],
  limits: PendingLimits,
  nowMs: number,
): boolean | P {
  const own = pending.filter((connection) => connection.remote === remote);
  if (own.length >= limits.placesPerAddress) return silentest(own, limits, nowMs) ?? false;
  if (pending.length < limits.places) return true;
  if (pending.length === 0) return false;
  return silentest(fullest(pending), limits, nowMs) ?? silentest(pending, limits, nowMs) ?? false;
}

/** The connections of the address that has most. */
function fullest<P extends PendingConnection>(pending: readonly P[]): readonly P[] {
  const groups = Map.groupBy(pending, ({ remote }) => remote);
  return [...groups.values()].reduce((a, b) => b.length > a.length ? b : a);
}

function silentest<P extends PendingConnection>(
  pending: readonly P[],
  { patienceMs }: PendingLimits,
  nowMs: number,
): P | undefined {
  const first = pending.reduce((a, b) => b.heardAt < a.heardAt ? b : a);
  return nowMs - first.heardAt >= patienceMs ? first : undefined;
}
