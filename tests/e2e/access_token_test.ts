import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { SoraServer } from "../../sfu/mod.ts";
import { accessToken } from "../support/access_token.ts";
import { CANARY } from "../support/canary.ts";
import { eventually } from "../support/eventually.ts";
import { RecordingClient } from "../support/recording_client.ts";

const now = Math.floor(Date.now() / 1_000);
let server: SoraServer;
let rooms = 0;

before(async () => {
  server = await SoraServer.start({ port: 0, secret: CANARY });
});

after(() => server.close());

/** A client whose token has these claims besides its channel. */
function client(claims: object, options: object = {}, secret = CANARY): RecordingClient {
  const channelId = `token-${rooms}`;
  return new RecordingClient({
    signalingUrls: [server.url],
    channelId,
    metadata: {
      access_token: accessToken({ channel_id: channelId, note: CANARY, ...claims }, secret),
    },
    ...options,
  });
}

test("a token of the right channel and time lets its bearer in", async () => {
  rooms++;
  await using alice = client({ exp: now + 600, nbf: now - 600 });
  await alice.connect();
  assert.equal(alice.connection.state, "connected");
});

const refused: Readonly<Record<string, () => RecordingClient>> = {
  "no metadata": () => client({}, { metadata: undefined }),
  "no token in metadata": () => client({}, { metadata: { other: 1 } }),
  "a token that is none": () => client({}, { metadata: { access_token: "a.b.c" } }),
  "a token that is no text": () => client({}, { metadata: { access_token: 5 } }),
  "a token of another secret": () => client({}, {}, "another"),
  "a token for another channel": () => client({ channel_id: "another" }),
  "a token that has expired": () => client({ exp: now - 1 }),
  "a token that is not valid yet": () => client({ nbf: now + 600 }),
};
for (const [name, make] of Object.entries(refused)) {
  test(`refused: ${name}`, async () => {
    rooms++;
    await using alice = make();
    await assert.rejects(alice.connect(), { code: "WEBSOCKET_ONCLOSE" });
    assert.deepEqual(alice.of("onWsClose"), [[4490, "AUTHENTICATION-FAILURE"]]);
  });
}

test("private claims win over what the client asks for", async () => {
  rooms++;
  const claims = {
    client_id: "given",
    data_channel_signaling: true,
    data_channels: [{ label: "#granted", direction: "sendrecv" }],
    video_codec_type: "VP8",
    metadata: { greeting: "welcome" },
  };
  await using alice = client(claims, {
    clientId: "wished",
    dataChannelSignaling: false,
    videoCodecType: "VP9",
  });
  await alice.switch(["#granted"]);
  const [offer] = alice.of("onSetOffer")[0]!;
  assert.equal(offer.client_id, "given");
  assert.deepEqual(offer.metadata, { greeting: "welcome" });
  assert.match(offer.sdp, /^a=rtpmap:\d+ VP8\/90000\r?$/m);
  assert.doesNotMatch(offer.sdp, /VP9/);
});

test("others are notified of both the client's metadata and the token's", async () => {
  rooms++;
  await using alice = client({});
  await alice.connect();
  await using bob = client({ signaling_notify_metadata: { rank: "admin" } }, {
    signalingNotifyMetadata: { name: "Bob", big: 2 ** 40 },
  });
  await bob.connect();
  await eventually("bob's arrival", () => alice.notified(bob.id).length > 0);
  const [message] = alice.of("onNotify").find(([{ event_type: type }, text]) =>
    type === "connection.created" && text.includes(bob.id)
  )!;
  const { authn_metadata, authz_metadata } = message as {
    authn_metadata?: unknown;
    authz_metadata?: unknown;
  };
  assert.deepEqual(authn_metadata, { name: "Bob", big: 2 ** 40 });
  assert.deepEqual(authz_metadata, { rank: "admin" });
});

test("signaling_notify false: nothing is announced, and connect() resolves all the same", async () => {
  rooms++;
  await using alice = client({});
  await alice.connect();
  await using bob = client({ signaling_notify: false });
  await bob.connect();
  await eventually("bob's arrival", () => alice.notified(bob.id).length > 0);
  assert.equal(bob.connection.state, "connected");
  assert.deepEqual(bob.of("onNotify"), []);
});

test("connection_lifetime ends the connection", async () => {
  rooms++;
  await using alice = client({ connection_lifetime: 0.3 });
  await alice.connect();
  const ends = await alice.ended();
  assert.deepEqual(ends[0], ["onWsClose", 1000, "LIFETIME-EXPIRED"]);
  assert.equal(ends[1]![1], "CLOSE_SUCCEEDED");
});
