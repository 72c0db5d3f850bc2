import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { DataChannelOptions, SoraConnectionOptions } from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { eventually, within } from "../support/eventually.ts";
import { RawSora } from "../support/raw_sora.ts";
import { RecordingClient } from "../support/recording_client.ts";
import { TestClient } from "../support/sfu_client.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
let server: SoraServer;
let rooms = 0;

before(async () => {
  server = await SoraServer.start({ port: 0 });
});

after(() => server.close());

/** Clients in a channel of their own, each with the data channels given. */
async function room(
  ...members: readonly (readonly DataChannelOptions[])[]
): Promise<RecordingClient[]> {
  const channelId = `messaging-${rooms++}`;
  return await Promise.all(members.map((dataChannels) => join({ channelId, dataChannels })));
}

async function join(options: Partial<SoraConnectionOptions>): Promise<RecordingClient> {
  const client = new RecordingClient({
    signalingUrls: [server.url],
    dataChannelSignaling: true,
    ...options,
  });
  return await client.switch(options.dataChannels?.map(({ label }) => label));
}

async function leave(clients: readonly RecordingClient[]): Promise<void> {
  for (const client of clients) {
    await client[Symbol.asyncDispose]();
    assert.deepEqual(client.of("onDisconnect").map(([code]) => code), ["CLOSE_SUCCEEDED"]);
    assert.deepEqual(client.of("onError"), []);
  }
}

/** What a client got on a label, as text. */
function received(client: RecordingClient, label: string): string[] {
  return client.of("onMessage")
    .filter(([to]) => to === label)
    .map(([, data]) => decoder.decode(data));
}

async function arrives(client: RecordingClient, label: string, text: string): Promise<void> {
  await eventually(`${text} on ${label}`, () => received(client, label).includes(text));
}

const settings: Readonly<Record<string, Partial<DataChannelOptions>>> = {
  "nothing but label and direction": {},
  "ordered": { ordered: true },
  "unordered": { ordered: false },
  "maxPacketLifeTime": { maxPacketLifeTime: 5_000 },
  "maxRetransmits": { ordered: false, maxRetransmits: 3 },
  "protocol": { protocol: "chat.v1" },
  "compress": { compress: true },
  "header": { header: [{ type: "sender_connection_id" }] },
  "compress and header": { compress: true, header: [{ type: "sender_connection_id" }] },
};

for (const [name, wanted] of Object.entries(settings)) {
  test(`messages with ${name}: binary, text, empty and large ones`, async () => {
    const chat = { label: "#chat", direction: "sendrecv", ...wanted } as const;
    const [alice, bob] = await room([chat], [chat]) as [RecordingClient, RecordingClient];
    const messages = [
      encoder.encode("bytes"),
      "text: こんにちは",
      "",
      new Uint8Array(100_000).fill(0x61),
    ];
    for (const message of messages) {
      assert.equal(alice.connection.sendDataChannel("#chat", message), true);
    }
    await eventually("all messages", () => bob.of("onMessage").length >= messages.length);
    const expected = messages
      .map((message) => typeof message === "string" ? message : decoder.decode(message));
    const seen = received(bob, "#chat");
    // Order is promised only by ordered channels.
    assert.deepEqual(
      wanted.ordered === false ? seen.sort() : seen,
      wanted.ordered === false ? expected.sort() : expected,
    );
    const senders = new Set(bob.of("onMessage").map(([, , info]) => info.senderConnectionId));
    assert.deepEqual([...senders], [wanted.header === undefined ? undefined : alice.id]);
    assert.deepEqual(alice.of("onMessage"), []);
    await leave([alice, bob]);
  });
}

test("the offer has what was requested for each label", async () => {
  const asked: DataChannelOptions[] = [
    { label: "#a", direction: "sendonly", ordered: false, maxRetransmits: 2, protocol: "p" },
    { label: "#b", direction: "recvonly", maxPacketLifeTime: 100, compress: true },
  ];
  const clients = await room(asked);
  const [offer] = clients[0]!.of("onSetOffer")[0]!;
  const messaging = offer.data_channels?.filter(({ label }) => label.startsWith("#"));
  assert.deepEqual(messaging, [
    {
      label: "#a",
      direction: "sendonly",
      compress: false,
      ordered: false,
      protocol: "p",
      max_retransmits: 2,
    },
    {
      label: "#b",
      direction: "recvonly",
      compress: true,
      ordered: true,
      max_packet_life_time: 100,
    },
  ]);
  await leave(clients);
});

test("only members with the label and a receiving direction get a message", async () => {
  const on = (direction: DataChannelOptions["direction"], label = "#chat") => [
    { label, direction },
    { label: "#end", direction: "sendrecv" } as const,
  ];
  const clients = await room(
    on("sendrecv"),
    on("recvonly"),
    on("sendonly"),
    on("sendrecv", "#other"),
  );
  const names = ["both", "ears", "mouth", "elsewhere"] as const;
  const [both, ears, mouth, elsewhere] = clients as [
    RecordingClient,
    RecordingClient,
    RecordingClient,
    RecordingClient,
  ];
  for (const [index, client] of clients.entries()) {
    client.connection.sendDataChannel("#chat", `chat of ${names[index]}`);
    client.connection.sendDataChannel("#other", `other of ${names[index]}`);
  }
  // A message on a channel of its own, sent last and by each: then what was to come has come.
  const flush = async () => {
    for (const [index, client] of clients.entries()) {
      client.connection.sendDataChannel("#end", `end of ${names[index]}`);
    }
    for (const client of clients) {
      await eventually("the ends", () => received(client, "#end").length === 3);
    }
  };
  await flush();
  await arrives(both, "#chat", "chat of mouth");
  await arrives(ears, "#chat", "chat of both");
  await arrives(ears, "#chat", "chat of mouth");
  assert.deepEqual(received(both, "#chat"), ["chat of mouth"]);
  assert.deepEqual(received(ears, "#chat").sort(), ["chat of both", "chat of mouth"]);
  assert.deepEqual(received(mouth, "#chat"), []);
  assert.deepEqual(received(elsewhere, "#chat"), []);
  assert.deepEqual(received(elsewhere, "#other"), []);
  await leave(clients);
});

test("members of one bundle do not get each other's messages", async () => {
  const channelId = `messaging-${rooms++}`;
  const dataChannels = [{ label: "#chat", direction: "sendrecv" }] as const;
  const clients = await Promise.all([
    join({ channelId, dataChannels, bundleId: "one" }),
    join({ channelId, dataChannels, bundleId: "one" }),
    join({ channelId, dataChannels }),
  ]);
  const [a, b, other] = clients as [RecordingClient, RecordingClient, RecordingClient];
  a.connection.sendDataChannel("#chat", "from a");
  await arrives(other, "#chat", "from a");
  other.connection.sendDataChannel("#chat", "from other");
  await arrives(b, "#chat", "from other");
  assert.deepEqual(received(b, "#chat"), ["from other"]);
  await leave(clients);
});

test("each receiver has its own settings", async () => {
  const label = "#chat";
  const clients = await room(
    [{ label, direction: "sendonly", compress: true }],
    [{ label, direction: "recvonly" }],
    [{ label, direction: "recvonly", header: [{ type: "sender_connection_id" }] }],
    [{ label, direction: "recvonly", ordered: false, maxRetransmits: 5, compress: true }],
  );
  const [sender, ...receivers] = clients;
  sender!.connection.sendDataChannel(label, "hello");
  for (const receiver of receivers) await arrives(receiver, label, "hello");
  const infos = receivers.map((receiver) => receiver.of("onMessage").map(([, , info]) => info));
  assert.deepEqual(infos, [[{}], [{ senderConnectionId: sender!.id }], [{}]]);
  await leave(clients);
});

test("sendDataChannel() is false unless the channel is open and takes the message", async () => {
  const chat = [{ label: "#chat", direction: "sendrecv" }] as const;
  const client = new RecordingClient({
    signalingUrls: [server.url],
    channelId: `messaging-${rooms++}`,
    dataChannelSignaling: true,
    dataChannels: chat,
  });
  const { connection } = client;
  assert.equal(connection.sendDataChannel("#chat", "early"), false);
  await client.switch(["#chat"]);
  assert.equal(connection.sendDataChannel("#unknown", "x"), false);
  assert.equal(connection.sendDataChannel("#chat", new Uint8Array(10_000_000)), false);
  assert.equal(connection.sendDataChannel("#chat", "x"), true);
  await connection.disconnect();
  assert.equal(connection.sendDataChannel("#chat", "late"), false);
  await leave([client]);
});

test("dataChannel() refuses labels that are not for messages", async () => {
  const [client] = await room([]) as [RecordingClient];
  for (const label of ["chat", "", "signaling", undefined]) {
    assert.throws(
      () => client.connection.dataChannel(label as string),
      { name: "TypeError", message: /^label must be a string that starts with #, not / },
    );
  }
  await leave([client]);
});

test("streams carry messages in order, and the writer waits while the buffer is full", async () => {
  const chat = [{ label: "#chat", direction: "sendrecv" }] as const;
  const [alice, bob] = await room(chat, chat) as [RecordingClient, RecordingClient];
  const channel = alice.connection.dataChannel("#chat");
  assert.equal(alice.connection.dataChannel("#chat"), channel);
  const reader = bob.connection.dataChannel("#chat").readable.getReader();
  const writer = channel.writable.getWriter();
  const count = 64;
  const size = 64_000;
  let written = 0;
  let mostBuffered = 0;
  const writing = (async () => {
    for (let number = 0; number < count; number++) {
      await writer.ready;
      await writer.write(new Uint8Array(size).fill(number));
      written++;
      mostBuffered = Math.max(mostBuffered, channel.bufferedAmount);
    }
    await writer.close();
  })();
  for (let number = 0; number < count; number++) {
    const { value } = await within("a message", reader.read());
    assert.equal(value?.byteLength, size);
    assert.ok(value.every((byte) => byte === number));
  }
  await writing;
  assert.equal(written, count);
  assert.equal(channel.bufferedAmount, 0);
  assert.ok(mostBuffered < 1024 * 1024 + size, `${mostBuffered} bytes were buffered`);
  assert.equal(bob.connection.dataChannel("#chat").dropped, 0);
  await leave([alice, bob]);
});

test("streams wait for the connection and end with it", async () => {
  const chat = [{ label: "#chat", direction: "sendrecv" }] as const;
  const [bob] = await room(chat) as [RecordingClient];
  const alice = new RecordingClient({
    signalingUrls: [server.url],
    channelId: `messaging-${rooms - 1}`,
    dataChannelSignaling: true,
    dataChannels: chat,
  });
  const channel = alice.connection.dataChannel("#chat");
  assert.equal(channel.isOpen, false);
  const writer = channel.writable.getWriter();
  const early = writer.write("early");
  await alice.connect();
  await early;
  assert.equal(channel.isOpen, true);
  await arrives(bob, "#chat", "early");
  const reader = channel.readable.getReader();
  bob.connection.sendDataChannel("#chat", "answer");
  assert.equal(decoder.decode((await within("answer", reader.read())).value), "answer");
  await alice.connection.disconnect();
  assert.deepEqual(await within("the end", reader.read()), { done: true, value: undefined });
  await assert.rejects(writer.write("late"), { code: "CLOSED" });
  assert.notEqual(alice.connection.dataChannel("#chat"), channel);
  await leave([alice, bob]);
});

test("an aborted writer stops waiting, and one that sends too much is rejected", async () => {
  const chat = [{ label: "#chat", direction: "sendrecv" }] as const;
  const [alice, bob] = await room(chat, chat) as [RecordingClient, RecordingClient];
  const unknown = alice.connection.dataChannel("#unknown").writable.getWriter();
  const write = unknown.write("never");
  write.catch(() => {});
  await within("the abort", unknown.abort(new Error("enough")));
  await assert.rejects(within("the write", write), { message: "enough" });
  const writer = alice.connection.dataChannel("#chat").writable.getWriter();
  writer.closed.catch(() => {});
  await assert.rejects(writer.write(new Uint8Array(10_000_000)), {
    name: "RangeError",
    message:
      "A message of 10000000 bytes for #chat is larger than the 262144 bytes that the server accepts",
  });
  alice.connection.sendDataChannel("#chat", "still open");
  await arrives(bob, "#chat", "still open");
  await leave([alice, bob]);
});

test("a message that the server would take, but that may not wait for sending, is refused for that reason", async () => {
  await using server = await RawSora.start({
    labels: ["#chat"],
    ignoreWebSocket: false,
    changeOffer: (offer) => ({
      ...offer,
      sdp: offer.sdp.replace(/^a=max-message-size:\d+/m, "a=max-message-size:0"),
    }),
  });
  await using client = new RecordingClient({ signalingUrls: [server.url] });
  await client.switch();
  await eventually("#chat", () => client.connection.dataChannel("#chat").isOpen);
  const writer = client.connection.dataChannel("#chat").writable.getWriter();
  writer.closed.catch(() => {});
  await assert.rejects(within("the refusal", writer.write(new Uint8Array(16 * 1024 * 1024 + 1))), {
    name: "RangeError",
    message: "A message of 16777217 bytes for #chat is larger than the 16777216 bytes that may " +
      "wait to be sent",
  });
  // This server does not answer `disconnect`.
  server.close(4000, "enough");
  await client.ended();
});

test(
  "messages that nobody reads are dropped at the limit, and counted",
  { timeout: 60_000 },
  async () => {
    const chat = [{ label: "#chat", direction: "sendrecv" }] as const;
    const [alice, bob] = await room(chat, chat) as [RecordingClient, RecordingClient];
    const channel = bob.connection.dataChannel("#chat");
    const reader = channel.readable.getReader();
    const writer = alice.connection.dataChannel("#chat").writable.getWriter();
    const [count, size] = [90, 250_000];
    for (let number = 0; number < count; number++) {
      await writer.write(new Uint8Array(size).fill(number));
    }
    await eventually("all messages", () => bob.of("onMessage").length === count, 30_000);
    const kept = Math.floor(16 * 1024 * 1024 / size);
    assert.equal(channel.dropped, count - kept);
    for (let number = 0; number < kept; number++) {
      assert.equal((await reader.read()).value?.[0], number);
    }
    await leave([alice, bob]);
  },
);

test("a writer waits while a receiver takes nothing, and nothing is lost", {
  timeout: 60_000,
}, async () => {
  const channelId = `messaging-${rooms++}`;
  await using narrow = await SoraServer.start({ port: 0, maxWaitingMessageBytes: 64 * 1024 });
  const alice = new RecordingClient({
    signalingUrls: [narrow.url],
    channelId,
    dataChannelSignaling: true,
    dataChannels: [{ label: "#chat", direction: "sendrecv" }],
  });
  await alice.switch(["#chat"]);
  const slow = await TestClient.join(narrow.url, {
    role: "recvonly",
    channel_id: channelId,
    data_channel_signaling: true,
    data_channels: [{ label: "#chat", direction: "recvonly" }],
  });
  await eventually("the channel", () => slow.channels.has("#chat"));
  const thaw = slow.freezeData();
  const channel = alice.connection.dataChannel("#chat");
  const writer = channel.writable.getWriter();
  let [written, waits] = [0, false];
  const writing = (async () => {
    while (!waits) await writer.write(new Uint8Array(250_000).fill(written++));
  })();
  let [last, since] = [-1, 0];
  await eventually("the writer waits", () => {
    if (written !== last) [last, since] = [written, performance.now()];
    return narrow.stats().heldBackConnections === 1 && performance.now() - since > 500;
  });
  assert.ok(written < 40, `${written} messages were written`);
  assert.equal(slow.data.length, 0);
  waits = true;
  thaw();
  await writing;
  await eventually("all messages", () => slow.data.length === written, 30_000);
  assert.deepEqual(slow.data.map(({ data }) => data[0]), [...Array(written).keys()]);
  assert.equal(narrow.stats().droppedMessages, 0);
  await slow.disconnect();
  await leave([alice]);
});
