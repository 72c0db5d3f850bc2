import { strict as assert } from "node:assert";
import { test } from "node:test";
import { WebSocket } from "ws";
import { SoraServer } from "../../sfu/mod.ts";
import { MemberMetadata } from "../../sfu/signaling/member_metadata.ts";
import { RPC_METHODS } from "../../sfu/signaling/rpc/methods.ts";
import { handleRpc } from "../../sfu/signaling/rpc/rpc.ts";
import { failures, withConsole } from "../support/failing_handlers.ts";
import { fakeRpcTarget } from "../support/rpc_target.ts";
import { makeCertificate } from "../support/signaling_certificates.ts";
import { TestClient, until } from "../support/sfu_client.ts";

const connect = { role: "sendrecv", channel_id: "c" };

test("MemberMetadata: what would make it too large is not put", () => {
  const pushed: unknown[] = [];
  const metadata = new MemberMetadata("C", (data) => pushed.push(data));
  assert.equal(metadata.putMetadata("x".repeat(17_000), true), undefined);
  assert.deepEqual(metadata.putMetadata({ a: "x".repeat(8_000) }, false), { a: "x".repeat(8_000) });
  assert.equal(metadata.putMetadataItem("b", "y".repeat(9_000), true), undefined);
  assert.deepEqual(Object.keys(metadata.value as object), ["a"]);
  assert.deepEqual(pushed, []);
  const call = { jsonrpc: "2.0", id: 1, method: RPC_METHODS[1]!, params: { key: "b", value: "" } };
  call.params.value = "z".repeat(9_000);
  assert.deepEqual(handleRpc(JSON.stringify(call), fakeRpcTarget(metadata), RPC_METHODS), {
    jsonrpc: "2.0",
    id: 1,
    error: { code: -32_602, message: "metadata is too large" },
  });
});

test("SoraServer: clients are redirected once", async () => {
  await using target = await SoraServer.start();
  await using server = await SoraServer.start({
    redirect: (channelId) => channelId === "c" ? target.url : undefined,
  });
  const client = await TestClient.open(server.url, connect);
  await until("closed", () => client.closed !== undefined);
  assert.deepEqual(client.messages, [{ type: "redirect", location: target.url }]);
  const stays = await TestClient.join(server.url, { ...connect, redirect: true });
  const other = await TestClient.join(server.url, { ...connect, channel_id: "d" });
  await stays.disconnect();
  await other.disconnect();
});

for (const [name, fail] of Object.entries(failures)) {
  test(`SoraServer: a redirect that ${name} refuses the client, and onError gets it`, async () => {
    const error = new Error("of redirect");
    const errors: unknown[] = [];
    await using server = await SoraServer.start({
      redirect: () => fail(error) as undefined,
      onError: (error) => void errors.push(error),
    });
    const client = await TestClient.open(server.url, connect);
    await until("closed", () => client.closed !== undefined);
    await until("the error", () => errors.includes(error));
    assert.deepEqual(client.closed, { code: 4490, reason: "INTERNAL-ERROR" });
    assert.deepEqual(client.messages, []);
    assert.equal(errors.filter((given) => given === error).length, 1);
    assert.deepEqual(server.stats().refusals, { "INTERNAL-ERROR": 1 });
  });
}

test("SoraServer: a redirect that gives a promise refuses the client and says why, to the console without onError", async () => {
  const printed = await withConsole(async () => {
    await using server = await SoraServer.start({
      redirect: (() => Promise.resolve("ws://127.0.0.1:1")) as never,
    });
    const client = await TestClient.open(server.url, connect);
    await until("closed", () => client.closed !== undefined);
    assert.deepEqual(client.messages, []);
  }, 1);
  assert.match(String(printed[0]), /^TypeError: options\.redirect must return a URL or undefined/);
  await assert.rejects(SoraServer.start({ onError: "no" as never }), {
    name: "TypeError",
    message: 'options.onError must be a function, not "no"',
  });
});

test("SoraServer: a member without audio neither sends nor gets any", async () => {
  await using server = await SoraServer.start();
  const full = await TestClient.join(server.url, connect);
  const mute = await TestClient.join(server.url, { ...connect, audio: false });
  assert.deepEqual(Object.keys(mute.offer!.mid as object), ["video"]);
  assert.match(String(mute.offer!.sdp), new RegExp(`a=msid:${full.id} ${full.id}-video`));
  assert.doesNotMatch(String(mute.offer!.sdp), new RegExp(`${full.id}-audio`));
  const reoffer = () => full.messages.find(({ type }) => type === "re-offer")?.sdp;
  await until("the re-offer", () => reoffer() !== undefined);
  assert.match(String(reoffer()), new RegExp(`a=msid:${mute.id} ${mute.id}-video`));
  assert.doesNotMatch(String(reoffer()), new RegExp(`${mute.id}-audio`));
  await full.disconnect();
  await mute.disconnect();
});

test("SoraServer: the HTTP API disconnects, pushes and asks for key frames", async () => {
  await using server = await SoraServer.start({ httpApi: true });
  const api = async (target: string, body: unknown) => {
    const response = await fetch(`http://127.0.0.1:${server.port}/`, {
      method: "POST",
      headers: { "x-sora-target": target },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
    await response.text();
    return response.status;
  };
  const a = await TestClient.join(server.url, connect);
  const b = await TestClient.join(server.url, connect);
  const of = (client: TestClient, channel_id = "c") => ({ channel_id, connection_id: client.id });
  assert.equal(await api("Sora_20160711.PushChannel", { channel_id: "c", data: { x: 1 } }), 200);
  await until("push", () => a.messages.some((message) => message.type === "push"));
  assert.equal(await api("Sora_20241218.RequestKeyFrame", of(a)), 200);
  assert.equal(await api("Sora_20151104.DisconnectConnection", of(a, "other")), 404);
  assert.equal(await api("Sora_20151104.DisconnectConnection", of(a)), 200);
  await until("a is out", () => a.closed !== undefined);
  assert.deepEqual(a.closed, { code: 1000, reason: "DISCONNECTED-API" });
  assert.equal(await api("Sora_20151104.DisconnectChannel", { channel_id: "c" }), 200);
  await until("b is out", () => b.closed !== undefined);
  assert.equal(await api("Sora_20151104.DisconnectChannel", "{"), 400);
  assert.equal(await api("Sora_20151104.DisconnectChannel", "x".repeat(300_000)), 400);
  assert.equal(await api("Unknown", {}), 400);
  await a.disconnect();
  await b.disconnect();
});

test("SoraServer: faults of the signaling happen at the named message", async (t) => {
  await t.test("silent", async () => {
    await using server = await SoraServer.start({ faults: { silentFrom: "offer" } });
    const client = await TestClient.open(server.url, connect);
    client.send({ type: "disconnect", reason: "NO-ERROR" });
    await until("the server knows it", () => server.stats().pendingConnections === 1);
    assert.deepEqual(client.messages, []);
    await client.cut();
  });
  await t.test("closed", async () => {
    const closeInsteadOf = { type: "offer", code: 4000, reason: "BECAUSE" } as const;
    await using server = await SoraServer.start({ faults: { closeInsteadOf } });
    const client = await TestClient.open(server.url, connect);
    await until("close", () => client.closed !== undefined);
    assert.deepEqual(client.closed, { code: 4000, reason: "BECAUSE" });
  });
  await t.test("cut", async () => {
    await using server = await SoraServer.start({ faults: { cutInsteadOf: "offer" } });
    const client = await TestClient.open(server.url, connect);
    await until("close", () => client.closed !== undefined);
    assert.equal(client.closed!.code, 1006);
  });
  await t.test("deaf", async () => {
    await using server = await SoraServer.start({
      faults: { ignoreDisconnect: true, signalingDelayMs: 20 },
      pingIntervalMs: 20,
    });
    const client = await TestClient.join(server.url, connect);
    client.send({ type: "disconnect", reason: "NO-ERROR" });
    const pings = () => client.messages.filter((message) => message.type === "ping").length;
    const before = pings();
    await until("it goes on", () => pings() > before + 3);
    assert.equal(server.stats().connections, 1);
    await client.cut();
  });
});

test("SoraServer: signaling over TLS, with and without client certificates", async () => {
  const own = makeCertificate({
    subject: "localhost",
    hosts: ["localhost", "127.0.0.1"],
    isAuthority: true,
  });
  const tls = { cert: own.cert, key: own.key };
  const opens = (url: string, options: Record<string, unknown>) =>
    new Promise<boolean>((resolve) => {
      const socket = new WebSocket(url, { rejectUnauthorized: false, ...options });
      socket.on("open", () => {
        socket.on("close", () => resolve(true));
        socket.close();
      });
      socket.on("error", () => resolve(false));
    });
  await using server = await SoraServer.start({ tls });
  assert.match(server.url, /^wss:/);
  assert.equal(await opens(server.url, {}), true);
  assert.equal(await opens(server.url, { rejectUnauthorized: true }), false);
  const demanding = { tls: { ...tls, clientCa: own.cert } };
  await using strict = await SoraServer.start(demanding);
  assert.equal(await opens(strict.url, {}), false);
  assert.equal(await opens(strict.url, { cert: own.cert, key: own.key }), true);
  const start = (options: unknown) =>
    SoraServer.start({ tls: options as { cert: string } & typeof tls });
  await assert.rejects(start({ cert: "x" }), { name: "TypeError", message: /tls\.key/ });
});
