/**
 * The media of a connection: what it sends, over the peer connection that is present, and what it receives.
 *
 * @module
 */

import { checkOneOf, wrongType } from "../base/checks.ts";
import type { SoraError } from "../base/errors.ts";
import { callHandler, type ErrorHandler, report } from "../base/handlers.ts";
import { SoraAudioSource } from "./audio/source.ts";
import type { NativeHandle } from "./native/handle.ts";
import type { SoraMediaOptions, SoraReceiveOptions } from "./options.ts";
import type { SoraMediaTrack } from "./track/media_track.ts";
import type { SoraSource } from "./track/source.ts";
import type { Sources } from "./track/sources.ts";
import type { SoraTrackKind } from "./track/track.ts";
import { TrackFeed } from "./track/track_feed.ts";
import {
  attachTransformer,
  checkTransformer,
  detachTransformer,
  type SoraFrameTransformer,
} from "./transform/frame_transformer.ts";
import { SoraVideoSource } from "./video/source.ts";

/** Handlers of received tracks. */
export interface TrackHandlers extends ErrorHandler {
  /** A track is received. */
  onTrack: ((track: SoraMediaTrack) => unknown) | undefined;
  /** A track is no longer received. */
  onRemoveTrack: ((track: SoraMediaTrack) => unknown) | undefined;
}

/** A peer connection whose sources can be replaced. */
export interface SendingPeer {
  /**
   * Sends another source, or nothing more.
   *
   * @throws {SoraError} `INVALID_STATE` when nothing of this kind was sent before.
   */
  replaceSource(kind: SoraTrackKind, source: SoraSource | undefined): Promise<void>;
}

/** Sources, transformers and received tracks of a connection. They outlive its peer connections, of which one is present. */
export class ConnectionMedia {
  /** The received tracks, for those who iterate over them. */
  readonly tracks = new TrackFeed();
  /** How media is sent and received. */
  readonly options: Pick<SoraMediaOptions & SoraReceiveOptions, "degradationPreference" | "sync">;
  readonly #handlers: TrackHandlers;
  readonly #known: Sources;
  readonly #sources: Record<SoraTrackKind, SoraSource | undefined>;
  readonly #transformers: Readonly<Record<SoraTrackKind, SoraFrameTransformer | undefined>>;
  #peer: SendingPeer | undefined;

  /**
   * @param options What is sent, and how.
   * @param known The sources that may be sent.
   * @param handlers Called with received tracks, and with what cannot be received.
   * @throws {TypeError} If a source is closed or of another `Sora`.
   */
  constructor(
    options: SoraMediaOptions & SoraReceiveOptions,
    known: Sources,
    handlers: TrackHandlers,
  ) {
    known.check(options.audioSource, "options.audioSource");
    known.check(options.videoSource, "options.videoSource");
    this.options = options;
    this.#known = known;
    this.#handlers = handlers;
    this.#sources = { audio: options.audioSource, video: options.videoSource };
    this.#transformers = {
      audio: options.audioFrameTransformer,
      video: options.videoFrameTransformer,
    };
  }

  /** What is sent. */
  source(kind: SoraTrackKind): SoraSource | undefined {
    return this.#sources[kind];
  }

  /** As `SoraConnection.replaceTrack`. */
  async replace(kind: SoraTrackKind, source: SoraSource | null): Promise<void> {
    checkOneOf(kind, "kind", ["audio", "video"]);
    const type = kind === "audio" ? SoraAudioSource : SoraVideoSource;
    if (source !== null && !(source instanceof type)) {
      throw wrongType("source", `a ${type.name} or null`, source);
    }
    const next = source ?? undefined;
    this.#known.check(next, "source");
    await this.#peer?.replaceSource(kind, next);
    this.#sources[kind] = next;
  }

  /**
   * Checks that it can be sent, before anything is.
   *
   * @throws {SoraError} `INVALID_STATE`, `CLOSED`: a transformer serves another sender or track, or is closed.
   */
  check(): void {
    for (const transformer of Object.values(this.#transformers)) {
      transformer?.[checkTransformer](this);
    }
  }

  /** Makes the native transformer of what is sent, if there is to be one. */
  attachTransformer(kind: SoraTrackKind, factory: NativeHandle): NativeHandle | undefined {
    return this.#transformers[kind]?.[attachTransformer](factory, this);
  }

  /** A peer connection takes over. */
  begin(peer: SendingPeer): void {
    this.#peer = peer;
  }

  /** A peer connection has ended; nothing changes when another one has taken over. */
  end(peer: SendingPeer): void {
    if (this.#peer !== peer) return;
    this.#peer = undefined;
    for (const transformer of Object.values(this.#transformers)) {
      transformer?.[detachTransformer](this);
    }
  }

  /** A track is received. */
  addTrack(track: SoraMediaTrack): void {
    callHandler(this.#handlers, this.#handlers.onTrack, track);
    this.tracks.add(track);
  }

  /** A track is no longer received. */
  removeTrack(track: SoraMediaTrack): void {
    this.tracks.remove(track);
    callHandler(this.#handlers, this.#handlers.onRemoveTrack, track);
  }

  /** Something cannot be received. */
  report(error: SoraError): void {
    report(this.#handlers, error);
  }
}
