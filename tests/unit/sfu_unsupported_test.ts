/** Every property of `connect` and every claim of an access token: done, or refused with a reason, whoever asks for it. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import type { JsonObject, JsonValue } from "../../base/json.ts";
import { admit } from "../../sfu/connection/admission.ts";
import { resolveOptions } from "../../sfu/options/options.ts";
import { Refusal } from "../../sfu/signaling/refusal.ts";
import { accessToken } from "../support/access_token.ts";

const SECRET = "secret of a test";
const connect = { type: "connect", role: "sendrecv", channel_id: "c" };

/** How a client is received: the reason it is refused with, or undefined. */
async function refusal(message: JsonObject, secret?: string): Promise<string | undefined> {
  try {
    await admit(message, resolveOptions(secret === undefined ? {} : { secret }), []);
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return error.reason;
    throw error;
  }
}

const byConnect = (members: JsonObject) => refusal({ ...connect, ...members });
const byToken = (claims: JsonObject) =>
  refusal({ ...connect, metadata: { access_token: accessToken(claims, SECRET) } }, SECRET);

const params = { bit_rate: 500, codec_type: "H264", h264_params: { profile_level_id: "42e034" } };
const rule = { field: "kind", operator: "is_in", values: ["audio"] };
const messaging = [{ label: "#a", direction: "sendrecv" }];

/** What either may ask for and gets. The same property is a claim as well. */
const done: readonly JsonObject[] = [
  { client_id: "alice", bundle_id: "bundle" },
  { data_channel_signaling: true, ignore_disconnect_websocket: true, data_channels: messaging },
  { forwarding_filter: { rules: [[rule]] } },
  { forwarding_filters: [{ name: "a", priority: 1, action: "allow", rules: [[rule]] }] },
  { signaling_notify_metadata: { a: 1 }, metadata: { b: 2 } },
  { multistream: true, simulcast: false, spotlight: false, simulcast_multicodec: false },
  { audio: false, video: true },
  { simulcast: true, simulcast_request_rid: "none" },
  { simulcast: true, simulcast_rid: "r2" },
];

/** Claims that go into `audio` and `video`. */
const media: readonly (readonly [claims: JsonObject, members: JsonObject])[] = [
  [{ audio_codec_type: "OPUS", audio_bit_rate: 64 }, {
    audio: { codec_type: "OPUS", bit_rate: 64 },
  }],
  [{ audio_opus_params: { stereo: false } }, { audio: { opus_params: { stereo: false } } }],
  [{
    video_codec_type: "H264",
    video_bit_rate: 500,
    video_h264_params: params.h264_params,
  }, { video: params }],
  [{ video_codec_type: "VP9", video_vp9_params: { profile_id: 1 } }, {
    video: { codec_type: "VP9", vp9_params: { profile_id: 1 } },
  }],
  [{ video_codec_type: "AV1", video_av1_params: { profile: 0 } }, {
    video: { codec_type: "AV1", av1_params: { profile: 0 } },
  }],
  [{ video_codec_type: "H265", video_h265_params: { level_id: 93, b_frame: false } }, {
    video: { codec_type: "H265", h265_params: { level_id: 93, b_frame: false } },
  }],
];

/** What only a token may grant. */
const granted: readonly JsonObject[] = [
  { connection_lifetime: 60 },
  { event_metadata: { a: 1 } },
  { rpc_methods: [] },
  { signaling_notify: false },
  { signaling_notify_metadata_ext: { a: 1 } },
  { simulcast_encodings: [{ rid: "r0" }], simulcast: true },
  { simulcast_rpc_rids: ["none", "r0"], simulcast: true },
];

/** What the server has not, and the reason. */
const refused: readonly (readonly [name: string, value: JsonValue])[] = [
  ["simulcast_codecs", []],
  ["multistream", false],
  ["audio_streaming", true],
  ["audio_streaming_language_code", "ja-JP"],
  ["cluster_affinity", "a"],
  ["h264_profile_level_id", "42e034"],
  ["ipv4_address", "192.0.2.1"],
  ["recording_block", true],
  ["rtc_stats", true],
  ["signaling_notify_ice_connection_state", true],
  ["turn_tls_only", true],
  ["user_agent_stats", true],
];

test("what the server does is admitted, asked by connect or by token", async () => {
  for (const asked of done) {
    const shown = JSON.stringify(asked);
    assert.equal(await byConnect(asked), undefined, `connect: ${shown}`);
    assert.equal(await byToken(asked), undefined, `token: ${shown}`);
  }
  for (const [claims, members] of media) {
    assert.equal(await byConnect(members), undefined, JSON.stringify(members));
    assert.equal(await byToken(claims), undefined, JSON.stringify(claims));
  }
  // What describes a client changes nothing.
  const described = { sora_client: "a", libwebrtc: "b", environment: "c", sdp: "v=0\r\n" };
  assert.equal(await byConnect(described), undefined);
  for (const name of Object.keys(described)) {
    const reason = `INVALID-${name.toUpperCase().replace("_", "-")}`;
    assert.equal(await byConnect({ [name]: 1 }), reason);
  }
});

for (const [name, value] of refused) {
  const reason = `UNSUPPORTED-${name.toUpperCase().replaceAll("_", "-")}`;
  test(`${name}: ${JSON.stringify(value)} is refused alike by connect and by token`, async () => {
    assert.equal(await byConnect({ [name]: value }), reason);
    assert.equal(await byToken({ [name]: value }), reason);
    // A token that is silent about it grants nothing, and one that is not has the last word.
    const metadata = (claims: JsonObject) => ({ access_token: accessToken(claims, SECRET) });
    const asked = { ...connect, [name]: value, metadata: metadata({}) };
    assert.equal(await refusal(asked, SECRET), reason);
    const off = { ...connect, [name]: value === false, metadata: metadata({ [name]: value }) };
    assert.equal(await refusal(off, SECRET), reason);
  });
}

test("what audio and video do not have is refused alike by connect and by token", async () => {
  for (
    const [kind, name, value, codec_type] of [
      ["audio", "lyra_params", { bit_rate: 3200 }, "OPUS"],
      ["video", "frame_rate", 30, "VP8"],
      ["video", "h264_params", { b_frame: true }, "H264"],
      ["video", "h265_params", { b_frame: true }, "H265"],
    ] as const
  ) {
    const suffix = name.startsWith("h26") ? "-B-FRAME" : "";
    const reason = `UNSUPPORTED-${`${kind}_${name}`.toUpperCase().replaceAll("_", "-")}${suffix}`;
    assert.equal(await byConnect({ [kind]: { codec_type, [name]: value } }), reason);
    assert.equal(
      await byToken({ [`${kind}_codec_type`]: codec_type, [`${kind}_${name}`]: value }),
      reason,
    );
  }
  const long = "x".repeat(200);
  assert.equal(await byConnect({ video: { [long]: 1 } }), "UNSUPPORTED-UNKNOWN-PROPERTY");
});

test("what only a token may grant is refused in connect", async () => {
  for (const claims of granted) {
    assert.equal(await byToken(claims), undefined, JSON.stringify(claims));
    const [name] = Object.keys(claims);
    const reason = `${name!.toUpperCase().replaceAll("_", "-")}-WITHOUT-ACCESS-TOKEN`;
    assert.equal(await byConnect(claims), reason);
  }
});

test("claims that nobody knows are ignored (RFC 7519, 4)", async () => {
  assert.equal(await byToken({ iss: "somebody", note: { a: 1 }, jti: "1" }), undefined);
});
