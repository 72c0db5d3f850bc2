/**
 * `sora-ffi receive`: records what the first member of a channel sends.
 *
 * @module
 */

import { withoutUrlSecrets } from "../../base/text.ts";
import { Sora } from "../../mod.ts";
import { aborted, type Command, type Context, ExitCode } from "../command.ts";
import { FlowMeter } from "../connection/flow.ts";
import { Membership } from "../connection/membership.ts";
import { Progress } from "../connection/progress.ts";
import { RECEIVE_FLAGS, type ReceivePlan, receivePlan } from "../receive/plan.ts";
import { Recorder } from "../receive/recorder.ts";

/** The recorder of a plan, which tells what it does. */
function recorderOf(plan: ReceivePlan, progress: Progress): Recorder {
  const { name } = plan;
  return new Recorder(plan, {
    begun(member, video, hasAudio) {
      progress.begin();
      const kinds = [...(video === undefined ? [] : [video]), ...(hasAudio ? ["audio"] : [])];
      progress.tell(
        `Recording ${kinds.join(" and ")} of ${member} into ${name} (Ctrl-C ends it)`,
        { event: "recording", file: name, member, video: video ?? null, audio: hasAudio },
      );
    },
    ignored(members) {
      progress.tell(
        `${members} more ${
          members === 1 ? "member sends" : "members send"
        }: only the first is recorded`,
        { event: "ignored", members },
      );
    },
  });
}

/** Records, and tells whether it came to its end, or to where only the user ends it. */
async function record(plan: ReceivePlan, context: Context, progress: Progress): Promise<boolean> {
  const { openh264, connection: options, name } = plan;
  const { signal, hurry } = context;
  await using sora = new Sora(openh264 === undefined ? {} : { openh264 });
  const member = new Membership(sora, options);
  const { connection } = member;
  const recorder = recorderOf(plan, progress);
  connection.onTrack = recorder.attach;
  connection.onError = (error) =>
    void context.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  const neverHurried = new Promise<void>(() => {});
  try {
    await member.join(context);
    const { channelId } = options;
    const { connectionId } = connection;
    const url = withoutUrlSecrets(connection.connectedSignalingUrl ?? "");
    progress.tell(
      `Connected to channel ${channelId} of ${url} as ${connectionId}, waiting for somebody who sends`,
      { event: "connected", channelId, connectionId, url },
    );
    const meter = new FlowMeter("inbound-rtp");
    meter.next(await connection.getStats());
    const isDone = await member.stay(recorder.over, async () => {
      const flow = meter.next(await connection.getStats());
      const { recorded } = recorder;
      const lost = recorded.droppedFrames === 0 ? "" : `, ${recorded.droppedFrames} too late`;
      progress.flow(flow, { recorded }, `${recorded.frames} frames${lost}`);
    }, context);
    const isEndless = plan.durationMs === undefined && plan.frames === undefined;
    return isDone || (isEndless && recorder.hasBegun);
  } finally {
    await recorder.finish(hurry === undefined ? neverHurried : aborted(hurry));
    const reason = signal.aborted ? "interrupted" : "done";
    const { recorded, hasBegun } = recorder;
    const { frames, audioSeconds } = recorded;
    if (hasBegun) {
      progress.tell(
        `Recorded ${frames} frames and ${audioSeconds} s of audio: ${name}`,
        { event: "ended", reason, file: name, seconds: progress.seconds, ...recorded },
      );
    }
  }
}

/** `sora-ffi receive` */
export const receive: Command = {
  summary: "record the first member of a channel that sends into a file, an image or a pipe",
  options: RECEIVE_FLAGS,
  async run(values, context) {
    const plan = receivePlan(values);
    // Standard output has the media, if they go there.
    using progress = new Progress(plan.name === "-" ? context.stderr : context.stdout);
    return await record(plan, context, progress) ? ExitCode.OK : ExitCode.INTERRUPTED;
  },
};
