import { Buffer } from "node:buffer";
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { SoraServer } from "../../sfu/mod.ts";
import { TestClient, until } from "../support/sfu_client.ts";

const VP8 = { codec_type: "VP8" };

/** Sends media until `done`, as a real source would. */
async function sendUntil(
  what: string,
  sender: TestClient,
  text: string,
  done: () => boolean,
): Promise<void> {
  const timer = setInterval(() => {
    sender.sendRtp("audio", Buffer.from(`${text} audio`));
    sender.sendRtp("video", Buffer.from(`${text} video`));
  }, 10);
  try {
    await until(what, done);
  } finally {
    clearInterval(timer);
  }
}

function received(client: TestClient, kind: string, streamId: string, text: string): boolean {
  return client.packets.some((packet) =>
    packet.kind === kind && packet.streamId === streamId &&
    packet.payload.toString() === `${text} ${kind}`
  );
}

const reoffers = (client: TestClient) => client.messages.filter((m) => m.type === "re-offer");
const mediaLines = (sdp: unknown) => String(sdp).match(/^m=.*$/gm) ?? [];

test("SoraServer: media goes from a publisher to a subscriber that was there before", async () => {
  await using server = await SoraServer.start();
  const b = await TestClient.join(server.url, { role: "recvonly", channel_id: "c", video: VP8 });
  const a = await TestClient.join(server.url, { role: "sendonly", channel_id: "c", video: VP8 });
  await sendUntil(
    "packets",
    a,
    "one",
    () => received(b, "audio", a.id, "one") && received(b, "video", a.id, "one"),
  );
  assert.equal(a.packets.length, 0, "nothing comes back");
  assert.deepEqual(b.packets.map((p) => p.payloadType).every((t) => t === 96 || t === 109), true);
  await a.disconnect();
  assert.deepEqual(a.closed, { code: 1000, reason: "TYPE-DISCONNECT" });
  await b.disconnect();
});

for (const codec of ["VP8", "VP9", "AV1", "H264", "H265"]) {
  test(`SoraServer: ${codec} is passed through; the first offer has who is there`, async () => {
    await using server = await SoraServer.start();
    const video = { codec_type: codec };
    const a = await TestClient.join(server.url, { role: "sendrecv", channel_id: "c", video });
    const b = await TestClient.join(server.url, { role: "sendrecv", channel_id: "c", video });
    assert.equal(mediaLines(b.offer?.sdp).length, 4);
    assert.match(String(b.offer?.sdp), new RegExp(`a=msid:${a.id} `));
    await sendUntil("a to b", a, "from a", () => received(b, "video", a.id, "from a"));
    await sendUntil("b to a", b, "from b", () => received(a, "video", b.id, "from b"));
    assert.equal(reoffers(b).length, 0);
    await a.disconnect();
    await b.disconnect();
  });
}

test("SoraServer: VP9 and both kinds are the default in the offer", async () => {
  await using server = await SoraServer.start();
  const client = await TestClient.join(server.url, { role: "sendrecv", channel_id: "room" });
  const offer = client.offer!;
  assert.match(String(offer.sdp), /a=rtpmap:98 VP9\/90000/);
  assert.doesNotMatch(String(offer.sdp), /VP8/);
  assert.equal(offer.channel_id, "room");
  assert.equal(offer.audio, true);
  assert.equal(offer.video, true);
  assert.equal(offer.video_codec_type, "VP9");
  assert.equal(offer.video_bit_rate, 1000);
  assert.match(String(offer.sdp), /b=TIAS:980000\r\n/);
  assert.match(String(offer.sdp), /a=fmtp:109 minptime=10;useinbandfec=1;stereo=1\r\n/);
  assert.equal(offer.simulcast, false);
  assert.deepEqual(offer.config, { iceServers: [], iceTransportPolicy: "all" });
  assert.match(client.id, /^[0-9A-HJKMNP-TV-Z]{26}$/);
  assert.equal(offer.client_id, client.id);
  assert.equal(offer.bundle_id, client.id);
  const mid = offer.mid as Record<string, string>;
  assert.match(String(offer.sdp), new RegExp(`a=mid:${mid.audio}\r\n`));
  assert.match(String(offer.sdp), new RegExp(`a=mid:${mid.video}\r\n`));
  await client.disconnect();
});

test("SoraServer: asked bit rates and Opus parameters are in the offer", async () => {
  await using server = await SoraServer.start();
  const client = await TestClient.open(server.url, {
    role: "sendonly",
    channel_id: "c",
    audio: { codec_type: "OPUS", bit_rate: 64, opus_params: { usedtx: true, stereo: false } },
    video: { codec_type: "VP8", bit_rate: 2500 },
  });
  await until("offer", () => client.offer !== undefined);
  const sdp = String(client.offer!.sdp);
  assert.match(sdp, /a=rtpmap:109 opus\/48000\/2\r\n/);
  assert.match(sdp, /a=fmtp:109 minptime=10;useinbandfec=1;stereo=0;usedtx=1\r\n/);
  assert.match(sdp, /a=fmtp:96 x-google-start-bitrate=2500\r\n/);
  assert.match(sdp, /b=TIAS:2450000\r\n/);
  assert.match(sdp, /b=TIAS:64000\r\n/);
  await client.disconnect();
});

test("SoraServer: joins and leaves are notified with the counts that follow from them", async () => {
  await using server = await SoraServer.start();
  const a = await TestClient.join(server.url, {
    role: "sendrecv",
    channel_id: "c",
    client_id: "client-a",
    signaling_notify_metadata: { name: "A" },
  });
  const b = await TestClient.join(server.url, {
    role: "recvonly",
    channel_id: "c",
    signaling_notify_metadata: [1],
    audio: false,
  });
  assert.equal(a.created!.channel_connections, 1);
  assert.deepEqual(a.created!.data, []);
  assert.equal(b.created!.channel_connections, 2);
  assert.equal(b.created!.channel_sendrecv_connections, 1);
  assert.equal(b.created!.channel_recvonly_connections, 1);
  assert.equal(b.created!.audio, false);
  assert.equal(b.created!.video, true);
  assert.deepEqual(b.created!.data, [{
    client_id: "client-a",
    bundle_id: a.id,
    connection_id: a.id,
    authn_metadata: { name: "A" },
  }]);
  await until("a hears of b", () => a.notifications("connection.created").length === 2);
  const heard = a.notifications("connection.created")[1]!;
  assert.equal(heard.connection_id, b.id);
  assert.equal(heard.data, undefined);
  assert.deepEqual(heard.authn_metadata, [1]);
  assert.match(String(heard.timestamp), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  assert.equal(heard.session_id, a.created!.session_id);
  await b.disconnect();
  await until("a hears b leave", () => a.notifications("connection.destroyed").length === 1);
  const left = a.notifications("connection.destroyed")[0]!;
  assert.equal(left.connection_id, b.id);
  assert.equal(left.channel_connections, 1);
  assert.equal(left.channel_recvonly_connections, 0);
  await a.disconnect();
});

test("SoraServer: connection.updated reports to each member, again and again, who is there", async () => {
  await using server = await SoraServer.start({ updateIntervalMs: 60 });
  const connect = { channel_id: "c", signaling_notify_metadata: "not again" };
  const a = await TestClient.join(server.url, { ...connect, role: "sendrecv" });
  const b = await TestClient.join(server.url, { ...connect, role: "recvonly", audio: false });
  await until("updates", () => b.notifications("connection.updated").length >= 3);
  const update = b.notifications("connection.updated").at(-1)!;
  const { timestamp, data: _, authn_metadata: __, ...created } = b.created!;
  assert.deepEqual(update, {
    ...created,
    event_type: "connection.updated",
    timestamp: update.timestamp,
  });
  assert.ok(String(update.timestamp) > String(timestamp));
  assert.ok(b.notifications("connection.updated").every((m) => m.connection_id === b.id));
  await a.disconnect();
  await until(
    "a's leaving is counted",
    () => b.notifications("connection.updated").at(-1)!.channel_connections === 1,
  );
  await b.disconnect();
});

test("SoraServer: a leaver's notification counts by role without it", async () => {
  await using server = await SoraServer.start();
  const join = (role: string) => TestClient.join(server.url, { role, channel_id: "c" });
  const stays = await join("recvonly");
  const counts = () => {
    const { channel_sendrecv_connections, channel_sendonly_connections, ...rest } = stays
      .notifications("connection.destroyed").at(-1)!;
    return [
      channel_sendrecv_connections,
      channel_sendonly_connections,
      rest.channel_recvonly_connections,
      rest.channel_connections,
    ];
  };
  const others = [await join("sendrecv"), await join("sendonly"), await join("recvonly")];
  const expected = [[0, 1, 2, 3], [0, 0, 2, 2], [0, 0, 1, 1]];
  for (const [at, other] of others.entries()) {
    await other.disconnect();
    await until("the news", () => stays.notifications("connection.destroyed").length === at + 1);
    assert.deepEqual(counts(), expected[at]);
  }
  await stays.disconnect();
});

test("SoraServer: a section freed by a leaver is rejected, then used again", async () => {
  await using server = await SoraServer.start();
  const connect = { role: "sendrecv", channel_id: "c", video: VP8 };
  const a = await TestClient.join(server.url, connect);
  const b = await TestClient.join(server.url, connect);
  await until("a is offered b", () => reoffers(a).length === 1);
  assert.equal(mediaLines(reoffers(a)[0]!.sdp).length, 4);
  await b.disconnect();
  await until("a is notified that b left", () => reoffers(a).length === 2);
  const freed = mediaLines(reoffers(a)[1]!.sdp);
  assert.deepEqual(freed.slice(2).map((line) => line.split(" ")[1]), ["0", "0"]);
  const c = await TestClient.join(server.url, connect);
  await until("a is offered c", () => reoffers(a).length === 3);
  assert.equal(mediaLines(reoffers(a)[2]!.sdp).length, 4);
  assert.match(String(reoffers(a)[2]!.sdp), new RegExp(`a=msid:${c.id} `));
  await sendUntil("c to a", c, "from c", () => received(a, "video", c.id, "from c"));
  await a.disconnect();
  await c.disconnect();
});

test("SoraServer: four members all hear each other, and channels are kept apart", async () => {
  await using server = await SoraServer.start();
  const connect = { role: "sendrecv", channel_id: "c", video: VP8 };
  const stranger = await TestClient.join(server.url, { ...connect, channel_id: "other" });
  const members = await Promise.all([1, 2, 3, 4].map(() => TestClient.join(server.url, connect)));
  for (const sender of members) {
    const others = members.filter((member) => member !== sender);
    await sendUntil(
      "all others",
      sender,
      sender.id,
      () => others.every((member) => received(member, "audio", sender.id, sender.id)),
    );
  }
  assert.equal(server.stats().connections, 5);
  assert.equal(server.stats().channels, 2);
  assert.equal(stranger.packets.length, 0);
  assert.equal(stranger.notifications("connection.created").length, 1);
  for (const client of [stranger, ...members]) await client.disconnect();
  await until("nobody is left", () => server.stats().channels === 0);
});

test("SoraServer: members of one bundle neither see nor hear each other", async () => {
  await using server = await SoraServer.start();
  const connect = { role: "sendrecv", channel_id: "c", video: VP8, bundle_id: "pair" };
  const a = await TestClient.join(server.url, connect);
  const b = await TestClient.join(server.url, connect);
  assert.equal(mediaLines(b.offer!.sdp).length, 2);
  assert.deepEqual(b.created!.data, []);
  assert.equal(b.created!.channel_connections, 2);
  assert.equal(a.notifications("connection.created").length, 1);
  await a.disconnect();
  await b.disconnect();
});

test("SoraServer: a WebSocket that is cut ends the connection", async () => {
  await using server = await SoraServer.start();
  const a = await TestClient.join(server.url, { role: "sendrecv", channel_id: "c" });
  const b = await TestClient.join(server.url, { role: "sendrecv", channel_id: "c" });
  await b.cut();
  await until("a hears b leave", () => a.notifications("connection.destroyed").length === 1);
  assert.equal(server.stats().connections, 1);
  await a.disconnect();
});

test("SoraServer: a client may close its transport before it announces that it leaves", async () => {
  await using server = await SoraServer.start();
  const client = await TestClient.join(server.url, { role: "sendrecv", channel_id: "c" });
  await client.peer!.close();
  await client.disconnect();
  assert.deepEqual(client.closed, { code: 1000, reason: "TYPE-DISCONNECT" });
});

test("SoraServer: a fingerprint that is not the certificate's ends the connection", async () => {
  await using server = await SoraServer.start();
  const client = new TestClient(server.url);
  client.rewriteAnswer = (sdp) =>
    sdp.replaceAll(
      /a=fingerprint:sha-256 .*/g,
      `a=fingerprint:sha-256 ${Array.from({ length: 32 }, () => "00").join(":")}`,
    );
  await until("open", () => client.open);
  client.send({ type: "connect", role: "sendonly", channel_id: "c" });
  await until("close", () => client.closed !== undefined);
  assert.deepEqual(client.closed, { code: 4490, reason: "BAD-FINGERPRINT" });
  assert.equal(client.created, undefined);
  await client.disconnect();
});

test("SoraServer.close ends every connection with 1001 and can be called twice", async () => {
  const server = await SoraServer.start();
  const a = await TestClient.join(server.url, { role: "sendrecv", channel_id: "c" });
  const pending = new TestClient(server.url);
  await until("open", () => pending.open);
  await Promise.all([server.close(), server.close()]);
  await until("closed", () => a.closed !== undefined && pending.closed !== undefined);
  assert.equal(a.closed?.code, 1001);
  assert.equal(pending.closed?.code, 1001);
  await a.disconnect();
});

test("SoraServer.start names the option that is wrong", async () => {
  const start = (options: unknown) => SoraServer.start(options as { port: number });
  await assert.rejects(
    start({ port: 70_000 }),
    /^RangeError: options\.port must be an integer from 0 to 65535, not 70000$/,
  );
  await assert.rejects(start({ port: "1" }), {
    name: "TypeError",
    message: /^options\.port .*, not "1"$/,
  });
  await assert.rejects(start({ prot: 1 }), {
    name: "TypeError",
    message: /^options\.prot is not a known option/,
  });
  await assert.rejects(
    start({ path: "signaling" }),
    /options\.path must be a path that begins with "\/", not "signaling"$/,
  );
});

const wrongOptions: [options: Record<string, unknown>, message: string][] = [
  [{ host: "" }, "options.host must not be empty"],
  [{ httpApi: "yes" }, 'options.httpApi must be a boolean, not "yes"'],
  [
    { pingIntervalMs: null },
    "options.pingIntervalMs must be an integer from 10 to 3600000, not null",
  ],
  [{ secret: 5 }, "options.secret must be a string, not a number"],
  [{ redirect: 1 }, "options.redirect must be a URL or a function, not 1"],
  [
    { iceTransportPolicy: "no" },
    'options.iceTransportPolicy must be one of "all", "relay", not "no"',
  ],
  [{ faults: 1 }, "options.faults must be an object, not a number"],
  [{ tls: "a key" }, "options.tls must be an object with cert and key, not a string"],
  [{ tls: { cert: "", key: 5 } }, "options.tls.key must be a string, not a number"],
  [{ iceServers: {} }, "options.iceServers must be an array, not an object"],
  [{ iceServers: [null] }, "options.iceServers[0] must be an object with urls, not null"],
  [
    { iceServers: [{ urls: ["http://a"] }] },
    'options.iceServers[0].urls[0] must be a stun:, turn: or turns: URL, not "http://a"',
  ],
  [
    { iceServers: [{ urls: [], credential: 5 }] },
    "options.iceServers[0].credential must be a string, not a number",
  ],
];
for (const [options, message] of wrongOptions) {
  test(`SoraServer.start: ${message}`, async () => {
    await assert.rejects(SoraServer.start(options), { message });
  });
}

test("SoraServer.start reports a port that is taken", async () => {
  await using server = await SoraServer.start();
  await assert.rejects(SoraServer.start({ port: server.port }), /EADDRINUSE|in use/i);
});

test("SoraServer: a wildcard host offers the address that the client reached", async () => {
  await using server = await SoraServer.start({ host: "0.0.0.0" });
  const url = `ws://127.0.0.1:${server.port}/signaling`;
  const client = await TestClient.join(url, { role: "sendonly", channel_id: "c" });
  assert.match(String(client.offer!.sdp), /a=candidate:.* 127\.0\.0\.1 \d+ typ host/);
  await client.disconnect();
});

test("SoraServer: faults are counted, and their options are checked", async () => {
  await using server = await SoraServer.start({ faults: { dropSent: 1 } });
  const b = await TestClient.join(server.url, { role: "recvonly", channel_id: "c", video: VP8 });
  const a = await TestClient.join(server.url, { role: "sendonly", channel_id: "c", video: VP8 });
  await sendUntil("drops", a, "one", () => server.stats().faultyPackets > 10);
  assert.equal(b.packets.length, 0);
  await a.disconnect();
  await b.disconnect();
  const start = (faults: unknown) => SoraServer.start({ faults: faults as { seed: number } });
  await assert.rejects(start({ dropSent: 2 }), { name: "RangeError", message: /faults\.dropSent/ });
  const wrong: [faults: unknown, message: RegExp][] = [
    [{ lose: 0 }, /options\.faults\.lose is not a known option/],
    [{ silentFrom: "ofer" }, /faults\.silentFrom.*offer/],
    [{ cutInsteadOf: "answer" }, /faults\.cutInsteadOf/],
    [{ stopBefore: "tls" }, /faults\.stopBefore.*dtls/],
    [{ drop: "offer" }, /faults\.drop/],
    [{ drop: { type: "ofer" } }, /faults\.drop\.type/],
    [{ drop: { type: "offer", times: 0 } }, /faults\.drop\.times/],
    [{ closeInsteadOf: "offer" }, /faults\.closeInsteadOf/],
    [{ closeInsteadOf: { type: "x", code: 4000, reason: "" } }, /faults\.closeInsteadOf\.type/],
    [{ closeInsteadOf: { type: "offer", code: 1006, reason: "" } }, /closeInsteadOf\.code/],
    [
      { closeInsteadOf: { type: "offer", code: 4000, reason: "x".repeat(124) } },
      /closeInsteadOf\.reason/,
    ],
    [{ closeInsteadOf: { type: "offer", code: 4000, reason: "", at: 1 } }, /closeInsteadOf\.at /],
    [{ textSignaling: 1 }, /faults\.textSignaling/],
  ];
  for (const [faults, message] of wrong) {
    await assert.rejects(start(faults), { message });
  }
});
