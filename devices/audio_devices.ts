/**
 * The devices that PortAudio plays on and records from.
 *
 * @module
 */

import { SoraError } from "../base/errors.ts";
import { quoted } from "../base/text.ts";
import type { PortAudioLibrary } from "./portaudio/library.ts";
import { initialize, inTurn } from "./portaudio/session.ts";

/** A device for audio. */
export interface AudioDevice {
  /** Its place in the list, which changes when devices come and go. */
  readonly index: number;
  /** Its name, which options take as well. */
  readonly name: string;
  /** What it is reached by: `ALSA`, `JACK Audio Connection Kit`, `Core Audio`, `Windows WASAPI`. */
  readonly hostApi: string;
  /** Most channels that it records; 0 when it only plays. */
  readonly inputChannels: number;
  /** Most channels that it plays; 0 when it only records. */
  readonly outputChannels: number;
  /** The sample rate that it prefers, in Hz. */
  readonly sampleRate: number;
  /** The lowest latency of recording that it promises to keep up, in milliseconds. */
  readonly inputLatencyMs: number;
  /** The lowest latency of playing that it promises to keep up, in milliseconds. */
  readonly outputLatencyMs: number;
  /** Whether it is the default for recording. */
  readonly isDefaultInput: boolean;
  /** Whether it is the default for playing. */
  readonly isDefaultOutput: boolean;
}

/** `input` records, `output` plays. */
export type AudioDirection = "input" | "output";

/** `struct PaDeviceInfo` on systems of 64 bits. */
const DEVICE_INFO = { SIZE: 72, NAME: 8, HOST_API: 16, INPUTS: 20, OUTPUTS: 24 } as const;
const LOW_INPUT_LATENCY = 32;
const LOW_OUTPUT_LATENCY = 40;
const DEFAULT_RATE = 64;
/** `struct PaHostApiInfo`. */
const HOST_API_INFO = { SIZE: 32, NAME: 8 } as const;
/** Most devices that are looked at. */
const MAX_DEVICES = 1_024;

const toMs = (seconds: number) => Math.round(seconds * 10_000) / 10;

/** The devices, while PortAudio is initialized. */
export function readDevices({ functions, copy, text }: PortAudioLibrary): AudioDevice[] {
  const count = Math.min(functions.Pa_GetDeviceCount(), MAX_DEVICES);
  const defaultInput = functions.Pa_GetDefaultInputDevice();
  const defaultOutput = functions.Pa_GetDefaultOutputDevice();
  const devices: AudioDevice[] = [];
  for (let index = 0; index < count; index++) {
    const address = functions.Pa_GetDeviceInfo(index);
    if (address === 0n) continue;
    const info = copy(address, DEVICE_INFO.SIZE);
    const hostApi = functions.Pa_GetHostApiInfo(info.getInt32(DEVICE_INFO.HOST_API, true));
    const nameOfApi = hostApi === 0n
      ? 0n
      : copy(hostApi, HOST_API_INFO.SIZE).getBigUint64(HOST_API_INFO.NAME, true);
    devices.push({
      index,
      name: text(info.getBigUint64(DEVICE_INFO.NAME, true)),
      hostApi: nameOfApi === 0n ? "" : text(nameOfApi),
      inputChannels: info.getInt32(DEVICE_INFO.INPUTS, true),
      outputChannels: info.getInt32(DEVICE_INFO.OUTPUTS, true),
      sampleRate: info.getFloat64(DEFAULT_RATE, true),
      inputLatencyMs: toMs(info.getFloat64(LOW_INPUT_LATENCY, true)),
      outputLatencyMs: toMs(info.getFloat64(LOW_OUTPUT_LATENCY, true)),
      isDefaultInput: index === defaultInput,
      isDefaultOutput: index === defaultOutput,
    });
  }
  return devices;
}

/**
 * Lists the audio devices that PortAudio finds. It looks for them anew unless an input or an output is open.
 *
 * @throws {SoraError} `LIBRARY_NOT_FOUND`: PortAudio is not installed, or loading it is not permitted; `DEVICE_FAILED`: it cannot
 *   be initialized.
 *
 * @example
 * ```ts
 * import { listAudioDevices } from "sora-ffi/devices";
 *
 * const devices = await listAudioDevices();
 * console.log(devices.some(({ isDefaultInput }) => isDefaultInput)); // true
 * ```
 */
export function listAudioDevices(): Promise<readonly AudioDevice[]> {
  return inTurn(async () => {
    const library = await initialize();
    try {
      return readDevices(library);
    } finally {
      await library.functions.Pa_Terminate();
    }
  });
}

/**
 * Finds a device.
 *
 * @param wanted Its index, its name or a part of it that no other has; undefined: the default.
 * @throws {SoraError} `DEVICE_FAILED`: there is none, or the name fits several.
 */
export function findDevice(
  devices: readonly AudioDevice[],
  wanted: number | string | undefined,
  direction: AudioDirection,
): AudioDevice {
  const [does, isDefault] = direction === "input"
    ? ["records", ({ isDefaultInput }: AudioDevice) => isDefaultInput] as const
    : ["plays", ({ isDefaultOutput }: AudioDevice) => isDefaultOutput] as const;
  const able = devices.filter(({ inputChannels, outputChannels }) =>
    (direction === "input" ? inputChannels : outputChannels) > 0
  );
  const names = able.map(({ name }) => name).join(", ");
  const there = names === "" ? `no device here ${does} audio` : `the devices are ${names}`;
  if (wanted === undefined) {
    const device = able.find(isDefault);
    if (device !== undefined) return device;
    throw new SoraError("DEVICE_FAILED", `No default device ${does} audio: ${there}`);
  }
  if (typeof wanted === "number") {
    const device = able.find(({ index }) => index === wanted);
    if (device !== undefined) return device;
    throw new SoraError("DEVICE_FAILED", `No device ${wanted} ${does} audio: ${there}`);
  }
  const exact = able.find(({ name }) => name === wanted);
  const part = wanted.toLowerCase();
  const like = able.filter(({ name }) => name.toLowerCase().includes(part));
  const device = exact ?? (like.length === 1 ? like[0] : undefined);
  if (device !== undefined) return device;
  const shown = quoted(wanted, 100);
  throw new SoraError(
    "DEVICE_FAILED",
    like.length === 0
      ? `No device "${shown}" ${does} audio: ${there}`
      : `The name "${shown}" fits ${like.length} devices: ${
        like.map(({ name }) => name).join(", ")
      }`,
  );
}
