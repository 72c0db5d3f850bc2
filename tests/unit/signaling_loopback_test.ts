/** Signaling over real WebSockets on loopback. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { checkSignalingOptions, SignalingSession } from "../../signaling/mod.ts";
import { createWebSocket } from "../../signaling/socket/websocket.ts";
import { FakePeer } from "../support/signaling_fakes.ts";
import { startSoraLikeServer } from "../support/signaling_sora_server.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

function session(url: string, events: unknown[][]): SignalingSession {
  return new SignalingSession({
    options: checkSignalingOptions({ signalingUrls: [url], role: "sendrecv", channelId: "c" }),
    handlers: {
      onWsClose: (...args) => events.push(["onWsClose", ...args]),
      onDisconnect: (...args) => events.push(["onDisconnect", ...args]),
    },
    createPeer: (offer, events) => {
      const peer = new FakePeer(offer, events);
      queueMicrotask(() => events.onConnectionStateChange("connected"));
      return peer;
    },
    createSocket: createWebSocket,
    client: { soraClient: "Sora FFI SDK 0.0.0" },
  });
}

const orderly = [
  ["onWsClose", 1000, "TYPE-DISCONNECT"],
  ["onDisconnect", "CLOSE_SUCCEEDED", "Succeeded to close WebSocket (DC signaling is not enabled)"],
];

test("SignalingSession connects, answers and ends in order, again and again", async () => {
  await using server = await startSoraLikeServer();
  const events: unknown[][] = [];
  const subject = session(`ws://127.0.0.1:${server.port}/signaling`, events);
  for (let i = 0; i < 20; i++) {
    await subject.connect();
    await subject.disconnect();
    assert.deepEqual(events.splice(0), orderly);
    const types = server.received.splice(0).map(({ type }) => type);
    assert.deepEqual(types.filter((type) => type !== "pong"), ["connect", "answer", "disconnect"]);
  }
});

test("SignalingSession uses the one server that answers of several", async () => {
  await using server = await startSoraLikeServer();
  const events: unknown[][] = [];
  const subject = new SignalingSession({
    options: checkSignalingOptions({
      signalingUrls: ["ws://127.0.0.1:1/", `ws://127.0.0.1:${server.port}/`, "ws://[::1]:1/"],
      role: "recvonly",
      channelId: "c",
    }),
    handlers: { onDisconnect: (...args) => void events.push(args) },
    createPeer: (offer, events) => {
      queueMicrotask(() => events.onConnectionStateChange("connected"));
      return new FakePeer(offer, events);
    },
    createSocket: createWebSocket,
    client: { soraClient: "Sora FFI SDK 0.0.0" },
  });
  await subject.connect();
  await subject.disconnect();
  assert.equal(events.length, 1);
});

test("connect() rejects with WEBSOCKET_HANDSHAKE_FAILED and the cause when there is no server", async () => {
  const server = await startSoraLikeServer();
  await server[Symbol.asyncDispose]();
  const url = `ws://127.0.0.1:${server.port}/`;
  await assert.rejects(session(url, []).connect(), (error: Error & { code?: string }) => {
    assert.equal(error.code, "WEBSOCKET_HANDSHAKE_FAILED");
    assert.match(error.message, /^Failed Websocket handshake: last_ec=.*refused.* last_url=ws:/i);
    assert.ok(error.cause instanceof Error);
    return true;
  });
});

/** Runs a process to its end; gives its exit code and what it printed. */
async function run(command: string, args: string[]): Promise<{ code: number; output: string }> {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (chunk) => output += chunk);
  child.stderr.on("data", (chunk) => output += chunk);
  const code = await new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? -1));
  });
  return { code, output };
}

const client = here("../support/signaling_client_process.ts");
const expected = "connected\nCLOSE_SUCCEEDED Succeeded to close WebSocket (DC signaling is not " +
  "enabled)\n";

test(
  "a process ends by itself after disconnect(), and prints no secrets",
  { timeout: 30_000 },
  async () => {
    await using server = await startSoraLikeServer();
    const url = `ws://127.0.0.1:${server.port}/signaling`;
    const args = "Deno" in globalThis ? ["run", "-A", "--quiet", client, url] : [client, url];
    assert.deepEqual(await run(process.execPath, args), { code: 0, output: expected });
  },
);

test("Deno needs the server's address, nothing wider", {
  timeout: 30_000,
}, async () => {
  const deno = "Deno" in globalThis ? process.execPath : here("../../.deps/bin/deno");
  await using server = await startSoraLikeServer();
  const flags = [
    "run",
    "--no-prompt",
    "--quiet",
    `--allow-net=127.0.0.1:${server.port}`,
  ];
  const url = `ws://127.0.0.1:${server.port}/signaling`;
  assert.deepEqual(await run(deno, [...flags, client, url]), { code: 0, output: expected });
  const elsewhere = await run(deno, [...flags, client, "ws://127.0.0.1:1/signaling"]);
  assert.notEqual(elsewhere.code, 0);
  assert.match(elsewhere.output, /Failed Websocket handshake: last_ec=Requires net access/);
});
