/** How connections fail: the rows of the protocol notes' tables 3.4 and 5 about connecting, and `AbortSignal`. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type SoraConnectionOptions, SoraError } from "../../mod.ts";
import { SoraServer, type SoraServerOptions } from "../../sfu/mod.ts";
import { assertOver, close, end, type Expected, GRACEFUL } from "../support/ends.ts";
import { eventually, within } from "../support/eventually.ts";
import { RecordingClient } from "../support/recording_client.ts";
import { startRelay } from "../support/signaling_relay.ts";
import {
  rawCloseFrame,
  rawFrame,
  startRawServer,
  startRawWebSocketServer,
} from "../support/signaling_servers.ts";

const HYBRID = { dataChannelSignaling: true };

interface Failure {
  readonly server?: SoraServerOptions;
  readonly client?: Partial<SoraConnectionOptions>;
  readonly ends: readonly Expected[];
}

const REFUSED = "connect ECONNREFUSED|Connection refused|Failed to connect|os error 111";

const failing: Readonly<Record<string, Failure>> = {
  "5 all handshakes fail: nobody listens": {
    client: { signalingUrls: ["ws://127.0.0.1:1/signaling"] },
    ends: [
      end(
        "WEBSOCKET_HANDSHAKE_FAILED",
        new RegExp(
          `^Failed Websocket handshake: last_ec=.*(?:${REFUSED}).* last_url=ws://127\\.0\\.0\\.1:1/signaling$`,
        ),
      ),
    ],
  },
  "5 closed with another code before the offer": {
    server: {
      faults: { closeInsteadOf: { type: "offer", code: 4490, reason: "AUTHENTICATION-FAILURE" } },
    },
    ends: [
      close(4490, "AUTHENTICATION-FAILURE"),
      end(
        "WEBSOCKET_ONCLOSE",
        `Failed to read WebSocket: ec=${GRACEFUL} wscode=4490 wsreason=AUTHENTICATION-FAILURE`,
      ),
    ],
  },
  "5 closed with 1000 before the offer": {
    server: { faults: { closeInsteadOf: { type: "offer", code: 1000, reason: "X" } } },
    ends: [
      close(1000, "X"),
      end(
        "CLOSE_SUCCEEDED",
        `Succeeded to close WebSocket from server: ec=${GRACEFUL} wscode=1000 wsreason=X`,
      ),
    ],
  },
  "5 the socket dies before the offer": {
    server: { faults: { cutInsteadOf: "offer" } },
    ends: [
      close(0, ""),
      end("WEBSOCKET_ONERROR", /^Failed to read WebSocket: ec=.+ wscode=0 wsreason=$/),
    ],
  },
  "5 the server refuses the combination of options": {
    client: { spotlightFocusRid: "r1" },
    ends: [
      close(4490, "SPOTLIGHT-FOCUS-RID-WITHOUT-SPOTLIGHT"),
      end(
        "WEBSOCKET_ONCLOSE",
        `Failed to read WebSocket: ec=${GRACEFUL} wscode=4490 wsreason=SPOTLIGHT-FOCUS-RID-WITHOUT-SPOTLIGHT`,
      ),
    ],
  },
  "3.6 the offer never comes": {
    server: { faults: { silentFrom: "offer" } },
    client: { webSocketConnectionTimeoutMs: 200 },
    ends: [end("INTERNAL_ERROR", "Connection timeout: offer did not come within 200 ms")],
  },
  "3.6 connection.created never comes": {
    server: { faults: { silentFrom: "notify" } },
    client: { webSocketConnectionTimeoutMs: 400 },
    ends: [
      end("INTERNAL_ERROR", "Connection timeout: connection.created did not come within 400 ms"),
    ],
  },
  "5 redirected to a bad URL": {
    server: { redirect: "http://elsewhere.example/" },
    ends: [
      close(1000, "SELF-CLOSED"),
      end("INVALID_PARAMETER", "Invalid URL: url=http://elsewhere.example/"),
    ],
  },
  "5 redirected to where nobody listens": {
    server: { redirect: "ws://127.0.0.1:1/signaling" },
    ends: [
      close(1000, "SELF-CLOSED"),
      end(
        "WEBSOCKET_HANDSHAKE_FAILED",
        new RegExp(
          `^Failed Websocket handshake in redirecting: ec=.*(?:${REFUSED}).* url=ws://127\\.0\\.0\\.1:1/signaling$`,
        ),
      ),
    ],
  },
};

for (const [name, { server: options, client: changes, ends }] of Object.entries(failing)) {
  test(name, async () => {
    await using server = await SoraServer.start({ port: 0, ...options });
    const client = new RecordingClient({ signalingUrls: [server.url], ...changes });
    const error = await client.connect().then(() => undefined, (error) => error);
    assert.ok(error instanceof SoraError, String(error));
    const [code, message] = client.of("onDisconnect")[0]!;
    assert.deepEqual([error.code, error.message], [code, message]);
    await assertOver(client, ends);
  });
}

test("5 the handshake is answered with something else than 101", async () => {
  await using server = await SoraServer.start({ port: 0, path: "/elsewhere" });
  const url = `ws://127.0.0.1:${server.port}/signaling`;
  const client = new RecordingClient({ signalingUrls: [url] });
  await assert.rejects(client.connect());
  await assertOver(client, [
    end("WEBSOCKET_HANDSHAKE_FAILED", /^Failed Websocket handshake: last_ec=.+ last_url=ws:/),
  ]);
});

test("3.4 connect() was never called", async () => {
  const client = new RecordingClient({ signalingUrls: ["ws://127.0.0.1:1/"] });
  await client.connection.disconnect();
  await client.connection.disconnect();
  assert.deepEqual(client.order, []);
  await client[Symbol.asyncDispose]();
  assert.deepEqual(client.order, []);
});

test("3.4 closed while connecting", async () => {
  await using silent = await startRawServer(() => {});
  const client = new RecordingClient({ signalingUrls: [`ws://127.0.0.1:${silent.port}/`] });
  const connecting = client.connect();
  connecting.catch(() => {});
  await within("disconnect()", client.connection.disconnect(), 1_000);
  await assert.rejects(connecting, { code: "CLOSE_SUCCEEDED" });
  await assertOver(client, [end("CLOSE_SUCCEEDED", "Close was called in connecting")]);
});

test("3.4 closed while redirected", async () => {
  let arrived = false;
  await using silent = await startRawServer(() => arrived = true);
  await using server = await SoraServer.start({
    port: 0,
    redirect: `ws://127.0.0.1:${silent.port}/`,
  });
  const client = new RecordingClient({ signalingUrls: [server.url] });
  const connecting = client.connect();
  connecting.catch(() => {});
  await eventually("the second hop", () => arrived);
  await within("disconnect()", client.connection.disconnect(), 1_000);
  await assertOver(client, [
    close(1000, "SELF-CLOSED"),
    end("CLOSE_SUCCEEDED", "Close was called in connecting"),
  ]);
});

test("3.4 closed after the offer, not switched yet though data channel signaling was asked for", async () => {
  await using server = await SoraServer.start({ port: 0 });
  const client = new RecordingClient({ signalingUrls: [server.url], ...HYBRID });
  client.connection.onSetOffer = () => client.connection.disconnect();
  await assert.rejects(client.connect(), { code: "CLOSE_SUCCEEDED" });
  await assertOver(client, [
    close(1000, "TYPE-DISCONNECT"),
    end("CLOSE_SUCCEEDED", "Succeeded to close WebSocket (DC signaling is not enabled)"),
  ]);
});

test("5 no handshake in time", async () => {
  await using silent = await startRawServer(() => {});
  const client = new RecordingClient({
    signalingUrls: [`ws://127.0.0.1:${silent.port}/`],
    webSocketConnectionTimeoutMs: 150,
  });
  await assert.rejects(client.connect(), { code: "INTERNAL_ERROR" });
  await assertOver(client, [end("INTERNAL_ERROR", "Connection timeout")]);
});

test("5 the second hop of a redirect takes too long", async () => {
  await using silent = await startRawServer(() => {});
  await using server = await SoraServer.start({
    port: 0,
    redirect: `ws://127.0.0.1:${silent.port}/`,
  });
  const client = new RecordingClient({
    signalingUrls: [server.url],
    webSocketConnectionTimeoutMs: 300,
  });
  await assert.rejects(client.connect(), { code: "INTERNAL_ERROR" });
  await assertOver(client, [
    close(1000, "SELF-CLOSED"),
    end("INTERNAL_ERROR", "Connection timeout in redirection"),
  ]);
});

for (const disconnects of [false, true]) {
  const how = disconnects ? ", and disconnect() meanwhile" : "";
  test(`5 closed by a server that keeps TCP open: reported in time${how}`, async () => {
    await using server = await startRawWebSocketServer(
      (socket) => {
        // A client that has counted the first of the two has seen the second.
        const unknown = rawFrame(0x81, new TextEncoder().encode(`{"type":"unknown"}`));
        const goodbye = rawCloseFrame(1000, "DISCONNECTED-API");
        socket.write(Uint8Array.of(...unknown, ...goodbye));
      },
      true,
    );
    const client = new RecordingClient({
      signalingUrls: [`ws://127.0.0.1:${server.port}/`],
      webSocketCloseTimeoutMs: 300,
    });
    const connecting = client.connect();
    connecting.catch(() => {});
    if (disconnects) {
      const { connection } = client;
      await eventually("the message", () => connection.counters.ignoredMessages === 1);
      await client.connection.disconnect();
    }
    // `ws` alone would wait for half a minute.
    await within("the end", assert.rejects(connecting, { code: "CLOSE_SUCCEEDED" }), 5_000);
    await assertOver(client, [
      close(1000, "DISCONNECTED-API"),
      end(
        "CLOSE_SUCCEEDED",
        `Succeeded to close WebSocket from server: ec=${GRACEFUL} wscode=1000 wsreason=DISCONNECTED-API`,
      ),
    ]);
  });
}

/** Changes one member of the server's messages of a type. */
const rewrite = (type: string, change: (sdp: string) => string) => (text: string) => {
  const message = JSON.parse(text);
  if (message.type !== type) return [text];
  return [JSON.stringify({ ...message, sdp: change(message.sdp) })];
};

const CLOSED = "Succeeded to close WebSocket \\(DC signaling is not enabled\\)";

test("5 libwebrtc refuses the offer's SDP", async () => {
  await using server = await SoraServer.start({ port: 0 });
  await using relay = await startRelay(server.url, rewrite("offer", () => "v=0\r\nrubbish"));
  const client = new RecordingClient({ signalingUrls: [relay.url] });
  await assert.rejects(client.connect(), { code: "ICE_FAILED" });
  await assertOver(client, [
    close(1000, "TYPE-DISCONNECT"),
    end(
      "ICE_FAILED",
      new RegExp(
        `^Failed to SetOffer in offer message via WebSocket: error=.+, internal_message=${CLOSED}$`,
      ),
    ),
  ]);
});

test("5 libwebrtc refuses a re-offer's SDP", async () => {
  await using server = await SoraServer.start({ port: 0 });
  await using relay = await startRelay(server.url);
  const client = new RecordingClient({ signalingUrls: [relay.url] });
  await client.connect();
  relay.inject(JSON.stringify({ type: "re-offer", sdp: "v=0\r\nrubbish" }));
  await assertOver(client, [
    close(1000, "TYPE-DISCONNECT"),
    end(
      "ICE_FAILED",
      new RegExp(
        `^Failed to SetOffer in re-offer message via WebSocket: error=.+, internal_message=${CLOSED}$`,
      ),
    ),
  ]);
});

test("5 the peer connection fails: the server's certificate is not the one that it announced", async () => {
  await using server = await SoraServer.start({ port: 0 });
  const other = "00:".repeat(31) + "00";
  await using relay = await startRelay(
    server.url,
    rewrite("offer", (sdp) => sdp.replaceAll(/(a=fingerprint:sha-256 )\S+/g, `$1${other}`)),
  );
  const client = new RecordingClient({ signalingUrls: [relay.url] });
  await assert.rejects(client.connect(), { code: "PEER_CONNECTION_STATE_FAILED" });
  await assertOver(client, [
    end("PEER_CONNECTION_STATE_FAILED", "PeerConnectionState::kFailed"),
  ]);
});

test("AbortSignal rejects at once with its reason in every phase, and the connection can connect again", async () => {
  await using server = await SoraServer.start({ port: 0 });
  await using client = new RecordingClient({ signalingUrls: [server.url], ...HYBRID });
  const phases = ["onSignalingMessage", "onSetOffer", "onNotify"] as const;
  for (const phase of phases) {
    const giveUp = new AbortController();
    const handler = client.connection[phase];
    let abortedAt = 0;
    (client.connection[phase] as unknown) = () => {
      abortedAt ||= performance.now();
      giveUp.abort();
    };
    await assert.rejects(client.connection.connect({ signal: giveUp.signal }), {
      name: "AbortError",
    });
    assert.ok(abortedAt > 0 && performance.now() - abortedAt < 500, phase);
    (client.connection[phase] as unknown) = handler;
    await eventually("the end", () => client.connection.state === "disconnected");
  }
  await client.connect();
  assert.equal(client.connection.state, "connected");
  assert.equal(client.of("onDisconnect").length, phases.length);
});
