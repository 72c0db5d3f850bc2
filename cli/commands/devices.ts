/**
 * `sora-ffi devices`: the cameras, microphones and loudspeakers of this machine.
 *
 * @module
 */

import {
  type AudioDevice,
  type CaptureDevice,
  listAudioDevices,
  listCameras,
  listMicrophones,
} from "../../devices/mod.ts";
import { SoraError } from "../../mod.ts";
import { type Command, type Context, ExitCode } from "../command.ts";
import { columns } from "../terminal/columns.ts";

/** What was found of one kind, or why nothing could be looked for. */
type Found<T> = { readonly devices: readonly T[] } | { readonly error: SoraError };

/** Everything that was found. */
export interface FoundDevices {
  /** For `send`. */
  readonly camera: Found<CaptureDevice>;
  /** For `send`. */
  readonly microphone: Found<CaptureDevice>;
  /** For `openAudioInput()` and `openAudioOutput()`. */
  readonly audio: Found<AudioDevice>;
}

async function find<T>(list: () => Promise<readonly T[]>): Promise<Found<T>> {
  try {
    return { devices: await list() };
  } catch (error) {
    if (error instanceof SoraError) return { error };
    throw error;
  }
}

function audioLine({ name, hostApi, inputChannels, outputChannels, ...device }: AudioDevice) {
  const channels = [
    ...(inputChannels > 0 ? [`${inputChannels} in`] : []),
    ...(outputChannels > 0 ? [`${outputChannels} out`] : []),
  ].join(", ");
  const isDefault = device.isDefaultInput || device.isDefaultOutput;
  return ["audio", name, `${hostApi}, ${channels}, ${device.sampleRate} Hz`, marked(isDefault)];
}

const marked = (isDefault: boolean) => isDefault ? "default" : "";

/** The table for a terminal: a line for each device. */
export function deviceTable({ camera, microphone, audio }: FoundDevices): string {
  const lines = <T>(kind: string, found: Found<T>, line: (device: T) => string[]) =>
    "error" in found
      ? [[kind, `not available: ${found.error.message}`]]
      : found.devices.length === 0
      ? [[kind, "none"]]
      : found.devices.map(line);
  const capture = (kind: string) => ({ device, name, isDefault }: CaptureDevice) => [
    ...[kind, device, name, marked(isDefault)],
  ];
  return columns([
    ...lines("camera", camera, capture("camera")),
    ...lines("microphone", microphone, capture("microphone")),
    ...lines("audio", audio, audioLine),
  ]);
}

/** The same as lines of JSON. */
export function deviceJson(found: FoundDevices): string {
  return Object.entries(found).flatMap(([kind, found]: [string, Found<object>]) =>
    "error" in found
      ? [{ kind, error: found.error.code, message: found.error.message }]
      : found.devices.map((device) => ({ kind, ...device }))
  ).map((line) => `${JSON.stringify(line)}\n`).join("");
}

/** `sora-ffi devices` */
export const devices: Command = {
  summary: "list cameras and microphones, which send takes, and audio devices of PortAudio",
  options: {},
  async run(_values, { stdout }: Context) {
    const [camera, microphone, audio] = await Promise.all([
      find(listCameras),
      find(listMicrophones),
      find(listAudioDevices),
    ]);
    const found = { camera, microphone, audio };
    stdout.write(stdout.isTTY ? deviceTable(found) : deviceJson(found));
    return ExitCode.OK;
  },
};
