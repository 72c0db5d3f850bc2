import assert from "node:assert/strict";
import { test } from "node:test";
import { buildConnectMessage } from "../../signaling/messages/connect.ts";
import { checkSignalingOptions } from "../../signaling/mod.ts";
import { makeCertificate } from "../support/signaling_certificates.ts";

const { cert, key } = makeCertificate({ subject: "test" });
const client = { soraClient: "Sora FFI SDK 1.2.3" };
const required = { signalingUrls: ["wss://sora.example/signaling"], channelId: "channel" };

function connect(options: object, redirected = false): Record<string, unknown> {
  const checked = checkSignalingOptions({ ...required, role: "sendrecv", ...options });
  return JSON.parse(JSON.stringify(buildConnectMessage(checked, client, redirected)));
}

/** What the options add to, or change in, the smallest message. */
function added(options: object): Record<string, unknown> {
  const smallest = connect({});
  const entries = Object.entries(connect(options))
    .filter(([key, value]) => JSON.stringify(smallest[key]) !== JSON.stringify(value));
  return Object.fromEntries(entries);
}

test("buildConnectMessage without options has the required keys only, audio and video true", () => {
  assert.deepEqual(connect({}), {
    type: "connect",
    role: "sendrecv",
    channel_id: "channel",
    sora_client: "Sora FFI SDK 1.2.3",
    video: true,
    audio: true,
  });
});

test("buildConnectMessage has redirect only after a redirect", () => {
  assert.equal(connect({}, true)["redirect"], true);
  assert.equal("redirect" in connect({}), false);
});

test("buildConnectMessage has environment and libwebrtc when they are known", () => {
  const checked = checkSignalingOptions({ ...required, role: "recvonly" });
  const message = buildConnectMessage(checked, {
    soraClient: "Sora FFI SDK 1.2.3",
    environment: "[x86_64] Debian",
    libwebrtc: "M120",
  }, false);
  assert.equal(message.environment, "[x86_64] Debian");
  assert.equal(message.libwebrtc, "M120");
});

const rows: [string, object, object][] = [
  ["clientId", { clientId: "me" }, { client_id: "me" }],
  ["empty clientId", { clientId: "" }, {}],
  ["bundleId", { bundleId: "b" }, { bundle_id: "b" }],
  ["metadata", { metadata: { a: [1, "x", null, true] } }, {
    metadata: { a: [1, "x", null, true] },
  }],
  ["metadata that is a string", { metadata: "" }, { metadata: "" }],
  ["metadata false", { metadata: false }, { metadata: false }],
  ["metadata 0", { metadata: 0 }, { metadata: 0 }],
  ["metadata null", { metadata: null }, {}],
  ["metadata with large integers", { metadata: { n: 2 ** 53 - 1, m: -(2 ** 40) } }, {
    metadata: { n: 9007199254740991, m: -1099511627776 },
  }],
  ["signalingNotifyMetadata", { signalingNotifyMetadata: [1] }, {
    signaling_notify_metadata: [1],
  }],
  ["audio off", { audio: false }, { audio: false }],
  ["audio off wins over wishes", { audio: false, audioBitRate: 64 }, { audio: false }],
  ["audio on", { audio: true }, {}],
  ["video off", { video: false }, { video: false }],
  ["audioCodecType", { audioCodecType: "OPUS" }, { audio: { codec_type: "OPUS" } }],
  ["audioBitRate", { audioBitRate: 64 }, { audio: { bit_rate: 64 } }],
  ["audioBitRate beyond 32 bits", { audioBitRate: 2 ** 33 }, { audio: { bit_rate: 8589934592 } }],
  [
    "audioOpusParams",
    {
      audioOpusParams: {
        channels: 2,
        maxplaybackrate: 48000,
        minptime: 10,
        ptime: 20,
        stereo: true,
        sprop_stereo: false,
        useinbandfec: true,
        usedtx: false,
      },
    },
    {
      audio: {
        opus_params: {
          channels: 2,
          maxplaybackrate: 48000,
          minptime: 10,
          ptime: 20,
          stereo: true,
          sprop_stereo: false,
          useinbandfec: true,
          usedtx: false,
        },
      },
    },
  ],
  ["audioOpusParams without wishes", { audioOpusParams: {} }, {}],
  ["videoVP9Params without wishes", { videoVP9Params: {}, videoBitRate: 500 }, {
    video: { bit_rate: 500 },
  }],
  ["audioStreamingLanguageCode", { audioStreamingLanguageCode: "ja-JP" }, {
    audio_streaming_language_code: "ja-JP",
  }],
  ["videoCodecType", { videoCodecType: "AV1" }, { video: { codec_type: "AV1" } }],
  ["videoBitRate", { videoBitRate: 2500 }, { video: { bit_rate: 2500 } }],
  ["videoVP9Params", { videoVP9Params: { profile_id: 2 } }, {
    video: { vp9_params: { profile_id: 2 } },
  }],
  ["videoAV1Params", { videoAV1Params: { profile: 1 } }, { video: { av1_params: { profile: 1 } } }],
  ["videoH264Params", { videoH264Params: { profile_level_id: "42e034", b_frame: false } }, {
    video: { h264_params: { profile_level_id: "42e034", b_frame: false } },
  }],
  ["videoH265Params", { videoH265Params: { level_id: 93, b_frame: true } }, {
    video: { h265_params: { level_id: 93, b_frame: true } },
  }],
  ["simulcast", { simulcast: true }, { simulcast: true }],
  ["simulcast false", { simulcast: false }, { simulcast: false }],
  ["simulcastRid", { simulcastRid: "r1" }, { simulcast_rid: "r1" }],
  ["simulcastRequestRid", { simulcastRequestRid: "none" }, { simulcast_request_rid: "none" }],
  ["spotlight", { spotlight: true }, { spotlight: true }],
  ["spotlightNumber", { spotlightNumber: 3 }, { spotlight_number: 3 }],
  ["spotlightFocusRid", { spotlightFocusRid: "r2" }, { spotlight_focus_rid: "r2" }],
  ["spotlightUnfocusRid", { spotlightUnfocusRid: "none" }, { spotlight_unfocus_rid: "none" }],
  ["dataChannelSignaling", { dataChannelSignaling: false }, { data_channel_signaling: false }],
  ["ignoreDisconnectWebSocket", { ignoreDisconnectWebSocket: true }, {
    ignore_disconnect_websocket: true,
  }],
  ["no dataChannels", { dataChannels: [] }, {}],
  [
    "dataChannels",
    {
      dataChannels: [
        { label: "#a", direction: "sendonly" },
        {
          label: "#b",
          direction: "recvonly",
          ordered: false,
          maxPacketLifeTime: 0,
          protocol: "p",
          compress: true,
          header: [{ type: "sender_connection_id" }],
        },
        { label: "#c", direction: "sendrecv", maxRetransmits: 3 },
      ],
    },
    {
      data_channels: [
        { label: "#a", direction: "sendonly" },
        {
          label: "#b",
          direction: "recvonly",
          ordered: false,
          max_packet_life_time: 0,
          protocol: "p",
          compress: true,
          header: [{ type: "sender_connection_id" }],
        },
        { label: "#c", direction: "sendrecv", max_retransmits: 3 },
      ],
    },
  ],
  [
    "forwardingFilter",
    {
      forwardingFilter: {
        rules: [[{ field: "kind", operator: "is_in", values: ["audio"] }]],
      },
    },
    {
      forwarding_filter: {
        rules: [[{ field: "kind", operator: "is_in", values: ["audio"] }]],
      },
    },
  ],
  [
    "forwardingFilters",
    {
      forwardingFilters: [{
        name: "test",
        priority: 128,
        action: "allow",
        version: "v1",
        metadata: { a: null },
        rules: [],
      }],
    },
    {
      forwarding_filters: [{
        name: "test",
        priority: 128,
        action: "allow",
        rules: [],
        version: "v1",
        metadata: { a: null },
      }],
    },
  ],
  [
    "options of the transport",
    {
      dataChannelSignalingTimeoutMs: 1,
      disconnectWaitTimeoutMs: 1,
      webSocketCloseTimeoutMs: 1,
      webSocketConnectionTimeoutMs: 1,
      insecure: true,
      caCert: cert,
      clientCert: cert,
      clientKey: key,
      proxyUrl: "http://tunnel.example",
      proxyUsername: "u",
      proxyPassword: "p",
      proxyAgent: "a",
      iceTransportPolicy: "relay",
      userAgent: "ua",
      reconnect: { maxRetries: 1 },
    },
    {},
  ],
];
for (const [name, options, expected] of rows) {
  test(`buildConnectMessage: ${name}`, () => assert.deepEqual(added(options), expected));
}

test("buildConnectMessage has its keys in the order of the other SDKs", () => {
  const all = Object.assign({}, ...rows.map(([, options]) => options), {
    metadata: 1,
    clientId: "me",
    audio: true,
    video: true,
  });
  assert.deepEqual(Object.keys(connect(all, true)), [
    "type",
    "role",
    "channel_id",
    "sora_client",
    "redirect",
    "client_id",
    "bundle_id",
    "simulcast",
    "simulcast_rid",
    "simulcast_request_rid",
    "spotlight",
    "spotlight_number",
    "spotlight_focus_rid",
    "spotlight_unfocus_rid",
    "metadata",
    "signaling_notify_metadata",
    "video",
    "audio",
    "audio_streaming_language_code",
    "data_channel_signaling",
    "ignore_disconnect_websocket",
    "data_channels",
    "forwarding_filter",
    "forwarding_filters",
  ]);
});
