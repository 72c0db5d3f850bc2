import { Buffer } from "node:buffer";
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { SoraServer } from "../../sfu/mod.ts";
import { TestClient, until } from "../support/sfu_client.ts";

const LIMIT = 64 * 1024;
const LABEL = "#m";
const SIZE = 60_000;

const switched = (client: TestClient) => client.messages.some((m) => m.type === "switched");

async function join(server: SoraServer, settings: Record<string, unknown>): Promise<TestClient> {
  const client = await TestClient.join(server.url, {
    role: "sendrecv",
    channel_id: "c",
    data_channel_signaling: true,
    data_channels: [{ label: LABEL, direction: "sendrecv", ...settings }],
  });
  await until("switched", () => switched(client));
  return client;
}

/** Sends messages with their numbers. */
function send(client: TestClient, from: number, to: number): void {
  for (let number = from; number < to; number++) {
    const message = Buffer.alloc(SIZE);
    message.writeUInt32BE(number, 0);
    client.sendData(LABEL, message);
  }
}

const numbers = (client: TestClient) => client.data.map(({ data }) => data.readUInt32BE(0));
const upTo = (count: number) => Array.from({ length: count }, (_, number) => number);

const tests = [["ordered", {}], ["unordered", { ordered: false }]] as const;
for (const [name, settings] of tests) {
  test(`SoraServer: the sender waits for a slow receiver of a reliable ${name} channel`, {
    timeout: 60_000,
  }, async () => {
    await using server = await SoraServer.start({ maxWaitingMessageBytes: LIMIT });
    const sender = await join(server, settings);
    const slow = await join(server, settings);
    const other = await join(server, settings);
    const thaw = slow.freezeData();
    const count = 6;
    send(sender, 0, count);
    await until("the sender is held back", () => server.stats().heldBackConnections === 1, 20_000);
    await until("the server has all", () => sender.unsentChunks === 0, 20_000);
    await until(
      "the other one has what it may have",
      () => server.stats().waitingMessageBytes < LIMIT + 2 * SIZE,
    );
    const { waitingMessageBytes } = server.stats();
    assert.ok(waitingMessageBytes >= LIMIT, `${waitingMessageBytes} bytes wait`);
    assert.equal(slow.data.length, 0);
    thaw();
    for (const client of [slow, other]) {
      await until("all messages", () => client.data.length === count, 30_000);
      assert.deepEqual(numbers(client).sort((a, b) => a - b), upTo(count));
      if (name === "ordered") assert.deepEqual(numbers(client), upTo(count));
    }
    const after = server.stats();
    assert.deepEqual(
      [after.droppedMessages, after.waitingMessageBytes, after.heldBackConnections],
      [0, 0, 0],
    );
    for (const client of [sender, slow, other]) await client.disconnect();
  });
}

const lossy = [["max_retransmits", 3], ["max_packet_life_time", 60_000]] as const;
for (const [name, value] of lossy) {
  test(`SoraServer: a channel with ${name} drops messages that its receiver is too slow for`, {
    timeout: 60_000,
  }, async () => {
    await using server = await SoraServer.start({ maxWaitingMessageBytes: LIMIT });
    const sender = await join(server, {});
    const slow = await join(server, { [name]: value });
    const quick = await join(server, {});
    const thaw = slow.freezeData();
    const count = 10;
    send(sender, 0, count);
    await until("the quick one has all", () => quick.data.length === count, 30_000);
    const { droppedMessages, heldBackConnections, waitingMessageBytes } = server.stats();
    assert.equal(heldBackConnections, 0);
    assert.ok(waitingMessageBytes < LIMIT + 2 * SIZE, `${waitingMessageBytes} bytes wait`);
    assert.ok(droppedMessages > 0);
    thaw();
    await until("what was kept", () => slow.data.length === count - droppedMessages, 30_000);
    assert.deepEqual(numbers(slow), upTo(count - droppedMessages), "the first were kept");
    assert.equal(server.stats().droppedMessages, droppedMessages);
    for (const client of [sender, slow, quick]) await client.disconnect();
    assert.equal(server.stats().droppedMessages, droppedMessages, "also after they left");
  });
}

test("SoraServer: a member that takes nothing while others wait is refused, and they go on", {
  timeout: 60_000,
}, async () => {
  await using server = await SoraServer.start({
    maxWaitingMessageBytes: LIMIT,
    mediaTimeoutMs: 2000,
  });
  const clients = await Promise.all([1, 2, 3].map(() => join(server, {})));
  const [sender, stuck, quick] = clients as [TestClient, TestClient, TestClient];
  const timer = setInterval(() => {
    for (const client of clients) client.sendRtp("audio", Buffer.from("there"));
  }, 50);
  try {
    stuck.freezeData();
    send(sender, 0, 10);
    await until("the sender is held back", () => server.stats().heldBackConnections === 1, 20_000);
    assert.ok(quick.data.length < 10);
    await until("the end", () => stuck.closed !== undefined, 20_000);
    assert.deepEqual(stuck.closed, { code: 4490, reason: "DATA-CHANNEL-SLOW-CONSUMER" });
    await until("all messages", () => quick.data.length === 10, 20_000);
    assert.deepEqual(numbers(quick), upTo(10));
    assert.deepEqual(server.stats().refusals, { "DATA-CHANNEL-SLOW-CONSUMER": 1 });
  } finally {
    clearInterval(timer);
  }
  await sender.disconnect();
  await quick.disconnect();
});

test("SoraServer: messages of a sender that leaves while it is held back still arrive", {
  timeout: 60_000,
}, async () => {
  await using server = await SoraServer.start({ maxWaitingMessageBytes: LIMIT });
  const [sender, slow] = await Promise.all([1, 2].map(() => join(server, {})));
  const thaw = slow!.freezeData();
  send(sender!, 0, 4);
  await until("the sender is held back", () => server.stats().heldBackConnections === 1, 20_000);
  await until("all is sent", () => sender!.unsentChunks === 0, 20_000);
  await sender!.disconnect();
  thaw();
  await until("all messages", () => slow!.data.length === 4, 20_000);
  assert.deepEqual(numbers(slow!), upTo(4));
  await slow!.disconnect();
});
