/** The server misbehaves in each way that it can: the client ends as it should, and nothing is left behind. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { SoraConnectionOptions } from "../../mod.ts";
import { type ServerFaults, SoraServer, type SoraServerOptions } from "../../sfu/mod.ts";
import { assertOver, close, end, type Expected } from "../support/ends.ts";
import { eventually } from "../support/eventually.ts";
import { MediaClient } from "../support/media_client.ts";
import { RecordingClient } from "../support/recording_client.ts";

const HYBRID = { dataChannelSignaling: true } as const;
const ALONE = { ...HYBRID, ignoreDisconnectWebSocket: true } as const;

function start(faults: ServerFaults, options: SoraServerOptions = {}): Promise<SoraServer> {
  return SoraServer.start({ port: 0, ...options, faults });
}

function join(server: SoraServer, options: Partial<SoraConnectionOptions> = {}): RecordingClient {
  return new RecordingClient({ signalingUrls: [server.url], ...options });
}

/** The server knows of no connection any more. */
async function assertEmpty(server: SoraServer): Promise<void> {
  await eventually("the end on the server", () => {
    const { connections, pendingConnections, channels } = server.stats();
    return connections + pendingConnections + channels === 0;
  });
}

for (const stopBefore of ["ice", "dtls"] as const) {
  test(`a server that stops before ${stopBefore}: connect() takes too long`, async () => {
    await using server = await start({ stopBefore });
    const client = join(server, { webSocketConnectionTimeoutMs: 400 });
    await assert.rejects(client.connect(), { code: "INTERNAL_ERROR" });
    const [[code, text]] = client.of("onDisconnect") as [[string, string]];
    assert.equal(code, "INTERNAL_ERROR");
    assert.match(text, /^Connection timeout: connection\.created did not come within 400 ms/);
    await client[Symbol.asyncDispose]();
    await assertEmpty(server);
  });

  test(`a server that stops before ${stopBefore} gives the client up as well`, async () => {
    await using server = await start({ stopBefore }, { establishTimeoutMs: 300 });
    const reason = "CONNECTION-CREATED-WAIT-TIMEOUT-ERROR";
    const client = join(server);
    await assert.rejects(client.connect(), { code: "WEBSOCKET_ONCLOSE" });
    await assertOver(client, [
      close(4490, reason),
      end("WEBSOCKET_ONCLOSE", new RegExp(`wscode=4490 wsreason=${reason}`)),
    ]);
    await assertEmpty(server);
  });
}

const neverSwitching: readonly ServerFaults[] = [
  { stopBefore: "sctp" },
  { stopBefore: "channels" },
  { stopBefore: "switched" },
];
for (const faults of neverSwitching) {
  test(`a server with ${JSON.stringify(faults)}: signaling is not switched in time`, async () => {
    await using server = await start(faults);
    const client = join(server, {
      ...HYBRID,
      dataChannelSignalingTimeoutMs: 400,
      webSocketCloseTimeoutMs: 1_000,
    });
    await client.connect();
    await client.ended();
    const [[code, text]] = client.of("onDisconnect") as [[string, string]];
    assert.equal(code, "INTERNAL_ERROR");
    assert.match(text, /^DataChannel signaling timeout: not switched within 400 ms/);
    assert.deepEqual(client.of("onSwitched"), []);
    await client[Symbol.asyncDispose]();
    await assertEmpty(server);
  });
}

for (const [name, options] of Object.entries({ WebSocket: {}, "data channels": ALONE })) {
  test(`one message is dropped over ${name}, and the next one comes`, async () => {
    await using server = await start({ drop: { type: "push" } });
    await using client = join(server, options);
    await ("dataChannelSignaling" in options ? client.switch() : client.connect());
    server.push("first");
    server.push("second");
    await eventually("the second push", () => client.of("onPush").length > 0);
    assert.deepEqual(client.of("onPush").map(([{ data }]) => data), ["second"]);
  });
}

/** What the server does at a push once signaling is over data channels, and how the client ends. */
const atPush: Readonly<
  Record<string, { faults: ServerFaults; options: object; ends: readonly Expected[] }>
> = {
  "closes, both transports": {
    faults: { closeInsteadOf: { type: "push", code: 4001, reason: "BECAUSE" } },
    options: HYBRID,
    ends: [
      close(4001, "BECAUSE"),
      end("WEBSOCKET_ONCLOSE", /wscode=4001 wsreason=BECAUSE/),
    ],
  },
  "closes, data channels alone": {
    faults: { closeInsteadOf: { type: "push", code: 4001, reason: "BECAUSE" } },
    options: ALONE,
    ends: [
      close(1000, "SELF-CLOSED"),
      end("CLOSE_FAILED", /^Failed to close DataChannel: code=4001 /),
    ],
  },
  "cuts, both transports": {
    faults: { cutInsteadOf: "push" },
    options: HYBRID,
    ends: [close(0, ""), end("WEBSOCKET_ONERROR", /wscode=0 wsreason=$/)],
  },
  "cuts, data channels alone": {
    faults: { cutInsteadOf: "push" },
    options: ALONE,
    ends: [
      close(1000, "SELF-CLOSED"),
      end(
        "CLOSE_FAILED",
        "All DataChannels were closed by the server without a close message",
      ),
    ],
  },
};
for (const [name, { faults, options, ends }] of Object.entries(atPush)) {
  test(`a switched server that ${name}`, async () => {
    await using server = await start(faults);
    const client = join(server, options);
    await client.switch();
    // The WebSocket of a client that needs it no more is gone before the fault.
    if (options === ALONE) await eventually("onWsClose", () => client.of("onWsClose").length > 0);
    server.push("instead");
    await client.ended();
    await assertOver(client, ends);
    await assertEmpty(server);
  });
}

test("a switched server that falls silent: disconnect() is bounded", async () => {
  await using server = await start({ silentFrom: "push" });
  const client = join(server, { ...ALONE, disconnectWaitTimeoutMs: 300 });
  await client.switch();
  await eventually("onWsClose", () => client.of("onWsClose").length > 0);
  server.push("nothing comes of it");
  server.push("nor of this");
  await client.connection.disconnect();
  assert.deepEqual(client.of("onPush"), []);
  await assertOver(client, [
    close(1000, "SELF-CLOSED"),
    end("CLOSE_FAILED", "Failed to close DataChannel: ec=Operation canceled"),
  ]);
  await assertEmpty(server);
});

test("a redirect that comes late is followed all the same", async () => {
  await using target = await SoraServer.start({ port: 0 });
  await using server = await start({ signalingDelayMs: 100 }, { redirect: target.url });
  await using client = join(server);
  await client.connect();
  assert.equal(client.steps.filter((step) => step.endsWith(" redirect")).length, 1);
  assert.equal(target.stats().connections, 1);
  await assertEmpty(server);
});

test("what is late over data channels comes in order, and so does the close", async () => {
  const faults = { signalingDelayMs: 100 };
  await using server = await start(faults, { dataChannelSignalingCloseMessage: true });
  const client = join(server, ALONE);
  await client.switch();
  await eventually("onWsClose", () => client.of("onWsClose").length > 0);
  const began = performance.now();
  for (const data of ["first", "second"]) server.push(data);
  await eventually("both", () => client.of("onPush").length === 2);
  assert.ok(performance.now() - began >= 99, "late");
  assert.deepEqual(client.of("onPush").map(([{ data }]) => data), ["first", "second"]);
  server.disconnect(client.id);
  await client.ended();
  await assertOver(client, [
    close(1000, "SELF-CLOSED"),
    end("CLOSE_SUCCEEDED", "Succeeded to close DataChannel: reason=DISCONNECTED-API"),
  ]);
  await assertEmpty(server);
});

test("rubbish on each label of the signaling is survived", async () => {
  await using server = await start({});
  await using client = join(server, ALONE);
  await client.switch();
  const rubbish = [
    Uint8Array.of(0),
    new TextEncoder().encode("{"),
    new Uint8Array(60_000).fill(255),
  ];
  let number = 0;
  for (const label of ["signaling", "notify", "push", "stats", "rpc"]) {
    for (const bytes of rubbish) {
      assert.equal(server.sendRaw(client.id, label, bytes), true);
      server.push(++number);
      await eventually(
        `a push after rubbish on ${label}`,
        () => client.of("onPush").at(-1)?.[0].data === number,
      );
    }
  }
  assert.equal(client.connection.state, "connected");
  assert.equal(server.sendRaw(client.id, "#none", Uint8Array.of(1)), false);
  assert.equal(server.sendRaw("nobody", "push", Uint8Array.of(1)), false);
});

test("signaling over data channels may be text: everything goes on as with bytes", async () => {
  await using server = await start({ textSignaling: true }, { pingIntervalMs: 50 });
  await using client = join(server, { ...ALONE, role: "recvonly" });
  await client.switch();
  const [offer] = client.of("onSetOffer")[0]!;
  assert.ok(offer.data_channels!.every(({ compress }) => compress === false));
  server.push("as text");
  await eventually("the push", () => client.of("onPush").length > 0);
  const room = { signalingUrls: [server.url], channelId: "test", ...ALONE } as const;
  await using other = new MediaClient({ ...room, role: "sendonly" }, { toneHz: 440 });
  await other.connect();
  await eventually(
    "the answer to a re-offer",
    () => client.steps.includes("DATACHANNEL SENT re-answer"),
  );
  await eventually("the other's track", () => client.of("onTrack").length > 0);
  const arrived = other.connection.connectionId;
  await eventually("the news of it", () => client.notified(arrived).length > 0);
  const method = "2025.2.0/PutSignalingNotifyMetadata";
  assert.equal(await client.connection.rpc(method, { metadata: "text" }), "text");
  await client.connection.disconnect();
  assert.deepEqual(client.of("onDisconnect"), [[
    "CLOSE_SUCCEEDED",
    "Succeeded to close DataChannel",
  ]]);
});
