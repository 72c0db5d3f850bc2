/**
 * Media files: WAVE for audio and YUV4MPEG2 for video without dependencies; everything else, devices too, through ffmpeg.
 *
 * @module
 */

export type {
  MediaAudio,
  MediaAudioBlock,
  MediaItem,
  MediaVideo,
  MediaVideoFrame,
} from "./media.ts";
export { MediaReader } from "./media_reader.ts";
export {
  type MediaInput,
  type ReadAudioOptions,
  readMedia,
  type ReadMediaOptions,
  type ReadVideoOptions,
} from "./read_media.ts";

export { MediaWriter } from "./media_writer.ts";
export { encodePng } from "./png.ts";
export { type MediaPipe, writeMedia, type WriteMediaOptions } from "./write_media.ts";
export { decodeWav, encodeWav, type WavAudio, wavHeader, wavSamples } from "./wav.ts";
export { readY4m, y4mFrame, type Y4mHeader, y4mHeader, type Y4mVideo } from "./y4m.ts";
