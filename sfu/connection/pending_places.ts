/**
 * Places for pending connections, which are not established yet: each address has a share, and when
 * places are short, newcomers get those of clients that have not gone on for the longest.
 */

/** A connection that is not established yet. */
export interface PendingConnection {
  /** The client's address, as an {@linkcode addressKey}. */
  readonly remote: string;
  /** What its client is expected to do next. */
  readonly phase: string;
  /** `performance.now()` when its client went on, by a step of the signaling or an authentic packet. */
  readonly heardAt: number;
}

/** A pending connection that can be ended. */
export interface PlaceHolder extends PendingConnection {
  /** Ends the connection, so that another gets its place. */
  giveWay(): void;
}

/** Share of `connectTimeoutMs` that a client may be silent while another waits for its place. */
const SHORT_PATIENCE = 1 / 5;

/** How long a client may be silent while others wait for its place, if it is the only one pending. */
export function patienceMs({ connectTimeoutMs }: { readonly connectTimeoutMs: number }): number {
  return connectTimeoutMs * SHORT_PATIENCE;
}

/** Limits of pending connections, and how long one may be silent while places are short. */
export interface PendingLimits {
  readonly places: number;
  readonly placesPerAddress: number;
  /**
   * For a single pending connection. Several share it: two hundred make a flood, where whoever has
   * been silent for a hundredth of a second gives way, and so each newcomer gets in.
   */
  readonly patienceMs: number;
  /**
   * `performance.now()` up to which clients have been listened to. Whatever a client sent after that
   * may not have been read yet, however silent it seems to a server that is short of time.
   */
  readonly listenedUntil: number;
}

/** When clients were listened to: between two ticks of a timer the event loop has read from them all. */
export class ListeningClock {
  #lastTick = -Infinity;
  /** See {@linkcode PendingLimits.listenedUntil}. */
  listenedUntil = -Infinity;

  /** Called at regular intervals. */
  tick(nowMs: number): void {
    this.listenedUntil = this.#lastTick;
    this.#lastTick = nowMs;
  }
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
 * Whether a newcomer gets a place: `true`, `false`, or the connection whose place it gets.
 */
export function placeFor<P extends PendingConnection>(
  remote: string,
  pending: readonly P[],
  limits: PendingLimits,
  nowMs: number,
): boolean | P {
  const own = pending.filter((connection) => connection.remote === remote);
  if (own.length >= limits.placesPerAddress) return leastWanted(own, limits, nowMs) ?? false;
  if (pending.length < limits.places) return true;
  return leastWanted(pending, limits, nowMs) ?? false;
}

/**
 * The connection that gives way: silence counts as often as there are others of the same address at
 * the same step. So a flood gives way to itself, and clients at another step or from elsewhere are
 * left alone.
 */
function leastWanted<P extends PendingConnection>(
  pending: readonly P[],
  { patienceMs, listenedUntil }: PendingLimits,
  nowMs: number,
): P | undefined {
  const crowd = ({ remote, phase }: P) => `${phase} ${remote}`;
  const crowds = new Map<string, number>();
  for (const one of pending) crowds.set(crowd(one), (crowds.get(crowd(one)) ?? 0) + 1);
  const deadline = Math.min(nowMs - patienceMs / pending.length, listenedUntil);
  let found: P | undefined;
  let most = -Infinity;
  for (const one of pending) {
    const weight = (nowMs - one.heardAt) * crowds.get(crowd(one))!;
    if (one.heardAt > deadline || weight <= most) continue;
    found = one;
    most = weight;
  }
  return found;
}
