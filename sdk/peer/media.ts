/**
 * What a peer connection sends, and whom it tells of what it receives.
 *
 * @module
 */

import type { SoraError } from "../../base/errors.ts";
import type { SoraAudioSource } from "../audio/source.ts";
import type { SoraDegradationPreference } from "../enums.ts";
import type {
  SoraAudioFrameTransformer,
  SoraVideoFrameTransformer,
} from "../transform/frame_transformer.ts";
import type { SoraMediaTrack } from "../track/media_track.ts";
import type { SoraTrackKind } from "../track/track.ts";
import type { SoraVideoSource } from "../video/source.ts";

/** What a peer sends, and whom it tells of what it receives. */
export interface PeerMedia {
  /** Audio to send. */
  audioSource?: SoraAudioSource | undefined;
  /** Video to send. */
  videoSource?: SoraVideoSource | undefined;
  /** Gets the audio that is sent, encoded. */
  readonly audioFrameTransformer?: SoraAudioFrameTransformer | undefined;
  /** Gets the video that is sent, encoded. */
  readonly videoFrameTransformer?: SoraVideoFrameTransformer | undefined;
  /** The present peer connection. */
  peer?: SendingPeer | undefined;
  /** What is given up when video cannot keep up. */
  readonly degradationPreference?: SoraDegradationPreference | undefined;
  /** Whether received video and its audio are played in time with each other. */
  readonly sync?: boolean | undefined;
  /** A track is received. */
  onTrack(track: SoraMediaTrack): void;
  /** A track is not received any more. */
  onRemoveTrack(track: SoraMediaTrack): void;
  /** Something cannot be received. */
  onError(error: SoraError): void;
}

/** A peer connection whose sources can be replaced. */
export interface SendingPeer {
  /**
   * Sends another source, or nothing more.
   *
   * @throws {SoraError} `INVALID_STATE` when nothing of this kind was sent before.
   */
  replaceSource(
    kind: SoraTrackKind,
    source: SoraAudioSource | SoraVideoSource | undefined,
  ): Promise<void>;
}
