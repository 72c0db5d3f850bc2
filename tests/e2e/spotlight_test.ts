/** A spotlight of four members and two places, with real audio and simulcast video. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Sora, SoraRpcError } from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { eventually, pause } from "../support/eventually.ts";
import { SpotlightClient, WIDTH } from "../support/spotlight_scene.ts";

const channelId = "spotlight";
const FOCUSED = WIDTH / 2;
const UNFOCUSED = WIDTH / 4;

let server: SoraServer;
let sora: Sora;
let members: SpotlightClient[] = [];

/** A member by its client id. */
const member = (clientId: string) =>
  members.find(({ connection }) => connection.clientId === clientId)!;

before(async () => {
  server = await SoraServer.start({ port: 0, httpApi: true });
  sora = new Sora();
  members = ["alice", "bob", "carol", "dave"].map((clientId, index) =>
    new SpotlightClient(sora, {
      signalingUrls: [server.url],
      channelId,
      clientId,
      spotlight: true,
      spotlightNumber: 2,
      dataChannelSignaling: true,
    }, 400 + 200 * index)
  );
  for (const one of members) await one.connect();
});

after(async () => {
  for (const one of members) await one[Symbol.asyncDispose]();
  await sora.close();
  await server.close();
});

async function call(target: string, body: object): Promise<{ status: number; answer: unknown }> {
  const response = await fetch(`http://127.0.0.1:${server.port}/`, {
    method: "POST",
    headers: { "x-sora-target": target },
    body: JSON.stringify({ channel_id: channelId, ...body }),
  });
  return { status: response.status, answer: await response.json() };
}

/** Waits until everybody was notified of this, in this order, and forgets it. */
async function notified(...events: string[]): Promise<void> {
  for (const one of members) {
    await eventually(
      `${events} at ${one.connection.clientId}`,
      () => one.focus.length >= events.length,
    );
    assert.deepEqual(one.focus.splice(0), events);
  }
}

/** Waits until everybody receives the others as their focus says. */
async function received(focused: readonly string[], speaking: readonly string[]): Promise<void> {
  for (const receiver of members) {
    for (const sender of members) {
      if (sender === receiver) continue;
      const name = sender.connection.clientId ?? "";
      const isFocused = focused.includes(name);
      const what = `${name} ${
        isFocused ? "in" : "out of"
      } focus at ${receiver.connection.clientId}`;
      const width = isFocused ? FOCUSED : UNFOCUSED;
      await eventually(`the frames of ${what}`, () => receiver.widthOf(sender) === width, 20_000);
      const heard = isFocused && speaking.includes(name);
      await eventually(`the audio of ${what}`, () => receiver.hears(sender) === heard, 20_000);
    }
  }
}

test("spotlight: nobody is focused or heard before somebody speaks", async () => {
  for (const { connection, focus } of members) {
    assert.deepEqual(focus, []);
    assert.equal(connection.connectionId?.length, 26);
  }
  await received([], []);
  for (const receiver of members) {
    for (const sender of members) {
      if (sender !== receiver) assert.equal((await receiver.audioOf(sender)).packets, 0);
    }
  }
});

test("spotlight: who speaks is focused, heard and seen in a higher layer; silence changes nothing", async () => {
  const [alice, bob] = [member("alice"), member("bob")];
  alice.speak();
  await notified("+alice");
  await received(["alice"], ["alice"]);
  bob.speak();
  await notified("+bob");
  await received(["alice", "bob"], ["alice", "bob"]);
  alice.speak(false);
  await received(["alice", "bob"], ["bob"]);
});

test("spotlight: a third speaker takes the place of who has been silent longest, who is heard no more", async () => {
  const [alice, carol, dave] = [member("alice"), member("carol"), member("dave")];
  carol.speak();
  await notified("-alice", "+carol");
  alice.speak();
  await received(["bob", "carol"], ["bob", "carol"]);
  await eventually("the end of alice's audio", async () => {
    const { packets, madeUp } = await dave.audioOf(alice);
    // The condition is that nothing comes: 25 packets would have, or 24,000 samples would be made up for what is missed.
    await pause(500);
    const after = await dave.audioOf(alice);
    return after.packets === packets && after.madeUp === madeUp;
  });
  member("bob").speak(false);
  await notified("-bob", "+alice");
  await received(["alice", "carol"], ["alice", "carol"]);
  for (const one of members) one.speak(false);
});

test("spotlight: FocusSpotlightFixed keeps a member in focus, UnfocusSpotlight ends that", async () => {
  const [alice, bob, dave] = [member("alice"), member("bob"), member("dave")];
  const body = { connection_id: dave.id };
  assert.deepEqual(await call("Sora_20200807.FocusSpotlightFixed", body), {
    status: 200,
    answer: { channel_id: channelId, ...body },
  });
  await eventually("the first event", () => alice.focus.length === 2);
  // Which of the two stopped speaking first is chance.
  const [lost = ""] = alice.focus;
  assert.ok(["-alice", "-carol"].includes(lost), lost);
  await notified(lost, "+dave!");
  bob.speak();
  await notified(lost === "-alice" ? "-carol" : "-alice", "+bob");
  await received(["bob", "dave"], ["bob"]);
  assert.equal((await call("Sora_20200807.UnfocusSpotlight", body)).status, 200);
  await notified("-dave!");
  alice.speak();
  await notified("+alice");
  await received(["alice", "bob"], ["alice", "bob"]);
  for (const one of members) one.speak(false);
});

test("spotlight: ChangeSpotlightNumber takes places away, and FocusSpotlight gives one to anybody", async () => {
  const number = { spotlight_number: 1 };
  assert.deepEqual(await call("Sora_20200807.ChangeSpotlightNumber", number), {
    status: 200,
    answer: { channel_id: channelId, ...number },
  });
  await eventually("the change", () => member("dave").focus.length === 1);
  const [lost = ""] = member("dave").focus;
  assert.ok(["-alice", "-bob"].includes(lost), lost);
  await notified(lost);
  const body = { connection_id: member("carol").id };
  assert.equal((await call("Sora_20200807.FocusSpotlight", body)).status, 200);
  await notified(lost === "-alice" ? "-bob" : "-alice", "+carol");
  await received(["carol"], []);
});

test("spotlight: RequestSpotlightRid and ResetSpotlightRid, by RPC and by HTTP", async () => {
  const [alice, bob, carol] = [member("alice"), member("bob"), member("carol")];
  const rids = { spotlight_focus_rid: "r0", spotlight_unfocus_rid: "r1" } as const;
  const result = { channel_id: channelId, recv_connection_id: alice.id, ...rids };
  const method = "2025.2.0/RequestSpotlightRid";
  assert.deepEqual(await alice.connection.rpc(method, rids), result);
  await eventually("carol's frames", () => alice.widthOf(carol) === UNFOCUSED);
  await eventually("bob's frames", () => alice.widthOf(bob) === FOCUSED);
  assert.equal(bob.widthOf(carol), FOCUSED, "what others receive does not change");
  const none = { spotlight_focus_rid: "none", spotlight_unfocus_rid: "none" };
  const toBob = { recv_connection_id: alice.id, send_connection_id: bob.id };
  const asked = { ...toBob, ...none };
  const answer = { channel_id: channelId, ...asked };
  assert.deepEqual(await call("Sora_20211215.RequestSpotlightRid", asked), { status: 200, answer });
  await eventually("the end of bob's frames", async () => {
    const before = alice.framesOf(bob);
    // The condition is that nothing comes: seven frames would have.
    await pause(500);
    return alice.framesOf(bob) === before;
  });
  assert.equal((await call("Sora_20211215.ResetSpotlightRid", toBob)).status, 200);
  await eventually("bob's frames", () => alice.widthOf(bob) === FOCUSED);
  await alice.connection.resetSpotlightRid();
  await eventually("bob's frames", () => alice.widthOf(bob) === UNFOCUSED);
  await eventually("carol's frames", () => alice.widthOf(carol) === FOCUSED);
  await alice.connection.requestSpotlightRid({ focusRid: "r0", unfocusRid: "r0" }, carol.id);
  await eventually("carol's frames", () => alice.widthOf(carol) === UNFOCUSED);
  await alice.connection.resetSpotlightRid(carol.id);
  await eventually("carol's frames", () => alice.widthOf(carol) === FOCUSED);
  const wrong = alice.connection.requestSpotlightRid({ focusRid: "r3" as "r0", unfocusRid: "r0" });
  await assert.rejects(wrong, { name: "TypeError", message: /^rids\.focusRid must be one of/ });
});

test("spotlight: wrong requests are refused and change nothing", async () => {
  const [alice, bob] = [member("alice"), member("bob")];
  const rids = { spotlight_focus_rid: "r0", spotlight_unfocus_rid: "none" };
  const method = "2025.2.0/RequestSpotlightRid";
  const calls: [string, Record<string, string>, RegExp][] = [
    [
      method,
      { spotlight_focus_rid: "r0" },
      /spotlight_unfocus_rid must be one of none, r0, r1, r2/,
    ],
    [method, { ...rids, spotlight_focus_rid: "r3" }, /spotlight_focus_rid must be one of/],
    [method, { ...rids, send_connection_id: "nobody" }, /there is no other connection/],
    [method, { ...rids, send_connection_id: alice.id }, /there is no other connection/],
    [method, { ...rids, recv_connection_id: bob.id }, /unknown property/],
    ["2025.2.0/ResetSpotlightRid", { send_connection_id: "nobody" }, /there is no other/],
  ];
  for (const [name, params, message] of calls) {
    await assert.rejects(alice.connection.rpc(name, params), (error) => {
      assert.ok(error instanceof SoraRpcError, String(error));
      assert.match(error.message, message);
      return true;
    });
  }
  const bodies: [string, object, number][] = [
    ["Sora_20200807.FocusSpotlight", {}, 400],
    ["Sora_20200807.FocusSpotlight", { connection_id: "nobody" }, 404],
    ["Sora_20200807.UnfocusSpotlight", { connection_id: 1 }, 400],
    ["Sora_20200807.ChangeSpotlightNumber", { spotlight_number: 9 }, 400],
    ["Sora_20200807.ChangeSpotlightNumber", { spotlight_number: 1, channel_id: "none" }, 404],
    ["Sora_20211215.RequestSpotlightRid", { ...rids, recv_connection_id: "nobody" }, 404],
    ["Sora_20211215.RequestSpotlightRid", { recv_connection_id: alice.id }, 400],
    [
      "Sora_20211215.ResetSpotlightRid",
      { recv_connection_id: alice.id, send_connection_id: 1 },
      400,
    ],
  ];
  for (const [target, body, status] of bodies) {
    assert.equal((await call(target, body)).status, status, `${target} ${JSON.stringify(body)}`);
  }
  for (const { focus } of members) assert.deepEqual(focus, []);
});
