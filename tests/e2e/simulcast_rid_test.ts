// The layer that a receiver requests: by options, by RPC and by the HTTP API, and what is refused.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { NotifySimulcastSwitched, SoraConnectionOptions } from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { accessToken } from "../support/access_token.ts";
import { eventually } from "../support/eventually.ts";
import { MediaClient, nextFrame } from "../support/media_client.ts";

const SECRET = "secret of a test";
const CHANNEL = "simulcast-rid";
const METHOD = "2025.2.0/RequestSimulcastRid";

/** Layers of 640x360: two are sent. */
const R0 = "160x90";
const R1 = "320x180";

let server: SoraServer;
let sender: MediaClient;

before(async () => {
  server = await SoraServer.start({ port: 0, secret: SECRET, httpApi: true });
  sender = new MediaClient(
    { ...room(), role: "sendonly", simulcast: true, videoBitRate: 700 },
    { frame: { width: 640, height: 360, turn: 0 } },
  );
  await sender.connect();
});

after(async () => {
  await sender[Symbol.asyncDispose]();
  await server.close();
});

function room(claims: object = {}) {
  return {
    signalingUrls: [server.url],
    channelId: CHANNEL,
    metadata: { access_token: accessToken(claims, SECRET) },
    videoCodecType: "VP8",
    audio: false,
    dataChannelSignaling: true,
  } as const;
}

/** A receiver, and the changes of its layer. */
class Receiver extends MediaClient {
  readonly switches: NotifySimulcastSwitched[] = [];

  constructor(options: Partial<SoraConnectionOptions>, claims: object = {}) {
    super({ ...room(claims), ...options, role: "recvonly" });
    this.connection.onNotify = (message) => {
      if (message.event_type === "simulcast.switched") this.switches.push(message);
    };
  }

  /** Resolves when a frame of that size comes. */
  async receives(size: string): Promise<void> {
    const { video } = await this.from(sender, 1);
    const frame = await nextFrame(video, ({ width, height }) => `${width}x${height}` === size);
    frame.close();
  }

  /** Connects, and gets frames of that size. */
  async start(size: string): Promise<this> {
    await this.connect();
    await this.receives(size);
    return this;
  }
}

const choices: [name: string, options: Partial<SoraConnectionOptions>, size: string][] = [
  ["without simulcast, the server's default", {}, R0],
  ["without a rid, the server's default", { simulcast: true }, R0],
  ["simulcastRid", { simulcast: true, simulcastRid: "r1" }, R1],
  ["simulcastRequestRid", { simulcast: true, simulcastRequestRid: "r1" }, R1],
  [
    "simulcastRequestRid before simulcastRid",
    { simulcast: true, simulcastRid: "r1", simulcastRequestRid: "r0" },
    R0,
  ],
  ["a layer that is not sent, the next lower one", { simulcast: true, simulcastRid: "r2" }, R1],
];
for (const [name, options, size] of choices) {
  test(`simulcast rid: ${name}`, async () => {
    await using receiver = new Receiver(options);
    await receiver.start(size);
    assert.deepEqual(receiver.switches, []);
  });
}

test("simulcast rid: claims of the access token, before what the client asks for", async () => {
  await using receiver = new Receiver({ simulcast: true, simulcastRid: "r0" }, {
    simulcast_request_rid: "r1",
  });
  await receiver.start(R1);
});

test("defaultSimulcastRid: what a receiver gets that requests nothing", async () => {
  await using other = await SoraServer.start({ port: 0, defaultSimulcastRid: "r1" });
  const options = { ...room(), signalingUrls: [other.url] };
  await using publisher = new MediaClient(
    { ...options, role: "sendonly", simulcast: true, videoBitRate: 700 },
    { frame: { width: 640, height: 360, turn: 0 } },
  );
  await publisher.connect();
  await using receiver = new MediaClient({ ...options, role: "recvonly" });
  await receiver.connect();
  const { video } = await receiver.from(publisher, 1);
  (await nextFrame(video, ({ width, height }) => `${width}x${height}` === R1)).close();
});

test("requestSimulcastRid: one sender or all, none and back, each with simulcast.switched", async () => {
  await using receiver = await new Receiver({ simulcast: true }).start(R0);
  const { connection } = receiver;
  assert.deepEqual(connection.simulcastRpcRids, ["none", "r0", "r1", "r2"]);
  const senderId = sender.connection.connectionId!;
  await connection.requestSimulcastRid("r1", senderId);
  await receiver.receives(R1);
  await connection.requestSimulcastRid("none");
  await eventually("none", () => receiver.switches.length === 2);
  await connection.requestSimulcastRid("r0");
  await receiver.receives(R0);
  const result = await connection.rpc(METHOD, { rid: "r2", sender_connection_id: senderId });
  assert.deepEqual(result, {
    channel_id: CHANNEL,
    receiver_connection_id: connection.connectionId,
    sender_connection_id: senderId,
    rid: "r2",
  });
  await receiver.receives(R1);
  await eventually("four switches", () => receiver.switches.length === 4);
  const common = {
    type: "notify",
    event_type: "simulcast.switched",
    sender_connection_id: senderId,
    trigger: "receiver",
    rpc_rids: ["none", "r0", "r1", "r2"],
    auto_rids: [],
  };
  assert.deepEqual(receiver.switches.map(({ timestamp: _, ...rest }) => rest), [
    { ...common, priority: "higher", request_rid: "r1", current_rid: "r1", previous_rid: "r0" },
    { ...common, priority: "lower", request_rid: "none", current_rid: "none", previous_rid: "r1" },
    { ...common, priority: "higher", request_rid: "r0", current_rid: "r0", previous_rid: "none" },
    { ...common, priority: "higher", request_rid: "r2", current_rid: "r1", previous_rid: "r0" },
  ]);
});

test("requestSimulcastRid: what is wrong is refused, and changes nothing", async () => {
  await using receiver = await new Receiver(
    { simulcast: true, simulcastRid: "r1" },
    { simulcast_rpc_rids: ["r0"] },
  ).start(R1);
  const { connection } = receiver;
  assert.deepEqual(connection.simulcastRpcRids, ["r0"]);
  const refused = { code: "RPC_ERROR", rpcCode: -32_602 };
  await assert.rejects(connection.requestSimulcastRid("r2"), refused);
  await assert.rejects(connection.requestSimulcastRid("none"), refused);
  await assert.rejects(connection.requestSimulcastRid("r0", "NOBODY"), refused);
  await assert.rejects(connection.requestSimulcastRid("r0", connection.connectionId), refused);
  for (
    const params of [{}, { rid: 0 }, { rid: "r0", sender_connection_id: 1 }, { rid: "r0", a: 1 }]
  ) {
    await assert.rejects(connection.rpc(METHOD, params), refused, JSON.stringify(params));
  }
  await assert.rejects(connection.requestSimulcastRid("r3" as "r2"), {
    name: "TypeError",
    message: /^rid must be one of "none", "r0", "r1", "r2", not "r3"/,
  });
  await assert.rejects(
    connection.requestSimulcastRid("r0", ""),
    /^RangeError: senderConnectionId /,
  );
  await receiver.receives(R1);
  assert.deepEqual(receiver.switches, []);
  await using plain = await new Receiver({}).start(R0);
  assert.deepEqual(plain.connection.simulcastRpcRids, []);
  await assert.rejects(plain.connection.requestSimulcastRid("r1"), refused);
});

/** Calls Sora's HTTP API. */
async function ask(target: string, body: object): Promise<{ status: number; answer: unknown }> {
  const response = await fetch(`http://127.0.0.1:${server.port}/`, {
    method: "POST",
    headers: { "x-sora-target": target, authorization: `Bearer ${SECRET}` },
    body: JSON.stringify(body),
  });
  return { status: response.status, answer: await response.json() };
}

test("RequestSimulcastRid and RequestRtpStream of the HTTP API: layers of a receiver", async () => {
  await using receiver = await new Receiver({ simulcast: true }, { simulcast_rpc_rids: [] })
    .start(R0);
  const newer = "Sora_20251210.RequestSimulcastRid";
  const older = "Sora_20201005.RequestRtpStream";
  const id = receiver.connection.connectionId!;
  const senderId = sender.connection.connectionId!;
  const body = { channel_id: CHANNEL, receiver_connection_id: id };
  // What RPC may request does not bind the server's own API.
  assert.deepEqual(await ask(newer, { ...body, rid: "r1" }), {
    status: 200,
    answer: { ...body, rid: "r1" },
  });
  await receiver.receives(R1);
  const stream = { channel_id: CHANNEL, recv_connection_id: id, send_connection_id: senderId };
  assert.equal((await ask(older, { ...stream, rid: "r0" })).status, 200);
  await receiver.receives(R0);

  const wrong: [body: object, status: number, errorType: string][] = [
    [{ ...body, rid: "r9" }, 400, "INVALID-BODY"],
    [body, 400, "INVALID-BODY"],
    [{ ...body, rid: "r1", sender_connection_id: 5 }, 400, "INVALID-BODY"],
    [{ ...body, rid: "r1", sender_connection_id: "nobody" }, 404, "NOT-FOUND"],
    [{ ...body, rid: "r1", receiver_connection_id: "nobody" }, 404, "NOT-FOUND"],
    [
      { ...body, rid: "r1", receiver_connection_id: senderId, sender_connection_id: id },
      404,
      "NOT-FOUND",
    ],
  ];
  for (const [body, status, error_type] of wrong) {
    assert.deepEqual(await ask(newer, body), { status, answer: { error_type } });
  }
  await using plain = await new Receiver({}).start(R0);
  const to = { ...body, receiver_connection_id: plain.connection.connectionId, rid: "r1" };
  assert.deepEqual(await ask(newer, to), {
    status: 400,
    answer: { error_type: "SIMULCAST-DISABLED" },
  });
});
