// Temporal layers of AV1 through SDP, RTP and the server: what the dependency descriptor of each frame says on both sides, and
// that a receiver may leave layers out.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type SoraOutboundRtpStats,
  type SoraTransformableVideoFrame,
  SoraVideoFrameTransformer,
} from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { type OfferedEncoding, startEncodingsRelay } from "../support/encodings_relay.ts";
import { eventually } from "../support/eventually.ts";
import { goodFrames } from "../support/good_frames.ts";
import { MediaClient } from "../support/media_client.ts";
import { RealClip } from "../support/real_clip.ts";
import type { SignalingRelay } from "../support/signaling_relay.ts";
import { rowsHere } from "../support/smoke.ts";
import { videoRtpOf } from "../support/statistics.ts";

const KBPS = 1_000;
const clip = RealClip.decode(480, 270);

/** One encoding of whole size is sent; Sora offers all three rids always. */
const encodings = (scalabilityMode: string): OfferedEncoding[] => [
  {
    rid: "r0",
    active: true,
    maxBitrate: KBPS * 1_000,
    scaleResolutionDownBy: 1,
    scalabilityMode,
  },
  { rid: "r1", active: false, scaleResolutionDownBy: 1, scalabilityMode },
  { rid: "r2", active: false, scaleResolutionDownBy: 1, scalabilityMode },
];

/** What a test records of a frame. */
type Described = Pick<
  SoraTransformableVideoFrame,
  "rtpTimestamp" | "isKeyFrame" | "frameId" | "frameDependencies" | "spatialIndex" | "temporalIndex"
>;

const describe = (frame: SoraTransformableVideoFrame): Described => ({
  rtpTimestamp: frame.rtpTimestamp,
  isKeyFrame: frame.isKeyFrame,
  frameId: frame.frameId,
  frameDependencies: frame.frameDependencies,
  spatialIndex: frame.spatialIndex,
  temporalIndex: frame.temporalIndex,
});

/** Passes frames on and records them; frames of layers above `highest` are dropped. */
class LayerGate {
  readonly transformer = new SoraVideoFrameTransformer();
  readonly frames: Described[] = [];
  highest = Infinity;
  dropped = 0;

  constructor() {
    this.transformer.onTransform = (frame) => {
      this.frames.push(describe(frame));
      if (frame.temporalIndex <= this.highest) return this.transformer.enqueue(frame);
      this.dropped++;
      frame.close();
    };
  }
}

/** Frames of all layers come; each needs only frames that were sent before it and are of no higher layer. */
function assertStructure(frames: readonly Described[], layers: number): void {
  const layerOf = new Map<number, number>();
  for (const frame of frames) {
    const { frameId, frameDependencies, isKeyFrame, temporalIndex } = frame;
    const what = JSON.stringify(frame);
    assert.ok(frameId !== undefined && !layerOf.has(frameId), what);
    assert.equal(frameDependencies.length === 0, isKeyFrame, what);
    for (const dependency of frameDependencies) {
      const layer = layerOf.get(dependency);
      assert.ok(layer !== undefined && layer <= temporalIndex, `${what} needs one of ${layer}`);
    }
    layerOf.set(frameId, temporalIndex);
  }
  assert.deepEqual(
    [...new Set(layerOf.values())].toSorted(),
    Array.from({ length: layers }, (_, layer) => layer),
  );
}

/** A sender with a scalability mode, a receiver, and the gates on both sides. */
async function connect(server: SoraServer, relay: SignalingRelay) {
  const [sent, received] = [new LayerGate(), new LayerGate()];
  const channelId = "layers";
  const receiver = new MediaClient({ signalingUrls: [server.url], channelId, role: "recvonly" });
  const { onTrack } = receiver.connection;
  receiver.connection.onTrack = (track) => {
    track.setFrameTransformer(received.transformer);
    onTrack?.(track);
  };
  const sender = new MediaClient({
    signalingUrls: [relay.url],
    channelId,
    role: "sendonly",
    audio: false,
    videoCodecType: "AV1",
    videoBitRate: KBPS,
    degradationPreference: "MAINTAIN_RESOLUTION",
    videoFrameTransformer: sent.transformer,
  }, { frame: await clip });
  await receiver.connect();
  await sender.connect();
  return { sender, receiver, sent, received };
}

/** Every frame that the gate lets pass until now is decoded, but for those that are too late on a busy machine. */
async function assertDecoded({ connection }: MediaClient, gate: LayerGate): Promise<void> {
  const passed = gate.frames.length - gate.dropped;
  await eventually(`${passed} decoded frames`, async () => {
    const { framesDecoded = 0, framesDropped = 0 } = await videoRtpOf(connection, "inbound-rtp");
    return framesDecoded + framesDropped >= passed;
  });
}

/** Key frames that were asked for on both ways, and that were sent. */
async function keyFrames(sender: MediaClient, receiver: MediaClient): Promise<unknown> {
  const asked = await videoRtpOf(receiver.connection, "inbound-rtp");
  const { pliCount, firCount, keyFramesEncoded } = await sentEncoding(sender, "r0");
  return [asked.pliCount, asked.firCount, pliCount, firCount, keyFramesEncoded];
}

async function sentEncoding(sender: MediaClient, rid: string): Promise<SoraOutboundRtpStats> {
  const stats = await sender.connection.getStats();
  const found = stats.find((s): s is SoraOutboundRtpStats =>
    s.type === "outbound-rtp" && s.rid === rid
  );
  assert.ok(found, `${rid} is in the statistics`);
  return found;
}

const modes = [[1, "L1T1"], [2, "L1T2"], [3, "L1T3"]] as const;
for (const [layers, mode] of rowsHere("bun", modes, ([layers]) => layers === 2)) {
  test(`AV1 ${mode}: its layers, what each frame needs, and good frames without the upper layers`, async () => {
    await using server = await SoraServer.start({ port: 0 });
    await using relay = await startEncodingsRelay(server.url, encodings(mode));
    const { sent, received, ...clients } = await connect(server, relay);
    await using sender = clients.sender;
    await using receiver = clients.receiver;
    const { video } = await receiver.from(sender, 1);
    await goodFrames(await clip, video);
    const { scalabilityMode, encoderImplementation } = await sentEncoding(sender, "r0");
    assert.deepEqual([scalabilityMode, encoderImplementation], [mode, "libaom"]);

    const before = await keyFrames(sender, receiver);
    for (let highest = layers - 2; highest >= 0; highest--) {
      received.highest = highest;
      const [came, dropped] = [received.frames.length, received.dropped];
      await goodFrames(await clip, video);
      const all = received.frames.length - came;
      const passed = all - (received.dropped - dropped);
      // Each layer has half of the frames up to it.
      const share = 2 ** (highest + 1 - layers);
      assert.ok(passed < all * share * 1.3, `${passed} of ${all} frames up to layer ${highest}`);
      await assertDecoded(receiver, received);
    }
    received.highest = layers - 1;
    await goodFrames(await clip, video);
    await assertDecoded(receiver, received);
    assert.deepEqual(await keyFrames(sender, receiver), before);

    assertStructure(sent.frames, layers);
    const sentById = new Map(sent.frames.map((frame) => [frame.frameId, frame]));
    for (const frame of received.frames) assert.deepEqual(frame, sentById.get(frame.frameId));
    assert.deepEqual([...sender.errors, ...receiver.errors], []);
  });
}
