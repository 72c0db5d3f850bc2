/**
 * Microphones and loudspeakers of this machine, through the system's PortAudio.
 *
 * @module
 */

export { type AudioDevice, listAudioDevices } from "./audio_devices.ts";
export { AudioInput, openAudioInput } from "./audio_input.ts";
export { AudioOutput, type AudioOutputChunk, openAudioOutput } from "./audio_output.ts";
export type { AudioDeviceOptions } from "./options.ts";
