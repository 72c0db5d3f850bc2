/** Forwarding filters and bundles that change while media flows: what they block ends at once, and what they allow comes back. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { SoraServer, type SoraServerFilter } from "../../sfu/mod.ts";
import { eventually } from "../support/eventually.ts";
import { askApi } from "../support/http_api.ts";
import { MediaClient, nextFrame } from "../support/media_client.ts";
import { readNumber } from "../support/frame.ts";
import { dominantFrequency } from "../support/tone.ts";

const frame = { width: 160, height: 120, turn: 0 } as const;
const KINDS = ["audio", "video"] as const;
type Kind = typeof KINDS[number];

let server: SoraServer;
let rooms = 0;

before(async () => {
  server = await SoraServer.start({ port: 0, httpApi: true });
});

after(() => server.close());

/** Two members who send and receive, and what the re-offers to the second one look like. */
async function pair() {
  const room = {
    signalingUrls: [server.url],
    channelId: `filters-${rooms++}`,
    role: "sendrecv",
    videoCodecType: "VP8",
  } as const;
  const alice = new MediaClient({ ...room, clientId: "alice" }, { frame, toneHz: 440 });
  const bob = new MediaClient({ ...room, clientId: "bob" }, { frame, toneHz: 880 });
  const reoffers: string[] = [];
  bob.connection.onSignalingMessage = (_, direction, text) => {
    const { type, sdp } = JSON.parse(text) as { type: string; sdp?: string };
    if (direction === "RECEIVED" && type === "re-offer") reoffers.push(sdp!);
  };
  await alice.connect();
  await bob.connect();
  return {
    channelId: room.channelId,
    alice,
    bob,
    reoffers,
    async [Symbol.asyncDispose]() {
      await alice[Symbol.asyncDispose]();
      await bob[Symbol.asyncDispose]();
    },
  };
}

const idOf = (client: MediaClient) => client.connection.connectionId!;

/** Waits until these kinds of media arrive of the sender, and no other, and what it sends only now is among it. */
async function assertFlows(from: MediaClient, to: MediaClient, kinds: readonly Kind[] = KINDS) {
  await eventually(`tracks of ${kinds.join()}`, () => {
    const { tracks = [] } = to.received.get(idOf(from)) ?? {};
    return [...tracks].map(({ kind }) => kind).sort().join() === kinds.join();
  });
  const received = await to.from(from, kinds.length);
  if (kinds.includes("video")) {
    const { sent } = from;
    // Numbers begin anew after 4,095.
    const isNew = (number: number) => ((number - sent) & 4_095) < 2_048;
    (await nextFrame(received.video, (one) => isNew(readNumber(frame, one.data("BGR"))))).close();
  }
  if (kinds.includes("audio")) {
    await eventually("the tone", async () => {
      const { ok, data } = await received.audio.read(4_800);
      return ok && Math.abs(dominantFrequency(data, 48_000) - from.toneHz) < 15;
    });
  }
}

/** Asserts that from now on nothing of these kinds is forwarded, whatever else arrives in the meantime. */
async function assertBlocked(
  from: MediaClient,
  to: MediaClient,
  kinds: readonly Kind[],
  meanwhile: () => Promise<unknown>,
) {
  const forwarded = () => {
    const { subscriptions } = server.connections().find((one) => one.connectionId === idOf(to))!;
    return subscriptions
      .filter(({ connectionId, kind }) => connectionId === idOf(from) && kinds.includes(kind))
      .map(({ kind, packets }) => [kind, packets]);
  };
  const before = forwarded();
  await meanwhile();
  assert.deepEqual(forwarded(), before);
}

const kindFilter = (...values: string[]): SoraServerFilter => ({
  rules: [[{ field: "kind", operator: "is_in", values }]],
});

/** The sections of an offer, rejected ones as 0. */
const sections = (sdp: string) => sdp.match(/^m=\w+ \d+/gm)!;

for (const blocked of [["audio"], ["video"], KINDS] as const) {
  test(`${blocked.join(" and ")} of one member: blocked at once, and allowed again in the same sections`, async () => {
    await using scene = await pair();
    const { alice, bob, reoffers } = scene;
    await assertFlows(alice, bob);
    const others = KINDS.filter((kind) => !blocked.includes(kind as never));
    const rules = [[
      { field: "connection_id", operator: "is_in", values: [idOf(alice)] },
      { field: "kind", operator: "is_in", values: blocked },
    ]] as const;
    assert.equal(server.setForwardingFilters(idOf(bob), [{ rules }]), true);
    await assertBlocked(alice, bob, blocked, async () => {
      await assertFlows(bob, alice);
      await assertFlows(alice, bob, others);
    });
    assert.equal(server.setForwardingFilters(idOf(bob), []), true);
    await assertFlows(alice, bob);
    assert.deepEqual(reoffers.map(sections), [
      [
        "m=audio 9",
        "m=video 9",
        ...KINDS.map((kind) => `m=${kind} ${others.includes(kind) ? 9 : 0}`),
      ],
      ["m=audio 9", "m=video 9", "m=audio 9", "m=video 9"],
    ]);
    assert.deepEqual([...alice.errors, ...bob.errors], []);
  });
}

test("filters of two members block each other's media, and either comes back on its own", async () => {
  await using scene = await pair();
  const { alice, bob } = scene;
  await assertFlows(alice, bob);
  await assertFlows(bob, alice);
  server.setForwardingFilters(idOf(alice), [kindFilter("video")]);
  server.setForwardingFilters(idOf(bob), [kindFilter("audio")]);
  await assertBlocked(bob, alice, ["video"], () => assertFlows(bob, alice, ["audio"]));
  await assertBlocked(alice, bob, ["audio"], () => assertFlows(alice, bob, ["video"]));
  server.setForwardingFilters(idOf(alice), []);
  await assertFlows(bob, alice);
  await assertFlows(alice, bob, ["video"]);
});

test("a filter that changes while re-offers are outstanding ends in what it says last", async () => {
  await using scene = await pair();
  const { alice, bob } = scene;
  await assertFlows(alice, bob);
  for (let round = 0; round < 10; round++) {
    server.setForwardingFilters(idOf(bob), [kindFilter("audio", "video")]);
    server.setForwardingFilters(idOf(bob), []);
    server.setForwardingFilters(idOf(bob), [kindFilter("video")]);
    server.setForwardingFilters(idOf(bob), []);
    await assertFlows(bob, alice);
  }
  // Re-offers of the last round may still come, and end a track that is being watched.
  const flows = () => assertFlows(alice, bob).then(() => true, () => false);
  await eventually("alice's media", flows, 15_000);
  server.setForwardingFilters(idOf(bob), [kindFilter("video")]);
  await assertBlocked(alice, bob, ["video"], () => assertFlows(alice, bob, ["audio"]));
  assert.deepEqual([...alice.errors, ...bob.errors], []);
});

test("members of one bundle receive nothing of each other from then on, and of others as before", async () => {
  await using scene = await pair();
  const { alice, bob } = scene;
  await assertFlows(alice, bob);
  await assertFlows(bob, alice);
  const own = bob.connection.bundleId!;
  assert.equal(server.setBundleId(idOf(bob), alice.connection.bundleId!), true);
  await assertBlocked(alice, bob, KINDS, async () => {
    for (const [to, from] of [[alice, bob], [bob, alice]] as const) {
      await eventually("no tracks", () => to.received.get(idOf(from))?.tracks.size === 0);
    }
  });
  for (const { notifies } of [alice, bob]) {
    await eventually("the end", () => notifies.at(-1) === "connection.destroyed");
  }
  assert.equal(server.setBundleId(idOf(bob), own), true);
  await assertFlows(alice, bob);
  await assertFlows(bob, alice);
  for (const { notifies } of [alice, bob]) assert.equal(notifies.at(-1), "connection.created");
});

test("ForwardingFilter calls: a connection's filters are asked before the channel's, and are listed", async () => {
  await using scene = await pair();
  const { alice, bob, channelId } = scene;
  await assertFlows(alice, bob);
  await assertFlows(bob, alice);
  const channel = { channel_id: channelId };
  const ofBob = { ...channel, connection_id: idOf(bob) };
  const ask = (name: string, body: object) => askApi(server, `Sora_20230628.${name}`, body);
  const done = async (name: string, body: object) =>
    assert.deepEqual(await ask(name, body), { status: 200, answer: body });
  const all = { action: "block", version: "v1", metadata: { a: 1 }, ...kindFilter(...KINDS) };
  const video = { name: "video", priority: 1, action: "allow", ...kindFilter("video") };
  const audio = { ...video, ...kindFilter("audio") };

  await done("CreateChannelForwardingFilter", { ...channel, ...all });
  await assertBlocked(
    alice,
    bob,
    KINDS,
    () =>
      eventually("no tracks", () =>
        alice.received.get(idOf(bob))?.tracks.size === 0 &&
        bob.received.get(idOf(alice))?.tracks.size === 0),
  );
  await done("CreateConnectionForwardingFilter", { ...ofBob, ...video });
  await assertFlows(alice, bob, ["video"]);
  assert.deepEqual(await ask("ListForwardingFilters", { ...channel, blocked: true }), {
    status: 200,
    answer: {
      channel_forwarding_filter: all,
      channel_forwarding_filters: [all],
      connection_forwarding_filters: [{ connection_id: idOf(bob), ...video }],
      blocked: [
        ...KINDS.map((kind) => ({
          destination_connection_id: idOf(alice),
          kind,
          source_connection_id_list: [idOf(bob)],
        })),
        {
          destination_connection_id: idOf(bob),
          kind: "audio",
          source_connection_id_list: [idOf(alice)],
        },
      ],
    },
  });
  await done("UpdateConnectionForwardingFilter", { ...ofBob, ...audio });
  await assertFlows(alice, bob, ["audio"]);
  await done("UpdateChannelForwardingFilter", { ...channel, ...kindFilter("audio") });
  await assertFlows(bob, alice, ["video"]);
  await assertFlows(alice, bob);
  await done("DeleteConnectionForwardingFilter", { ...ofBob, name: "video" });
  await assertFlows(alice, bob, ["video"]);
  await done("DeleteChannelForwardingFilter", channel);
  await assertFlows(alice, bob);
  assert.deepEqual((await ask("ListForwardingFilters", channel)).answer, {
    channel_forwarding_filters: [],
    connection_forwarding_filters: [],
  });
});

test("filters of the wrong form, or of nobody, change nothing", async () => {
  await using scene = await pair();
  const { alice, bob, channelId, reoffers } = scene;
  const rule = { field: "kind", operator: "is_in", values: ["video"] };
  const wrong: readonly (readonly [filter: object, message: string])[] = [
    [{}, "filters[0].rules must be an array of at most 256 items"],
    [
      { rules: [[{ ...rule, field: "role" }]] },
      "filters[0].rules[0][0].field must be connection_id",
    ],
    [{ rules: [[{ ...rule, operator: "in" }]] }, "filters[0].rules[0][0].operator must be is_in"],
    [{ rules: [[{ ...rule, values: [1] }]] }, "filters[0].rules[0][0].values must be strings"],
    [{ rules: [[rule]], action: "drop" }, "filters[0].action must be block or allow"],
    [{ rules: [[rule]], name: "a" }, "filters[0] must have both or none of name and priority"],
    [{ rules: [[rule]], priority: 1 }, "filters[0] must have both or none of name and priority"],
    [{ rules: [[rule]], name: "a", priority: 0.5 }, "filters[0].priority must be an integer"],
    [{ rules: [[rule]], version: 1 }, "filters[0].version must be a string"],
  ];
  const channel = { channel_id: channelId };
  for (const [filter, message] of wrong) {
    const thrown = (error: Error) =>
      error instanceof TypeError && error.message.startsWith(message);
    assert.throws(() => server.setForwardingFilters(idOf(bob), [filter as never]), thrown, message);
    assert.throws(() => server.setChannelForwardingFilters(channelId, [filter as never]), thrown);
    const target = "Sora_20230628.CreateChannelForwardingFilter";
    const { status, answer } = await askApi(server, target, { ...channel, ...filter });
    assert.deepEqual([status, answer], [400, { error_type: "INVALID-BODY" }], message);
  }
  assert.throws(() => server.setForwardingFilters(idOf(bob), [kindFilter(), kindFilter()]), {
    name: "TypeError",
    message: "filters must have different names",
  });
  assert.throws(() => server.setBundleId(idOf(bob), ""), {
    name: "TypeError",
    message: 'bundleId must be a string of 1 to 255 bytes, not ""',
  });
  assert.equal(server.setForwardingFilters("nobody", []), false);
  assert.equal(server.setChannelForwardingFilters("nothing", []), false);
  assert.equal(server.setBundleId("nobody", "a"), false);
  const filter = { ...channel, rules: [[rule]] };
  for (
    const [name, body, status] of [
      ["UpdateChannelForwardingFilter", filter, 404],
      ["DeleteChannelForwardingFilter", channel, 404],
      ["DeleteChannelForwardingFilter", { ...channel, name: 1 }, 400],
      ["CreateConnectionForwardingFilter", { ...filter, connection_id: "nobody" }, 404],
      ["CreateConnectionForwardingFilter", filter, 400],
      ["CreateChannelForwardingFilter", { ...filter, channel_id: "nothing" }, 404],
      ["ListForwardingFilters", { channel_id: "nothing" }, 404],
      ["ListForwardingFilters", { ...channel, blocked: 1 }, 400],
    ] as const
  ) {
    assert.equal((await askApi(server, `Sora_20230628.${name}`, body)).status, status, name);
  }
  await assertFlows(alice, bob);
  await assertFlows(bob, alice);
  assert.deepEqual(reoffers, []);
});
