/** How established connections end: the rows of the protocol notes' tables 3.4, 3.5 and 5 that a real server can produce. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { SoraConnectionOptions } from "../../mod.ts";
import { SoraServer, type SoraServerOptions } from "../../sfu/mod.ts";
import { assertOver, close, end, type Expected, GRACEFUL } from "../support/ends.ts";
import { eventually } from "../support/eventually.ts";
import { RecordingClient } from "../support/recording_client.ts";

const TIMEOUT = "DISCONNECT-WAIT-TIMEOUT-ERROR";
const HYBRID = { dataChannelSignaling: true };
const ALONE = { dataChannelSignaling: true, ignoreDisconnectWebSocket: true };
const SHORT = { disconnectWaitTimeoutMs: 150, webSocketCloseTimeoutMs: 150 };

interface Row {
  readonly server?: SoraServerOptions;
  readonly client?: Partial<SoraConnectionOptions>;
  /** What makes it end; `disconnect()` by default. */
  readonly end?: (client: RecordingClient, server: SoraServer) => unknown;
  readonly ends: readonly Expected[];
}

const established: Readonly<Record<string, Row>> = {
  "3.4 WebSocket only": {
    ends: [
      close(1000, "TYPE-DISCONNECT"),
      end("CLOSE_SUCCEEDED", "Succeeded to close WebSocket (DC signaling is not enabled)"),
    ],
  },
  "3.4 WebSocket only, the server silent": {
    server: { faults: { ignoreDisconnect: true } },
    client: SHORT,
    ends: [
      close(4999, TIMEOUT),
      end(
        "CLOSE_FAILED",
        `Failed to close WebSocket: ec=Operation canceled wscode=4999 wsreason=${TIMEOUT}`,
      ),
    ],
  },
  "3.4 both transports": {
    client: HYBRID,
    ends: [
      close(1000, "TYPE-DISCONNECT"),
      end("CLOSE_SUCCEEDED", "Succeeded to close Websocket (DC signaling is enabled)"),
    ],
  },
  "3.4 both transports, the server silent": {
    server: { faults: { ignoreDisconnect: true } },
    client: { ...HYBRID, ...SHORT },
    ends: [
      close(4999, TIMEOUT),
      end(
        "CLOSE_FAILED",
        `Failed to close WebSocket (Close timeout): ec=Operation canceled wscode=4999 wsreason=${TIMEOUT}`,
      ),
    ],
  },
  "3.4 data channels alone": {
    client: ALONE,
    ends: [
      close(1000, "SELF-CLOSED"),
      end("CLOSE_SUCCEEDED", "Succeeded to close DataChannel"),
    ],
  },
  "3.4 data channels alone, the server silent": {
    server: { faults: { ignoreDisconnect: true } },
    client: { ...ALONE, ...SHORT },
    ends: [
      close(1000, "SELF-CLOSED"),
      end("CLOSE_FAILED", "Failed to close DataChannel: ec=Operation canceled"),
    ],
  },
  "3.4 already closed, and closed many times at once": {
    end: async ({ connection }) => {
      await Promise.all([1, 2, 3].map(() => connection.disconnect()));
      await connection.disconnect();
    },
    ends: [
      close(1000, "TYPE-DISCONNECT"),
      end("CLOSE_SUCCEEDED", "Succeeded to close WebSocket (DC signaling is not enabled)"),
    ],
  },
  "3.4 closed from inside a handler": {
    end: async (client, server) => {
      client.connection.onPush = () => client.connection.disconnect();
      server.push("leave");
      await client.ended();
    },
    ends: [
      close(1000, "TYPE-DISCONNECT"),
      end("CLOSE_SUCCEEDED", "Succeeded to close WebSocket (DC signaling is not enabled)"),
    ],
  },
  "3.5 WebSocket only, by API": {
    end: (client, server) => assert.ok(server.disconnect(client.id)),
    ends: [
      close(1000, "DISCONNECTED-API"),
      end(
        "CLOSE_SUCCEEDED",
        `Succeeded to close WebSocket from server: ec=${GRACEFUL} wscode=1000 wsreason=DISCONNECTED-API`,
      ),
    ],
  },
  "3.5 WebSocket only, by lifetime": {
    server: { connectionLifetimeMs: 300 },
    end: () => {},
    ends: [
      close(1000, "LIFETIME-EXPIRED"),
      end(
        "CLOSE_SUCCEEDED",
        `Succeeded to close WebSocket from server: ec=${GRACEFUL} wscode=1000 wsreason=LIFETIME-EXPIRED`,
      ),
    ],
  },
  "3.5 both transports, by lifetime": {
    server: { connectionLifetimeMs: 1_500 },
    client: HYBRID,
    end: () => {},
    ends: [
      close(1000, "LIFETIME-EXPIRED"),
      end(
        "CLOSE_SUCCEEDED",
        `Succeeded to close WebSocket and DataChannel from server: ec=${GRACEFUL} wscode=1000 wsreason=LIFETIME-EXPIRED`,
      ),
    ],
  },
  "3.5 data channels alone, by lifetime": {
    server: { connectionLifetimeMs: 1_500 },
    client: ALONE,
    end: () => {},
    ends: [
      close(1000, "SELF-CLOSED"),
      end("CLOSE_SUCCEEDED", "Succeeded to close DataChannel: reason=LIFETIME-EXPIRED"),
    ],
  },
  "3.5 both transports": {
    client: HYBRID,
    end: (client, server) => assert.ok(server.disconnect(client.id)),
    ends: [
      close(1000, "DISCONNECTED-API"),
      end(
        "CLOSE_SUCCEEDED",
        `Succeeded to close WebSocket and DataChannel from server: ec=${GRACEFUL} wscode=1000 wsreason=DISCONNECTED-API`,
      ),
    ],
  },
  "3.5 both transports, without a close message": {
    server: { dataChannelSignalingCloseMessage: false },
    client: HYBRID,
    end: (client, server) => assert.ok(server.disconnect(client.id)),
    ends: [
      close(1000, "DISCONNECTED-API"),
      end(
        "CLOSE_SUCCEEDED",
        `Succeeded to close WebSocket and DataChannel from server: ec=${GRACEFUL} wscode=1000 wsreason=DISCONNECTED-API`,
      ),
    ],
  },
  "3.5 data channels alone": {
    client: ALONE,
    end: async (client, server) => {
      await eventually("the WebSocket's end", () => client.of("onWsClose").length > 0);
      assert.ok(server.disconnect(client.id));
      await client.ended();
      assert.equal(client.steps.at(-1), "DATACHANNEL RECEIVED close");
    },
    ends: [
      close(1000, "SELF-CLOSED"),
      end("CLOSE_SUCCEEDED", "Succeeded to close DataChannel: reason=DISCONNECTED-API"),
    ],
  },
  "3.5 data channels alone, a code other than 1000": {
    client: ALONE,
    end: async (client) => {
      await eventually("the WebSocket's end", () => client.of("onWsClose").length > 0);
      client.connection.sendDataChannel("signaling", "no JSON");
    },
    ends: [
      close(1000, "SELF-CLOSED"),
      end("CLOSE_FAILED", "Failed to close DataChannel: code=4490 ec=Success"),
    ],
  },
  "3.5 data channels alone, without a close message": {
    server: { dataChannelSignalingCloseMessage: false },
    client: ALONE,
    end: async (client, server) => {
      await eventually("the WebSocket's end", () => client.of("onWsClose").length > 0);
      assert.ok(server.disconnect(client.id));
    },
    ends: [
      close(1000, "SELF-CLOSED"),
      end("CLOSE_FAILED", "All DataChannels were closed by the server without a close message"),
    ],
  },
  "5 closed with another code after the offer": {
    server: {
      pingIntervalMs: 100,
      faults: { closeInsteadOf: { type: "ping", code: 4490, reason: "PONG-TIMEOUT-ERROR" } },
    },
    end: () => {},
    ends: [
      close(4490, "PONG-TIMEOUT-ERROR"),
      end(
        "WEBSOCKET_ONCLOSE",
        `Failed to read WebSocket: ec=${GRACEFUL} wscode=4490 wsreason=PONG-TIMEOUT-ERROR`,
      ),
    ],
  },
  "5 the socket dies without a close frame": {
    server: { pingIntervalMs: 100, faults: { cutInsteadOf: "ping" } },
    end: () => {},
    ends: [
      close(0, ""),
      end("WEBSOCKET_ONERROR", /^Failed to read WebSocket: ec=.+ wscode=0 wsreason=$/),
    ],
  },
};

for (const [name, row] of Object.entries(established)) {
  test(name, async () => {
    await using server = await SoraServer.start({ port: 0, ...row.server });
    const client = new RecordingClient({ signalingUrls: [server.url], ...row.client });
    if (row.client?.dataChannelSignaling) await client.switch();
    else await client.connect();
    if (row.client?.ignoreDisconnectWebSocket) {
      await eventually("the WebSocket's end", () => client.of("onWsClose").length > 0);
    }
    if (row.end === undefined) await client.connection.disconnect();
    else await row.end(client, server);
    await assertOver(client, row.ends);
  });
}

test("what a handler throws is reported to onError and ends nothing", async () => {
  await using server = await SoraServer.start({ port: 0 });
  await using client = new RecordingClient({ signalingUrls: [server.url] });
  const problems = [new Error("thrown"), new Error("rejected")];
  client.connection.onPush = ({ data }) => {
    if (data === 0) throw problems[0];
    return Promise.reject(problems[1]);
  };
  await client.connect();
  server.push(0);
  server.push(1);
  await eventually("two errors", () => client.of("onError").length === 2);
  assert.deepEqual(client.of("onError"), problems.map((problem) => [problem]));
  assert.equal(client.connection.state, "connected");
});
