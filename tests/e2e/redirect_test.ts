import assert from "node:assert/strict";
import { test } from "node:test";
import { SoraServer } from "../../sfu/mod.ts";
import { eventually } from "../support/eventually.ts";
import { MediaClient, nextFrame } from "../support/media_client.ts";
import { RecordingClient } from "../support/recording_client.ts";
import { makeCertificate } from "../support/signaling_certificates.ts";
import { startEchoServer } from "../support/signaling_servers.ts";

const frame = { width: 160, height: 120, turn: 0 };

/** The messages that the client sent and got over the WebSocket, parsed. */
function messages(client: RecordingClient, type: string): Record<string, unknown>[] {
  return client.of("onSignalingMessage")
    .map(([, , text]) => JSON.parse(text) as Record<string, unknown>)
    .filter((message) => message.type === type);
}

test("a client follows a redirect and announces it", async () => {
  await using second = await SoraServer.start({ port: 0 });
  await using first = await SoraServer.start({ port: 0, redirect: second.url });
  await using client = new RecordingClient({ signalingUrls: [first.url] });
  await client.connect();
  assert.deepEqual(client.steps, [
    "WEBSOCKET SENT connect",
    "WEBSOCKET RECEIVED redirect",
    "WEBSOCKET SENT connect",
    "WEBSOCKET RECEIVED offer",
    "WEBSOCKET SENT answer",
  ]);
  assert.deepEqual(client.of("onWsClose"), [[1000, "SELF-CLOSED"]]);
  const [plain, redirected] = messages(client, "connect");
  assert.equal("redirect" in plain!, false);
  assert.deepEqual(redirected, { ...plain, redirect: true });
  assert.equal(messages(client, "redirect")[0]!.location, second.url);
  assert.deepEqual([first.stats().connections, second.stats().connections], [0, 1]);
  await client.connection.disconnect();
  assert.deepEqual(client.ends.slice(1), [
    ["onWsClose", 1000, "TYPE-DISCONNECT"],
    [
      "onDisconnect",
      "CLOSE_SUCCEEDED",
      "Succeeded to close WebSocket (DC signaling is not enabled)",
    ],
  ]);
});

test("a server over TLS that redirects to one without is not followed", async () => {
  const authority = makeCertificate({ subject: "authority", isAuthority: true });
  const { cert, key } = makeCertificate({
    subject: "127.0.0.1",
    issuer: authority,
    hosts: ["127.0.0.1"],
  });
  await using open = await SoraServer.start({ port: 0 });
  await using first = await SoraServer.start({
    port: 0,
    tls: { cert, key },
    redirect: open.url,
  });
  await using client = new RecordingClient({
    signalingUrls: [first.url],
    caCert: authority.cert,
    metadata: { access_token: "secret" },
  });
  await assert.rejects(client.connect(), {
    code: "INVALID_PARAMETER",
    message: `Invalid URL: url=${open.url}: a redirect must not lead from wss: to ws:`,
  });
  assert.equal(open.stats().acceptedSockets, 0);
});

/** A server that sends everybody on, also those who were sent on already: the embedded one does that once only. */
function startSignpost(location: () => string) {
  return startEchoServer(undefined, (socket) => {
    const redirect = () => JSON.stringify({ type: "redirect", location: location() });
    socket.once("message", () => socket.send(redirect()));
  });
}

test("a client follows several redirects, from server to server", async () => {
  await using last = await SoraServer.start({ port: 0 });
  await using third = await startSignpost(() => last.url);
  const thirdUrl = `ws://127.0.0.1:${third.port}/third`;
  await using second = await startSignpost(() => thirdUrl);
  const secondUrl = `ws://127.0.0.1:${second.port}/second`;
  await using first = await SoraServer.start({ port: 0, redirect: secondUrl });
  await using client = new RecordingClient({ signalingUrls: [first.url] });
  await client.connect();
  const locations = messages(client, "redirect").map(({ location }) => location);
  assert.deepEqual(locations, [secondUrl, thirdUrl, last.url]);
  const redirects = messages(client, "connect").map(({ redirect }) => redirect);
  assert.deepEqual(redirects, [undefined, true, true, true]);
  assert.deepEqual(client.of("onWsClose"), [1, 2, 3].map(() => [1000, "SELF-CLOSED"]));
  assert.deepEqual([second.requests[0]!.url, third.requests[0]!.url], ["/second", "/third"]);
  assert.deepEqual([first.stats().connections, last.stats().connections], [0, 1]);
});

test("a client does not go round in circles: after 10 redirects it gives up", async () => {
  let back = "";
  await using second = await startSignpost(() => back);
  await using first = await startSignpost(() => `ws://127.0.0.1:${second.port}/`);
  back = `ws://127.0.0.1:${first.port}/`;
  await using client = new RecordingClient({ signalingUrls: [back], webSocketCloseTimeoutMs: 200 });
  await assert.rejects(client.connect(), {
    code: "INTERNAL_ERROR",
    message: /^Too many redirects: limit=10, internal_message=/,
  });
  assert.equal(messages(client, "redirect").length, 11);
  assert.equal(messages(client, "connect").length, 11);
  assert.equal(client.of("onDisconnect").length, 1);
  assert.deepEqual([first.requests.length, second.requests.length], [6, 5]);
});

test("two servers form one cluster: members meet whichever they connect to", async () => {
  await using home = await SoraServer.start({ port: 0 });
  await using away = await SoraServer.start({
    port: 0,
    redirect: (channelId) => channelId === "at-home" ? home.url : undefined,
  });
  const room = { channelId: "at-home", videoCodecType: "VP8" } as const;
  const sender = new MediaClient({ ...room, signalingUrls: [home.url], role: "sendonly" }, {
    frame,
    toneHz: 440,
  });
  const receiver = new MediaClient({ ...room, signalingUrls: [away.url], role: "recvonly" });
  await using elsewhere = new RecordingClient({ signalingUrls: [away.url], channelId: "away" });
  await Promise.all([sender.connect(), receiver.connect(), elsewhere.connect()]);
  const { video } = await receiver.from(sender);
  (await nextFrame(video)).close();
  assert.deepEqual([home.stats().connections, away.stats().connections], [2, 1]);
  await sender[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
});

test("a client follows several hops through a cluster", async () => {
  await using home = await SoraServer.start({ port: 0 });
  await using second = await SoraServer.start({
    port: 0,
    redirect: home.url,
    redirectAgain: true,
  });
  await using first = await SoraServer.start({ port: 0, redirect: second.url });
  await using client = new RecordingClient({ signalingUrls: [first.url] });
  await client.connect();
  const locations = messages(client, "redirect").map(({ location }) => location);
  assert.deepEqual(locations, [second.url, home.url]);
  assert.deepEqual(messages(client, "connect").map(({ redirect }) => redirect), [
    undefined,
    true,
    true,
  ]);
  const members = [first, second, home].map((server) => server.stats().connections);
  assert.deepEqual(members, [0, 0, 1]);
});

test("data channel signaling works behind a redirect", async () => {
  await using second = await SoraServer.start({ port: 0 });
  await using first = await SoraServer.start({ port: 0, redirect: second.url });
  await using client = new RecordingClient({
    signalingUrls: [first.url],
    dataChannelSignaling: true,
    ignoreDisconnectWebSocket: true,
  });
  await client.switch();
  await eventually("both closes", () => client.of("onWsClose").length === 2);
  assert.deepEqual(client.of("onWsClose"), [[1000, "SELF-CLOSED"], [1000, "SELF-CLOSED"]]);
  second.push("here");
  await eventually("the push", () => client.of("onPush").length > 0);
});

test("each connect starts at the signaling URLs again", async () => {
  await using second = await SoraServer.start({ port: 0 });
  await using first = await SoraServer.start({ port: 0, redirect: second.url });
  await using client = new RecordingClient({ signalingUrls: [first.url] });
  for (let round = 1; round <= 2; round++) {
    await client.connect();
    await client.connection.disconnect();
    assert.equal(messages(client, "redirect").length, round);
  }
  assert.deepEqual([first.stats().acceptedSockets, second.stats().acceptedSockets], [2, 2]);
});
