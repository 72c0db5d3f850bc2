// A receiver behind a path that carries less than what is sent: it gets a smaller layer, and the others what they got before.
import assert from "node:assert/strict";
import { test } from "node:test";
import { SoraServer, type SoraServerConnection } from "../../sfu/mod.ts";
import { BusyFrames } from "../support/busy_frames.ts";
import { eventually } from "../support/eventually.ts";
import { MediaClient } from "../support/media_client.ts";
import { ThinPath } from "../support/thin_path.ts";

/** How long a layer may take on a busy machine; the bench measures how long it takes. */
const PATIENCE_MS = 20_000;

const ROOM = { channelId: "thin", simulcast: true, simulcastRequestRid: "r2" } as const;

test("a receiver whose path carries 600 kbit/s gets a smaller layer, others the largest, and it, too, once there is room", async () => {
  await using server = await SoraServer.start();
  await using path = await ThinPath.start(server.url);
  await using sender = new MediaClient({
    channelId: ROOM.channelId,
    simulcast: true,
    signalingUrls: [server.url],
    role: "sendonly",
    videoCodecType: "VP8",
    videoBitRate: 2500,
  }, { frame: new BusyFrames(), toneHz: 440 });
  await using thin = new MediaClient({ ...ROOM, signalingUrls: [path.url], role: "recvonly" });
  await using free = new MediaClient({ ...ROOM, signalingUrls: [server.url], role: "recvonly" });
  await sender.connect();
  await Promise.all([thin.connect(), free.connect()]);
  const watch = async (client: MediaClient) => {
    const { video, audio } = await client.from(sender, 2);
    const seen = { frames: 0, blocks: 0 };
    video.onFrame = (frame) => {
      seen.frames++;
      frame.close();
    };
    audio.onData = () => void seen.blocks++;
    return seen;
  };
  const [atThin, atFree] = [await watch(thin), await watch(free)];
  const of = ({ connection }: MediaClient) =>
    server.connections().find(({ connectionId }) => connectionId === connection.connectionId)!;
  const ridOf = ({ subscriptions }: SoraServerConnection) =>
    subscriptions.find(({ kind }) => kind === "video")?.rid;
  const frames = (seen: { frames: number }, count = 20) => {
    const before = seen.frames;
    return eventually(`${count} frames`, () => seen.frames >= before + count, PATIENCE_MS);
  };
  await eventually(
    "r2 for both",
    () => [thin, free].every((one) => ridOf(of(one)) === "r2"),
    PATIENCE_MS,
  );
  await frames(atThin);

  path.limits.kbps = 600;
  await eventually("a smaller layer", () => ridOf(of(thin)) !== "r2", PATIENCE_MS);
  const { blocks } = atThin;
  await Promise.all([frames(atThin), frames(atFree)]);
  assert.notEqual(ridOf(of(thin)), "r2");
  assert.equal(ridOf(of(free)), "r2", "the other one is not touched");
  await eventually("audio goes on", () => atThin.blocks > blocks + 50);
  await eventually("an estimate near the truth, and probes", () => {
    const { bitRate = 0, probePackets = 0 } = of(thin).path ?? {};
    return bitRate > 50_000 && bitRate < 900_000 && probePackets > 0;
  }, PATIENCE_MS);

  delete path.limits.kbps;
  await eventually("r2 again", () => ridOf(of(thin)) === "r2", PATIENCE_MS);
  await Promise.all([frames(atThin), frames(atFree)]);
  assert.deepEqual([...thin.disconnects, ...free.disconnects, ...sender.disconnects], []);
});

test("a path that loses a fifth of all datagrams for a while disconnects nobody", async () => {
  await using server = await SoraServer.start();
  await using path = await ThinPath.start(server.url, { loss: 0.2, delayMs: 20, jitterMs: 10 });
  await using sender = new MediaClient({
    channelId: "lossy",
    signalingUrls: [server.url],
    role: "sendonly",
    videoCodecType: "VP8",
  }, { frame: { width: 320, height: 180, turn: 0 }, toneHz: 440 });
  await using receiver = new MediaClient({
    channelId: "lossy",
    signalingUrls: [path.url],
    role: "recvonly",
  });
  await sender.connect();
  await receiver.connect();
  const { video } = await receiver.from(sender, 2);
  let frames = 0;
  video.onFrame = (frame) => {
    frames++;
    frame.close();
  };
  await eventually("90 frames", () => frames >= 90, PATIENCE_MS);
  assert.ok(path.lost > 20, `${path.lost} datagrams`);
  const { lossShare } = server.connections()
    .find(({ connectionId }) => connectionId === receiver.connection.connectionId)!.path!;
  assert.ok(lossShare > 0.02, `${lossShare}`);
  path.limits.loss = 0;
  const before = frames;
  await eventually("30 more", () => frames >= before + 30, PATIENCE_MS);
  assert.deepEqual([...receiver.disconnects, ...sender.disconnects], []);
});
