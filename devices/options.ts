/**
 * The options of audio devices, and their checks.
 *
 * @module
 */

import { checkInteger, checkNonEmptyString, checkNumber, checkObject } from "../base/checks.ts";

/** Options of {@link openAudioInput} and {@link openAudioOutput}. */
export interface AudioDeviceOptions {
  /** The device's index, its name or a part of it that no other has. Default: the system's default. */
  readonly device?: number | string | undefined;
  /** Sample rate in Hz, 8,000 to 192,000. Default: 48,000. */
  readonly sampleRate?: number | undefined;
  /** Channels, 1 to 8. Default: 1. */
  readonly channels?: number | undefined;
  /** Milliseconds of audio that the device may hold, 1 to 2,000: more puts up with longer pauses of the program. Default: 50. */
  readonly latencyMs?: number | undefined;
}

/** The options, complete. */
export interface CheckedDeviceOptions {
  readonly device: number | string | undefined;
  readonly sampleRate: number;
  readonly channels: number;
  readonly latencyMs: number;
}

const DEFAULTS = { sampleRate: 48_000, channels: 1, latencyMs: 50 } as const;

/**
 * Checks the options of a device.
 *
 * @throws {TypeError} If one has the wrong type or is not known.
 * @throws {RangeError} If a number is outside its limits.
 */
export function checkDeviceOptions(options: AudioDeviceOptions): CheckedDeviceOptions {
  const { device, sampleRate, channels, latencyMs } = checkObject(options, "options", [
    "device",
    "sampleRate",
    "channels",
    "latencyMs",
  ]);
  return {
    device: device === undefined
      ? undefined
      : typeof device === "number"
      ? checkInteger(device, "options.device", 0, 0x7fff_ffff)
      : checkNonEmptyString(device, "options.device"),
    sampleRate: checkInteger(
      sampleRate ?? DEFAULTS.sampleRate,
      "options.sampleRate",
      8_000,
      192_000,
    ),
    channels: checkInteger(channels ?? DEFAULTS.channels, "options.channels", 1, 8),
    latencyMs: checkNumber(latencyMs ?? DEFAULTS.latencyMs, "options.latencyMs", 1, 2_000),
  };
}
