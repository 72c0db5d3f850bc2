/**
 * The tracks that a peer receives.
 *
 * @module
 */

import { quoted } from "../../base/text.ts";
import { SoraError } from "../../base/errors.ts";
import type { PeerEvents } from "../../signaling/mod.ts";
import {
  endTrack,
  hasSinks,
  type RemoteTrackDescription,
  SoraMediaTrack,
  undecodableOf,
} from "../track/media_track.ts";
import { NativeHandle } from "../native/handle.ts";
import type { ConnectionMedia } from "../connection_media.ts";

/** Received tracks, from when the server offers them until it removes them or the peer ends. */
export class RemoteTracks {
  readonly #factory: NativeHandle;
  readonly #events: PeerEvents;
  readonly #media: ConnectionMedia;
  readonly #tracks = new Map<number, SoraMediaTrack>();
  /** Removed tracks with sinks, whose buffers can be read until the connection ends. */
  readonly #removed = new Set<SoraMediaTrack>();

  /**
   * @param factory The native factory.
   * @param events Decides whether anything may still be reported.
   * @param media Gets the tracks.
   */
  constructor(factory: NativeHandle, events: PeerEvents, media: ConnectionMedia) {
    this.#factory = factory;
    this.#events = events;
    this.#media = media;
  }

  /** A track is received; its handle is 0 when no handles are left. */
  add(handle: number, description: RemoteTrackDescription): void {
    if (handle === 0) {
      if (this.#events.mayReport()) this.#media.report(notReceived(description));
      return;
    }
    const track = new SoraMediaTrack(
      description,
      new NativeHandle(this.#factory.realm, `The ${description.kind} track`, handle),
      this.#factory,
    );
    this.#tracks.set(handle, track);
    if (this.#events.mayReport()) this.#media.addTrack(track);
    // The handler may have ended the connection.
    if (track.undecodable !== undefined && this.#events.mayReport()) {
      this.#media.report(new SoraError("UNSUPPORTED", track.undecodable.message));
    }
  }

  /** A track is no longer received. */
  remove(handle: number): void {
    const track = this.#tracks.get(handle);
    if (track === undefined) return;
    this.#tracks.delete(handle);
    endTrack(track, false);
    for (const removed of this.#removed) if (!hasSinks(removed)) this.#removed.delete(removed);
    if (hasSinks(track)) this.#removed.add(track);
    if (this.#events.mayReport()) this.#media.removeTrack(track);
  }

  /** All tracks end with their peer. */
  end(): void {
    for (const track of [...this.#tracks.values(), ...this.#removed]) endTrack(track, true);
    this.#tracks.clear();
    this.#removed.clear();
  }
}

function notReceived(description: RemoteTrackDescription): SoraError {
  const { kind, streamId } = description;
  const undecodable = undecodableOf(description);
  if (undecodable !== undefined) return new SoraError("UNSUPPORTED", undecodable.message);
  return new SoraError(
    "LIMIT_EXCEEDED",
    `The ${kind} track of ${quoted(streamId)} cannot be received: too many native objects are open`,
  );
}
