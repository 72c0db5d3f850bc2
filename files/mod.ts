/**
 * Media files without dependencies: WAVE for audio, YUV4MPEG2 for video.
 *
 * @module
 */

export { decodeWav, encodeWav, type WavAudio, wavHeader, wavSamples } from "./wav.ts";
export { readY4m, y4mFrame, type Y4mHeader, y4mHeader, type Y4mVideo } from "./y4m.ts";
