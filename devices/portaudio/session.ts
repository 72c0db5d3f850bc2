/**
 * PortAudio between its initialization and its end: for as long as something needs it.
 *
 * @module
 */

import { SoraError } from "../../base/errors.ts";
import { hasAlsaDefault, type PortAudioLibrary, portAudioLibrary } from "./library.ts";

/** Result codes of PortAudio that are not failures of a stream. */
export const PaError = {
  OK: 0,
  UNANTICIPATED_HOST_ERROR: -9999,
  INVALID_CHANNEL_COUNT: -9998,
  INVALID_SAMPLE_RATE: -9997,
  DEVICE_UNAVAILABLE: -9985,
  INPUT_OVERFLOWED: -9981,
  OUTPUT_UNDERFLOWED: -9980,
} as const;

/** The error of a call, with the text of the host's API where it has one. */
export function deviceError(
  { functions, copy, text }: PortAudioLibrary,
  what: string,
  code: number,
): SoraError {
  let reason = text(functions.Pa_GetErrorText(code));
  if (code === PaError.UNANTICIPATED_HOST_ERROR) {
    const info = functions.Pa_GetLastHostErrorInfo();
    // int hostApiType; long errorCode; const char *errorText;
    const address = info === 0n ? 0n : copy(info, 24).getBigUint64(16, true);
    const host = address === 0n ? "" : text(address);
    if (host !== "") reason = `${reason}: ${host}`;
  }
  return new SoraError("DEVICE_FAILED", `${what}: ${reason} (PortAudio ${code})`);
}

/** PortAudio's calls are not made for several threads: one follows the other. */
let turn: Promise<unknown> = Promise.resolve();

/** Longest time that slow calls may take, with those before them, in milliseconds: a sound server may stand still. */
const LIMIT_MS = 10_000;

/**
 * Runs slow calls after those of others.
 *
 * @throws {SoraError} `TIMEOUT`: the system has not answered. The calls go on, and those of others wait for them.
 */
export function inTurn<T>(run: () => Promise<T>): Promise<T> {
  const result = turn.then(run);
  // Without the result, which would not be collected until the next turn.
  turn = result.then(() => {}, () => {});
  return inTime(result);
}

/**
 * Waits for slow calls as long as they may take.
 *
 * @throws {SoraError} `TIMEOUT`: the system has not answered. The calls go on.
 */
export async function inTime<T>(result: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(new SoraError("TIMEOUT", `PortAudio has not answered within ${LIMIT_MS} ms`));
  }, LIMIT_MS);
  try {
    return await Promise.race([result, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Initializes PortAudio, which counts how often that was done; to be called in turn.
 *
 * @throws {SoraError} `LIBRARY_NOT_FOUND`; `DEVICE_FAILED`: it cannot be initialized.
 */
export async function initialize(): Promise<PortAudioLibrary> {
  const library = portAudioLibrary();
  if (!await hasAlsaDefault(library)) {
    throw new SoraError(
      "DEVICE_FAILED",
      "ALSA has no configuration with a device default: install libasound2-data, or correct ALSA_CONFIG_PATH",
    );
  }
  const code = await library.functions.Pa_Initialize();
  if (code < 0) throw deviceError(library, "PortAudio could not be initialized", code);
  return library;
}
