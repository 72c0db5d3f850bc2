/** What Sora's own end-to-end suites check of signaling and authorisation and no other file here does, by their names. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { SoraConnection, SoraConnectionOptions, SoraStats } from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { accessToken } from "../support/access_token.ts";
import { eventually } from "../support/eventually.ts";
import { readNumber } from "../support/frame.ts";
import { askApi } from "../support/http_api.ts";
import { MediaClient, nextFrame } from "../support/media_client.ts";
import { RecordingClient } from "../support/recording_client.ts";
import { videoRtpOf } from "../support/statistics.ts";
import { dominantFrequency } from "../support/tone.ts";

const SECRET = "secret of a suite";
const frame = { width: 160, height: 120, turn: 0 } as const;
let server: SoraServer;
let rooms = 0;

before(async () => {
  server = await SoraServer.start({ port: 0, httpApi: true, secret: SECRET, secretAsToken: true });
});

after(() => server.close());

/** Options of a client in a new channel, whose token has these claims. */
function room(claims?: object) {
  const channelId = `suite-${rooms++}`;
  return {
    signalingUrls: [server.url],
    channelId,
    // The suites' own pages hand out the secret itself.
    metadata: {
      access_token: claims === undefined
        ? SECRET
        : accessToken({ channel_id: channelId, ...claims }, SECRET),
    },
  };
}

/** The signaling message of a type that a client sends or receives first. */
function captured(connection: SoraConnection, type: string): Promise<Record<string, unknown>> {
  const { promise, resolve } = Promise.withResolvers<Record<string, unknown>>();
  const before = connection.onSignalingMessage;
  connection.onSignalingMessage = (...args) => {
    before?.(...args);
    const message = JSON.parse(args[2]) as Record<string, unknown>;
    if (message.type === type) resolve(message);
  };
  return promise;
}

const codecOf = (stats: readonly SoraStats[], id: string | undefined) =>
  (stats.find((one) => one.id === id) as { mimeType?: string } | undefined)?.mimeType;

for (
  const [codec, encoder] of [["VP8", "libvpx"], ["VP9", "libvpx"], ["AV1", "libaom"]] as const
) {
  test(`test_authz: the token's codec ${codec} wins, in the offer and in what is sent`, async () => {
    const wished = codec === "VP8" ? "VP9" : "VP8";
    const options = {
      ...room({ video: true, video_codec_type: codec }),
      role: "sendonly",
      audio: false,
      videoCodecType: wished,
    } as const;
    await using sender = new MediaClient(options, { frame });
    const offer = captured(sender.connection, "offer");
    await sender.connect();
    const { sdp } = await offer;
    assert.match(String(sdp), new RegExp(`^a=rtpmap:\\d+ ${codec}/90000\\r?$`, "m"));
    assert.doesNotMatch(String(sdp), new RegExp(wished));
    await eventually("something sent", async () => {
      const outbound = await videoRtpOf(sender.connection, "outbound-rtp");
      if ((outbound.packetsSent ?? 0) < 5 || outbound.encoderImplementation === undefined) {
        return false;
      }
      assert.equal(outbound.encoderImplementation, encoder);
      const stats = await sender.connection.getStats();
      assert.equal(codecOf(stats, outbound.codecId), `video/${codec}`);
      return true;
    });
  });
}

test("test_opus: opus_params of 16 kHz mono are in connect and in the offer, and audio flows", async () => {
  const audioOpusParams = {
    channels: 1,
    maxplaybackrate: 16_000,
    minptime: 10,
    ptime: 20,
    stereo: false,
    sprop_stereo: false,
    useinbandfec: true,
    usedtx: false,
  };
  const options = { ...room(), video: false, audioOpusParams } as const;
  await using sender = new MediaClient({ ...options, role: "sendonly" }, { toneHz: 440 });
  const connect = captured(sender.connection, "connect");
  const offer = captured(sender.connection, "offer");
  await using receiver = new MediaClient({ ...options, role: "recvonly" });
  await sender.connect();
  await receiver.connect();
  assert.deepEqual((await connect).audio, { opus_params: audioOpusParams });
  const sdp = String((await offer).sdp);
  for (const part of ["opus/48000/2", "maxplaybackrate=16000", "stereo=0", "sprop-stereo=0"]) {
    assert.ok(sdp.includes(part), part);
  }
  assert.doesNotMatch(sdp, /usedtx=1/);
  const { audio } = await receiver.from(sender, 1);
  await eventually("the tone", async () => {
    const { ok, data } = await audio.read(4_800);
    return ok && Math.abs(dominantFrequency(data, 48_000) - 440) < 15;
  });
});

for (
  const [name, audioOpusParams] of [["none", undefined], ["usedtx", { usedtx: true }]] as const
) {
  test(`test_signaling: opus_params ${name}`, async () => {
    await using client = new RecordingClient({ ...room(), role: "sendonly", audioOpusParams });
    const connect = captured(client.connection, "connect");
    await client.connect();
    const audio = audioOpusParams === undefined ? true : { opus_params: { usedtx: true } };
    assert.deepEqual((await connect).audio, audio);
    const [offer] = client.of("onSetOffer")[0]!;
    assert.equal(/usedtx=1/.test(offer.sdp), audioOpusParams !== undefined);
  });
}

test("test_signaling_message: connect has audio and video literally true, and filters unchanged", async () => {
  const rules = [[{ field: "connection_id", operator: "is_in", values: ["a"] }]] as const;
  const filter = { name: "test", priority: 128, action: "block", version: "v1", rules } as const;
  const cases: readonly (readonly [Partial<SoraConnectionOptions>, Record<string, unknown>])[] = [
    [{}, {}],
    [{ forwardingFilter: { action: "block", rules } }, {
      forwarding_filter: { action: "block", rules },
    }],
    [{ forwardingFilters: [filter, { ...filter, name: "b" }] }, {
      forwarding_filters: [filter, { ...filter, name: "b" }],
    }],
  ];
  for (const [options, members] of cases) {
    const given = room();
    await using client = new RecordingClient({
      ...given,
      role: "sendonly",
      audio: true,
      video: true,
      ...options,
    });
    const messages = ["connect", "offer", "answer"].map((type) =>
      captured(client.connection, type)
    );
    await client.connect();
    const [connect] = await Promise.all(messages);
    const { role, channel_id, audio, video, metadata } = connect!;
    const { forwarding_filter, forwarding_filters } = connect!;
    assert.deepEqual(
      { role, channel_id, audio, video, metadata },
      {
        role: "sendonly",
        channel_id: given.channelId,
        audio: true,
        video: true,
        metadata: given.metadata,
      },
    );
    assert.deepEqual(
      JSON.parse(JSON.stringify({ forwarding_filter, forwarding_filters })),
      members,
    );
  }
});

test("test_signaling_notify: created and destroyed with their counts, and who was there", async () => {
  const options = room();
  await using first = await new RecordingClient({ ...options, role: "sendonly" }).connect();
  const events = (of: RecordingClient, about: RecordingClient) =>
    of.of("onNotify").map(([message]) => message as Record<string, unknown>)
      .filter(({ connection_id: id }) => id === about.id);
  const [own] = events(first, first);
  assert.deepEqual([own!.event_type, own!.channel_connections], ["connection.created", 1]);
  const second = await new RecordingClient({ ...options, role: "recvonly" }).connect();
  const [created] = events(second, second);
  assert.equal(created!.event_type, "connection.created");
  assert.equal(created!.channel_connections, 2);
  const [present] = created!.data as { connection_id: string }[];
  assert.equal(present!.connection_id, first.id);
  await eventually("the first is told", () => events(first, second).length === 1);
  assert.equal(events(first, second)[0]!.channel_connections, 2);
  const { id } = second;
  await second.connection.disconnect();
  await eventually("the leaving", () => first.notified(id).includes("connection.destroyed"));
  const destroyed = first.of("onNotify").map(([message]) => message as Record<string, unknown>).at(
    -1,
  );
  assert.deepEqual([destroyed!.connection_id, destroyed!.channel_connections], [id, 1]);
  await second[Symbol.asyncDispose]();
});

test("test_messaging and test_messaging_header: statistics count exactly what was sent, and 26 bytes more with a header", async () => {
  const options = { ...room(), dataChannelSignaling: true };
  const label = "#test";
  await using sender = new RecordingClient({
    ...options,
    role: "sendonly",
    dataChannels: [{ label, direction: "sendonly" }],
  });
  const receivers = [undefined, [{ type: "sender_connection_id" as const }]].map((header) =>
    new RecordingClient({
      ...options,
      role: "recvonly",
      dataChannels: [{ label, direction: "recvonly", ...(header === undefined ? {} : { header }) }],
    })
  );
  await sender.switch([label]);
  for (const receiver of receivers) await receiver.switch([label]);
  const texts = ["Hello, world!", "こんにちは"];
  const payloads = texts.map((text) => new TextEncoder().encode(text));
  for (const payload of payloads) assert.ok(sender.connection.sendDataChannel(label, payload));
  const bytes = payloads.reduce((sum, { length }) => sum + length, 0);
  const counted = async ({ connection }: RecordingClient) => {
    const stats = await connection.getStats();
    const found = stats.find((one) =>
      one.type === "data-channel" && (one as { label?: string }).label === label
    );
    const { messagesSent, messagesReceived, bytesSent, bytesReceived } = found as unknown as Record<
      string,
      number
    >;
    return { messagesSent, messagesReceived, bytesSent, bytesReceived };
  };
  for (const [index, receiver] of receivers.entries()) {
    await eventually("the messages", () => receiver.of("onMessage").length === 2);
    const info = index === 1 ? { senderConnectionId: sender.id } : {};
    assert.deepEqual(
      receiver.of("onMessage").map(([from, data, info]) => [from, [...data], info]),
      payloads.map((payload) => [label, [...payload], info]),
    );
    assert.deepEqual(await counted(receiver), {
      messagesSent: 0,
      messagesReceived: 2,
      bytesSent: 0,
      bytesReceived: bytes + 2 * 26 * index,
    });
  }
  assert.deepEqual(await counted(sender), {
    messagesSent: 2,
    messagesReceived: 0,
    bytesSent: bytes,
    bytesReceived: 0,
  });
  for (const receiver of receivers) await receiver[Symbol.asyncDispose]();
});

test("test_re_offer_re_answer_sdp: a receiver survives senders that come and go, and sections are used again", async () => {
  const options = { ...room(), videoCodecType: "VP8" } as const;
  await using receiver = new MediaClient({ ...options, role: "recvonly" });
  const sections: string[][] = [];
  receiver.connection.onSignalingMessage = (_, direction, text) => {
    const { type, sdp } = JSON.parse(text) as { type: string; sdp: string };
    if (direction === "RECEIVED" && type === "re-offer") sections.push(sdp.match(/^m=\w+ \d/gm)!);
  };
  await receiver.connect();
  const sender = () => new MediaClient({ ...options, role: "sendonly" }, { frame, toneHz: 440 });
  const arrives = async (from: MediaClient) => {
    const { video } = await receiver.from(from);
    (await nextFrame(video, (one) => readNumber(frame, one.data("BGR")) >= 0)).close();
  };
  const leave = async (client: MediaClient) => {
    const id = client.connection.connectionId!;
    await client[Symbol.asyncDispose]();
    await eventually("no tracks", () => receiver.received.get(id)?.tracks.size === 0);
  };
  const first = sender();
  await first.connect();
  await arrives(first);
  await leave(first);
  const [second, third] = [sender(), sender()];
  await second.connect();
  await arrives(second);
  await third.connect();
  await arrives(third);
  await leave(second);
  await arrives(third);
  await leave(third);
  // Two own sections, and two for each of the two senders that were there at once: those of the first are used again.
  assert.equal(Math.max(...sections.map(({ length }) => length)), 6);
  await eventually(
    "the last re-offer",
    () => sections.at(-1)!.filter((line) => line.endsWith(" 0")).length === 4,
  );
  assert.deepEqual(receiver.errors, []);
});

test("test_key_frame_request: each call asks the sender, who encodes a key frame", async () => {
  const options = { ...room(), videoCodecType: "VP8", audio: false } as const;
  await using sender = new MediaClient({ ...options, role: "sendonly" }, { frame });
  await using receiver = new MediaClient({ ...options, role: "recvonly" });
  await sender.connect();
  await receiver.connect();
  (await nextFrame((await receiver.from(sender, 1)).video)).close();
  const { channelId } = options;
  const body = { channel_id: channelId, connection_id: sender.connection.connectionId };
  const counts = async () => {
    const { keyFramesEncoded = 0, pliCount = 0 } = await videoRtpOf(
      sender.connection,
      "outbound-rtp",
    );
    return { keyFramesEncoded, pliCount };
  };
  for (let call = 0; call < 3; call++) {
    const before = await counts();
    await eventually("another request and key frame", async () => {
      // An encoder of libwebrtc makes no key frame within 300 ms of the last.
      const { status } = await askApi(server, "Sora_20241218.RequestKeyFrame", body);
      assert.equal(status, 200);
      const now = await counts();
      return now.pliCount > before.pliCount && now.keyFramesEncoded > before.keyFramesEncoded;
    });
  }
});
