/**
 * An iteration over the tracks that a connection receives.
 *
 * @module
 */

import { SoraTrackState } from "../enums.ts";
import type { SoraMediaTrack } from "./media_track.ts";
import { done, Pull } from "../streams/pull.ts";

/** The readers of a connection's tracks. Each has a queue that is no longer than there are tracks. */
export class TrackFeed {
  readonly #live = new Set<SoraMediaTrack>();
  readonly #readers = new Set<Reader>();

  /** A track is received. */
  add(track: SoraMediaTrack): void {
    // Those of a connection that was lost have ended without being removed.
    for (const known of this.#live) if (ended(known)) this.remove(known);
    this.#live.add(track);
    for (const reader of this.#readers) reader.add(track);
  }

  /** A track is no longer received; readers that have not seen it need not see it. */
  remove(track: SoraMediaTrack): void {
    this.#live.delete(track);
    for (const reader of this.#readers) reader.remove(track);
  }

  /** The connection has ended. */
  end(): void {
    this.#live.clear();
    for (const reader of this.#readers) reader.end();
  }

  /**
   * The tracks that are received now, then those that are added, until the connection ends. Not a generator, whose `return()`
   * would wait for the `next()` that it is to end.
   */
  iterate(): AsyncIterableIterator<SoraMediaTrack, undefined> {
    let begun: undefined | {
      readonly reader: Reader;
      readonly tracks: AsyncIterator<SoraMediaTrack, undefined>;
    };
    let left = false;
    const leave = () => {
      left = true;
      if (begun !== undefined) this.#readers.delete(begun.reader);
    };
    return {
      next: async () => {
        if (left) return done;
        if (begun === undefined) {
          const reader = new Reader(this.#live);
          this.#readers.add(reader);
          begun = { reader, tracks: reader.tracks[Symbol.asyncIterator]() };
        }
        const result = await begun.tracks.next();
        if (result.done === true) leave();
        return result;
      },
      return: async () => {
        leave();
        await begun?.tracks.return?.();
        return done;
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }
}

function ended(track: SoraMediaTrack): boolean {
  return track.state === SoraTrackState.ENDED;
}

class Reader {
  readonly tracks: Pull<SoraMediaTrack>;
  readonly #waiting: Set<SoraMediaTrack>;
  #ended = false;

  constructor(live: Iterable<SoraMediaTrack>) {
    this.#waiting = new Set(live);
    this.tracks = new Pull({
      closed: () => this.#ended,
      pump: () => this.#pump(),
      cancel: () => this.end(),
    });
  }

  add(track: SoraMediaTrack): void {
    this.#waiting.add(track);
    this.#pump();
  }

  remove(track: SoraMediaTrack): void {
    this.#waiting.delete(track);
  }

  end(): void {
    this.#ended = true;
    this.tracks.finish();
  }

  #pump(): void {
    for (const track of this.#waiting) {
      if (!this.tracks.wanted) return;
      this.#waiting.delete(track);
      if (!ended(track)) this.tracks.give(track);
    }
  }
}
