/**
 * Simulcast: how soon a receiver has another layer, and what its decoder makes of the change.
 *
 * @module
 */

import { percentile } from "../demo/statistics.ts";
import { Sora, type SoraConnection, type SoraVideoCodecType } from "../mod.ts";
import { openh264Files } from "../tests/support/codec_libraries.ts";
import { within } from "../tests/support/eventually.ts";
import { videoRtpOf } from "../tests/support/statistics.ts";
import { onFrames } from "./clients.ts";
import { drawFrames, everyFrame, FRAME_MS } from "./frames.ts";
import { type Benchmark, delay } from "./measurement.ts";

/** Of a size that has three layers. */
const SIZE = { width: 960, height: 540 } as const;
const WIDTHS = { r0: 240, r1: 480, r2: 960 } as const;
type Rid = keyof typeof WIDTHS;

/** Every way from one layer to another, again and again. */
const WAY: readonly Rid[] = ["r2", "r0", "r1", "r2", "r1", "r0"];
const SWITCHES = 100;
/** Between two requests: longer than the server waits between two key frame requests to one layer. */
const PAUSE_MS = 350;
const CODECS: readonly SoraVideoCodecType[] = ["VP8", "VP9", "AV1", "H264"];

/** Connects a sender of three layers and a receiver of the smallest, and measures each switch in milliseconds. */
async function switches(
  url: string,
  videoCodecType: SoraVideoCodecType,
): Promise<{ readonly times: number[]; readonly errors: number }> {
  const openh264 = [...openh264Files.values()].at(-1);
  await using sora = new Sora(openh264 === undefined ? {} : { openh264 });
  const room = {
    signalingUrls: [url],
    channelId: `layers ${videoCodecType}`,
    dataChannelSignaling: true,
    simulcast: true,
    audio: false,
  };
  const frames = drawFrames(8, SIZE);
  using videoSource = sora.createVideoSource();
  await using sender = sora.createConnection({
    ...room,
    role: "sendonly",
    videoCodecType,
    videoBitRate: 1_200,
    degradationPreference: "MAINTAIN_RESOLUTION",
    videoSource,
  });
  await using receiver = sora.createConnection({ ...room, role: "recvonly" });
  let came: ((width: number) => void) | undefined;
  onFrames(receiver, (frame) => {
    came?.(frame.width);
    frame.close();
  });
  const switched = Promise.withResolvers<void>();
  receiver.onSwitched = () => switched.resolve();
  await receiver.connect();
  await sender.connect();
  const stop = everyFrame((index) => {
    const frame = frames[index % frames.length];
    if (frame !== undefined) videoSource.onCaptured(frame, SIZE);
  });
  const comes = (rid: Rid) =>
    within(
      `a frame of ${rid}`,
      new Promise<void>((resolve) => came = (width) => width === WIDTHS[rid] && resolve()),
    );
  try {
    await switched.promise;
    await comes("r0");
    // The sender's estimate rises to what all layers need.
    await comesAll(receiver, comes);
    const times: number[] = [];
    for (let count = 0; count < SWITCHES; count++) {
      await delay(PAUSE_MS);
      const rid = WAY[count % WAY.length]!;
      const start = performance.now();
      const frame = comes(rid);
      await receiver.requestSimulcastRid(rid);
      await frame;
      times.push(performance.now() - start);
    }
    const { framesReceived = 0, framesDecoded = 0, framesDropped = 0, pliCount = 0 } =
      await videoRtpOf(receiver, "inbound-rtp");
    // A frame or two may be on its way through the decoder; what it cannot decode it asks to be sent anew.
    const lost = Math.max(0, framesReceived - framesDecoded - framesDropped - 2);
    return { times, errors: lost + pliCount };
  } finally {
    stop();
  }
}

/** Has each layer once, which warms up. */
async function comesAll(
  receiver: SoraConnection,
  comes: (rid: Rid) => Promise<void>,
): Promise<void> {
  for (const rid of ["r2", "r1", "r0"] as const) {
    const frame = comes(rid);
    await receiver.requestSimulcastRid(rid);
    await frame;
    await delay(PAUSE_MS);
  }
}

/** From the request of another layer to its first frame. */
export const layers: Benchmark = {
  name: "layers",
  async *run({ url }) {
    for (const codec of CODECS) {
      const { times, errors } = await switches(url, codec);
      const rest = {
        unit: "ms",
        limit: FRAME_MS,
        limitIs: "a frame of 30 a second, which is the soonest that a key frame can come",
      } as const;
      yield {
        name: `${codec}: another layer requested to its first frame, median of ${SWITCHES}`,
        value: percentile(times, 50),
        ...rest,
        reach: { value: 100 },
      };
      yield {
        name: `${codec}: the same, 95 %`,
        value: percentile(times, 95),
        ...rest,
        reach: { value: 250 },
      };
      yield {
        name: `${codec}: frames that were not decoded, and key frames that the decoder asked for`,
        value: errors,
        unit: "frames",
        limit: SWITCHES,
        limitIs: "switches",
        reach: { value: 0 },
      };
    }
  },
};
