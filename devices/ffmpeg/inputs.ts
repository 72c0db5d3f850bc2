/**
 * Cameras and microphones in ffmpeg's words.
 *
 * @module
 */

import { wrongType } from "../../base/checks.ts";
import type { MediaInput } from "../../files/mod.ts";

/** What is asked of a camera. */
export interface CameraForm {
  readonly width: number;
  readonly height: number;
  readonly frameRate: number;
}

/** What is asked of a microphone. */
export interface MicrophoneForm {
  readonly sampleRate: number;
  readonly channels: number;
}

type Input<F> = (name: string, form: F) => MediaInput;

const size = ({ width, height }: CameraForm) => `${width}x${height}`;

const cameraArguments = (form: CameraForm) => [
  ...["-framerate", String(form.frameRate)],
  ...["-video_size", size(form)],
];

/** Raw samples need not be looked into before they are passed on. */
const AT_ONCE = ["-probesize", "32", "-analyzeduration", "0"];

const microphoneArguments = ({ sampleRate, channels }: MicrophoneForm) => [
  ...AT_ONCE,
  ...["-sample_rate", String(sampleRate)],
  ...["-channels", String(channels)],
];

/** Bytes of 10 ms. */
const blockBytes = ({ sampleRate, channels }: MicrophoneForm) => sampleRate * channels * 2 / 100;

/** How each of ffmpeg's inputs opens a camera. */
const CAMERAS: Readonly<Record<string, Input<CameraForm>>> = {
  v4l2: (input, form) => ({ format: "v4l2", input, arguments: cameraArguments(form) }),
  avfoundation: (input, form) => ({
    format: "avfoundation",
    input,
    arguments: cameraArguments(form),
  }),
  dshow: (input, form) => ({
    format: "dshow",
    input,
    arguments: ["-rtbufsize", "64M", ...cameraArguments(form)],
  }),
  // Made-up pictures have no clock of their own.
  lavfi: (name, form) => ({
    format: "lavfi",
    input: /^\w+$/.test(name) ? `${name}=size=${size(form)}:rate=${form.frameRate}` : name,
    arguments: ["-re"],
  }),
};

/** How each of ffmpeg's inputs opens a microphone. */
const MICROPHONES: Readonly<Record<string, Input<MicrophoneForm>>> = {
  pulse: (input, form) => ({
    format: "pulse",
    input,
    arguments: [...microphoneArguments(form), "-fragment_size", String(blockBytes(form))],
  }),
  alsa: (input, form) => ({ format: "alsa", input, arguments: microphoneArguments(form) }),
  avfoundation: (input) => ({ format: "avfoundation", input }),
  dshow: (input, form) => ({
    format: "dshow",
    input,
    arguments: ["-audio_buffer_size", "10", ...microphoneArguments(form)],
  }),
  lavfi: (name, { sampleRate }) => ({
    format: "lavfi",
    input: name === "sine" ? `sine=sample_rate=${sampleRate}` : name,
    arguments: ["-re"],
  }),
};

function inputOf<F>(
  device: string,
  form: F,
  inputs: Readonly<Record<string, Input<F>>>,
  path: string,
): MediaInput {
  const [, format = "", name = ""] = /^([a-z0-9]+):(.+)$/s.exec(device) ?? [];
  const input = Object.hasOwn(inputs, format) ? inputs[format] : undefined;
  if (input !== undefined) return input(name, form);
  const formats = Object.keys(inputs).join(", ");
  throw wrongType(path, `FORMAT:INPUT with a format of ${formats}`, device);
}

/**
 * The input of a camera.
 *
 * @param device `v4l2:/dev/video0`, or `/dev/video0` for short.
 * @throws {TypeError} It is in no such form.
 */
export function cameraInput(device: string, form: CameraForm, path: string): MediaInput {
  return inputOf(device.startsWith("/dev/") ? `v4l2:${device}` : device, form, CAMERAS, path);
}

/**
 * The input of a microphone.
 *
 * @param device `pulse:default`, for instance.
 * @throws {TypeError} It is in no such form.
 */
export function microphoneInput(device: string, form: MicrophoneForm, path: string): MediaInput {
  return inputOf(device, form, MICROPHONES, path);
}
