/**
 * One codec by one implementation, from a sender through the server to a receiver.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Sora, type SoraOptions, type SoraStatsOf, type SoraVideoCodecName } from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { eventually, within } from "./eventually.ts";
import { MediaClient, type Received } from "./media_client.ts";
import { drawPicture, type PictureStyle, psnr, readNumber } from "./picture.ts";

const style: PictureStyle = { width: 320, height: 240, turn: 3 };
const otherStyle: PictureStyle = { width: 480, height: 272, turn: 1 };
const KEY_FRAMES = 3;
const PICTURES = 30;
const SHARP_MS = 1_000;

/** What is sent and received, and by what names statistics call who does it. */
export interface CodecScene {
  /** The codec. */
  readonly codec: SoraVideoCodecName;
  /** Of the sender and of the receiver. */
  readonly sora: SoraOptions;
  /** `encoderImplementation`. */
  readonly encoder: string;
  /** `decoderImplementation`. */
  readonly decoder: string;
}

/**
 * Once pictures of a style have had a second to get sharp, thirty come in order, each with a PSNR of 30 dB at least.
 * Without one that is sharp they must come within 20 s.
 */
async function goodPictures(style: PictureStyle, { video }: Required<Received>): Promise<void> {
  const frames = video[Symbol.asyncIterator]();
  let [since, last, count] = [Infinity, -1, 0];
  const limit = performance.now() + 20_000;
  while (count < PICTURES) {
    assert.ok(performance.now() < limit, `${count} of ${PICTURES} pictures came within 20 s`);
    const { value } = await within("a picture", frames.next());
    assert.ok(value, "the sink goes on");
    using frame = value;
    if (frame.width !== style.width || frame.height !== style.height) continue;
    since = Math.min(since, performance.now());
    const pixels = frame.data();
    const number = readNumber(style, pixels);
    assert.ok(last === -1 || number > last, `picture ${number} came after ${last}`);
    last = number;
    if (performance.now() - since < SHARP_MS) continue;
    const quality = psnr(pixels, drawPicture(style, number));
    assert.ok(quality >= 30, `picture ${number} has ${quality.toFixed(1)} dB`);
    count++;
  }
}

async function outboundOf(client: MediaClient): Promise<SoraStatsOf<"outbound-rtp"> | undefined> {
  const stats = await client.connection.getStats();
  return stats.find((s): s is SoraStatsOf<"outbound-rtp"> =>
    s.type === "outbound-rtp" && s.kind === "video"
  );
}

/** The codec of statistics of one direction. */
async function mimeTypeOf(
  client: MediaClient,
  codecId: string | undefined,
): Promise<string | undefined> {
  const stats = await client.connection.getStats();
  return stats.find((s): s is SoraStatsOf<"codec"> => s.type === "codec" && s.id === codecId)
    ?.mimeType;
}

async function assertStatistics(
  sender: MediaClient,
  receiver: MediaClient,
  { codec, encoder, decoder }: CodecScene,
): Promise<void> {
  const outbound = await outboundOf(sender);
  assert.equal(outbound?.encoderImplementation, encoder);
  assert.equal(await mimeTypeOf(sender, outbound?.codecId), `video/${codec}`);
  const inbound = (await receiver.connection.getStats()).find((
    s,
  ): s is SoraStatsOf<"inbound-rtp"> => s.type === "inbound-rtp" && s.kind === "video");
  assert.equal(inbound?.decoderImplementation, decoder);
  assert.equal(await mimeTypeOf(receiver, inbound?.codecId), `video/${codec}`);
}

/** Three key frames are encoded for three that the server asks for, one after the other. */
async function assertKeyFrames(server: SoraServer, sender: MediaClient): Promise<void> {
  const count = async () => (await outboundOf(sender))?.keyFramesEncoded ?? 0;
  let [before, since] = [await count(), performance.now()];
  for (let i = 0; i < KEY_FRAMES; i++) {
    // libwebrtc leaves out a request within 300 ms of another, as of a receiver's that has just joined.
    await eventually("the time for another key frame", async () => {
      const now = await count();
      if (now !== before) [before, since] = [now, performance.now()];
      return performance.now() - since > 500;
    });
    assert.ok(server.requestKeyFrame(sender.connection.connectionId ?? ""));
    await eventually(
      `key frame ${i + 1} for one request`,
      async () => await count() > before,
      3_000,
    );
  }
}

/** The encoder follows another bit rate, and goes back. */
async function assertBitRate(server: SoraServer, sender: MediaClient): Promise<void> {
  const target = async () => (await outboundOf(sender))?.targetBitrate;
  for (const kbps of [250, 800]) {
    assert.ok(server.limitVideo(sender.connection.connectionId ?? "", kbps));
    await eventually(`a target of ${kbps} kbps`, async () => {
      const bits = await target();
      return bits !== undefined && bits <= kbps * 1_000 && bits > kbps * 500;
    }, 20_000);
  }
}

/** Pictures arrive as they were sent, by whom they should; key frames come; another size is followed. */
export async function proveCodec(scene: CodecScene): Promise<void> {
  await using server = await SoraServer.start({ port: 0 });
  await using sora = new Sora(scene.sora);
  const { codec: videoCodecType } = scene;
  const options = { signalingUrls: [server.url], channelId: "codecs", videoCodecType };
  const picture = { picture: style };
  await using sender = new MediaClient({ ...options, role: "sendonly" }, picture, sora);
  await using receiver = new MediaClient({ ...options, role: "recvonly" }, {}, sora);
  await sender.connect();
  await receiver.connect();
  const received = await receiver.from(sender, 1);
  await goodPictures(style, received);
  await assertStatistics(sender, receiver, scene);
  await assertKeyFrames(server, sender);
  await goodPictures(style, received);
  await assertBitRate(server, sender);
  await goodPictures(style, received);
  sender.show(otherStyle);
  await goodPictures(otherStyle, received);
  assert.deepEqual([...sender.errors, ...receiver.errors], []);
}
