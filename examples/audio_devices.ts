/** Audio devices: lists what PortAudio plays on and records from. */
import { listAudioDevices } from "../devices/mod.ts";
import { SoraError } from "../mod.ts";
import { fail } from "./support.ts";

try {
  const devices = await listAudioDevices();
  for (const device of devices) {
    const { index, name, hostApi, inputChannels, outputChannels, sampleRate } = device;
    console.log(`${index}: ${name} (${hostApi}, ${sampleRate} Hz)`);
    if (inputChannels > 0) {
      const mark = device.isDefaultInput ? ", the default" : "";
      console.log(`  records ${inputChannels} channels from ${device.inputLatencyMs} ms on${mark}`);
    }
    if (outputChannels > 0) {
      const mark = device.isDefaultOutput ? ", the default" : "";
      console.log(`  plays ${outputChannels} channels from ${device.outputLatencyMs} ms on${mark}`);
    }
  }
  if (devices.length === 0) console.log("There are no audio devices");
} catch (error) {
  if (!(error instanceof SoraError)) throw error;
  fail(error.message);
}
