/**
 * Tracks that are received.
 *
 * @module
 */

import { native, type NativeHandle } from "./native_handle.ts";
import { SoraTrackInterface, type SoraTrackKind } from "./track.ts";

/** What the native library tells of a remote track. */
export interface RemoteTrackDescription {
  /** What it carries. */
  readonly kind: SoraTrackKind;
  /** Its identifier. */
  readonly id: string;
  /** The stream it belongs to. */
  readonly streamId: string;
}

/** Something that hangs on a track. */
export interface TrackDependent {
  /** The track ended; what is buffered can still be read. */
  trackEnded(): void;
  /** The track's connection is gone, and with it what was buffered. */
  trackGone(): void;
}

const dependents: unique symbol = Symbol("dependents");

/**
 * A track that is received from another member of the channel. `SoraVideoSink` and `SoraAudioSink` get at its contents.
 */
export class SoraMediaTrack extends SoraTrackInterface {
  /** The stream that it belongs to: Sora uses the sender's connection id. */
  readonly streamId: string;
  /** @internal */
  readonly [dependents]: Set<TrackDependent> = new Set();

  /** @internal */
  constructor(description: RemoteTrackDescription, handle: NativeHandle) {
    super(description.kind, description.id, handle);
    this.streamId = description.streamId;
  }
}

/** Tells `dependent` of the track's end, until the result is called. */
export function attach(track: SoraMediaTrack, dependent: TrackDependent): () => void {
  track[dependents].add(dependent);
  return () => track[dependents].delete(dependent);
}

/** Whether something hangs on `track` that was not closed. */
export function hasSinks(track: SoraMediaTrack): boolean {
  return track[dependents].size > 0;
}

/**
 * Ends a track.
 *
 * @param gone Whether its connection is gone as well.
 */
export function endTrack(track: SoraMediaTrack, gone: boolean): void {
  const handle = track[native];
  const value = handle.take();
  // A peer that is closed has closed its tracks already, so the result does not matter.
  if (value !== 0) handle.realm.functions.sora_track_release(value);
  for (const dependent of [...track[dependents]]) {
    if (gone) dependent.trackGone();
    else dependent.trackEnded();
  }
}
