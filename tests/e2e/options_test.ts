/** Every option of `createConnection()` arrives at the server exactly as it was given. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { SoraConnectionOptions } from "../../mod.ts";
import { version } from "../../base/version.ts";
import { RecordingClient } from "../support/recording_client.ts";
import { startEchoServer } from "../support/signaling_servers.ts";

/** What the real SDK sends as `connect` with these options, and the headers it sends it with. */
async function connectMessage(options: Partial<SoraConnectionOptions>) {
  const received: Record<string, unknown>[] = [];
  await using server = await startEchoServer(undefined, (socket) => {
    socket.once("message", (data) => {
      received.push(JSON.parse(String(data)));
      socket.close(4490, "SEEN");
    });
  });
  await using client = new RecordingClient({
    signalingUrls: [`ws://127.0.0.1:${server.port}/signaling`],
    ...options,
  });
  await assert.rejects(client.connect(), { code: "WEBSOCKET_ONCLOSE" });
  assert.equal(received.length, 1);
  return { message: received[0]!, headers: server.requests[0]!.headers };
}

/** Checks and removes the members that name the client. */
function withoutClient({ sora_client, libwebrtc, environment, ...rest }: Record<string, unknown>) {
  assert.equal(sora_client, `Sora FFI SDK ${version}`);
  assert.match(String(libwebrtc), /\S/);
  assert.equal(typeof libwebrtc, "string");
  const runtime = "Bun" in globalThis ? "Bun" : "Deno";
  assert.match(String(environment), new RegExp(`^\\[[^\\]]+\\] .*${runtime} \\d+\\.\\d+`));
  return rest;
}

test("connect without wishes has the required members, who connects, and nothing else", async () => {
  const { message, headers } = await connectMessage({ role: "sendrecv", channelId: "plain" });
  assert.deepEqual(withoutClient(message), {
    type: "connect",
    role: "sendrecv",
    channel_id: "plain",
    audio: true,
    video: true,
  });
  assert.equal(headers["user-agent"], `Mozilla/5.0 (Sora FFI SDK ${version})`);
});

test("connect with every option has each of them as it was given", async () => {
  const metadata = {
    text: "日本語 \u0000 \ud83c\udf0d",
    large: 2 ** 53 - 1,
    negative: -(2 ** 40),
    fraction: 0.1,
    list: [null, true, [], {}],
    "": { deep: [[[["x"]]]] },
  };
  const rules = [
    [{ field: "connection_id", operator: "is_in", values: ["A", "B"] }],
    [
      { field: "client_id", operator: "is_not_in", values: ["c"] },
      { field: "kind", operator: "is_in", values: ["audio", "video"] },
    ],
  ] as const;
  const filter = {
    action: "block",
    name: "one",
    priority: 2 ** 31,
    version: "v1",
    metadata: [1],
    rules,
  } as const;
  const opus = {
    channels: 2,
    maxplaybackrate: 16_000,
    minptime: 10,
    ptime: 20,
    stereo: false,
    sprop_stereo: true,
    useinbandfec: true,
    usedtx: false,
  };
  const { message, headers } = await connectMessage({
    role: "sendonly",
    channelId: "#every/option?",
    clientId: "client",
    bundleId: "bundle",
    metadata,
    signalingNotifyMetadata: "",
    audio: true,
    video: true,
    audioCodecType: "OPUS",
    audioBitRate: 2 ** 31 + 1,
    audioOpusParams: opus,
    audioStreamingLanguageCode: "ja-JP",
    videoCodecType: "H265",
    videoBitRate: 2 ** 40,
    videoVP9Params: { profile_id: 3 },
    videoAV1Params: { profile: 2 },
    videoH264Params: { profile_level_id: "42e034", b_frame: true },
    videoH265Params: { level_id: 93, b_frame: false },
    simulcast: true,
    simulcastRid: "r1",
    simulcastRequestRid: "none",
    spotlight: false,
    spotlightNumber: 5,
    spotlightFocusRid: "r2",
    spotlightUnfocusRid: "none",
    forwardingFilter: filter,
    forwardingFilters: [filter, { rules: [] }],
    dataChannels: [
      { label: "#plain", direction: "recvonly" },
      {
        label: "#all",
        direction: "sendrecv",
        ordered: false,
        maxRetransmits: 0,
        protocol: "p",
        compress: true,
        header: [{ type: "sender_connection_id" }],
      },
      { label: "#timed", direction: "sendonly", ordered: true, maxPacketLifeTime: 65_535 },
    ],
    dataChannelSignaling: true,
    ignoreDisconnectWebSocket: false,
    userAgent: "every option/1.0",
    // These are this side's own.
    dataChannelSignalingTimeoutMs: 1_000,
    disconnectWaitTimeoutMs: 1_000,
    webSocketCloseTimeoutMs: 1_000,
    webSocketConnectionTimeoutMs: 10_000,
    insecure: false,
    reconnect: { maxRetries: 1 },
  });
  assert.deepEqual(withoutClient(message), {
    type: "connect",
    role: "sendonly",
    channel_id: "#every/option?",
    client_id: "client",
    bundle_id: "bundle",
    metadata,
    signaling_notify_metadata: "",
    audio: { codec_type: "OPUS", bit_rate: 2_147_483_649, opus_params: opus },
    video: {
      codec_type: "H265",
      bit_rate: 1_099_511_627_776,
      vp9_params: { profile_id: 3 },
      av1_params: { profile: 2 },
      h264_params: { profile_level_id: "42e034", b_frame: true },
      h265_params: { level_id: 93, b_frame: false },
    },
    audio_streaming_language_code: "ja-JP",
    simulcast: true,
    simulcast_rid: "r1",
    simulcast_request_rid: "none",
    spotlight: false,
    spotlight_number: 5,
    spotlight_focus_rid: "r2",
    spotlight_unfocus_rid: "none",
    forwarding_filter: filter,
    forwarding_filters: [filter, { rules: [] }],
    data_channels: [
      { label: "#plain", direction: "recvonly" },
      {
        label: "#all",
        direction: "sendrecv",
        ordered: false,
        max_retransmits: 0,
        protocol: "p",
        compress: true,
        header: [{ type: "sender_connection_id" }],
      },
      { label: "#timed", direction: "sendonly", ordered: true, max_packet_life_time: 65_535 },
    ],
    data_channel_signaling: true,
    ignore_disconnect_websocket: false,
  });
  assert.equal(headers["user-agent"], "every option/1.0");
});
