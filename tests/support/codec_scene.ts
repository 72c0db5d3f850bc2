/**
 * One codec by one implementation, from a sender through the server to a receiver.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Sora, type SoraOptions, type SoraStatsOf, type SoraVideoCodecName } from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { eventually } from "./eventually.ts";
import { MediaClient, nextPicture, type Received } from "./media_client.ts";
import { drawPicture, type PictureStyle, psnr, readNumber } from "./picture.ts";

const style: PictureStyle = { width: 320, height: 240, turn: 3 };
const otherStyle: PictureStyle = { width: 480, height: 272, turn: 1 };
const KEY_FRAMES = 3;

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

/** Ten pictures of a style come, in order and with a PSNR of 30 dB at least. */
async function goodPictures(style: PictureStyle, { video }: Required<Received>): Promise<void> {
  const numbers: number[] = [];
  await eventually(`ten good pictures of ${style.width}x${style.height}`, async () => {
    using frame = await nextPicture(video);
    if (frame.width !== style.width || frame.height !== style.height) return false;
    const pixels = frame.data();
    const number = readNumber(style, pixels);
    if (psnr(pixels, drawPicture(style, number)) >= 30) numbers.push(number);
    return numbers.length >= 10;
  }, 20_000);
  assert.deepEqual(numbers, numbers.toSorted((a, b) => a - b), "pictures come in order");
}

async function outboundOf(client: MediaClient): Promise<SoraStatsOf<"outbound-rtp"> | undefined> {
  const stats = await client.connection.getStats();
  return stats.find((s): s is SoraStatsOf<"outbound-rtp"> =>
    s.type === "outbound-rtp" && s.kind === "video"
  );
}

async function assertReceived(client: MediaClient, { codec, decoder }: CodecScene): Promise<void> {
  const stats = await client.connection.getStats();
  const inbound = stats.find((s): s is SoraStatsOf<"inbound-rtp"> =>
    s.type === "inbound-rtp" && s.kind === "video"
  );
  assert.equal(inbound?.decoderImplementation, decoder);
  const mimeType = stats.find((s): s is SoraStatsOf<"codec"> =>
    s.type === "codec" && s.id === inbound?.codecId
  )?.mimeType;
  assert.equal(mimeType, `video/${codec}`);
}

/** A key frame is encoded for each that the server asks for. */
async function assertKeyFrames(server: SoraServer, sender: MediaClient): Promise<void> {
  const count = async () => (await outboundOf(sender))?.keyFramesEncoded ?? 0;
  for (let i = 0; i < KEY_FRAMES; i++) {
    const before = await count();
    // libwebrtc drops a request that comes within 300 ms of another, as of a receiver's that has just joined.
    let asked = -Infinity;
    await eventually("a key frame", async () => {
      if (performance.now() - asked > 400) {
        assert.ok(server.requestKeyFrame(sender.connection.connectionId ?? ""));
        asked = performance.now();
      }
      return await count() > before;
    });
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
  assert.equal((await outboundOf(sender))?.encoderImplementation, scene.encoder);
  await assertReceived(receiver, scene);
  await assertKeyFrames(server, sender);
  await goodPictures(style, received);
  sender.show(otherStyle);
  await goodPictures(otherStyle, received);
  assert.deepEqual([...sender.errors, ...receiver.errors], []);
}
