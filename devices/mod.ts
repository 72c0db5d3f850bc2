/**
 * Microphones, loudspeakers and cameras of this machine: audio through the system's PortAudio, with low latency; cameras, and
 * microphones too, through ffmpeg as a process.
 *
 * @module
 */

export { type AudioDevice, listAudioDevices } from "./audio_devices.ts";
export { AudioInput, openAudioInput } from "./audio_input.ts";
export { AudioOutput, type AudioOutputChunk, openAudioOutput } from "./audio_output.ts";
export {
  type CameraOptions,
  type MicrophoneOptions,
  openCamera,
  openMicrophone,
} from "./capture.ts";
export {
  type CaptureDevice,
  type CaptureListOptions,
  listCameras,
  listMicrophones,
} from "./capture_devices.ts";
export type { AudioDeviceOptions } from "./options.ts";
