/**
 * Cameras and microphones that ffmpeg can open.
 *
 * @module
 */

import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { checkNonEmptyString, checkObject, optional } from "../base/checks.ts";
import { SoraError } from "../base/errors.ts";
import {
  type ListedDevice,
  type ListedKinds,
  parseAvFoundation,
  parseDshow,
  parseSources,
} from "./ffmpeg/lists.ts";

/** A camera or a microphone. */
export interface CaptureDevice {
  /** What the option `device` of {@link openCamera} and {@link openMicrophone} takes: `v4l2:/dev/video0`. */
  readonly device: string;
  /** What people call it. */
  readonly name: string;
  /** Whether it is the default. */
  readonly isDefault: boolean;
}

/** Options of {@link listCameras} and {@link listMicrophones}. */
export interface CaptureListOptions {
  /** ffmpeg's name in `PATH`, or its path. Default: `ffmpeg`. */
  readonly ffmpeg?: string | undefined;
}

const LIST_LIMIT_MS = 10_000;
const LIST_MAX_BYTES = 1 << 20;
/** The default of ALSA and its devices, without its filters and converters. */
const ALSA_DEVICE = /^alsa:(?:default$|(?:plug)?hw:)/;
const VIDEO_FOLDER = "/sys/class/video4linux";

/** What ffmpeg prints. It ends with an error after some lists, and where a sound server is not there. */
function printed(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, ["-hide_banner", "-nostdin", ...args], {
      timeout: LIST_LIMIT_MS,
      killSignal: "SIGKILL",
      maxBuffer: LIST_MAX_BYTES,
    }, (error, stdout, stderr) => {
      if (error?.code as unknown !== "ENOENT") return resolve(`${stdout}\n${stderr}`);
      const what = `${program} was not found in PATH: install ffmpeg ("apt-get install ffmpeg" ` +
        `or "brew install ffmpeg", for instance)`;
      reject(new SoraError("FFMPEG_NOT_FOUND", what, { cause: error }));
    });
  });
}

const withFormat = (format: string, devices: readonly ListedDevice[]): readonly CaptureDevice[] =>
  devices.map(({ id, name, isDefault }) => ({ device: `${format}:${id}`, name, isDefault }));

async function listed(program: string, format: string): Promise<ListedKinds> {
  const args = ["-f", format, "-list_devices", "true", "-i", format === "dshow" ? "dummy" : ""];
  return (format === "dshow" ? parseDshow : parseAvFoundation)(await printed(program, args));
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return "";
  }
}

/**
 * The cameras of Linux. Many have a second node, for data about frames.
 *
 * @param folder Where the kernel lists them.
 */
export function videoNodes(folder = VIDEO_FOLDER): readonly CaptureDevice[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names
    .filter((name) => /^video\d+$/.test(name) && /^0?$/.test(readText(`${folder}/${name}/index`)))
    .sort((a, b) => Number(a.slice(5)) - Number(b.slice(5)))
    .map((node, at) => ({
      device: `v4l2:/dev/${node}`,
      name: readText(`${folder}/${node}/name`) || node,
      isDefault: at === 0,
    }));
}

function checkProgram(options: CaptureListOptions): string {
  const from = checkObject(options, "options", ["ffmpeg"]);
  return optional(from, "ffmpeg", "options", (v, p) => checkNonEmptyString(v, p)).ffmpeg ??
    "ffmpeg";
}

/**
 * Lists cameras: those of the kernel on Linux, those that ffmpeg finds on macOS (AVFoundation) and Windows (DirectShow).
 *
 * @throws {TypeError} An option is wrong.
 * @throws {SoraError} `FFMPEG_NOT_FOUND`: there is no ffmpeg, which is not needed on Linux.
 *
 * @example
 * ```ts
 * import { listCameras } from "sora-ffi/devices";
 *
 * const cameras = await listCameras();
 * console.log(cameras.every(({ device }) => device.startsWith("v4l2:/dev/video"))); // true
 * ```
 */
export async function listCameras(
  options: CaptureListOptions = {},
): Promise<readonly CaptureDevice[]> {
  const program = checkProgram(options);
  switch (process.platform) {
    case "darwin":
      return withFormat("avfoundation", (await listed(program, "avfoundation")).cameras);
    case "win32":
      return withFormat("dshow", (await listed(program, "dshow")).cameras);
    default:
      return videoNodes();
  }
}

/**
 * Lists what ffmpeg records audio from: on Linux the sources of PulseAudio or PipeWire, or those of ALSA where neither runs; on macOS
 * those of AVFoundation, on Windows those of DirectShow.
 *
 * @throws {TypeError} An option is wrong.
 * @throws {SoraError} `FFMPEG_NOT_FOUND`: there is no ffmpeg.
 *
 * @example
 * ```ts
 * import { listMicrophones } from "sora-ffi/devices";
 *
 * for (const { device, name, isDefault } of await listMicrophones()) {
 *   if (isDefault) console.debug(`${device} (${name}) is the default`);
 * }
 * ```
 */
export async function listMicrophones(
  options: CaptureListOptions = {},
): Promise<readonly CaptureDevice[]> {
  const program = checkProgram(options);
  switch (process.platform) {
    case "darwin":
      return withFormat("avfoundation", (await listed(program, "avfoundation")).microphones);
    case "win32":
      return withFormat("dshow", (await listed(program, "dshow")).microphones);
  }
  const sources = async (format: string) =>
    withFormat(format, parseSources(await printed(program, ["-sources", format])));
  const pulse = await sources("pulse");
  if (pulse.length > 0) return pulse;
  return (await sources("alsa")).filter(({ device }) => ALSA_DEVICE.test(device));
}
