/** The corpus of malformed signaling against the whole client: nothing crashes, nothing hangs, what can be ignored is survived. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { SoraServer } from "../../sfu/mod.ts";
import { eventually, within } from "../support/eventually.ts";
import { RecordingClient } from "../support/recording_client.ts";
import {
  BAD_SDP,
  EXCESSIVE,
  INVALID_MESSAGES,
  NOT_JSON,
  NOT_TEXT,
  UNTIMELY,
} from "../support/signaling_corpus.ts";
import { startRelay } from "../support/signaling_relay.ts";

const LIMIT_MS = 1_000;
/** Larger messages end the WebSocket (RFC 6455, 1009) before anybody looks at them. */
const FRAME_BYTES = 1024 * 1024;

const texts = [
  ...INVALID_MESSAGES,
  ...NOT_JSON,
  ...EXCESSIVE.filter(({ text }) => new TextEncoder().encode(text).byteLength < FRAME_BYTES),
];

test("a connected client survives all malformed and untimely messages", {
  timeout: 120_000,
}, async () => {
  await using server = await SoraServer.start({ port: 0 });
  await using relay = await startRelay(server.url);
  await using client = new RecordingClient({ signalingUrls: [relay.url] });
  await client.connect();
  const all: readonly (readonly [string, string | Uint8Array])[] = [
    ...texts.map(({ name, text }) => [name, text] as const),
    ...NOT_TEXT.map(({ name, bytes }) => [name, bytes] as const),
    ...UNTIMELY.filter(({ phase, via }) => phase === "connected" && via === "WebSocket")
      .map(({ name, message }) => [name, JSON.stringify(message)] as const),
  ];
  for (const [index, [name, message]] of all.entries()) {
    relay.inject(message);
    server.push(index);
    const alive = () => client.of("onPush").at(-1)?.[0].data === index;
    await eventually(`a push after ${name}`, alive, LIMIT_MS);
  }
  assert.equal(client.connection.state, "connected");
  assert.deepEqual(client.of("onError"), []);
  assert.deepEqual(client.steps, [
    "WEBSOCKET SENT connect",
    "WEBSOCKET RECEIVED offer",
    "WEBSOCKET SENT answer",
  ]);
});

/** Connects to a server whose offer is replaced; gives the error. */
async function connect(server: SoraServer, offer: (text: string) => string): Promise<Error> {
  await using relay = await startRelay(
    server.url,
    (text) => [JSON.parse(text).type === "offer" ? offer(text) : text],
  );
  await using client = new RecordingClient({ signalingUrls: [relay.url] });
  const connecting = client.connect().then(() => undefined, (error: Error) => error);
  const error = await within("the refusal", connecting, LIMIT_MS);
  assert.ok(error instanceof Error, "connected all the same");
  assert.deepEqual(client.of("onDisconnect").map(([, message]) => message), [error.message]);
  return error;
}

test("an invalid offer ends the connection and names what is wrong with it", async () => {
  await using server = await SoraServer.start({ port: 0 });
  for (const { name, text, outcome, path, problem } of INVALID_MESSAGES) {
    if (outcome !== "invalid offer") continue;
    const error = await connect(server, () => text);
    assert.equal((error as { code?: unknown }).code, "INTERNAL_ERROR", name);
    assert.ok(error.message.startsWith(`Invalid offer message: ${path}`), error.message);
    assert.match(error.message, problem);
  }
});

for (const { name, damage } of BAD_SDP) {
  test(`libwebrtc refuses an offer's SDP with ${name}`, async () => {
    await using server = await SoraServer.start({ port: 0 });
    const error = await connect(server, (text) => {
      const offer = JSON.parse(text) as { sdp: string };
      const sdp = damage(offer.sdp);
      assert.notEqual(sdp, offer.sdp, "the case changes nothing");
      return JSON.stringify({ ...offer, sdp });
    });
    assert.equal((error as { code?: unknown }).code, "ICE_FAILED", error.message);
    assert.match(error.message, /^Failed to (?:SetOffer|CreateAnswer) in offer message via WebSo/);
  });
}

test("a frame that is too large ends the connection, or is dropped, within the limit", async () => {
  await using server = await SoraServer.start({ port: 0 });
  await using relay = await startRelay(server.url);
  for (const { name, text } of EXCESSIVE) {
    if (new TextEncoder().encode(text).byteLength < FRAME_BYTES) continue;
    await using client = new RecordingClient({ signalingUrls: [relay.url] });
    await client.connect();
    relay.inject(text);
    server.push(name);
    await eventually(
      `an end or a push after ${name}`,
      () => client.of("onDisconnect").length > 0 || client.of("onPush").length > 0,
      2 * LIMIT_MS,
    );
    assert.ok(client.of("onDisconnect").every(([code]) => code === "WEBSOCKET_ONERROR"));
  }
});
