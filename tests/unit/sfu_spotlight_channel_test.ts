/** Channels with a spotlight: who is notified of the focus, who hears whom, and what the HTTP API and RPC refuse. */

import { strict as assert } from "node:assert";
import { Buffer } from "node:buffer";
import { after, before, test } from "node:test";
import { SoraServer } from "../../sfu/mod.ts";
import { askApi } from "../support/http_api.ts";
import { TestClient, until } from "../support/sfu_client.ts";

let server: SoraServer;
let channels = 0;

before(async () => {
  server = await SoraServer.start({ httpApi: true, defaultSpotlightNumber: 2 });
});
after(() => server.close());

/** A channel of its own, whose members disconnect at the end. */
function scene() {
  const channelId = `spotlight-${channels++}`;
  const clients: TestClient[] = [];
  return {
    async join(members: Record<string, unknown> = { spotlight: true }): Promise<TestClient> {
      const client = await TestClient.join(server.url, {
        role: "sendrecv",
        channel_id: channelId,
        video: false,
        ...members,
      });
      clients.push(client);
      return client;
    },
    open: (members: Record<string, unknown>) =>
      TestClient.open(server.url, { role: "sendrecv", channel_id: channelId, ...members }),
    call: (name: string, body: object) =>
      askApi(server, `Sora_20200807.${name}`, { channel_id: channelId, ...body }),
    focus: (client: TestClient, name = "FocusSpotlight") =>
      askApi(server, `Sora_20200807.${name}`, { channel_id: channelId, connection_id: client.id }),
    async [Symbol.asyncDispose]() {
      for (const client of clients) await client.disconnect();
    },
  };
}

/** Events of the spotlight that a client was notified of. */
const events = (client: TestClient) =>
  client.messages.filter(({ event_type }) => String(event_type).startsWith("spotlight."));

/** Sends until it arrives. */
async function arrives(sender: TestClient, receiver: TestClient): Promise<void> {
  const text = `${sender.id} ${Math.random()}`;
  await until("the audio", () => {
    sender.sendRtp("audio", Buffer.from(text));
    return receiver.packets.some(({ payload }) => payload.toString() === text);
  });
}

const from = (receiver: TestClient, sender: TestClient) =>
  receiver.packets.filter(({ streamId }) => streamId === sender.id).length;

test("spotlight: the offer and connection.created say so, and the latest number holds", async () => {
  await using channel = scene();
  const alice = await channel.join();
  assert.equal(alice.offer!.spotlight, true);
  assert.equal(alice.offer!.simulcast, true);
  assert.equal(alice.created!.spotlight_number, 2);
  const bob = await channel.join({ spotlight: true, spotlight_number: 5, simulcast: false });
  assert.equal(bob.offer!.simulcast, false);
  assert.equal(bob.created!.spotlight_number, 5);
  const carol = await channel.join();
  assert.equal(carol.created!.spotlight_number, 5, "who asks for nothing changes nothing");
});

test("spotlight: a channel without one has neither focus nor number", async () => {
  await using channel = scene();
  const alice = await channel.join({});
  assert.equal(alice.offer!.spotlight, false);
  assert.equal("spotlight_number" in alice.created!, false);
  const disabled = { status: 400, answer: { error_type: "SPOTLIGHT-DISABLED" } };
  for (const name of ["FocusSpotlight", "FocusSpotlightFixed", "UnfocusSpotlight"]) {
    assert.deepEqual(await channel.focus(alice, name), disabled);
  }
  assert.deepEqual(await channel.call("ChangeSpotlightNumber", { spotlight_number: 3 }), disabled);
});

test("spotlight: everybody is notified of the focus, a newcomer too, but no other member of the bundle", async () => {
  await using channel = scene();
  const alice = await channel.join({ spotlight: true, client_id: "alice", bundle_id: "home" });
  const screen = await channel.join({ spotlight: true, bundle_id: "home" });
  const plain = await channel.join({});
  assert.deepEqual(await channel.focus(alice, "FocusSpotlightFixed"), {
    status: 200,
    answer: { channel_id: alice.offer!.channel_id, connection_id: alice.id },
  });
  const newcomer = await channel.join();
  for (const client of [alice, plain, newcomer]) {
    await until("the event", () => events(client).length === 1);
    const { timestamp, ...event } = events(client)[0]!;
    assert.match(String(timestamp), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    assert.deepEqual(event, {
      type: "notify",
      event_type: "spotlight.focused",
      session_id: alice.offer!.session_id,
      client_id: "alice",
      bundle_id: "home",
      connection_id: alice.id,
      audio: true,
      video: false,
      fixed: true,
    });
  }
  const order = newcomer.messages.map(({ event_type }) => event_type).filter(Boolean);
  assert.deepEqual(order.slice(0, 2), ["connection.created", "spotlight.focused"]);
  await channel.focus(alice, "UnfocusSpotlight");
  await until("the end", () => events(plain).length === 2);
  assert.deepEqual(
    [events(plain)[1]!.event_type, events(plain)[1]!.fixed],
    ["spotlight.unfocused", true],
  );
  assert.deepEqual(events(screen), []);
});

test("spotlight: a member without it hears everybody, and can have the focus", async () => {
  await using channel = scene();
  const plain = await channel.join({});
  const alice = await channel.join();
  const bob = await channel.join();
  await arrives(alice, plain);
  await arrives(bob, plain);
  await channel.focus(plain);
  await arrives(plain, alice);
  await arrives(plain, bob);
  // All came in order: what was not in focus would have been before.
  assert.equal(from(alice, bob), 0);
  assert.equal(from(bob, alice), 0);
});

test("spotlight: a member chooses no layers beside those of the focus", async () => {
  await using channel = scene();
  const [alice, bob] = [await channel.join(), await channel.join()];
  assert.equal("simulcast_rpc_rids" in alice.offer!, false);
  const ids = { receiver_connection_id: alice.id, sender_connection_id: bob.id };
  const { channel_id } = alice.offer!;
  assert.deepEqual(
    await askApi(server, "Sora_20251210.RequestSimulcastRid", { channel_id, ...ids, rid: "r0" }),
    { status: 400, answer: { error_type: "SIMULCAST-DISABLED" } },
  );
});

test("spotlight: who only receives cannot have the focus", async () => {
  await using channel = scene();
  const viewer = await channel.join({ role: "recvonly", spotlight: true });
  for (const name of ["FocusSpotlight", "FocusSpotlightFixed"]) {
    assert.deepEqual(await channel.focus(viewer, name), {
      status: 400,
      answer: { error_type: "SPOTLIGHT-RECVONLY" },
    });
  }
});

test("spotlight: fixed members keep their places from others and from a lower number", async () => {
  await using channel = scene();
  const [alice, bob, carol] = [await channel.join(), await channel.join(), await channel.join()];
  const fixed = { status: 400, answer: { error_type: "SPOTLIGHT-FIXED" } };
  assert.equal((await channel.focus(alice, "FocusSpotlightFixed")).status, 200);
  assert.equal((await channel.focus(bob, "FocusSpotlightFixed")).status, 200);
  assert.deepEqual(await channel.focus(carol), fixed);
  assert.deepEqual(await channel.focus(carol, "FocusSpotlightFixed"), fixed);
  assert.deepEqual(await channel.call("ChangeSpotlightNumber", { spotlight_number: 1 }), fixed);
  assert.equal((await channel.focus(bob)).status, 200, "who has the focus has it");
  const focuses = new Map(server.connections().map((one) => [one.connectionId, one.focus]));
  assert.deepEqual([alice, bob, carol].map(({ id }) => focuses.get(id)), [
    "fixed",
    "fixed",
    "none",
  ]);
  const greedy = await channel.open({ spotlight: true, spotlight_number: 1 });
  await until("the refusal", () => greedy.closed !== undefined);
  assert.deepEqual(greedy.closed, { code: 4490, reason: "SPOTLIGHT-NUMBER-WITH-FIXED-MEMBERS" });
  // Who leaves makes a place free.
  await alice.disconnect();
  await until("the place", () => carol.notifications("connection.destroyed").length === 1);
  assert.equal((await channel.focus(carol)).status, 200);
});
