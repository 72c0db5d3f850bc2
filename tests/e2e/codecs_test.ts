import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Sora,
  type SoraError,
  type SoraOptions,
  type SoraVideoCodecName,
  SoraVideoCodecPreference,
  type SoraVideoCodecPreferenceCodec,
} from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { openh264Files } from "../support/codec_libraries.ts";
import { proveCodec } from "../support/codec_scene.ts";
import { MediaClient, nextFrame } from "../support/media_client.ts";
import { rowsHere } from "../support/smoke.ts";

const style = { width: 320, height: 240, turn: 3 };

function only(...codecs: SoraVideoCodecPreferenceCodec[]): SoraOptions {
  return { videoCodecPreference: new SoraVideoCodecPreference({ codecs }) };
}

// AV1, whose decoder is another on each machine, is in codecs_av1_test.ts.
for (const codec of rowsHere("deno", ["VP8", "VP9"] as const, (codec) => codec === "VP8")) {
  test(`${codec} by libvpx: frames, statistics, key frames that were asked for, another bit rate and size`, async () => {
    const sora = only({ type: codec, encoder: "INTERNAL", decoder: "INTERNAL" });
    await proveCodec({ codec, sora, encoder: "libvpx", decoder: "libvpx" });
  });
}

test("a receiver that cannot decode a codec gets its tracks undecoded, and decodes the others", async () => {
  await using server = await SoraServer.start({ port: 0 });
  await using all = new Sora();
  await using vp9 = new Sora(only({ type: "VP9", encoder: "INTERNAL", decoder: "INTERNAL" }));
  await using nothing = new Sora(only({ type: "VP8", encoder: "INTERNAL" }));
  const options = { signalingUrls: [server.url], channelId: "codecs" };
  const send = (videoCodecType: SoraVideoCodecName) =>
    new MediaClient({ ...options, role: "sendonly", videoCodecType }, { frame: style }, all);
  await using first = send("VP8");
  await using receiver = new MediaClient({ ...options, role: "recvonly" }, {}, vp9);
  await using blind = new MediaClient({ ...options, role: "recvonly" }, {}, nothing);
  await first.connect();
  await receiver.connect();
  await blind.connect();
  const undecoded = async (client: MediaClient, sender: MediaClient) => {
    const [track] = (await client.from(sender, 1)).tracks;
    return track?.undecodable?.codecs;
  };
  assert.deepEqual(await undecoded(receiver, first), ["VP8"]);
  assert.deepEqual(await undecoded(blind, first), ["VP8"]);

  await using second = send("VP9");
  await second.connect();
  (await nextFrame((await receiver.from(second, 1)).video)).close();
  // What the one that left had is used again.
  await first.disconnect();
  await using third = send("VP9");
  await third.connect();
  (await nextFrame((await receiver.from(third, 1)).video)).close();
  await using fourth = send("VP8");
  await fourth.connect();
  (await nextFrame((await receiver.from(third, 1)).video)).close();
  assert.deepEqual(await undecoded(receiver, fourth), ["VP8"]);
  for (const sender of [second, third]) {
    assert.equal(await undecoded(receiver, sender), undefined);
    assert.deepEqual(await undecoded(blind, sender), ["VP9 (profile-id=0)"]);
  }
  assert.deepEqual(await undecoded(blind, fourth), ["VP8"]);
  const codes = (client: MediaClient) => client.errors.map((error) => (error as SoraError).code);
  assert.deepEqual(codes(receiver), ["UNSUPPORTED", "UNSUPPORTED"]);
  assert.deepEqual(codes(blind), Array(4).fill("UNSUPPORTED"));
  assert.deepEqual([...receiver.disconnects, ...blind.disconnects], []);
  assert.deepEqual([receiver.connection.state, blind.connection.state], ["connected", "connected"]);
});

test("a receiver that cannot decode H264 stays connected while its senders come and go", async () => {
  await using server = await SoraServer.start({ port: 0 });
  await using h264 = new Sora({ openh264: [...openh264Files.values()][0] ?? "" });
  const options = { signalingUrls: [server.url], channelId: "codecs" };
  await using receiver = new MediaClient({ ...options, role: "recvonly" });
  await receiver.connect();
  for (const videoCodecType of ["H264", "H264", "VP8", "H264", "VP8"] as const) {
    await using sender = new MediaClient(
      { ...options, role: "sendonly", videoCodecType },
      { frame: style },
      h264,
    );
    await sender.connect();
    const { tracks, video } = await receiver.from(sender, 1);
    const [track] = tracks;
    assert.equal(track?.undecodable !== undefined, videoCodecType === "H264");
    if (videoCodecType !== "H264") (await nextFrame(video)).close();
  }
  assert.deepEqual([receiver.connection.state, receiver.disconnects], ["connected", []]);
});

const refusal = (asked: string) => ({
  name: "SoraError",
  message: new RegExp(
    `the server asks for ${asked.replaceAll(/[()]/g, "\\$&")}, and no engine here encodes it: ` +
      "choose another videoCodecType, other parameters of it, or an engine that does",
  ),
});

test("connect() reports that no engine here encodes the codec that is to be sent", async () => {
  await using server = await SoraServer.start({ port: 0 });
  const options = { signalingUrls: [server.url], channelId: "codecs", role: "sendonly" } as const;
  const cases = [
    ["H265", {}, "H265 (level-id=180;profile-id=1;tier-flag=0;tx-mode=SRST)"],
    [
      "H264",
      {},
      "H264 (level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e034)",
    ],
    [
      "VP9",
      only({ type: "VP9", decoder: "INTERNAL" }, { type: "VP8", encoder: "INTERNAL" }),
      "VP9 (profile-id=0)",
    ],
    ["VP8", only({ type: "VP9", encoder: "INTERNAL" }), "VP8"],
  ] as const;
  for (const [videoCodecType, soraOptions, asked] of cases) {
    await using sora = new Sora(soraOptions);
    await using sender = new MediaClient({ ...options, videoCodecType }, { frame: style }, sora);
    await assert.rejects(sender.connect(), refusal(asked));
  }
});
