/**
 * The system's PortAudio: its functions, where it is, and what to do when it is not there.
 *
 * @module
 */

import process from "node:process";
import { openSystemLibrary, type SystemLibrary, type SystemSymbol } from "../../ffi/mod.ts";

const SYMBOLS = {
  Pa_Initialize: { parameters: [], result: "i32", slow: true },
  Pa_Terminate: { parameters: [], result: "i32", slow: true },
  Pa_GetDeviceCount: { parameters: [], result: "i32" },
  Pa_GetDefaultInputDevice: { parameters: [], result: "i32" },
  Pa_GetDefaultOutputDevice: { parameters: [], result: "i32" },
  Pa_GetDeviceInfo: { parameters: ["i32"], result: "address" },
  Pa_GetHostApiInfo: { parameters: ["i32"], result: "address" },
  Pa_GetErrorText: { parameters: ["i32"], result: "address" },
  Pa_GetLastHostErrorInfo: { parameters: [], result: "address" },
  Pa_OpenStream: {
    // Stream, input, output, rate, frames per buffer, flags, callback, its data.
    parameters: [
      ...["address", "address", "address", "f64"] as const,
      ...["address", "address", "address", "address"] as const,
    ],
    result: "i32",
    slow: true,
  },
  Pa_GetStreamInfo: { parameters: ["address"], result: "address" },
  Pa_StartStream: { parameters: ["address"], result: "i32", slow: true },
  Pa_AbortStream: { parameters: ["address"], result: "i32", slow: true },
  Pa_CloseStream: { parameters: ["address"], result: "i32", slow: true },
  Pa_GetStreamReadAvailable: { parameters: ["address"], result: "long" },
  Pa_GetStreamWriteAvailable: { parameters: ["address"], result: "long" },
  Pa_ReadStream: { parameters: ["address", "buffer", "address"], result: "i32" },
  Pa_WriteStream: { parameters: ["address", "buffer", "address"], result: "i32" },
  writeBeside: {
    name: "Pa_WriteStream",
    parameters: ["address", "address", "address"],
    result: "i32",
    slow: true,
  },
  // Of libraries that it is linked with: the loader finds them through it.
  dlopen: { parameters: ["buffer", "i32"], result: "address", optional: true },
  dlsym: { parameters: ["address", "buffer"], result: "address", optional: true },
  snd_lib_error_set_handler: { parameters: ["address"], result: "i32", optional: true },
  snd_config_update: { parameters: [], result: "i32", slow: true, optional: true },
  snd_config_search: { parameters: ["address", "buffer", "buffer"], result: "i32", optional: true },
  jack_set_error_function: { parameters: ["address"], result: "void", optional: true },
  jack_set_info_function: { parameters: ["address"], result: "void", optional: true },
} as const satisfies Readonly<Record<string, SystemSymbol>>;

/** PortAudio, open. */
export type PortAudioLibrary = SystemLibrary<typeof SYMBOLS>;

/** Flags of `dlopen` on Linux. */
const RTLD_LAZY = 1;
const RTLD_NODELETE = 0x1000;

/** Where PortAudio is, and what installs it, by Node's name of the system. */
const PLACES: Readonly<Record<string, readonly [names: readonly string[], advice: string]>> = {
  linux: [
    [
      "libportaudio.so.2",
      `/usr/lib/${process.arch === "arm64" ? "aarch64" : "x86_64"}-linux-gnu/libportaudio.so.2`,
      "/usr/lib64/libportaudio.so.2",
      "/usr/lib/libportaudio.so.2",
    ],
    'install PortAudio ("apt install libportaudio2" on Debian and Ubuntu, "dnf install portaudio" on Fedora)',
  ],
  darwin: [
    [
      "libportaudio.2.dylib",
      "/opt/homebrew/lib/libportaudio.2.dylib",
      "/usr/local/lib/libportaudio.2.dylib",
    ],
    'install PortAudio ("brew install portaudio")',
  ],
  win32: [
    ["portaudio.dll", "libportaudio.dll"],
    "put portaudio.dll into a folder of PATH (vcpkg or MSYS2 build it)",
  ],
};

const encoder = new TextEncoder();
const cString = (text: string) => encoder.encode(`${text}\0`);

/** An address of the library or of one that it is linked with; 0 where there is none. */
function symbolOf({ name, functions }: PortAudioLibrary, symbol: string): bigint {
  if (process.platform !== "linux") return 0n;
  const handle = functions.dlopen?.(cString(name), RTLD_LAZY | RTLD_NODELETE) ?? 0n;
  return handle === 0n ? 0n : functions.dlsym?.(handle, cString(symbol)) ?? 0n;
}

/**
 * Whether ALSA has a device `default` in its configuration. Without one, PortAudio of Debian ends the process by an assertion when it
 * looks for devices.
 */
export async function hasAlsaDefault(library: PortAudioLibrary): Promise<boolean> {
  const { functions, copy } = library;
  const variable = symbolOf(library, "snd_config");
  if (variable === 0n || functions.snd_config_search === undefined) return true;
  await functions.snd_config_update?.();
  const root = copy(variable, 8).getBigUint64(0, true);
  const found = new BigUint64Array(1);
  return root !== 0n && functions.snd_config_search(root, cString("pcm.default"), found) === 0;
}

/**
 * Keeps the library in memory, whoever closes it, and keeps ALSA and JACK from writing to the standard error about each device that
 * a list in their configuration names and the machine lacks. In place of their printers they get a function of the C library that
 * has no effect and ignores what it is given.
 */
function settle(library: PortAudioLibrary): void {
  const { functions } = library;
  const silent = symbolOf(library, "getpid");
  if (silent === 0n) return;
  functions.snd_lib_error_set_handler?.(silent);
  functions.jack_set_error_function?.(silent);
  functions.jack_set_info_function?.(silent);
}

let opened: PortAudioLibrary | undefined;

/**
 * PortAudio; opened once.
 *
 * @throws {SoraError} `LIBRARY_NOT_FOUND`: it is not installed, or loading it is not permitted.
 */
export function portAudioLibrary(): PortAudioLibrary {
  if (opened === undefined) {
    const [names, advice] = PLACES[process.platform] ?? PLACES["linux"]!;
    opened = openSystemLibrary(names, SYMBOLS, advice);
    settle(opened);
  }
  return opened;
}
