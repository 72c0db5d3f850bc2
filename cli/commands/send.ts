/**
 * `sora-ffi send`: sends a test picture, a file or devices.
 *
 * @module
 */

import { withoutSecretsOfUrls, withoutUrlSecrets } from "../../base/text.ts";
import { sleep } from "../../base/sleep.ts";
import { Sora } from "../../mod.ts";
import { type Command, type Context, ExitCode } from "../command.ts";
import { FlowMeter } from "../connection/flow.ts";
import { Membership } from "../connection/membership.ts";
import { Progress } from "../connection/progress.ts";
import type { Feed } from "../send/feed.ts";
import { SEND_FLAGS, type SendPlan, sendPlan } from "../send/plan.ts";
import { openFeed } from "../send/source.ts";

/** Sends what a feed has, to its end or for the duration. */
async function sendFeed(
  feed: Feed,
  { sources, connection: options, durationMs, openh264 }: SendPlan,
  context: Context,
): Promise<boolean> {
  const { stdout, signal } = context;
  const { video, audio } = feed;
  await using sora = new Sora(openh264 === undefined ? {} : { openh264 });
  const videoSource = video && sora.createVideoSource();
  const audioSource = audio && sora.createAudioSource(audio);
  const member = new Membership(sora, {
    ...options,
    ...(videoSource === undefined ? { video: false, videoCodecType: undefined } : { videoSource }),
    ...(audioSource === undefined ? { audio: false } : { audioSource }),
  });
  await member.join(context);
  const { connection } = member;
  using progress = new Progress(stdout);
  const { channelId } = options;
  const { connectionId } = connection;
  const url = withoutUrlSecrets(connection.connectedSignalingUrl ?? "");
  const names = withoutSecretsOfUrls(sources.map(({ word }) => word).join(" and "));
  progress.tell(
    `Sending ${names} to channel ${channelId} of ${url} as ${connectionId} (Ctrl-C ends it)`,
    { event: "connected", channelId, connectionId, url, source: names, video, audio },
  );
  /** Frames that the encoder had no time or no bits for. */
  let leftOut = 0;
  const over = new AbortController();
  const fed = feed.run({
    frame(data, width, height) {
      if (videoSource?.onCaptured(data, { width, height, format: "I420" }) === false) leftOut++;
    },
    block: (samples, sampleRate, channels) =>
      audioSource?.onData(samples, { sampleRate, channels }),
  }, over.signal);
  const ended = durationMs === undefined
    ? fed
    : Promise.race([fed, sleep(durationMs, over.signal)]);
  const meter = new FlowMeter("outbound-rtp");
  meter.next(await connection.getStats());
  let frames = 0;
  try {
    return await member.stay(
      ended,
      async () => {
        const flow = meter.next(await connection.getStats());
        ({ frames } = flow);
        progress.flow(flow, { leftOut }, leftOut === 0 ? "" : `${leftOut} frames left out`);
      },
      context,
    );
  } finally {
    over.abort();
    await feed[Symbol.asyncDispose]();
    await fed.catch(() => {});
    if (!stdout.isTTY) {
      const reason = signal.aborted ? "interrupted" : "done";
      progress.tell("", { event: "ended", reason, seconds: progress.seconds, frames, leftOut });
    }
  }
}

/** `sora-ffi send` */
export const send: Command = {
  summary: "send a test picture, a media file, a camera or a microphone",
  operands: {
    value: "[SOURCE [AUDIO]]",
    max: 2,
    summary:
      "testsrc (the default), a media file, a URL, camera, microphone, or a device that 'sora-ffi devices' lists: " +
      "v4l2:/dev/video0, pulse:default. Of two, the first has the video and the second the audio. All but testsrc need ffmpeg",
  },
  options: SEND_FLAGS,
  async run(values, context, words) {
    const plan = sendPlan(values, words);
    const { signal } = context;
    await using feed = await openFeed(plan.sources, plan.feed, signal);
    const isDone = await sendFeed(feed, plan, context);
    // Where nothing but Ctrl-C would end it, it did what was wanted.
    const isEndless = plan.durationMs === undefined &&
      (plan.feed.loop || typeof plan.sources[0]?.input !== "string");
    return isDone || isEndless ? ExitCode.OK : ExitCode.INTERRUPTED;
  },
};
