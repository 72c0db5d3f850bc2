/**
 * Capturing and playing audio: plays what a device records, with as little delay as the devices allow: `audio_loop.ts [INPUT
 * [OUTPUT]]`. Use headphones: a loudspeaker next to the microphone howls.
 */
import process from "node:process";
import { openAudioInput, openAudioOutput } from "../devices/mod.ts";
import { SoraError } from "../mod.ts";
import { fail, untilDone } from "./support.ts";

const [inputName, outputName] = process.argv.slice(2);
const format = { sampleRate: 48_000, channels: 1, latencyMs: 30 };
try {
  await using input = await openAudioInput({ ...format, device: inputName });
  await using output = await openAudioOutput({ ...format, device: outputName });
  console.log(`From ${input.device.name} (${input.latencyMs} ms)`);
  console.log(`to ${output.device.name} (${output.latencyMs} ms)`);
  let blocks = 0;
  let loudest = 0;
  const played = (async () => {
    // 10 ms of samples each.
    for await (const block of input) {
      output.push(block);
      blocks++;
      for (const sample of block) loudest = Math.max(loudest, Math.abs(sample));
    }
  })();
  await untilDone(3);
  await input.close();
  await played;
  console.log(`Played ${blocks} blocks; the loudest sample was ${loudest}`);
  console.log(
    `Lost: ${input.overflows} times recorded, ${output.dropped} samples for lack of room`,
  );
} catch (error) {
  if (!(error instanceof SoraError)) throw error;
  fail(error.message);
}
