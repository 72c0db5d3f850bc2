/**
 * The demo: sends a clip with sound from one client through the embedded server to another, shows what arrives, and fails
 * when the figures are not reached. `--help` lists the options.
 *
 * @module
 */

import { join } from "node:path";
import process from "node:process";
import { SoraError } from "../mod.ts";
import { Progress, table } from "./display.ts";
import { exchange, MAX_FIRST_FRAME_SECONDS } from "./exchange.ts";
import { judge, misses } from "./figures.ts";
import { measure } from "./measure.ts";
import { decodeMedia, FRAME_RATE, MAX_MEDIA_BYTES, MAX_PICTURE_BYTES } from "./media.ts";
import { type DemoOptions, readOptions, USAGE } from "./options.ts";
import { Problem } from "./problem.ts";
import { Receiver } from "./receiver.ts";
import { PictureRecording, SoundRecording } from "./recording.ts";
import { prepareResults, writeResults } from "./results.ts";
import { Sender } from "./sender.ts";
import { Workspace } from "./workspace.ts";

const INTERRUPTED = 130;

/** @returns Whether all figures hold. */
async function run(options: DemoOptions, signal: AbortSignal): Promise<boolean> {
  const say = (text: string) => process.stdout.write(text + "\n");
  // One second more than is measured: what is under way at the end still comes.
  const capacity = (options.seconds + 1) * FRAME_RATE;
  prepareResults(options.out);
  using work = new Workspace(MAX_MEDIA_BYTES + capacity * MAX_PICTURE_BYTES);
  say("Decoding what is to be sent ...");
  using media = await decodeMedia(options.input, work.path, signal);
  const { clip } = media;
  const raw = { pictures: join(work.path, "received.yuv"), sound: join(work.path, "received.pcm") };
  using pictures = new PictureRecording(raw.pictures, clip.pictureBytes, capacity);
  const sound = new SoundRecording(options.seconds + MAX_FIRST_FRAME_SECONDS);
  const sender = new Sender(media);
  const receiver = new Receiver(clip, pictures, sound);

  say(`Sending ${clip.width}x${clip.height} as ${options.codec} for ${options.seconds} s ...`);
  const bar = new Progress(process.stdout);
  const result = await exchange({ sender, receiver }, options, (share) => {
    bar.show(share, `sent ${sender.frames}, received ${receiver.receivedMs.size} frames`);
  }, signal).finally(() => bar.end());

  say("Comparing what arrived with what was sent ...");
  const figures = measure({ sender, receiver, pictures, sound, exchange: result });
  pictures.fillGaps((number) => receiver.receivedMs.has(number));
  sound.save(raw.sound, receiver.firstMs ?? 0);
  await writeResults(options.out, figures, clip, { ...raw, length: pictures.length }, signal);
  const judgements = judge(figures);
  say(`\n${table(judgements)}`);
  say(`Wrote received.mp4, received.png and demo.json into ${options.out}/`);
  const missed = misses(judgements);
  if (missed === "") return true;
  process.stderr.write(`Missed: ${missed}.\n`);
  if (receiver.unreadable > 0) {
    process.stderr.write(`The number of ${receiver.unreadable} frames could not be read.\n`);
  }
  return false;
}

/** What the user can act on is said in a sentence; of anything else, it matters where it happened. */
function describe(error: unknown): string {
  if (error instanceof Problem || error instanceof SoraError) return error.message;
  return error instanceof Error ? error.stack ?? error.message : String(error);
}

/** @returns The exit status. */
async function main(): Promise<number> {
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort(new Problem("Interrupted."));
  process.once("SIGINT", interrupt);
  process.once("SIGTERM", interrupt);
  try {
    const options = readOptions(process.argv.slice(2));
    if (options !== undefined) return await run(options, interrupted.signal) ? 0 : 1;
    process.stdout.write(USAGE);
    return 0;
  } catch (error) {
    process.stderr.write(`${describe(error)}\n`);
    return interrupted.signal.aborted ? INTERRUPTED : 1;
  }
}

process.exitCode = await main();
process.removeAllListeners("SIGINT");
process.removeAllListeners("SIGTERM");
