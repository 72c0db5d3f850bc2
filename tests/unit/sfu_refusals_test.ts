import { strict as assert } from "node:assert";
import { test } from "node:test";
import { SoraServer } from "../../sfu/mod.ts";
import { TestClient, until } from "../support/sfu_client.ts";

const connect = { role: "sendrecv", channel_id: "c" };

const messaging = (...channels: unknown[]) => ({
  data_channel_signaling: true,
  data_channels: channels,
});
const channel = { label: "#a", direction: "sendrecv" };
const filter = { rules: [] };

const combinations: [name: string, members: Record<string, unknown>, reason: string][] = [
  [
    "spotlight_number without spotlight",
    { spotlight_number: 2 },
    "SPOTLIGHT-NUMBER-WITHOUT-SPOTLIGHT",
  ],
  [
    "spotlight_focus_rid without spotlight",
    { spotlight: false, spotlight_focus_rid: "r1" },
    "SPOTLIGHT-FOCUS-RID-WITHOUT-SPOTLIGHT",
  ],
  [
    "spotlight_unfocus_rid without spotlight",
    { spotlight_unfocus_rid: "none" },
    "SPOTLIGHT-UNFOCUS-RID-WITHOUT-SPOTLIGHT",
  ],
  ["a spotlight_number of 9", { spotlight: true, spotlight_number: 9 }, "INVALID-SPOTLIGHT-NUMBER"],
  ["an unknown rid", { simulcast: true, simulcast_rid: "r3" }, "INVALID-SIMULCAST-RID"],
  ["simulcast_rid without simulcast", { simulcast_rid: "r1" }, "SIMULCAST-RID-WITHOUT-SIMULCAST"],
  [
    "simulcast_request_rid without simulcast",
    { simulcast: false, simulcast_request_rid: "r1" },
    "SIMULCAST-REQUEST-RID-WITHOUT-SIMULCAST",
  ],
  [
    "simulcast_multicodec without simulcast",
    { simulcast_multicodec: true },
    "SIMULCAST-MULTICODEC-WITHOUT-SIMULCAST",
  ],
  ["simulcast as text", { simulcast: "yes" }, "INVALID-SIMULCAST"],
  ["redirect as text", { redirect: "yes" }, "INVALID-REDIRECT"],
  ["a bundle_id that is a number", { bundle_id: 5 }, "INVALID-BUNDLE-ID"],
  [
    "data_channel_signaling as text",
    { data_channel_signaling: "yes" },
    "INVALID-DATA-CHANNEL-SIGNALING",
  ],
  [
    "messaging without data channel signaling",
    { data_channels: [channel] },
    "DATA-CHANNELS-WITHOUT-DATA-CHANNEL-SIGNALING",
  ],
  [
    "ignoring the WebSocket without data channel signaling",
    { data_channel_signaling: false, ignore_disconnect_websocket: true },
    "IGNORE-DISCONNECT-WEBSOCKET-WITHOUT-DATA-CHANNEL-SIGNALING",
  ],
  ["a label without #", messaging({ ...channel, label: "a" }), "INVALID-DATA-CHANNELS"],
  ["a label twice", messaging(channel, channel), "INVALID-DATA-CHANNELS"],
  [
    "both limits of reliability",
    messaging({ ...channel, max_retransmits: 1, max_packet_life_time: 1 }),
    "INVALID-DATA-CHANNELS",
  ],
  ["a forwarding filter without rules", { forwarding_filter: {} }, "INVALID-FORWARDING-FILTER"],
  [
    "both forms of forwarding filters",
    { forwarding_filter: filter, forwarding_filters: [] },
    "FORWARDING-FILTER-WITH-FORWARDING-FILTERS",
  ],
  [
    "metadata for others of 17 kB",
    { signaling_notify_metadata: "x".repeat(17_000) },
    "INVALID-SIGNALING-NOTIFY-METADATA",
  ],
  ...([
    ["VP8", "VP9", { profile_id: 0 }],
    ["VP9", "AV1", { profile: 0 }],
    ["VP9", "H264", { profile_level_id: "42e034" }],
    ["H264", "H265", { level_id: 93 }],
  ] as const).map(([used, other, params]): [string, Record<string, unknown>, string] => [
    `parameters of ${other} with ${used}`,
    { video: { codec_type: used, [`${other.toLowerCase()}_params`]: params } },
    `${other}-PARAMS-WITHOUT-${other}`,
  ]),
];

test("SoraServer: each combination that makes no sense is refused with 4490 and names it", async (t) => {
  await using server = await SoraServer.start();
  for (const [name, members, reason] of combinations) {
    await t.test(name, async () => {
      const client = await TestClient.open(server.url, { ...connect, ...members });
      await until("close", () => client.closed !== undefined);
      assert.deepEqual(client.closed, { code: 4490, reason });
      assert.ok(Buffer.byteLength(reason) <= 123, "as long as a close frame may be");
    });
  }
});
