import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Sora,
  type SoraConnectionOptions,
  type SoraError,
  type SoraOptions,
  type SoraStatsOf,
  type SoraVideoCodecName,
  SoraVideoCodecPreference,
  type SoraVideoCodecPreferenceCodec,
} from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { openh264Files } from "../support/codec_libraries.ts";
import { eventually } from "../support/eventually.ts";
import { MediaClient, nextFrame } from "../support/media_client.ts";
import { formatParameters, videoCodecs } from "../support/sdp.ts";

const media = { frame: { width: 320, height: 240, turn: 3 } };
const openh264 = [...openh264Files.values()][0] ?? "";

function only(...codecs: SoraVideoCodecPreferenceCodec[]): SoraOptions {
  return { videoCodecPreference: new SoraVideoCodecPreference({ codecs }) };
}

/** What an answer says of each video, as it is sent: the names of the codecs, and the format parameters of one of them. */
function answers(client: MediaClient, codec: string) {
  const found: { codecs: string[][]; parameters: string[] }[] = [];
  client.connection.onSignalingMessage = (_type, direction, text) => {
    const { type, sdp } = JSON.parse(text);
    if (direction !== "SENT" || !["answer", "re-answer"].includes(type)) return;
    found.push({ codecs: videoCodecs(sdp), parameters: formatParameters(sdp, codec) });
  };
  return found;
}

async function receives(receiver: MediaClient, sender: MediaClient): Promise<void> {
  (await nextFrame((await receiver.from(sender, 1)).video)).close();
}

test("who can only encode H264 sends it, and receives the others' VP8, and their H264 undecoded, whoever is there before or comes after", async () => {
  await using server = await SoraServer.start({ port: 0 });
  const options = { signalingUrls: [server.url], channelId: "choice" };
  const vp8 = { type: "VP8", encoder: "INTERNAL", decoder: "INTERNAL" } as const;
  await using both = new Sora({ openh264 });
  await using half = new Sora({
    openh264,
    ...only({ type: "H264", encoder: "CISCO_OPENH264" }, vp8),
  });
  const send = (videoCodecType: "VP8" | "H264") =>
    new MediaClient({ ...options, role: "sendonly", videoCodecType }, media, both);
  await using before = send("H264");
  await using other = send("VP8");
  await before.connect();
  await other.connect();
  await using client = new MediaClient(
    { ...options, role: "sendrecv", videoCodecType: "H264" },
    media,
    half,
  );
  await client.connect();
  await using after = send("H264");
  await after.connect();
  await using last = send("VP8");
  await last.connect();
  await using receiver = new MediaClient({ ...options, role: "recvonly" }, {}, both);
  await receiver.connect();
  for (const sender of [before, other, client, after, last]) await receives(receiver, sender);
  for (const sender of [other, last]) await receives(client, sender);
  for (const sender of [before, other, after, last]) {
    const [track] = (await client.from(sender, 1)).tracks;
    const h264 = sender === before || sender === after;
    assert.match(track?.undecodable?.codecs.join() ?? "", h264 ? /^H264 \(.*\)$/ : /^$/);
  }
  assert.equal(client.received.size, 4);
  assert.deepEqual(client.errors.map((error) => (error as SoraError).code), [
    "UNSUPPORTED",
    "UNSUPPORTED",
  ]);
  assert.deepEqual(client.disconnects, []);
});

test("a client that can only decode H264 receives it, and sends VP8", async () => {
  await using server = await SoraServer.start({ port: 0 });
  const options = { signalingUrls: [server.url], channelId: "choice" };
  await using both = new Sora({ openh264 });
  await using half = new Sora({
    openh264,
    ...only({ type: "H264", decoder: "CISCO_OPENH264" }, { type: "VP8", encoder: "INTERNAL" }),
  });
  await using h264 = new MediaClient(
    { ...options, role: "sendrecv", videoCodecType: "H264" },
    media,
    both,
  );
  await using vp8 = new MediaClient(
    { ...options, role: "sendrecv", videoCodecType: "VP8" },
    media,
    half,
  );
  const sent = answers(vp8, "H264");
  await h264.connect();
  await vp8.connect();
  await receives(h264, vp8);
  await receives(vp8, h264);
  const { codecs = [] } = sent.at(-1) ?? {};
  assert.deepEqual(codecs.map(([first]) => first), ["VP8", "H264"]);
});

test("connect() reports that no engine here encodes H265, also when others are sending", async () => {
  await using server = await SoraServer.start({ port: 0 });
  await using plain = new Sora();
  const options = { signalingUrls: [server.url], channelId: "choice", audio: false };
  await using other = new MediaClient({ ...options, role: "sendonly" }, media, plain);
  await other.connect();
  const wish = { ...options, role: "sendrecv", videoCodecType: "H265" } as const;
  await using sender = new MediaClient(wish, media, plain);
  await assert.rejects(sender.connect(), {
    name: "SoraError",
    message: /the server asks for H265 \(level-id=180;[^)]*\), and no engine here encodes it: /,
  });
  // Without anything to send, it is no matter.
  await using silent = new MediaClient(wish, {}, plain);
  await silent.connect();
  (await nextFrame((await silent.from(other, 1)).video)).close();
  assert.deepEqual([silent.errors, silent.disconnects], [[], []]);
});

/** Sends with options until a frame arrives. The codec's format parameters in both answers and in the statistics of both ends. */
async function agreed(sora: Sora, wish: Wish) {
  await using server = await SoraServer.start({ port: 0 });
  const options = { signalingUrls: [server.url], channelId: "choice", audio: false, ...wish };
  await using sender = new MediaClient({ ...options, role: "sendonly" }, media, sora);
  await using receiver = new MediaClient({ ...options, role: "recvonly" }, {}, sora);
  const codec = wish.videoCodecType;
  const sent = [answers(sender, codec), answers(receiver, codec)];
  await sender.connect();
  await receiver.connect();
  await receives(receiver, sender);
  const [offered = [], taken = []] = sent.map((list) => list.flatMap((one) => one.parameters));
  const inStatistics = (client: MediaClient) =>
    eventually("the codec in statistics", async () => {
      const stats = await client.connection.getStats();
      return stats.find((s): s is SoraStatsOf<"codec"> =>
        s.type === "codec" && s.mimeType === `video/${codec}`
      )?.sdpFmtpLine;
    });
  return {
    answers: [offered, taken],
    encoded: await inStatistics(sender),
    decoded: await inStatistics(receiver),
  };
}

type Wish = Partial<SoraConnectionOptions> & { readonly videoCodecType: SoraVideoCodecName };

// What is agreed on, and what is encoded: an H.264 answer speaks of the level that is received, which may be another one
// (level-asymmetry-allowed, RFC 6184, section 8.1).
const wishes: readonly (readonly [Wish, RegExp, RegExp])[] = [
  [{ videoCodecType: "VP9", videoVP9Params: { profile_id: 0 } }, /^profile-id=0$/, /^profile-id=0/],
  [{ videoCodecType: "VP9", videoVP9Params: { profile_id: 2 } }, /^profile-id=2$/, /^profile-id=2/],
  [{ videoCodecType: "AV1", videoAV1Params: { profile: 0 } }, /;profile=0;/, /;profile=0;/],
  [
    { videoCodecType: "H264", videoH264Params: { profile_level_id: "42e01f" } },
    /;profile-level-id=42e0[0-9a-f]{2}$/,
    /;profile-level-id=42e01f(;|$)/,
  ],
  [
    { videoCodecType: "H264", videoH264Params: { profile_level_id: "42001f" } },
    /;profile-level-id=4200[0-9a-f]{2}$/,
    /;profile-level-id=42001f(;|$)/,
  ],
];
for (const [wish, profile, encoded] of wishes) {
  test(`${JSON.stringify(wish)} is in both answers and in the statistics of both ends`, async () => {
    await using sora = new Sora({ openh264 });
    const found = await agreed(sora, wish);
    for (const parameters of found.answers) {
      assert.ok(parameters.length > 0);
      for (const one of parameters) assert.match(one, profile);
    }
    assert.match(found.decoded, profile);
    assert.match(found.encoded, encoded);
  });
}

test("connect() names the profile that no engine here encodes", async () => {
  await using server = await SoraServer.start({ port: 0 });
  await using sora = new Sora({ openh264 });
  const cases = [
    [{ videoCodecType: "VP9", videoVP9Params: { profile_id: 1 } }, "VP9 (profile-id=1)"],
    [
      { videoCodecType: "AV1", videoAV1Params: { profile: 1 } },
      "AV1 (level-idx=5;profile=1;tier=0)",
    ],
    [
      { videoCodecType: "H264", videoH264Params: { profile_level_id: "64001f" } },
      "H264 (level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=64001f)",
    ],
  ] as const;
  for (const [wish, asked] of cases) {
    const options = { signalingUrls: [server.url], channelId: "choice", role: "sendonly" } as const;
    await using sender = new MediaClient({ ...options, ...wish }, media, sora);
    await assert.rejects(sender.connect(), (error: Error) => {
      const sentence = `the server asks for ${asked}, and no engine here encodes it: `;
      assert.ok(error.message.includes(sentence), error.message);
      return true;
    });
  }
});
