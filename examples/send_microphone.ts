/** Capturing and sending audio: sends what a device records: `send_microphone.ts [DEVICE]`, by its name in PortAudio. */
import process from "node:process";
import { openAudioInput } from "../devices/mod.ts";
import { Sora, SoraError } from "../mod.ts";
import { fail, openRoom, untilDone } from "./support.ts";

const [device] = process.argv.slice(2);
try {
  await using input = await openAudioInput({ device });
  console.log(`Recording from ${input.device.name}`);
  await using room = await openRoom();
  await using sora = new Sora();
  const { sampleRate, channels } = input;
  const audioSource = sora.createAudioSource({ sampleRate, channels });
  await using connection = sora.createConnection({
    ...room.options,
    role: "sendonly",
    video: false,
    audioSource,
  });
  await connection.connect();
  console.log(`Connected as ${connection.connectionId}`);
  let loudest = 0;
  const sent = (async () => {
    for await (const block of input) {
      audioSource.onData(block);
      for (const sample of block) loudest = Math.max(loudest, Math.abs(sample));
    }
  })();
  await untilDone(3);
  const stats = await connection.getStats();
  await input.close();
  await sent;
  const packets = stats.find((entry) => entry.type === "outbound-rtp")?.["packetsSent"];
  console.log(`Sent ${packets} packets; the loudest sample was ${loudest}`);
  console.log(`Lost ${input.overflows} times`);
} catch (error) {
  if (!(error instanceof SoraError)) throw error;
  fail(error.message);
}
