/**
 * What a member in the browser sends: numbered frames from a canvas, and tones.
 *
 * @module
 */

import { drawFrame, type FrameStyle } from "../../support/frame.ts";

const FPS = 30;
/** The numbers of frames begin again after so many. */
const NUMBERS = 4_096;
const AMPLITUDE = 0.3;

/** Something that can be ended. */
export interface Sending {
  readonly track: MediaStreamTrack;
  stop(): void;
}

/** A track of frames with consecutive numbers, drawn at 30 fps. */
export function sendFrames(style: FrameStyle): Sending {
  const { width, height } = style;
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  document.body.append(canvas);
  const context = canvas.getContext("2d")!;
  const pixels = new Uint8Array(width * height * 3);
  const image = context.createImageData(width, height);
  let number = 0;
  const draw = () => {
    drawFrame(style, number, pixels);
    number = (number + 1) % NUMBERS;
    for (let from = 0, to = 0; from < pixels.length; from += 3, to += 4) {
      image.data[to] = pixels[from + 2]!;
      image.data[to + 1] = pixels[from + 1]!;
      image.data[to + 2] = pixels[from]!;
      image.data[to + 3] = 255;
    }
    context.putImageData(image, 0, 0);
  };
  draw();
  const [track] = canvas.captureStream(FPS).getVideoTracks();
  const timer = setInterval(draw, 1_000 / FPS);
  return {
    track: track!,
    stop: () => {
      clearInterval(timer);
      track!.stop();
      canvas.remove();
    },
  };
}

/** A track with a tone in each channel, in Hz. */
export function sendTones(context: AudioContext, tones: readonly number[]): Sending {
  const destination = new MediaStreamAudioDestinationNode(context, { channelCount: tones.length });
  const merger = new ChannelMergerNode(context, { numberOfInputs: tones.length });
  merger.connect(destination);
  const oscillators = tones.map((frequency, channel) => {
    const oscillator = new OscillatorNode(context, { frequency });
    oscillator.connect(new GainNode(context, { gain: AMPLITUDE })).connect(merger, 0, channel);
    oscillator.start();
    return oscillator;
  });
  const [track] = destination.stream.getAudioTracks();
  return {
    track: track!,
    stop: () => {
      for (const oscillator of oscillators) oscillator.stop();
      merger.disconnect();
      track!.stop();
    },
  };
}
