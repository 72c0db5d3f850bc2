/**
 * A sender and a receiver of video, audio and messages, whose frames may be changed between the encoder and the encryption.
 *
 *     media_flow.ts URL CODEC SEED [LIBRARY]
 *
 * SEED is that of the changes of frames, 0 for none. It prints `flow` with counts ten times a second, and whatever ends.
 *
 * @module
 */

import process from "node:process";
import {
  Sora,
  type SoraConnection,
  type SoraVideoCodecName,
  SoraVideoFrameTransformer,
} from "../../../mod.ts";
import { openh264Files } from "../../support/codec_libraries.ts";
import { MediaClient } from "../../support/media_client.ts";
import { Mutator } from "../../support/mutations.ts";

/** One line that starts with `flow `: what the receiver has got so far. */
export interface Flow {
  readonly frames: number;
  readonly blocks: number;
  readonly messages: number;
  /** Frames that the sender changed. */
  readonly changed: number;
}

const LABEL = "#chat";
const PRINT_MS = 100;
/** One frame in so many is changed, key frames too. */
const CHANGED = 10;

/** Changes some frames, and hands all of them on. */
function changing(seed: number, onChanged: () => void): SoraVideoFrameTransformer {
  const mutator = new Mutator(seed);
  const transformer = new SoraVideoFrameTransformer();
  transformer.onTransform = (frame) => {
    if (mutator.once(CHANGED)) {
      // A copy: what it was made from goes with the frame.
      const data = Uint8Array.from(mutator.bytes([frame.getData()]));
      if (data.length > 0 && data.length < 100_000) {
        frame.setData(data);
        onChanged();
      }
    }
    transformer.enqueue(frame);
  };
  return transformer;
}

if (import.meta.main) {
  const [url = "", codec = "", seed = "0", library] = process.argv.slice(2);
  const openh264 = [...openh264Files.values()][0];
  const sora = new Sora({
    ...(openh264 === undefined ? {} : { openh264 }),
    ...(library === undefined ? {} : { library }),
  });
  const flow = { frames: 0, blocks: 0, messages: 0, changed: 0 };
  const room = {
    signalingUrls: [url],
    channelId: "media",
    videoCodecType: codec as SoraVideoCodecName,
    videoBitRate: 600,
    dataChannelSignaling: true,
    dataChannels: [{ label: LABEL, direction: "sendrecv" }],
  } as const;
  const sender = new MediaClient(
    {
      ...room,
      role: "sendonly",
      ...(seed === "0"
        ? {}
        : { videoFrameTransformer: changing(Number(seed), () => flow.changed++) }),
    },
    { frame: { width: 320, height: 180, turn: 0 }, toneHz: 440 },
    sora,
  );
  const receiver = new MediaClient({ ...room, role: "recvonly" }, {}, sora);
  const watch = (who: string, connection: SoraConnection) => {
    const own = connection.onDisconnect;
    connection.onDisconnect = (...end) => {
      console.log(`ended ${who} ${end.join(" ")}`);
      own?.(...end);
    };
  };
  watch("sender", sender.connection);
  watch("receiver", receiver.connection);
  receiver.connection.onMessage = () => void flow.messages++;
  await sender.connect();
  await receiver.connect();
  const { video, audio } = await receiver.from(sender);
  video.onFrame = (frame) => {
    frame.close();
    flow.frames++;
  };
  audio.onData = () => void flow.blocks++;
  setInterval(() => {
    sender.connection.sendDataChannel(LABEL, "message");
    console.log(`flow ${JSON.stringify(flow)}`);
  }, PRINT_MS);
}
