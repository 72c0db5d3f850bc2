/**
 * Received tracks.
 *
 * @module
 */

import { quoted } from "../../base/text.ts";
import { SoraError } from "../../base/errors.ts";
import { wrongType } from "../../base/checks.ts";
import {
  attachTransformer,
  detachTransformer,
  SoraFrameTransformer,
} from "../transform/frame_transformer.ts";
import {
  SoraAudioFrameTransformer,
  SoraVideoFrameTransformer,
} from "../transform/media_transformers.ts";
import { native, type NativeHandle } from "../native/handle.ts";
import { SoraTrackInterface, type SoraTrackKind } from "./track.ts";

/** Why a received video track cannot be decoded here. */
export interface SoraUndecodable {
  /** The codecs of the offer with their SDP format parameters, as in `H264 (packetization-mode=1;profile-level-id=42e01f)`. */
  readonly codecs: readonly string[];
  /** The reason as a sentence, which also names what would decode it. */
  readonly message: string;
}

/** The native library's description of a received track. */
export interface RemoteTrackDescription {
  /** What it carries. */
  readonly kind: SoraTrackKind;
  /** Its identifier. */
  readonly id: string;
  /** The stream it belongs to. */
  readonly streamId: string;
  /** Why it cannot be decoded, if it cannot. */
  readonly undecodable?: {
    readonly codecs: readonly { readonly name: string; readonly parameters: string }[];
    readonly advice: string;
  };
}

/** Why a track cannot be decoded, for users. */
export function undecodableOf(
  { kind, streamId, undecodable }: RemoteTrackDescription,
): SoraUndecodable | undefined {
  if (undecodable === undefined) return undefined;
  const codecs = undecodable.codecs
    .map(({ name, parameters }) => quoted(parameters === "" ? name : `${name} (${parameters})`));
  const message =
    `The ${kind} track of ${quoted(streamId)} cannot be decoded here, because it is sent as ` +
    `${quoted(codecs.join(" or "))}: ${undecodable.advice}`;
  return { codecs, message };
}

/** A sink or a transformer that is attached to a track. */
export interface TrackDependent {
  /** The track ended; what is buffered can still be read. */
  trackEnded(): void;
  /** The track's connection is gone, and with it what was buffered. */
  trackGone(): void;
}

interface AttachedTransformer {
  readonly transformer: SoraFrameTransformer;
  readonly dependent: TrackDependent;
}

const dependents: unique symbol = Symbol("dependents");

/**
 * A track that is received from another member of the channel. `SoraVideoSink` and `SoraAudioSink` receive its media.
 *
 * @example
 * ```ts
 * import { Sora, SoraVideoSink } from "sora-ffi";
 * import { SoraServer } from "sora-ffi/sfu";
 *
 * await using server = await SoraServer.start({ port: 0 });
 * await using sora = new Sora();
 * const room = { signalingUrls: [server.url], channelId: "room", audio: false };
 * const source = sora.createVideoSource();
 * await using sender = sora.createConnection({ ...room, role: "sendonly", videoSource: source });
 * await using receiver = sora.createConnection({ ...room, role: "recvonly" });
 * await Promise.all([sender.connect(), receiver.connect()]);
 * const grey = new Uint8Array(640 * 360 * 3).fill(128); // BGR
 * const camera = setInterval(() => source.onCaptured(grey, { width: 640, height: 360 }), 33);
 *
 * for await (const track of receiver.tracks()) {
 *   console.log(track.kind, track.state); // video LIVE
 *   console.log(track.streamId === sender.connectionId); // true
 *   if (track.undecodable !== undefined) console.error(track.undecodable.message);
 *   using _sink = new SoraVideoSink(track);
 *   break;
 * }
 * clearInterval(camera);
 * ```
 */
export class SoraMediaTrack extends SoraTrackInterface {
  /** The stream that it belongs to: in Sora, the sender's connection id. */
  readonly streamId: string;
  /**
   * Why nothing here decodes it; undefined when something does. Sinks of an undecodable track get no frames, but it is received:
   * a transformer ({@link setFrameTransformer}) gets its encoded frames.
   */
  readonly undecodable: SoraUndecodable | undefined;
  /** @internal */
  readonly [dependents]: Set<TrackDependent> = new Set();
  readonly #factory: NativeHandle;
  #transformer: AttachedTransformer | undefined;

  /** @internal */
  constructor(description: RemoteTrackDescription, handle: NativeHandle, factory: NativeHandle) {
    super(description.kind, description.id, handle);
    this.streamId = description.streamId;
    this.undecodable = undecodableOf(description);
    this.#factory = factory;
  }

  /**
   * Puts a transformer before the decoder, in place of the present one, which is then free for other use.
   *
   * @param transformer A `SoraAudioFrameTransformer` or `SoraVideoFrameTransformer`, as the track's kind, that serves nothing else.
   * @throws {TypeError} If it is of another kind.
   * @throws {SoraError} `CLOSED` when the track has ended or the transformer is closed; `INVALID_STATE` when the transformer
   * serves something else.
   */
  setFrameTransformer(transformer: SoraFrameTransformer): void {
    if (!(transformer instanceof SoraFrameTransformer) || transformer.kind !== this.kind) {
      const wanted = this.kind === "audio" ? SoraAudioFrameTransformer : SoraVideoFrameTransformer;
      throw wrongType("transformer", `a ${wanted.name}`, transformer);
    }
    const handle = this[native];
    if (handle.closed) throw new SoraError("CLOSED", `The ${this.kind} track is closed`);
    const attached = transformer[attachTransformer](this.#factory, this);
    handle.unwrap(
      handle.functions.sora_track_set_transformer(handle.value, attached.value),
    );
    const known = this.#transformer;
    if (known !== undefined) {
      this[dependents].delete(known.dependent);
      if (known.transformer !== transformer) known.transformer[detachTransformer](this);
    }
    const end = () => {
      this[dependents].delete(dependent);
      transformer[detachTransformer](this);
    };
    const dependent: TrackDependent = { trackEnded: end, trackGone: end };
    this[dependents].add(dependent);
    this.#transformer = { transformer, dependent };
  }
}

/** Attaches a dependent to a track; the result detaches it. */
export function attach(track: SoraMediaTrack, dependent: TrackDependent): () => void {
  track[dependents].add(dependent);
  return () => track[dependents].delete(dependent);
}

/** Whether something that was not closed is attached to a track. */
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
  if (value !== 0) handle.functions.sora_track_release(value);
  for (const dependent of [...track[dependents]]) {
    if (gone) dependent.trackGone();
    else dependent.trackEnded();
  }
}
