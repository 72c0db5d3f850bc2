import assert from "node:assert/strict";
import { test } from "node:test";
import { Sora, type SoraStats, type SoraStatsOf } from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { h265Library } from "../support/codec_libraries.ts";
import { eventually } from "../support/eventually.ts";
import { MediaClient, nextFrame, type Received } from "../support/media_client.ts";
import { colourAt, type FrameStyle, quarterColour, readNumber } from "../support/frame.ts";
import { formatParameters } from "../support/sdp.ts";
import { videoRtp } from "../support/statistics.ts";

const style: FrameStyle = { width: 320, height: 240, turn: 3 };
// No multiple of a coding block: the SPS cuts it out of a larger one.
const otherStyle: FrameStyle = { width: 324, height: 246, turn: 1 };
/** What the test encoder writes into each slice header; libwebrtc's parser finds it there. */
const QP = 31;

/** Ten frames of a style come, each later than the one before, with the colours that were sent. */
async function goodFrames(style: FrameStyle, { video }: Required<Received>): Promise<void> {
  const { width, height } = style;
  const numbers: number[] = [];
  await eventually(`ten frames of ${width}x${height}`, async () => {
    using frame = await nextFrame(video);
    if (frame.width !== width || frame.height !== height) return false;
    const pixels = frame.data();
    for (let quarter = 0; quarter < 4; quarter++) {
      const [x, y] = [(quarter % 2 ? 7 : 1) * width / 8, (quarter < 2 ? 1 : 7) * height / 8];
      const expected = quarterColour(style, quarter);
      colourAt(pixels, width, Math.round(x), Math.round(y)).forEach((value, i) =>
        assert.ok(Math.abs(value - (expected[i] ?? 0)) <= 8, `quarter ${quarter}: ${value}`)
      );
    }
    return numbers.push(readNumber(style, pixels)) >= 10;
  }, 20_000);
  assert.deepEqual(numbers, [...new Set(numbers)].toSorted((a, b) => a - b));
}

function codecOf(stats: SoraStats[], codecId: string | undefined): SoraStatsOf<"codec"> {
  const codec = stats.find((s): s is SoraStatsOf<"codec"> =>
    s.type === "codec" && s.id === codecId
  );
  assert.ok(codec);
  return codec;
}

async function outbound(client: MediaClient) {
  const stats = await client.connection.getStats();
  const rtp = videoRtp(stats, "outbound-rtp");
  assert.ok(rtp);
  return { rtp, codec: () => codecOf(stats, rtp.codecId) };
}

async function inbound(client: MediaClient) {
  const stats = await client.connection.getStats();
  const rtp = videoRtp(stats, "inbound-rtp");
  assert.ok(rtp);
  return { rtp, codec: () => codecOf(stats, rtp.codecId) };
}

/** Without the server's wish for a bit rate, which comes with the offer of what is to be sent. */
const bare = (parameters = "") => parameters.replace(/;x-google-.*/, "");

test("H265 goes through SDP and RTP at the level that was asked for, key frames on request", async () => {
  await using server = await SoraServer.start({ port: 0 });
  await using sora = new Sora({ library: h265Library });
  const options = { signalingUrls: [server.url], channelId: "h265" };
  await using sender = new MediaClient(
    { ...options, role: "sendonly", videoCodecType: "H265", videoH265Params: { level_id: 93 } },
    { frame: style },
    sora,
  );
  await using receiver = new MediaClient({ ...options, role: "recvonly" }, {}, sora);
  const descriptions: string[] = [];
  for (const { connection } of [sender, receiver]) {
    connection.onSignalingMessage = (_type, _direction, text) => {
      const { type, sdp } = JSON.parse(text);
      if (sdp === undefined || !/^(re-)?(offer|answer)$/.test(type)) return;
      for (const found of formatParameters(sdp, "H265")) descriptions.push(`${type} ${found}`);
    };
  }
  await sender.connect();
  await receiver.connect();
  const received = await receiver.from(sender, 1);
  await goodFrames(style, received);

  const level = "level-id=93;profile-id=1;tier-flag=0;tx-mode=SRST";
  for (const type of ["offer", "answer", "offer", "answer"]) {
    assert.equal(bare(descriptions.shift()), `${type} ${level}`);
  }
  const sent = await outbound(sender);
  assert.equal(sent.rtp.encoderImplementation, "TestH265");
  assert.equal(sent.codec().mimeType, "video/H265");
  assert.equal(bare(sent.codec().sdpFmtpLine), level);
  const { framesEncoded = 0, qpSum, packetsSent = 0 } = sent.rtp;
  assert.equal(qpSum, QP * framesEncoded);
  // A key frame has 3,600 bytes of colours, and its parameter sets share a packet.
  assert.ok(packetsSent >= framesEncoded + 3, `${packetsSent} packets, ${framesEncoded} frames`);
  const got = await inbound(receiver);
  assert.equal(got.rtp.decoderImplementation, "TestH265");
  assert.equal(got.codec().mimeType, "video/H265");
  assert.equal(got.codec().sdpFmtpLine, level);
  assert.equal(got.rtp.qpSum, QP * (got.rtp.framesDecoded ?? 0));

  const keyFrames = async () => [
    (await outbound(sender)).rtp.keyFramesEncoded ?? 0,
    (await inbound(receiver)).rtp.keyFramesDecoded ?? 0,
  ];
  for (let i = 0; i < 3; i++) {
    const [encoded = 0, decoded = 0] = await keyFrames();
    let asked = -Infinity;
    await eventually("a key frame", async () => {
      // libwebrtc drops a request that comes within 300 ms of another.
      if (performance.now() - asked > 400) {
        assert.ok(server.requestKeyFrame(sender.connection.connectionId ?? ""));
        asked = performance.now();
      }
      const [now = 0, there = 0] = await keyFrames();
      return now > encoded && there > decoded;
    });
  }
  await goodFrames(style, received);
  sender.show(otherStyle);
  await goodFrames(otherStyle, received);
  assert.deepEqual([...sender.errors, ...receiver.errors], []);
});

test("H265 is agreed on at every level of the standard up to the engine's, and refused above", async () => {
  await using server = await SoraServer.start({ port: 0 });
  await using sora = new Sora({ library: h265Library });
  const connect = async (level_id: number) => {
    await using sender = new MediaClient(
      {
        signalingUrls: [server.url],
        channelId: "h265",
        role: "sendonly",
        videoCodecType: "H265",
        videoH265Params: { level_id },
      },
      { frame: style },
      sora,
    );
    await sender.connect();
    return await eventually("frames", async () => {
      const { rtp, codec } = await outbound(sender);
      return (rtp.framesEncoded ?? 0) > 0 && codec().sdpFmtpLine;
    });
  };
  for (const level of [30, 120, 153, 180]) {
    assert.match(await connect(level), new RegExp(`(^|;)level-id=${level}(;|$)`));
  }
  await assert.rejects(connect(183), {
    name: "SoraError",
    message:
      /the server asks for H265 \(level-id=183;profile-id=1;tier-flag=0;tx-mode=SRST\), and no engine here encodes it: /,
  });
});
