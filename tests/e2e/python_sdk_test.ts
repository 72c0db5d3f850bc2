// The official Python SDK against the embedded server, with this library at the other end.
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { after, before, test } from "node:test";
import { SoraServer } from "../../sfu/mod.ts";
import { assertSees } from "../browser/member.ts";
import { accessToken } from "../support/access_token.ts";
import { CANARY } from "../support/canary.ts";
import { eventually } from "../support/eventually.ts";
import { MediaClient } from "../support/media_client.ts";
import { PythonClient, whyNoPythonSdk } from "../support/python_client.ts";
import { RecordingClient } from "../support/recording_client.ts";
import { rowsHere } from "../support/smoke.ts";

const FRAME = { width: 320, height: 240, turn: 1 } as const;
const OURS = { ...FRAME, turn: 3 } as const;

let server: SoraServer;
before(async () => {
  server = await SoraServer.start({ port: 0, secret: CANARY });
});
after(() => server.close());

/** What both SDKs need to enter a channel. */
function enter(channelId: string, claims: object = {}) {
  const exp = Math.floor(Date.now() / 1_000) + 300;
  const metadata = { access_token: accessToken({ channel_id: channelId, exp, ...claims }, CANARY) };
  return {
    theirs: { signaling_urls: [server.url], channel_id: channelId, metadata },
    ours: { signalingUrls: [server.url], channelId, metadata },
  };
}

/** A test of the Python SDK, where that is installed. */
function pythonTest(title: string, play: () => Promise<void>): void {
  test(`the Python SDK: ${title}`, async (t) => {
    const reason = whyNoPythonSdk();
    if (reason === undefined) return await play();
    console.log(reason);
    t.skip(reason);
  });
}

const codecs = [
  { codec: "VP8", encoder: "libvpx" },
  { codec: "VP9", encoder: "libvpx" },
  { codec: "AV1", encoder: "libaom" },
] as const;
for (const { codec, encoder } of rowsHere("deno", codecs, (row) => row.codec === "VP8")) {
  pythonTest(`video with ${codec} in both directions`, async () => {
    const { theirs, ours } = enter(`python-${codec}`);
    await using python = new PythonClient({
      ...theirs,
      role: "sendrecv",
      audio: false,
      video_codec_type: codec,
      frame: Object.values(FRAME),
    });
    const id = await python.connected();
    await using client = new MediaClient(
      { ...ours, role: "sendrecv", audio: false, videoCodecType: codec },
      { frame: OURS },
    );
    await client.connect();
    await assertSees(client, id, FRAME);
    const received = await eventually("decoded frames", async () => {
      const [inbound] = await python.stats("inbound-rtp");
      return inbound?.framesDecoded > 10 && inbound;
    });
    assert.equal(received.frameWidth, OURS.width);
    // A receiver that joins later gets the server's own copy of a key frame, and needs to ask for none.
    assert.ok(server.requestKeyFrame(id));
    const outbound = await eventually("key frames that were asked for", async () => {
      const [outbound] = await python.stats("outbound-rtp");
      return outbound?.pliCount > 0 && outbound?.keyFramesEncoded > 0 && outbound;
    });
    assert.equal(outbound.encoderImplementation, encoder);
    const mimeTypes = (await python.stats("codec")).map(({ mimeType }) => mimeType);
    assert.deepEqual([...new Set(mimeTypes)], [`video/${codec}`]);
    await python.disconnect();
  });
}

const ends = [
  {
    transports: "the WebSocket",
    options: {},
    text: "Succeeded to close WebSocket (DC signaling is not enabled)",
  },
  {
    transports: "both transports",
    options: { data_channel_signaling: true, ignore_disconnect_websocket: false },
    text: "Succeeded to close Websocket (DC signaling is enabled)",
  },
  {
    transports: "data channels alone",
    options: { data_channel_signaling: true, ignore_disconnect_websocket: true },
    text: "Succeeded to close DataChannel",
  },
];
for (const { transports, options, text } of ends) {
  pythonTest(`notifications, switched and disconnect over ${transports}`, async () => {
    const { theirs, ours } = enter(`python-ends-${transports}`);
    await using client = new RecordingClient(ours);
    await client.connect();
    await using python = new PythonClient({ ...theirs, role: "recvonly", ...options });
    const id = await python.connected();
    const [, created] = await python.until("notify");
    assert.equal(created.channel_connections, 2);
    assert.deepEqual(created.data.map((one: { connection_id: string }) => one.connection_id), [
      client.id,
    ]);
    assert.deepEqual(client.notified(id), ["connection.created"]);
    const switches = "data_channel_signaling" in options;
    if (switches) {
      const [, { ignore_disconnect_websocket }] = await python.until("switched");
      assert.equal(ignore_disconnect_websocket, options.ignore_disconnect_websocket);
    }
    await python.disconnect();
    assert.deepEqual(python.of("disconnect"), [["disconnect", "CLOSE_SUCCEEDED", text]]);
    assert.equal(python.of("switched").length, switches ? 1 : 0);
    await eventually("who left", () => client.notified(id).includes("connection.destroyed"));
  });
}

pythonTest("messages with header and compressed", async () => {
  const { theirs, ours } = enter("python-messages");
  const header = [{ type: "sender_connection_id" }] as const;
  const channel = { label: "#test", direction: "sendrecv", compress: true, header } as const;
  await using client = new RecordingClient({
    ...ours,
    dataChannelSignaling: true,
    dataChannels: [channel],
  });
  await client.switch(["#test"]);
  await using python = new PythonClient({
    ...theirs,
    role: "recvonly",
    data_channel_signaling: true,
    data_channels: [channel],
  });
  const id = await python.connected();
  await python.until("switched");
  const message = Buffer.from("from Python: 語");
  python.send("#test", message);
  await python.until("sent", ([, sent]) => sent === true);
  await eventually("the message", () => client.of("onMessage").length > 0);
  const [label, data, info] = client.of("onMessage")[0]!;
  assert.deepEqual([label, Buffer.from(data), info], ["#test", message, {
    senderConnectionId: id,
  }]);
  assert.ok(client.connection.sendDataChannel("#test", "to Python: 語"));
  const [, to, base64] = await python.until("message");
  // The official SDK leaves the header in the message.
  assert.deepEqual([to, `${Buffer.from(base64, "base64")}`], [
    "#test",
    `${client.id}to Python: 語`,
  ]);
  await python.disconnect();
});

/**
 * Frames whose layers have multiples of 16 as sizes, as encoders align them, and three tenths of the kbps that libwebrtc gives the
 * layers of 1080p, 720p and 540p.
 */
const SIZES = {
  "1080p": { size: [1920, 1088], floors: { VP8: [135, 360, 1_500], VP9: [77, 263, 1_010] } },
  "720p": { size: [1280, 768], floors: { VP8: [60, 210, 750], VP9: [42, 126, 457] } },
  "540p": { size: [960, 576], floors: { VP8: [60, 135, 360], VP9: [30, 77, 263] } },
} as const;
const encodings = (active: readonly boolean[]) =>
  active.map((one, i) => ({
    rid: `r${i}`,
    active: one,
    scaleResolutionDownBy: 2 ** (2 - i),
    scalabilityMode: "L1T1",
  }));

interface Simulcast {
  readonly codec: "VP8" | "VP9";
  readonly from: keyof typeof SIZES;
  readonly title: string;
  /** `simulcast_encodings` of the token, or the server's own. */
  readonly claims?: object;
  readonly sdp: string;
  /** How many are active. */
  readonly active: number;
}
const simulcasts: readonly Simulcast[] = [
  ...(["540p", "720p", "1080p"] as const).flatMap((from) =>
    (["VP8", "VP9"] as const).map((codec): Simulcast => ({
      codec,
      from,
      title: "three layers",
      sdp: "r0;r1;r2",
      active: 3,
    }))
  ),
  {
    codec: "VP8",
    from: "540p",
    title: "authorised encodings without r2",
    claims: { simulcast_encodings: encodings([true, true, false]) },
    sdp: "r0;r1;~r2",
    active: 2,
  },
  {
    codec: "VP8",
    from: "540p",
    title: "authorised encodings without r2 and r1",
    claims: { simulcast_encodings: encodings([true, false, false]) },
    sdp: "r0;~r1;~r2",
    active: 1,
  },
];
const isSmoke = ({ codec, from, claims }: Simulcast) =>
  codec === "VP8" && from === "540p" && claims === undefined;
for (const { codec, from, title, claims, sdp, active } of rowsHere("deno", simulcasts, isSmoke)) {
  pythonTest(`simulcast from ${from} with ${codec}, ${title}`, async () => {
    const { size: [width, height], floors } = SIZES[from];
    await using python = new PythonClient({
      ...enter(`python-${from}-${codec}-${sdp}`, claims).theirs,
      role: "sendonly",
      audio: false,
      video_codec_type: codec,
      video_bit_rate: 6_000,
      simulcast: true,
      frame: [width, height, 1],
    });
    await python.connected();
    const [, answer] = await python.until("signaling", ([, { type }]) => type === "answer");
    assert.match(answer.sdp, new RegExp(`^a=simulcast:send ${sdp}\\r$`, "m"));
    let seen: unknown;
    await eventually(`${active} layers`, async () => {
      const outbound = await python.stats("outbound-rtp");
      seen = outbound.map(({ rid, frameHeight, targetBitrate, encoderImplementation }) =>
        [rid, frameHeight, targetBitrate, encoderImplementation].join()
      );
      const isThere = (kbps: number, i: number) => {
        const layer = outbound.find(({ rid }) => rid === `r${i}`);
        return layer?.frameHeight === height >> (2 - i) &&
          layer.targetBitrate >= 1_000 * kbps;
      };
      return outbound.length === 3 && floors[codec].slice(0, active).every(isThere) &&
        outbound.filter(({ bytesSent }) => bytesSent > 0).length === active;
    }, 20_000).catch((error) => {
      throw new Error(`${error.message}; last: ${JSON.stringify(seen)}`);
    });
    await python.disconnect();
  });
}

pythonTest("authorised encodings that scale 960x540 down to 640x360 at most", async () => {
  const simulcast_encodings = ["r0", "r1", "r2"].map((rid, i) => ({
    rid,
    active: i === 0,
    scaleResolutionDownTo: { maxWidth: 640, maxHeight: 360 },
    scalabilityMode: "L1T1",
  }));
  await using python = new PythonClient({
    ...enter("python-scaled", { simulcast_encodings }).theirs,
    role: "sendonly",
    audio: false,
    video_codec_type: "VP8",
    simulcast: true,
    frame: [960, 540, 1],
  });
  await python.connected();
  const [, { encodings }] = await python.until("offer");
  assert.deepEqual(encodings, simulcast_encodings);
  const sent = await eventually("frames", async () => {
    const outbound = await python.stats("outbound-rtp");
    const layer = outbound.find(({ rid }) => rid === "r0");
    return layer?.framesSent > 5 && layer;
  });
  assert.equal(sent.frameWidth, 640);
  // libwebrtc aligns the height to what three layers need.
  assert.ok([352, 360].includes(sent.frameHeight), `${sent.frameHeight}`);
  await python.disconnect();
});
