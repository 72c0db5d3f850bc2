/**
 * Cameras and microphones through ffmpeg.
 *
 * @module
 */

import process from "node:process";
import {
  checkInstance,
  checkInteger,
  checkNonEmptyString,
  checkNumber,
  checkObject,
  optional,
} from "../base/checks.ts";
import { SoraError } from "../base/errors.ts";
import { type MediaReader, readMedia } from "../files/mod.ts";
import { type CaptureDevice, listCameras, listMicrophones } from "./capture_devices.ts";
import { cameraInput, microphoneInput } from "./ffmpeg/inputs.ts";

/** Options of {@link openCamera}. */
export interface CameraOptions {
  /**
   * The camera: `v4l2:/dev/video0` or `/dev/video0` on Linux, `avfoundation:0` on macOS, `dshow:video=NAME` on Windows, as
   * {@link listCameras} names them, or a picture that ffmpeg makes: `lavfi:testsrc2`. Default: the first.
   */
  readonly device?: string | undefined;
  /** Width in pixels, 2 to 8,192; what the camera lacks is scaled. Default: 640. */
  readonly width?: number | undefined;
  /** Height in pixels, 2 to 8,192. Default: 480. */
  readonly height?: number | undefined;
  /** Frames per second, 1 to 240; those that the camera lacks are repeated. Default: 30. */
  readonly frameRate?: number | undefined;
  /** ffmpeg's name in `PATH`, or its path. Default: `ffmpeg`. */
  readonly ffmpeg?: string | undefined;
  /** Ends the wait for a device that gives nothing yet. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of {@link openMicrophone}. */
export interface MicrophoneOptions {
  /**
   * The microphone: `pulse:NAME` or `alsa:NAME` on Linux, `avfoundation::0` on macOS, `dshow:audio=NAME` on Windows, as
   * {@link listMicrophones} names them, or a tone that ffmpeg makes: `lavfi:sine`. Default: the system's.
   */
  readonly device?: string | undefined;
  /** Sample rate in Hz, 8,000 to 192,000. Default: 48,000. */
  readonly sampleRate?: number | undefined;
  /** Channels, 1 or 2. Default: 1. */
  readonly channels?: number | undefined;
  /** ffmpeg's name in `PATH`, or its path. Default: `ffmpeg`. */
  readonly ffmpeg?: string | undefined;
  /** Ends the wait for a device that gives nothing yet. */
  readonly signal?: AbortSignal | undefined;
}

const text = (value: unknown, path: string) => checkNonEmptyString(value, path);
const abortSignal = (value: unknown, path: string) => checkInstance(value, path, AbortSignal);
const side = (value: unknown, path: string) => checkInteger(value, path, 2, 8_192);

function first(devices: readonly CaptureDevice[], what: string): string {
  const device = devices.find(({ isDefault }) => isDefault) ?? devices[0];
  if (device !== undefined) return device.device;
  throw new SoraError("DEVICE_FAILED", `There is no ${what}: connect one, or name a device`);
}

/**
 * Opens a camera: frames in I420, as they come. A frame that is not taken in time is lost, or delays the next, as the system does it.
 *
 * @throws {TypeError} An option is wrong.
 * @throws {RangeError} A number is outside its limits.
 * @throws {SoraError} `DEVICE_FAILED`: there is no camera; `FFMPEG_NOT_FOUND`; `FFMPEG_FAILED`: it cannot open the camera.
 *
 * @example
 * ```ts
 * import { openCamera } from "sora-ffi/devices";
 *
 * await using camera = await openCamera({ device: "lavfi:testsrc2", width: 320, height: 240 });
 * for await (const item of camera) {
 *   if (item.kind !== "video") continue;
 *   console.log(`${item.width}x${item.height}, ${item.data.length} bytes`); // 320x240, 115200 bytes
 *   break;
 * }
 * ```
 */
export async function openCamera(options: CameraOptions = {}): Promise<MediaReader> {
  const known = ["device", "width", "height", "frameRate", "ffmpeg", "signal"];
  const from = checkObject(options, "options", known);
  const { device } = optional(from, "device", "options", text);
  const { ffmpeg } = optional(from, "ffmpeg", "options", text);
  const { signal } = optional(from, "signal", "options", abortSignal);
  const video = {
    width: side(from.width ?? 640, "options.width"),
    height: side(from.height ?? 480, "options.height"),
    frameRate: checkNumber(from.frameRate ?? 30, "options.frameRate", 1, 240),
  };
  const camera = device ?? first(await listCameras({ ffmpeg }), "camera");
  const input = cameraInput(camera, video, "options.device");
  return await readMedia(input, { video, audio: false, ffmpeg, signal });
}

/**
 * Opens a microphone: blocks of 10 ms of 16-bit samples, as they come. For the lowest latency, and for playing, there is
 * {@link openAudioInput}.
 *
 * @throws {TypeError} An option is wrong.
 * @throws {RangeError} A number is outside its limits.
 * @throws {SoraError} `DEVICE_FAILED`: there is no microphone; `FFMPEG_NOT_FOUND`; `FFMPEG_FAILED`: it cannot open the microphone.
 *
 * @example
 * ```ts
 * import { openMicrophone } from "sora-ffi/devices";
 *
 * await using microphone = await openMicrophone({ device: "lavfi:sine", sampleRate: 16_000 });
 * for await (const item of microphone) {
 *   if (item.kind !== "audio") continue;
 *   console.log(item.samples.length, item.sampleRate); // 160 16000
 *   break;
 * }
 * ```
 */
export async function openMicrophone(options: MicrophoneOptions = {}): Promise<MediaReader> {
  const from = checkObject(options, "options", [
    "device",
    "sampleRate",
    "channels",
    "ffmpeg",
    "signal",
  ]);
  const { device } = optional(from, "device", "options", text);
  const { ffmpeg } = optional(from, "ffmpeg", "options", text);
  const { signal } = optional(from, "signal", "options", abortSignal);
  const audio = {
    sampleRate: checkInteger(from.sampleRate ?? 48_000, "options.sampleRate", 8_000, 192_000),
    channels: checkInteger(from.channels ?? 1, "options.channels", 1, 2),
  };
  const microphone = device ??
    (process.platform === "linux"
      ? "pulse:default"
      : first(await listMicrophones({ ffmpeg }), "microphone"));
  const input = microphoneInput(microphone, audio, "options.device");
  return await readMedia(input, { audio, video: false, ffmpeg, signal });
}
