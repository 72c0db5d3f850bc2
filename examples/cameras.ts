/** Cameras: lists them, and the microphones that ffmpeg records from. */
import { type CaptureDevice, listCameras, listMicrophones } from "../devices/mod.ts";
import { SoraError } from "../mod.ts";
import { fail } from "./support.ts";

function print(kind: string, devices: readonly CaptureDevice[]): void {
  if (devices.length === 0) console.log(`There are no ${kind}s`);
  for (const { device, name, isDefault } of devices) {
    console.log(`${kind} ${device}: ${name}${isDefault ? ", the default" : ""}`);
  }
}

try {
  print("camera", await listCameras());
  print("microphone", await listMicrophones());
} catch (error) {
  if (!(error instanceof SoraError)) throw error;
  fail(error.message);
}
