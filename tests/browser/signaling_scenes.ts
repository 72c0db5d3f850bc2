/**
 * Scenes of signaling between the browser SDK and the server: transports, messages, RPC, redirects.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import type { DataChannelOptions } from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { accessToken } from "../support/access_token.ts";
import { CANARY } from "../support/canary.ts";
import { eventually } from "../support/eventually.ts";
import { MediaClient } from "../support/media_client.ts";
import { RecordingClient } from "../support/recording_client.ts";
import { BrowserMember } from "./member.ts";
import type { Scene, Stage } from "./scenes.ts";

const FRAME = { width: 320, height: 240, turn: 1 } as const;

/** Members with the same data channels, on both sides; each receiver gets the header that it asked for. */
async function playMessages({ page, server }: Stage): Promise<void> {
  const channelId = "messages";
  const header = [{ type: "sender_connection_id" }] as const;
  const direction = "sendrecv" as const;
  const dataChannels: DataChannelOptions[] = [
    { label: "#plain", direction },
    { label: "#header", direction, header },
    { label: "#compress", direction, compress: true },
    { label: "#both", direction, compress: true, header },
    { label: "#lossy", direction, ordered: false, maxRetransmits: 3 },
  ];
  const labels = dataChannels.map(({ label }) => label);
  await using client = new RecordingClient({
    signalingUrls: [server.url],
    channelId,
    dataChannelSignaling: true,
    dataChannels,
  });
  await client.switch(labels);
  const member = await BrowserMember.join(page, {
    urls: [server.url],
    role: "messaging",
    channelId,
    options: { dataChannelSignaling: true, dataChannels },
  });
  await member.until("switched", ({ switched }) => switched.length === 1);
  assert.deepEqual((await member.happened()).channels, labels);
  const payloads = [Buffer.from("語 and bytes\0\xff"), randomBytes(50_000)];
  for (const { label, header } of dataChannels) {
    for (const payload of payloads) {
      const before = client.of("onMessage").length;
      await member.send(label, payload);
      await eventually(`a message on ${label}`, () => client.of("onMessage").length > before);
      const [to, data, info] = client.of("onMessage")[before]!;
      assert.equal(to, label);
      assert.ok(payload.equals(Buffer.from(data)), label);
      assert.deepEqual(info, header === undefined ? {} : { senderConnectionId: member.id });

      const { length } = (await member.happened()).messages;
      assert.ok(client.connection.sendDataChannel(label, payload));
      const { messages } = await member.until(
        `a message on ${label} in the browser`,
        ({ messages }) => messages.length > length,
      );
      // The browser SDK leaves the header in the message.
      const head = Buffer.from(header === undefined ? "" : client.id);
      const message = Buffer.concat([head, payload]).toString("base64");
      assert.deepEqual(messages[length], { label, base64: message });
    }
  }
  await member.disconnect();
}

/** Signaling moves to data channels: what comes after it comes there, and media flows on. */
async function playSwitch(ignore: boolean, { page, server }: Stage): Promise<void> {
  const channelId = `switch-${ignore}`;
  const member = await BrowserMember.join(page, {
    urls: [server.url],
    role: "recvonly",
    channelId,
    options: { dataChannelSignaling: true, ignoreDisconnectWebSocket: ignore },
  });
  const { switched } = await member.until("switched", ({ switched }) => switched.length === 1);
  assert.deepEqual(switched, [ignore]);
  await using client = new MediaClient(
    { signalingUrls: [server.url], channelId, role: "sendonly" },
    { frame: FRAME },
  );
  await client.connect();
  await member.sees(client.connection.connectionId!, FRAME);
  const { signaling } = await member.happened();
  assert.ok(signaling.includes("datachannel onmessage-re-offer"), signaling.join());
  assert.ok(signaling.includes("datachannel send-re-answer"), signaling.join());
  assert.equal(signaling.includes("websocket onmessage-re-offer"), false, signaling.join());
  assert.equal(signaling.includes("websocket close"), ignore, signaling.join());
  const id = client.connection.connectionId!;
  await client.disconnect();
  await member.until("who left", ({ streams, notify }) =>
    streams.length === 0 &&
    notify.some((one) => one.event_type === "connection.destroyed" && one.connection_id === id));
  await member.disconnect();
}

/** Calls of RPC methods, their results and errors, and the push that one of them causes. */
async function playRpc({ page, server }: Stage): Promise<void> {
  const channelId = "rpc";
  await using client = await new RecordingClient({ signalingUrls: [server.url], channelId })
    .connect();
  const member = await BrowserMember.join(page, {
    urls: [server.url],
    role: "recvonly",
    channelId,
    options: { dataChannelSignaling: true },
  });
  await member.until("switched", ({ switched }) => switched.length === 1);
  const metadata = { first: [1, "語"] };
  assert.deepEqual(
    await member.rpc("2025.2.0/PutSignalingNotifyMetadata", { metadata }),
    metadata,
  );
  const result = await member.rpc("2025.2.0/PutSignalingNotifyMetadataItem", {
    key: "mood",
    value: "fine",
    push: true,
  });
  assert.deepEqual(result, { ...metadata, mood: "fine" });
  await eventually("the push", () => client.of("onPush").length === 1);
  assert.deepEqual(client.of("onPush")[0]![0].data, {
    action: "PutMetadataItem",
    connection_id: member.id,
    key: "mood",
    type: "signaling_notify_metadata_ext",
    value: "fine",
  });
  // The browser SDK makes an error of the server's error object, but not of what it says.
  const failed = /\[object Object\]/;
  await assert.rejects(member.rpc("2025.2.0/DoNothing", {}), failed);
  const wrong = { mood: "bad" };
  await assert.rejects(member.rpc("2025.2.0/PutSignalingNotifyMetadataItem", wrong), failed);
  server.push({ text: "語" }, { connectionId: member.id });
  const { push } = await member.until("a push", ({ push }) => push.length > 0);
  assert.deepEqual(push.at(-1), { text: "語" });
  await member.disconnect();
}

/** A server that sends clients to another, and one that takes a redirected client again. */
async function playRedirect({ page, server, host }: Stage): Promise<void> {
  await using first = await SoraServer.start({ port: 0, host, redirect: server.url });
  const channelId = "redirect";
  const member = await BrowserMember.join(page, {
    urls: [first.url],
    role: "sendrecv",
    channelId,
    frame: FRAME,
  });
  assert.equal(await member.url(), server.url);
  const { signaling } = await member.happened();
  assert.deepEqual(
    signaling.filter((one) => /redirect|connect$|offer/.test(one)),
    [
      "websocket send-connect",
      "websocket onmessage-redirect",
      "websocket send-connect",
      "websocket onmessage-offer",
    ],
  );
  assert.equal(first.stats().connections, 0);
  await member.disconnect();
}

/** Access tokens, whose claims go before the options, and refusals. */
async function playTokens({ page, host }: Stage): Promise<void> {
  await using server = await SoraServer.start({ port: 0, host, secret: CANARY });
  const channelId = "tokens";
  const common = { urls: [server.url], role: "sendonly", channelId, frame: FRAME } as const;
  const claims = { channel_id: channelId, exp: Math.floor(Date.now() / 1_000) + 60 };
  const member = await BrowserMember.join(page, {
    ...common,
    metadata: { access_token: accessToken({ ...claims, video_codec_type: "VP8" }, CANARY) },
    options: { videoCodecType: "VP9" },
  });
  await eventually("frames of VP8", async () => {
    const [outbound] = await member.stats("outbound-rtp");
    const codecs = await member.stats("codec");
    return codecs.find(({ id }) => id === outbound?.codecId)?.mimeType === "video/VP8";
  });
  await member.disconnect();
  const wrong = { ...common, metadata: { access_token: accessToken(claims, "another secret") } };
  assert.match(await page.call("refusal", wrong), /AUTHENTICATION-FAILURE/);
  assert.match(await page.call("refusal", { ...common, metadata: {} }), /AUTHENTICATION-FAILURE/);
}

/** The scenes. */
export const signalingScenes: readonly Scene[] = [
  { title: "messages, with header and compressed", smoke: true, play: playMessages },
  {
    title: "signaling over data channels beside the WebSocket",
    play: (stage) => playSwitch(false, stage),
  },
  {
    title: "signaling over data channels alone",
    smoke: true,
    play: (stage) => playSwitch(true, stage),
  },
  { title: "RPC and push", play: playRpc },
  { title: "a redirect", play: playRedirect },
  { title: "access tokens and refusals", play: playTokens },
];
