/**
 * What a member in the browser receives from another: the numbers in the pixels and the tones.
 *
 * @module
 */

import { colourAt, quarterColour, readNumber } from "../../support/frame.ts";
import type { Reception, SeenFrame } from "./api.ts";

/** Frames that are kept. */
const KEPT = 300;
/** Decibels below full scale at which a channel counts as silent. */
const SILENCE_DB = -60;
const FFT_SIZE = 16_384;

/** Reads the tracks of one other member. */
export class Receiving {
  readonly #context: AudioContext;
  readonly #seen: SeenFrame[] = [];
  readonly #elements = new Map<MediaStreamTrack, HTMLVideoElement>();
  #analysers: AnalyserNode[] = [];
  #source: MediaStreamAudioSourceNode | undefined;
  #frames = 0;

  constructor(context: AudioContext) {
    this.#context = context;
  }

  /** Whether there are tracks. */
  get active(): boolean {
    return this.#elements.size > 0;
  }

  /** Begins to read a track. */
  add(track: MediaStreamTrack): void {
    const stream = new MediaStream([track]);
    const element = document.createElement("video");
    Object.assign(element, { muted: true, autoplay: true, playsInline: true, srcObject: stream });
    document.body.append(element);
    this.#elements.set(track, element);
    element.play().catch(() => {});
    if (track.kind === "video") this.#watch(element);
    else this.#listen(stream);
  }

  /** Ends reading a track, or all. */
  remove(track?: MediaStreamTrack): void {
    for (const [one, element] of this.#elements) {
      if (track !== undefined && one !== track) continue;
      this.#elements.delete(one);
      element.srcObject = null;
      element.remove();
      if (one.kind === "audio") this.#source?.disconnect();
    }
  }

  /** What has been received. */
  get reception(): Reception {
    const tones = this.#analysers.map((analyser) => this.#strongest(analyser));
    return { frames: this.#frames, last: this.#seen, tones };
  }

  #watch(element: HTMLVideoElement): void {
    const canvas = document.createElement("canvas");
    const context = canvas.getContext("2d", { willReadFrequently: true })!;
    const read = () => {
      if (element.srcObject === null) return;
      element.requestVideoFrameCallback(read);
      const { videoWidth: width, videoHeight: height } = element;
      if (canvas.width !== width || canvas.height !== height) {
        Object.assign(canvas, { width, height });
      }
      context.drawImage(element, 0, 0);
      const { data } = context.getImageData(0, 0, width, height);
      const pixels = new Uint8Array(width * height * 3);
      for (let from = 0, to = 0; to < pixels.length; from += 4, to += 3) {
        pixels[to] = data[from + 2]!;
        pixels[to + 1] = data[from + 1]!;
        pixels[to + 2] = data[from]!;
      }
      this.#frames++;
      const number = readNumber({ width, height, turn: 0 }, pixels);
      this.#seen.push({ number, turn: turnOf(pixels, width, height), width, height });
      if (this.#seen.length > KEPT) this.#seen.shift();
    };
    element.requestVideoFrameCallback(read);
  }

  #listen(stream: MediaStream): void {
    this.#source = new MediaStreamAudioSourceNode(this.#context, { mediaStream: stream });
    const splitter = new ChannelSplitterNode(this.#context, { numberOfOutputs: 2 });
    this.#source.connect(splitter);
    this.#analysers = [0, 1].map((channel) => {
      const analyser = new AnalyserNode(this.#context, {
        fftSize: FFT_SIZE,
        smoothingTimeConstant: 0,
      });
      splitter.connect(analyser, channel);
      return analyser;
    });
  }

  #strongest(analyser: AnalyserNode): number {
    const levels = new Float32Array(analyser.frequencyBinCount);
    analyser.getFloatFrequencyData(levels);
    let best = 0;
    for (let bin = 0; bin < levels.length; bin++) if (levels[bin]! > levels[best]!) best = bin;
    return levels[best]! < SILENCE_DB ? 0 : best * this.#context.sampleRate / FFT_SIZE;
  }
}

/** Whose colour the frame's first quarter has. */
function turnOf(pixels: Uint8Array, width: number, height: number): number {
  const colour = colourAt(pixels, width, Math.floor(width / 8), Math.floor(height / 8));
  const distances = [0, 1, 2, 3].map((turn) =>
    quarterColour({ width, height, turn }, 0)
      .reduce((sum, value, i) => sum + Math.abs(value - colour[i]!), 0)
  );
  return distances.indexOf(Math.min(...distances));
}
