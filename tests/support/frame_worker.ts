/**
 * A Worker that receives frames: of video by their tokens, which it keeps until it is asked to close them, and of audio.
 *
 * @module
 */

import process from "node:process";
import { parentPort } from "node:worker_threads";
import {
  SoraAudioFrame,
  type SoraAudioFrameInit,
  SoraError,
  SoraVideoFrame,
  type SoraVideoFrameDataOptions,
  type SoraVideoFrameToken,
} from "../../mod.ts";

/** The requests to the Worker. */
export type FrameRequest =
  | { readonly token: SoraVideoFrameToken }
  | { readonly audio: SoraAudioFrameInit }
  | { readonly close: number }
  /** To give back a frame of those that it keeps, and to exit. */
  | { readonly giveBack: true };

/** What it answers: one for each request. */
export type FrameAnswer =
  | { readonly error: string }
  | { readonly held: number }
  | { readonly token: SoraVideoFrameToken }
  | { readonly frame: FrameSeen }
  | { readonly audio: AudioSeen };

/** What the Worker sees of a frame. */
export interface FrameSeen {
  readonly size: readonly number[];
  readonly times: readonly (number | undefined)[];
  readonly pixels: Uint8Array;
}

/** What the Worker sees of audio. */
export interface AudioSeen {
  readonly samples: Int16Array;
  readonly format: readonly number[];
  readonly absoluteCaptureTimestampMs: number | undefined;
}

/** What there is to be seen of a frame. */
export function frameSeen(
  frame: SoraVideoFrame,
  options: SoraVideoFrameDataOptions = {},
): FrameSeen {
  const { width, height, rotation, timestampUs, rtpTimestamp, absoluteCaptureTimestampMs } = frame;
  return {
    size: [width, height, rotation],
    times: [timestampUs, rtpTimestamp, absoluteCaptureTimestampMs],
    pixels: frame.data("BGR", options),
  };
}

/** What there is to be seen of audio. */
export function audioSeen(frame: SoraAudioFrame): AudioSeen {
  const { sampleRateHz, numChannels, samplesPerChannel, absoluteCaptureTimestampMs } = frame;
  return {
    samples: frame.data(),
    format: [sampleRateHz, numChannels, samplesPerChannel],
    absoluteCaptureTimestampMs,
  };
}

const held: SoraVideoFrame[] = [];

function answer(request: FrameRequest): FrameAnswer {
  if ("close" in request) {
    for (const frame of held.splice(0, request.close)) frame.close();
    return { held: held.length };
  }
  if ("giveBack" in request) {
    const token = held.shift()?.transfer();
    setTimeout(() => process.exit());
    return token === undefined ? { error: "none" } : { token };
  }
  if ("audio" in request) return { audio: audioSeen(new SoraAudioFrame(request.audio)) };
  try {
    const frame = SoraVideoFrame.from(request.token);
    held.push(frame);
    return { frame: frameSeen(frame, { untilClose: true }) };
  } catch (error) {
    return { error: error instanceof SoraError ? error.code : String(error) };
  }
}

parentPort?.on("message", (request: FrameRequest) => parentPort?.postMessage(answer(request)));
