/** Proxies that never become a way to the server: nothing of them may stay, neither memory nor a connection nor the process. */

import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { test } from "node:test";
import { MAX_PROXY_ANSWER_BYTES } from "../../signaling/socket/tunnel.ts";
import { Child } from "../support/child.ts";
import { eventually } from "../support/eventually.ts";
import { startRawServer } from "../support/signaling_servers.ts";
import { Client } from "../support/signaling_websocket_client.ts";

const OPEN = "HTTP/1.1 200 Connection established\r\n\r\n";

/** A proxy that answers as the test says, and what became of its connections. */
async function startBadProxy(answer: (socket: Socket) => void) {
  const seen = { requests: 0, closed: 0, bytes: 0 };
  const server = await startRawServer((socket) => {
    socket.on("data", (data) => seen.bytes += data.length);
    socket.once("data", () => {
      seen.requests++;
      answer(socket);
    });
    socket.on("close", () => seen.closed++);
  });
  return {
    seen,
    url: `http://127.0.0.1:${server.port}`,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

function through(url: string): Client {
  return new Client("wss://127.0.0.1:1/signaling", { proxy: { url, username: "", password: "" } });
}

const silent: Readonly<Record<string, (socket: Socket) => void>> = {
  "says nothing": () => {},
  "opens the tunnel and is silent then": (socket) => socket.write(OPEN),
  "stops in the middle of its answer": (socket) => socket.write("HTTP/1.1 200 Conn"),
};

for (const [name, answer] of Object.entries(silent)) {
  test(`terminate() closes the connection to a proxy that ${name}`, async () => {
    await using proxy = await startBadProxy(answer);
    const client = through(proxy.url);
    await eventually("the request", () => proxy.seen.requests === 1);
    if (name.startsWith("opens")) {
      // The request is over 80 bytes, a ClientHello (RFC 8446) over 100 more.
      await eventually("TLS", () => proxy.seen.bytes > 200);
    }
    client.socket.terminate();
    await eventually("the end of the connection", () => proxy.seen.closed === 1, 1_000);
    assert.deepEqual([client.opens, client.ends], [0, []]);
  });

  test(`a process ends by itself after its time is over with a proxy that ${name}`, async () => {
    await using proxy = await startBadProxy(answer);
    const program = new URL("../support/signaling_tunnel_program.ts", import.meta.url);
    // A proxy needs no wider permissions than a connection without one.
    await using child = new Child(program, [proxy.url], [
      "--no-prompt",
      `--allow-net=${new URL(proxy.url).host}`,
    ]);
    const { code, signal } = await child.ended(10_000);
    assert.deepEqual([code, signal], [0, null], child.errors);
    assert.deepEqual(child.lines, ["INTERNAL_ERROR Connection timeout"]);
    assert.equal(child.errors, "");
    assert.equal(proxy.seen.requests, 1);
    await eventually("the end of the connection", () => proxy.seen.closed === 1);
  });
}

test(`a proxy's answer is read up to ${MAX_PROXY_ANSWER_BYTES} bytes`, async () => {
  let sent = 0;
  await using proxy = await startBadProxy((socket) => {
    const part = new Uint8Array(64 * 1024).fill(0x61);
    const more = () => {
      while (!socket.destroyed && sent < 64 * 1024 * 1024) {
        sent += part.byteLength;
        if (!socket.write(part)) return;
      }
    };
    socket.on("drain", more);
    more();
  });
  const client = through(proxy.url);
  const { code, error } = await client.ended();
  assert.equal(code, 0);
  assert.equal(error!.message, "The proxy's answer has no end within 16384 bytes");
  await eventually("the end of the connection", () => proxy.seen.closed === 1);
  assert.ok(sent < 64 * 1024 * 1024);
});

test("a proxy's answer may be long and come in many parts, as long as it ends", async () => {
  await using proxy = await startBadProxy((socket) => {
    const filler = Array.from({ length: 100 }, (_, i) => `X-${i}: ${"x".repeat(100)}\r\n`).join("");
    const head = `HTTP/1.0 503 Busy\r\n${filler}\r\n`;
    for (let at = 0; at < head.length; at += 997) socket.write(head.slice(at, at + 997));
  });
  const { error, httpStatus } = await through(proxy.url).ended();
  assert.equal(httpStatus, 503);
  assert.equal(error!.message, "The proxy did not open a tunnel: status 503");
});

const rubbish: Readonly<Record<string, readonly [answer: string, message: RegExp]>> = {
  "speaks first inside the tunnel": [`${OPEN}JUNK`, /^The proxy sent 4 bytes before TLS began$/],
  "has no status": ["hello\r\n\r\n", /^The proxy's answer is not HTTP\/1\.1$/],
  "has an empty answer": ["\r\n\r\n", /^The proxy's answer is not HTTP\/1\.1$/],
  "switches protocols": ["HTTP/1.1 101 Switching Protocols\r\n\r\n", /status 101$/],
  "asks for credentials": [
    "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 5\r\n\r\nab",
    /^The proxy requires other credentials: status 407$/,
  ],
};
for (const [name, [answer, message]] of Object.entries(rubbish)) {
  test(`a proxy that ${name} is left at once`, async () => {
    await using proxy = await startBadProxy((socket) => socket.write(answer));
    const { error } = await through(proxy.url).ended();
    assert.match(error!.message, message);
    await eventually("the end of the connection", () => proxy.seen.closed === 1);
  });
}
