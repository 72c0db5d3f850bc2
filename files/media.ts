/**
 * Frames of video and blocks of audio, and their forms.
 *
 * @module
 */

/** The form of video: I420, rows without gaps. */
export interface MediaVideo {
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
  /** Frames per second at the most: some may be left out. */
  readonly frameRate: number;
}

/** The form of audio: 16-bit samples, interleaved. */
export interface MediaAudio {
  /** Sample rate in Hz. */
  readonly sampleRate: number;
  /** Number of channels. */
  readonly channels: number;
}

/** A frame of video. */
export interface MediaVideoFrame {
  /** Discriminant. */
  readonly kind: "video";
  /** I420, rows without gaps. It is overwritten once the next item is asked for: copy it to keep it. */
  readonly data: Uint8Array<ArrayBuffer>;
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
  /** When it is to be shown, counted from the beginning of what is read, in milliseconds. */
  readonly timestampMs: number;
}

/** A block of audio: 10 ms, the last one perhaps less. */
export interface MediaAudioBlock {
  /** Discriminant. */
  readonly kind: "audio";
  /** Interleaved samples. They are overwritten once the next item is asked for: copy them to keep them. */
  readonly samples: Int16Array<ArrayBuffer>;
  /** Sample rate in Hz. */
  readonly sampleRate: number;
  /** Number of channels. */
  readonly channels: number;
  /** When it is to be heard, counted from the beginning of what is read, in milliseconds. */
  readonly timestampMs: number;
}

/** A frame of video or a block of audio. The object is used again as well, once the next item is asked for. */
export type MediaItem = MediaVideoFrame | MediaAudioBlock;
