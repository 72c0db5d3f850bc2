import assert from "node:assert/strict";
import { test } from "node:test";
import {
  enableLibwebrtcLog,
  Sora,
  SoraError,
  type SoraMediaTrack,
  type SoraTransformableVideoFrame,
  SoraVideoCodecPreference,
  type SoraVideoCodecPreferenceCodec,
  SoraVideoFrameTransformer,
} from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { openh264Files } from "../support/codec_libraries.ts";
import { eventually } from "../support/eventually.ts";
import { MediaClient, nextFrame } from "../support/media_client.ts";
import { formatParameters, videoCodecs } from "../support/sdp.ts";

const media = { frame: { width: 320, height: 240, turn: 3 } };
const openh264 = [...openh264Files.values()][0] ?? "";

function preferring(...codecs: SoraVideoCodecPreferenceCodec[]) {
  return { videoCodecPreference: new SoraVideoCodecPreference({ codecs }) };
}

/** The only video track of a client. */
function videoOf(client: MediaClient): Promise<SoraMediaTrack> {
  return eventually(
    "the track",
    () =>
      [...client.received.values()].flatMap(({ tracks }) => [...tracks])
        .find(({ kind }) => kind === "video"),
  );
}

test("a track that nothing here decodes is announced with the reason, and a transformer gets its frames", async () => {
  const lines: string[] = [];
  enableLibwebrtcLog("WARNING", (line) => void lines.push(line));
  await using server = await SoraServer.start({ port: 0 });
  await using both = new Sora({ openh264 });
  await using plain = new Sora();
  const options = { signalingUrls: [server.url], channelId: "undecodable", audio: false };
  const send = (videoCodecType: "VP8" | "H264") =>
    new MediaClient({ ...options, role: "sendonly", videoCodecType }, media, both);
  await using h264 = send("H264");
  await using vp8 = send("VP8");
  await h264.connect();
  await using receiver = new MediaClient({ ...options, role: "recvonly" }, {}, plain);
  const sent: string[] = [];
  const offered: string[] = [];
  receiver.connection.onSignalingMessage = (_type, direction, text) => {
    const { type, sdp } = JSON.parse(text);
    if (/answer$/.test(type)) sent.push(sdp);
    if (direction === "RECEIVED" && /offer$/.test(type)) offered.push(sdp);
  };
  const transformer = new SoraVideoFrameTransformer();
  const frames: { mimeType: string; isKeyFrame: boolean; start: number[] }[] = [];
  transformer.onTransform = (frame: SoraTransformableVideoFrame) => {
    const { mimeType, isKeyFrame } = frame;
    frames.push({ mimeType, isKeyFrame, start: [...frame.getData().subarray(0, 5)] });
    transformer.enqueue(frame);
  };
  const onTrack = receiver.connection.onTrack;
  receiver.connection.onTrack = (track) => {
    onTrack?.(track);
    if (track.undecodable !== undefined) track.setFrameTransformer(transformer);
  };
  await receiver.connect();
  const track = await videoOf(receiver);

  const parameters = formatParameters(offered[0] ?? "", "H264")[0];
  assert.deepEqual(track.undecodable, {
    codecs: [`H264 (${parameters})`],
    message: `The video track of ${h264.connection.connectionId} cannot be decoded here, because ` +
      `it is sent as H264 (${parameters}): CISCO_OPENH264 would: set the option openh264 to the path ` +
      "of its library",
  });
  const [error] = receiver.errors;
  assert.ok(error instanceof SoraError);
  assert.deepEqual([error.code, error.message], ["UNSUPPORTED", track.undecodable?.message]);
  const stream = `The video of stream ${h264.connection.connectionId} cannot be decoded here`;
  await eventually("the log line", () => lines.some((line) => line.includes(stream)));
  // The answer accepts what was offered, and nothing else (RFC 3264, section 6.1).
  const payloadTypes = (sdp = "") =>
    [...sdp.matchAll(/^a=rtpmap:(\d+ H264)\/90000\r?$/gm)].map((m) => m[1]);
  const [offeredCodecs, answeredCodecs] = [offered, sent].map(([sdp = ""]) => videoCodecs(sdp));
  assert.deepEqual(answeredCodecs, offeredCodecs);
  assert.equal(answeredCodecs?.at(-1)?.[0], "H264");
  assert.deepEqual(payloadTypes(sent[0]), payloadTypes(offered[0]));
  assert.deepEqual(formatParameters(sent[0] ?? "", "H264"), [parameters]);

  // Those before the key frame that is asked for at first may come as well.
  const key = await eventually("a key frame", () => frames.find(({ isKeyFrame }) => isKeyFrame));
  // A sequence parameter set after its start code (ITU-T H.264, annex B).
  assert.deepEqual(key.start.slice(0, 4), [0, 0, 0, 1]);
  assert.equal((key.start[4] ?? 0) & 0x1f, 7);
  await eventually("encoded frames", () => frames.length >= 20);
  for (const { mimeType } of frames) assert.equal(mimeType, "video/H264");

  // What is decodable comes beside it, and an offer that is repeated says nothing twice.
  await vp8.connect();
  (await nextFrame((await receiver.from(vp8, 1)).video)).close();
  assert.equal(receiver.errors.length, 1);
  // Nobody asks for key frames because nothing is decoded.
  const seen = frames.length;
  await eventually("more frames", () => frames.length >= seen + 40);
  const keys = frames.slice(seen).filter(({ isKeyFrame }) => isKeyFrame).length;
  assert.ok(keys <= 2, `${keys} key frames`);
  assert.deepEqual(receiver.disconnects, []);
  await h264.disconnect();
  await eventually("the end", () => track.state === "ENDED");
  enableLibwebrtcLog("NONE");
});

test("SoraMediaTrack.undecodable names the engine that the preference leaves out", async () => {
  await using server = await SoraServer.start({ port: 0 });
  await using both = new Sora();
  await using half = new Sora(
    preferring({ type: "VP9", encoder: "INTERNAL", decoder: "INTERNAL" }),
  );
  await using encoding = new Sora(preferring({ type: "VP8", encoder: "INTERNAL" }));
  const options = { signalingUrls: [server.url], channelId: "undecodable", audio: false };
  await using sender = new MediaClient(
    { ...options, role: "sendonly", videoCodecType: "VP8" },
    media,
    both,
  );
  await sender.connect();
  for (const sora of [half, encoding]) {
    await using receiver = new MediaClient({ ...options, role: "recvonly" }, {}, sora);
    await receiver.connect();
    const { undecodable } = await videoOf(receiver);
    assert.deepEqual(undecodable?.codecs, ["VP8"]);
    assert.match(
      undecodable?.message ?? "",
      /: set INTERNAL as its decoder in the option videoCodecPreference$/,
    );
    assert.equal(receiver.errors.length, 1);
  }
});
