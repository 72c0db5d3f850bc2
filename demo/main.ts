/**
 * The demo: sends a clip with audio from one client through the embedded server to another, shows what arrives, and fails when
 * a figure misses its limit although the machine is fast enough. `--help` lists the options.
 *
 * @module
 */

import { join } from "node:path";
import process from "node:process";
import { SoraError } from "../mod.ts";
import { Progress, table } from "./display.ts";
import { exchange, MAX_FIRST_FRAME_SECONDS } from "./exchange.ts";
import { isTooSlow, judge, misses } from "./figures.ts";
import { measure } from "./measure.ts";
import { decodeMedia, FRAME_RATE, MAX_FRAME_BYTES, MAX_MEDIA_BYTES } from "./media.ts";
import { type DemoOptions, readOptions, USAGE } from "./options.ts";
import { Problem } from "./problem.ts";
import { Receiver } from "./receiver.ts";
import { AudioRecording, FrameRecording } from "./recording.ts";
import { prepareResults, writeResults } from "./results.ts";
import { Sender } from "./sender.ts";
import { Workspace } from "./workspace.ts";

const INTERRUPTED = 130;

/** @returns Whether all figures keep their limits, or miss them because of the machine alone. */
async function run(options: DemoOptions, signal: AbortSignal): Promise<boolean> {
  const say = (text: string) => process.stdout.write(text + "\n");
  // One second more than is measured: frames in flight at the end still arrive.
  const capacity = (options.seconds + 1) * FRAME_RATE;
  prepareResults(options.out);
  using work = new Workspace(MAX_MEDIA_BYTES + capacity * MAX_FRAME_BYTES);
  say("Decoding the media to send ...");
  using media = await decodeMedia(options.input, work.path, signal);
  const { clip } = media;
  const raw = { video: join(work.path, "received.yuv"), audio: join(work.path, "received.pcm") };
  using video = new FrameRecording(raw.video, clip.frameBytes, capacity);
  const audio = new AudioRecording(options.seconds + MAX_FIRST_FRAME_SECONDS);
  const sender = new Sender(media);
  const receiver = new Receiver(clip, video, audio);

  say(`Sending ${clip.width}x${clip.height} as ${options.codec} for ${options.seconds} s ...`);
  const bar = new Progress(process.stdout);
  const result = await exchange({ sender, receiver }, options, (share) => {
    bar.show(share, `sent ${sender.frames}, received ${receiver.receivedMs.size} frames`);
  }, signal).finally(() => bar.end());

  say("Comparing what arrived with what was sent ...");
  const figures = measure({ sender, receiver, video, audio, exchange: result });
  const judgements = judge(figures);
  say(`\n${table(judgements)}`);
  video.fillGaps((number) => receiver.receivedMs.has(number));
  audio.save(raw.audio, receiver.firstMs ?? 0);
  await writeResults(options.out, figures, clip, { ...raw, length: video.length }, signal);
  say(`Wrote received.mp4, received.png and demo.json into ${options.out}/`);
  const missed = misses(judgements);
  if (missed === "") return true;
  if (!options.strict && isTooSlow(judgements)) {
    say(
      `This machine is too slow or too busy for ${FRAME_RATE} frames per second: ${missed}. ` +
        "The rest is as it should be (--strict makes this an error).",
    );
    return true;
  }
  process.stderr.write(`Missed: ${missed}\n`);
  if (receiver.unreadable > 0) {
    process.stderr.write(
      `${receiver.unreadable} of the frames that arrived had no readable number\n`,
    );
  }
  return false;
}

/** The message alone of what the user can fix; for anything else, the stack matters too. */
function describe(error: unknown): string {
  if (error instanceof Problem || error instanceof SoraError) return error.message;
  return error instanceof Error ? error.stack ?? error.message : String(error);
}

/** @returns The exit status. */
async function main(): Promise<number> {
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort(new Problem("Interrupted"));
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
