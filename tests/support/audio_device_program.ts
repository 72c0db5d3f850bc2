/** What a test of audio devices runs on a PulseAudio of its own: the first argument says what. Prints a line of JSON. */

import process from "node:process";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import {
  type AudioInput,
  type AudioOutput,
  listAudioDevices,
  openAudioInput,
  openAudioOutput,
  openMicrophone,
} from "../../devices/mod.ts";
import type { MediaReader } from "../../files/mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { pause } from "./eventually.ts";
import { MediaClient } from "./media_client.ts";
import { levelAt, Tone } from "./tone.ts";

const RATE = 48_000;
const FREQUENCY = 1_000;
/** 10 ms. */
const BLOCK = RATE / 100;
const BLOCKS = 50;
const STEADY_BLOCKS = 20;
const what = isMainThread ? process.argv[2] ?? "" : "inWorker";

const openBoth = async (inputLatencyMs?: number): Promise<[AudioInput, AudioOutput]> => [
  await openAudioInput({ device: "monitor", latencyMs: inputLatencyMs }),
  await openAudioOutput({ device: "cable" }),
];

/** Plays a tone until a promise resolves. */
async function playUntil(output: AudioOutput, done: Promise<unknown>): Promise<void> {
  const tone = new Tone(RATE, FREQUENCY, 8_000);
  let playing = true;
  void done.finally(() => playing = false);
  while (playing) await output.write(tone.next(BLOCK));
}

/** Hears blocks until the tone is steady, which takes a sound server a moment, and gives the level of those that follow. */
async function levelOf(blocks: AsyncIterable<Int16Array>): Promise<Record<string, number>> {
  const samples = new Int16Array(BLOCKS * BLOCK);
  let steady = 0;
  for await (const block of blocks) {
    const isTone = levelAt(block, RATE, FREQUENCY) > 1_000;
    if (steady < STEADY_BLOCKS) {
      steady = isTone ? steady + 1 : 0;
      continue;
    }
    samples.set(block, (steady - STEADY_BLOCKS) * BLOCK);
    if (++steady === STEADY_BLOCKS + BLOCKS) break;
  }
  const [level = 0, other = 0] = [FREQUENCY, 1.5 * FREQUENCY]
    .map((frequency) => levelAt(samples, RATE, frequency));
  return { level, other };
}

/** The blocks of a microphone. */
async function* blocksOf(microphone: MediaReader): AsyncGenerator<Int16Array> {
  for await (const item of microphone) if (item.kind === "audio") yield item.samples;
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return "none";
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

const programs: Readonly<Record<string, () => Promise<unknown>>> = {
  list: listAudioDevices,

  async tone() {
    const [input, output] = await openBoth();
    const heard = levelOf(input);
    await playUntil(output, heard);
    await Promise.all([input.close(), output.close()]);
    return { ...await heard, input: input.device.name, output: output.device.name };
  },

  /** Plays 160 ms of the tone and 60 ms of another one, and closes at once. */
  async tail() {
    const [input, output] = await openBoth(300);
    const end = 2 * FREQUENCY;
    // The sink is awake from now on.
    await input.read(new Int16Array(BLOCK));
    const closed = output.write(new Tone(RATE, FREQUENCY, 8_000).next(16 * BLOCK))
      .then(() => output.write(new Tone(RATE, end, 8_000).next(6 * BLOCK)))
      .then(() => output.close());
    const heard = { blocks: 0, ending: 0 };
    // Until half a second of silence has followed.
    for (let silent = 0; heard.blocks === 0 || silent < 50; silent++) {
      const block = await input.read(new Int16Array(BLOCK));
      const [level, ending] = [levelAt(block, RATE, FREQUENCY), levelAt(block, RATE, end)];
      heard.blocks += level / (8_000 / Math.SQRT2);
      heard.ending += ending / (8_000 / Math.SQRT2);
      if (Math.max(level, ending) > 100) silent = -1;
    }
    await closed;
    await input.close();
    return heard;
  },

  /** Hears the tone through ffmpeg. */
  async microphone() {
    await using output = await openAudioOutput({ device: "cable" });
    await using microphone = await openMicrophone({ device: "pulse:cable.monitor" });
    const heard = levelOf(blocksOf(microphone));
    await playUntil(output, heard);
    return await heard;
  },

  /** Plays what is received through a server. */
  async received() {
    const [input, output] = await openBoth();
    await using server = await SoraServer.start({ port: 0 });
    const room = { signalingUrls: [server.url], channelId: "devices", video: false };
    await using sender = new MediaClient({ ...room, role: "sendonly" }, { toneHz: FREQUENCY });
    await using receiver = new MediaClient({ ...room, role: "recvonly" });
    await Promise.all([sender.connect(), receiver.connect()]);
    const { audio } = await receiver.from(sender, 1);
    audio.onData = (samples) => output.push(samples);
    const heard = await levelOf(input);
    audio.onData = undefined;
    await Promise.all([input.close(), output.close()]);
    return heard;
  },

  async iteration() {
    const input = await openAudioInput({ device: "monitor", channels: 2 });
    const lengths = new Set<number>();
    for await (const block of input) {
      lengths.add(block.length);
      if (lengths.size > 0) break;
    }
    const reader = input.readable.getReader();
    lengths.add((await reader.read()).value!.length);
    // The read of the stream that is cancelled ends with the device.
    await reader.cancel();
    return { lengths: [...lengths], after: await codeOf(input.read(new Int16Array(2))) };
  },

  async ends() {
    const input = await openAudioInput({ device: "monitor" });
    // An hour: it waits when the input is closed.
    const long = codeOf(input.read(new Int16Array(3_600 * RATE)));
    const second = await codeOf(input.read(new Int16Array(BLOCK)));
    await Promise.all([input.close(), input.close()]);
    return { long: await long, second, after: await codeOf(input.read(new Int16Array(BLOCK))) };
  },

  /** Leaves an input alone for longer than it holds audio, and an output as well. */
  async late() {
    const [input, output] = await openBoth();
    await input.read(new Int16Array(BLOCK));
    output.push(new Int16Array(BLOCK));
    while (input.overflows === 0 || output.underflows === 0) {
      // The time is the subject: nobody reads, and nobody plays.
      await pause(200);
      await input.read(new Int16Array(BLOCK));
      output.push(new Int16Array(BLOCK));
    }
    // Ten seconds at once.
    const before = output.dropped;
    output.push(new Int16Array(1_000 * BLOCK));
    const dropped = output.dropped - before;
    await Promise.all([input.close(), output.close()]);
    return { dropped };
  },

  async unknown() {
    const text = (error: unknown) => String(error);
    return {
      name: await openAudioInput({ device: "nowhere" }).catch(text),
      rate: await openAudioInput({ device: "monitor", channels: 8, sampleRate: 191_999 })
        .then((input) => input.close()).catch(text),
    };
  },

  /** Records and plays until the sound server is lost. */
  async lost() {
    const [input, output] = await openBoth();
    await input.read(new Int16Array(BLOCK));
    console.log("flowing");
    const failed = async (use: () => Promise<unknown>): Promise<unknown> => {
      try {
        while (true) await use();
      } catch (error) {
        return (error as { code?: string }).code ?? String(error);
      }
    };
    const result = await Promise.all([
      failed(() => input.read(new Int16Array(BLOCK))),
      failed(() => output.write(new Int16Array(BLOCK))),
    ]);
    await Promise.all([input.close(), output.close()]);
    return { input: result[0], output: result[1], again: await codeOf(openAudioInput()) };
  },

  /** Records and plays while the sound server stands still. */
  async still() {
    const [input, output] = await openBoth();
    await input.read(new Int16Array(BLOCK));
    console.log("flowing");
    const [read, written] = await Promise.all([
      codeOf((async () => {
        while (true) await input.read(new Int16Array(BLOCK));
      })()),
      codeOf((async () => {
        while (true) await output.write(new Int16Array(BLOCK));
      })()),
    ]);
    const closed = await Promise.all([codeOf(input.close()), codeOf(output.close())]);
    console.log(JSON.stringify({ read, written, closed }));
    process.exit(0);
  },

  /** Ends without closing anything. */
  async forgotten() {
    const [input, output] = await openBoth();
    await input.read(new Int16Array(BLOCK));
    await output.write(new Int16Array(BLOCK));
    return {};
  },

  /** Forgets an input, and collects garbage until it is ended. */
  async garbage() {
    await (async () => {
      const input = await openAudioInput({ device: "monitor" });
      await input.read(new Int16Array(BLOCK));
    })();
    const { gc, Bun } = globalThis as unknown as {
      gc?: () => void;
      Bun?: { gc(force: true): void };
    };
    console.log("forgotten");
    while (true) {
      if (Bun) Bun.gc(true);
      else gc!();
      // Finalizers run between tasks.
      await pause(20);
    }
  },

  async exit() {
    const [input] = await openBoth();
    await input.read(new Int16Array(BLOCK));
    // Is under way when the process ends.
    void input.read(new Int16Array(3_600 * RATE));
    void openAudioOutput({ device: "cable" });
    console.log("{}");
    process.exit(0);
  },

  /** Records and plays until it is terminated. */
  async inWorker() {
    const [input, output] = await openBoth();
    for await (const block of input) {
      await output.write(block);
      parentPort?.postMessage("flowing");
    }
  },

  async worker() {
    for (let round = 0; round < 3; round++) {
      const worker = new Worker(new URL(import.meta.url));
      await new Promise((resolve) => worker.once("message", resolve));
      await worker.terminate();
    }
    // Its streams are still open; the rest of the process is not concerned.
    const input = await openAudioInput({ device: "monitor" });
    await input.read(new Int16Array(BLOCK));
    await input.close();
    return {};
  },
};

const result = await programs[what]!();
console.log(JSON.stringify(result));
