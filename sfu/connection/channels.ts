/** The channels of a server, each for as long as it has members. */
import type { ServerConfig } from "../options/options.ts";
import { Refusal } from "../signaling/refusal.ts";
import { Channel } from "./channel.ts";
import { type ListeningClock, patienceMs, placeFor } from "./pending_places.ts";

export class Channels {
  readonly #config: ServerConfig;
  readonly #clock: ListeningClock;
  readonly #byId = new Map<string, Channel>();

  constructor(config: ServerConfig, clock: ListeningClock) {
    this.#config = config;
    this.#clock = clock;
  }

  /** How many channels there are. */
  get size(): number {
    return this.#byId.size;
  }

  /** A channel that has members. */
  get(id: string): Channel | undefined {
    return this.#byId.get(id);
  }

  /** All channels. */
  all(): Iterable<Channel> {
    return this.#byId.values();
  }

  /**
   * A channel that has a place for a newcomer, who joins at once.
   *
   * @param remote whose places the newcomer takes
   * @throws Refusal when it is full.
   */
  toJoin(id: string, remote: string): Channel {
    let channel = this.#byId.get(id);
    if (channel === undefined) {
      channel = new Channel(id, this.#config.defaultSpotlightNumber);
      this.#byId.set(id, channel);
    }
    const places = this.#config.maxChannelConnections;
    if (channel.size < places) return channel;
    const { members } = channel;
    const pending = members.filter(({ created }) => !created).map(({ connection }) => connection);
    const place = placeFor(remote, pending, {
      places: places - (members.length - pending.length),
      placesPerAddress: Infinity,
      patienceMs: patienceMs(this.#config),
      listenedUntil: this.#clock.listenedUntil,
    }, performance.now());
    if (typeof place === "boolean") {
      throw new Refusal("TOO-MANY-CONNECTIONS", "the channel is full");
    }
    place.giveWay();
    // With its last member the channel has gone.
    return this.toJoin(id, remote);
  }

  /** Does what is due; called every 100 ms. */
  tick(nowMs: number): void {
    for (const channel of this.#byId.values()) channel.tick(nowMs);
  }

  /** Forgets a channel if it has no member any more. */
  release(channel: Channel): void {
    if (channel.size === 0 && this.#byId.get(channel.id) === channel) this.#byId.delete(channel.id);
  }
}
