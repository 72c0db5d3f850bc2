import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { eventually } from "../support/eventually.ts";
import { makeCertificate } from "../support/signaling_certificates.ts";
import {
  rawCloseFrame,
  rawFrame,
  startEchoServer,
  startRawServer,
  startRawWebSocketServer,
} from "../support/signaling_servers.ts";
import { Client } from "../support/signaling_websocket_client.ts";

test("createWebSocket sends and receives text, sends its user agent and closes with code and reason", async () => {
  await using server = await startEchoServer();
  const client = new Client(`ws://127.0.0.1:${server.port}/signaling?x=1`);
  assert.equal(client.socket.send("too early"), false);
  assert.equal(await client.settled(), "open");
  assert.equal(server.requests[0]!.url, "/signaling?x=1");
  assert.equal(server.requests[0]!.headers["user-agent"], "test agent");
  assert.equal(server.requests[0]!.headers["sec-websocket-extensions"], undefined);
  assert.equal(client.socket.send("こんにちは"), true);
  await client.until(() => client.texts.length > 0);
  assert.deepEqual(client.texts, ["こんにちは"]);
  client.socket.close(1000, "bye");
  assert.deepEqual(await client.ended(), { code: 1000, reason: "bye" });
  assert.equal(client.socket.send("too late"), false);
});

test("createWebSocket's limit of what may wait counts bytes, not characters", async () => {
  await using server = await startEchoServer();
  const client = new Client(`ws://127.0.0.1:${server.port}/`, { maxMessageBytes: 8 * 1024 * 1024 });
  assert.equal(await client.settled(), "open");
  // Three bytes each: 4 MiB hold 1,398,101 of them.
  const most = "語".repeat(1_398_101);
  assert.equal(client.socket.send(`${most}語`), false);
  assert.equal(client.socket.send(most), true);
  await client.until(() => client.texts.length > 0);
  assert.equal(client.texts[0], most);
  client.socket.terminate();
});

test("createWebSocket keeps messages in the order they came", async () => {
  await using server = await startEchoServer(undefined, (socket) => {
    for (let i = 0; i < 1000; i++) socket.send(`${i}`);
  });
  const client = new Client(`ws://127.0.0.1:${server.port}/`);
  await client.until(() => client.texts.length === 1000);
  assert.deepEqual(client.texts, Array.from({ length: 1000 }, (_, i) => `${i}`));
  client.socket.terminate();
});

for (const [code, reason] of [[1000, "TYPE-DISCONNECT"], [4490, "拒否"], [1001, ""]] as const) {
  test(`createWebSocket reports the server's close ${code} ${reason}`, async () => {
    await using server = await startEchoServer(undefined, (socket) => socket.close(code, reason));
    const client = new Client(`ws://127.0.0.1:${server.port}/`);
    assert.deepEqual(await client.ended(), { code, reason });
  });
}

test("createWebSocket reports a close without code as 1005", async () => {
  await using server = await startEchoServer(undefined, (socket) => socket.close());
  const client = new Client(`ws://127.0.0.1:${server.port}/`);
  assert.deepEqual(await client.ended(), { code: 1005, reason: "" });
});

test("createWebSocket reports a connection that breaks with code 0 and an error", async () => {
  await using server = await startEchoServer(undefined, (socket) => socket.terminate());
  const client = new Client(`ws://127.0.0.1:${server.port}/`);
  const { code, reason, error } = await client.ended();
  assert.deepEqual([code, reason], [0, ""]);
  assert.ok(error instanceof Error);
});

test("createWebSocket reports binary messages as such", async () => {
  await using server = await startEchoServer(undefined, (socket) => {
    socket.send(Uint8Array.of(1, 2));
    socket.send("text");
  });
  const client = new Client(`ws://127.0.0.1:${server.port}/`);
  await client.until(() => client.texts.length === 1);
  assert.equal(client.binaries, 1);
  client.socket.terminate();
});

test("createWebSocket refuses messages that are too long", async () => {
  await using server = await startEchoServer(undefined, (socket) => socket.send("x".repeat(1001)));
  const client = new Client(`ws://127.0.0.1:${server.port}/`, { maxMessageBytes: 1000 });
  const { code, error } = await client.ended();
  assert.equal(code, 0);
  assert.ok(error instanceof Error);
  assert.deepEqual(client.texts, []);
});

test("createWebSocket reports a refused connection", async () => {
  const { port } = await startRawServer(() => {}).then(async (server) => {
    await server[Symbol.asyncDispose]();
    return server;
  });
  const { code, error } = await new Client(`ws://127.0.0.1:${port}/`).ended();
  assert.equal(code, 0);
  assert.match(error!.message, /refused|ECONNREFUSED/i);
});

test("createWebSocket reports an HTTP answer that is no upgrade", async () => {
  await using server = await startRawServer((socket) =>
    socket.end("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n")
  );
  const { code, error, httpStatus } = await new Client(`ws://127.0.0.1:${server.port}/`).ended();
  assert.deepEqual([code, httpStatus], [0, 401]);
  assert.match(error!.message, /401/);
});

test("createWebSocket reports an answer that comes before it asks", async () => {
  await using server = await startRawServer((socket) =>
    socket.write(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    )
  );
  const { code, error } = await new Client(`ws://127.0.0.1:${server.port}/`).ended();
  assert.equal(code, 0);
  assert.match(error!.message, /answer/);
});

test("createWebSocket reports an answer that is not HTTP", async () => {
  await using server = await startRawServer((socket) => socket.end("SSH-2.0-OpenSSH_9.2\r\n"));
  const { code, error } = await new Client(`ws://127.0.0.1:${server.port}/`).ended();
  assert.equal(code, 0);
  assert.ok(error instanceof Error);
});

test("createWebSocket reports nothing after terminate(), in whatever state", async () => {
  await using server = await startEchoServer();
  const early = new Client(`ws://127.0.0.1:${server.port}/`);
  early.socket.terminate();
  const open = new Client(`ws://127.0.0.1:${server.port}/`);
  await open.settled();
  open.socket.send("a");
  open.socket.terminate();
  const witness = new Client(`ws://127.0.0.1:${server.port}/`);
  await witness.settled();
  witness.socket.send("b");
  await witness.until(() => witness.texts.length === 1);
  assert.deepEqual([early.opens, early.ends], [0, []]);
  assert.deepEqual([open.texts, open.ends], [[], []]);
  witness.socket.terminate();
});

test("createWebSocket refuses to queue without bound for a server that does not read", async () => {
  await using server = await startRawWebSocketServer((socket) => socket.pause());
  const client = new Client(`ws://127.0.0.1:${server.port}/`);
  assert.equal(await client.settled(), "open");
  const message = "x".repeat(256 * 1024);
  let sent = 0;
  while (sent < 400 && client.socket.send(message)) sent++;
  assert.ok(sent >= 10 && sent < 400, `${sent} messages of 256 KiB were taken`);
  client.socket.terminate();
});

/** Far below the time that it waits for a server that closes. */
const AT_ONCE_MS = 10_000;

const broken: Readonly<Record<string, Uint8Array>> = {
  "that says to be 1 TiB long": Uint8Array.of(0x81, 127, 0, 0, 1, 0, 0, 0, 0, 0),
  "with reserved bits": rawFrame(0xf1, new TextEncoder().encode("hello")),
  "with an unknown opcode": rawFrame(0x83, new Uint8Array(5)),
  "of text that is not UTF-8": rawFrame(0x81, Uint8Array.of(0xff, 0xff)),
};
for (const [name, frame] of Object.entries(broken)) {
  test(`createWebSocket cuts at once after a frame ${name}, although the server does not`, async () => {
    const cut = Promise.withResolvers<void>();
    await using server = await startRawWebSocketServer((socket) => {
      socket.on("close", cut.resolve);
      socket.write(frame);
    });
    const start = performance.now();
    const request = { closeTimeoutMs: 25_000 };
    const client = new Client(`ws://127.0.0.1:${server.port}/`, request);
    const { code, error } = await client.ended();
    assert.equal(code, 0);
    assert.ok(error instanceof Error);
    await cut.promise;
    assert.ok(performance.now() - start < AT_ONCE_MS);
  });
}

test("createWebSocket waits closeTimeoutMs for a server that closes but keeps TCP open, and keeps its code and reason", async () => {
  await using server = await startRawWebSocketServer(
    (socket) => socket.write(rawCloseFrame(1000, "DISCONNECTED-API")),
    true,
  );
  const start = performance.now();
  const client = new Client(`ws://127.0.0.1:${server.port}/`, { closeTimeoutMs: 200 });
  assert.equal(client.socket.isEnding, false);
  await eventually("the close frame", () => client.socket.isEnding);
  assert.equal(client.socket.send("in vain"), false);
  client.socket.close(1000, "mine");
  assert.deepEqual(await client.ended(), { code: 1000, reason: "DISCONNECTED-API" });
  assert.equal(client.socket.isEnding, false);
  assert.ok(performance.now() - start < AT_ONCE_MS);
});

test("createWebSocket waits closeTimeoutMs for a server that does not answer its own close frame", async () => {
  const cut = Promise.withResolvers<void>();
  await using server = await startRawWebSocketServer((socket) => socket.on("close", cut.resolve));
  const start = performance.now();
  const client = new Client(`ws://127.0.0.1:${server.port}/`, { closeTimeoutMs: 200 });
  await client.settled();
  client.socket.close(1000, "mine");
  assert.equal(client.socket.isEnding, false);
  const { code, error } = await client.ended();
  assert.equal(code, 0);
  assert.ok(error instanceof Error);
  await cut.promise;
  assert.ok(performance.now() - start < AT_ONCE_MS);
});

test("createWebSocket reports a URL with a fragment, later", async () => {
  const client = new Client("ws://127.0.0.1:1/#fragment");
  assert.deepEqual(client.ends, []);
  const { code, error } = await client.ended();
  assert.equal(code, 0);
  assert.ok(error instanceof Error);
});

test("createWebSocket keeps the URL's secrets out of its errors, whatever fails", async () => {
  await using refusing = await startRawServer((socket) =>
    socket.end("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")
  );
  await using tls = await startEchoServer(makeCertificate({ subject: "x" }));
  const proxy = { url: `http://127.0.0.1:${refusing.port}`, username: "u", password: "hunter2" };
  const clients = [
    new Client(`ws://user:hunter2@127.0.0.1:${refusing.port}/?token=hunter2`),
    new Client(`wss://user:hunter2@127.0.0.1:${refusing.port}/?token=hunter2`),
    new Client(`wss://user:hunter2@127.0.0.1:${tls.port}/?token=hunter2`),
    new Client(`wss://user:hunter2@127.0.0.1:1/?token=hunter2`, { proxy }),
    new Client(`ws://user:hunter2@127.0.0.1:1/?token=hunter2#hunter2`),
  ];
  for (const client of clients) {
    const { error } = await client.ended();
    const texts = [error!.message, error!.stack, JSON.stringify(error), inspect(error)];
    for (const text of texts) assert.doesNotMatch(text ?? "", /hunter2|aHVudGVyMg/);
  }
});
