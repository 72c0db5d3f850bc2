/**
 * What strangers, and clients who know the passwords of ICE, send to the server's UDP ports: checks that are wrong, mutated or too
 * many, and datagrams of random bytes.
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import process from "node:process";
import { after, test } from "node:test";
import { SoraServer } from "../../sfu/mod.ts";
import { pause } from "../support/eventually.ts";
import { type Arena, limitOfAttack, SharedArena } from "../support/hostile_arena.ts";
import { Mutator } from "../support/mutations.ts";
import { RawClient } from "../support/raw_client.ts";
import {
  Attribute,
  isAuthentic,
  readStun,
  readXorAddress,
  writeStun,
} from "../support/stun_message.ts";
import { UdpPeer } from "../support/udp_peer.ts";

const shared = new SharedArena();
after(() => shared.close());

const LIMIT = { timeout: 120_000 } as const;

/** As many datagrams as the socket's buffer holds. */
const BURST = 40;

const BINDING_REQUEST = 0x0001;
const BINDING_SUCCESS = 0x0101;
const BINDING_ERROR = 0x0111;
const PRIORITY = 0x0024;
const USE_CANDIDATE = 0x0025;
const FINGERPRINT = 0x8028;
const ICE_CONTROLLED = 0x8029;
const ICE_CONTROLLING = 0x802a;

/** Seconds of random datagrams, and their number in each. */
const FLOOD_S = Number(process.env["SORA_TEST_FLOOD_S"] ?? 4);
const FLOOD_A_SECOND = 10_000;
const TURN_MS = 10;
/** How long a client stays. */
const STAY_S = 10;

/** The user name and password that a client was offered for its checks. */
function credentials(client: RawClient): { ufrag: string; password: Buffer } {
  const sdp = String(client.messages.find(({ type }) => type === "offer")?.["sdp"]);
  const value = (pattern: RegExp) => pattern.exec(sdp)?.[1] ?? "";
  return {
    ufrag: value(/^a=ice-ufrag:(\S+)/m),
    password: Buffer.from(value(/^a=ice-pwd:(\S+)/m)),
  };
}

/** A check as a client sends it. */
function check(
  username: string,
  password: Buffer | undefined,
  role = ICE_CONTROLLING,
  transaction = randomBytes(12),
): Buffer {
  return writeStun(BINDING_REQUEST, transaction, [
    [Attribute.username, Buffer.from(username)],
    [PRIORITY, Buffer.from([0x6e, 0, 0, 1])],
    [USE_CANDIDATE, Buffer.alloc(0)],
    [role, Buffer.alloc(8, 1)],
  ], password);
}

/** Somebody in a channel of his own, who was offered the server's port, and another socket that talks to it. */
async function open(arena: Arena, channel: string) {
  const client = await RawClient.checked(arena.url, { channel_id: channel });
  const peer = await UdpPeer.open(client.serverPort);
  const { ufrag, password } = credentials(client);
  return {
    client,
    peer,
    password,
    username: `${ufrag}:abcd`,
    /** Sends datagrams from the other socket as fast as the server reads them. */
    flood: async (datagrams: Iterable<Uint8Array>) => {
      let sent = 0;
      for (const datagram of datagrams) {
        peer.send(datagram);
        if (++sent % BURST !== 0) continue;
        await peer.sent();
        await client.roundTrip();
      }
      await peer.sent();
      await client.roundTrip();
    },
    [Symbol.asyncDispose]: async () => {
      await client[Symbol.asyncDispose]();
      await peer[Symbol.asyncDispose]();
    },
  };
}

test(
  "checks with a wrong user name or password are not answered",
  LIMIT,
  () =>
    shared.use(async (arena) => {
      await using own = await open(arena, "wrong checks");
      await using other = await open(arena, "other checks");
      const { username, password, peer, client } = own;
      const names = ["", ":", "abcd", ":abcd", "x".repeat(500), username.replace(":", "")]
        .concat(username.slice(1), username.toLowerCase(), `${"x".repeat(8)}:abcd`)
        // Some have no capital.
        .filter((name) => name !== username);
      const { dropped } = await arena.survives(async () => {
        for (let round = 0; round < 20; round++) {
          await own.flood([
            ...names.map((name) => check(name, password)),
            check(username, Buffer.from("wrong")),
            check(username, Buffer.alloc(0)),
            check(username, other.password),
            check(username, undefined),
          ]);
        }
      });
      assert.deepEqual(peer.received, []);
      assert.ok(dropped >= 20 * names.length, `${dropped} were dropped`);
      peer.send(check(username, password));
      assert.equal(readStun(await peer.answer()).type, BINDING_SUCCESS);
      assert.equal(client.closed, undefined);
    }),
);

test("thousands of mutated checks are not answered", LIMIT, () =>
  shared.use(async (arena) => {
    await using own = await open(arena, "mutated checks");
    const { username, password, peer, client } = own;
    const valid = [check(username, password), check(username, password, ICE_CONTROLLED)];
    const mutator = new Mutator(71);
    const mutated = [...Array(5_000)].map(() => mutator.bytes(valid))
      .filter((datagram) => !valid.some((one) => one.equals(datagram)));
    await arena.survives(() => own.flood(mutated));
    assert.deepEqual(peer.received.map((answer) => answer.toString("hex")), []);
    assert.equal(client.closed, undefined);
  }));

test(
  "authentic checks whose attributes are mutated are answered with the address they came from, or not",
  LIMIT,
  () =>
    shared.use(async (arena) => {
      await using own = await open(arena, "attributes");
      const { username, password, peer, client } = own;
      const mutator = new Mutator(72);
      const kinds = [PRIORITY, USE_CANDIDATE, ICE_CONTROLLING, ICE_CONTROLLED, FINGERPRINT]
        .concat(Object.values(Attribute), 0, 0x7fff, 0x8000, 0xffff);
      const bodies = [Buffer.alloc(0), Buffer.alloc(4), Buffer.alloc(8, 1), Buffer.alloc(400)];
      const checks = [...Array(2_000)].map(() => {
        const attributes = [...Array(mutator.integer(12))].map(() =>
          [mutator.pick(kinds), mutator.bytes(bodies)] as const
        ).filter(([, body]) => body.length < 500);
        const name = [Attribute.username, Buffer.from(username)] as const;
        attributes.splice(mutator.integer(attributes.length + 1), 0, name);
        return writeStun(
          mutator.pick([1, 1, 1, 3, 0x11, 0x101]),
          randomBytes(12),
          attributes,
          password,
        );
      });
      await arena.survives(() => own.flood(checks));
      assert.ok(peer.received.length > 0);
      for (const answer of peer.received) {
        const message = readStun(answer);
        assert.ok([BINDING_SUCCESS, BINDING_ERROR].includes(message.type));
        assert.ok(isAuthentic(message, password));
        if (message.type === BINDING_ERROR) continue;
        assert.deepEqual(readXorAddress(message.attributes.get(Attribute.xorMappedAddress)), {
          address: "127.0.0.1",
          port: peer.port,
        });
      }
      assert.equal(client.closed, undefined);
    }),
);

test(
  "a client that claims the server's role is told so, and one that has it is answered",
  LIMIT,
  () =>
    shared.use(async (arena) => {
      await using own = await open(arena, "roles");
      const { username, password, peer } = own;
      await arena.survives(async () => {
        for (let i = 0; i < 100; i++) {
          const transaction = randomBytes(12);
          peer.send(check(username, password, ICE_CONTROLLED, transaction));
          const { type, attributes, transaction: answered } = readStun(await peer.answer());
          assert.equal(type, BINDING_ERROR);
          assert.deepEqual(answered, transaction);
          assert.deepEqual([...attributes.get(Attribute.errorCode)!.subarray(0, 4)], [0, 0, 4, 87]);
        }
        peer.send(check(username, password));
        assert.equal(readStun(await peer.answer()).type, BINDING_SUCCESS);
      });
    }),
);

test(
  "checks of a client from a hundred addresses leave it where it is",
  LIMIT,
  () =>
    shared.use(async (arena) => {
      await using own = await open(arena, "addresses");
      const { username, password, client } = own;
      const peers = await Promise.all([...Array(100)].map(() => UdpPeer.open(client.serverPort)));
      await arena.survives(async () => {
        for (const peer of peers) {
          peer.send(check(username, password));
          await peer.answer();
        }
        await client.roundTrip();
      });
      for (const peer of peers) await peer[Symbol.asyncDispose]();
      assert.equal(client.closed, undefined);
    }),
);

test(
  "10,000 random datagrams a second",
  { timeout: limitOfAttack(2 * FLOOD_S * 1_000) },
  () =>
    shared.use(async (arena) => {
      const mutator = new Mutator(73);
      // STUN, DTLS, RTP, RTCP and others, by the first byte (RFC 7983).
      const datagrams = [...Array(4_096)].map(() => {
        const datagram = Buffer.from(
          [...Array(mutator.integer(300))].map(() => mutator.integer(256)),
        );
        const kind = mutator.pick([0, 1, 20, 22, 23, 25, 63, 64, 79, 128, 144, 191, 255]);
        if (datagram.length > 0) datagram[0] = kind;
        if (datagram.length > 1 && mutator.once(2)) {
          datagram[1] = mutator.pick([0, 1, 200, 205, 254]);
        }
        if (datagram.length > 8 && mutator.once(4)) {
          datagram.writeUInt32BE(0x2112_a442, 4);
        }
        return datagram;
      });
      let sent = 0;
      /** Half from where a stranger is, half from where a client is. */
      const flood = async (seconds: number) => {
        await using own = await open(arena, "random");
        const { client, peer } = own;
        const first = sent;
        const start = performance.now();
        for (let elapsed = 0; elapsed < seconds * 1_000; elapsed = performance.now() - start) {
          const behind = first + elapsed / 1_000 * FLOOD_A_SECOND - sent;
          const due = Math.min(behind, FLOOD_A_SECOND / 10);
          for (let i = 0; i < due; i++, sent++) {
            const datagram = datagrams[sent % datagrams.length]!;
            if (sent % 2 === 0) peer.send(datagram);
            else client.send(datagram);
          }
          // The rate is the subject.
          await pause(TURN_MS);
        }
        await client.roundTrip();
        assert.deepEqual(peer.received, []);
        assert.equal(client.closed, undefined);
      };
      await arena.survives(async () => {
        sent = 0;
        // A client must answer its offer in a while, and another one comes then.
        for (let left = FLOOD_S; left > 0; left -= STAY_S) await flood(Math.min(left, STAY_S));
      });
      assert.ok(sent >= FLOOD_S * FLOOD_A_SECOND / 4, `only ${sent} were sent`);
    }),
);

test("a server bound to :: answers the checks of an IPv4 client with his IPv4 address", async () => {
  await using server = await SoraServer.start({ host: "::" });
  const url = server.url.replace("[::]", "127.0.0.1");
  await using client = await RawClient.checked(url, { channel_id: "mapped" });
  await using peer = await UdpPeer.open(client.serverPort);
  const { ufrag, password } = credentials(client);
  peer.send(check(`${ufrag}:abcd`, password));
  const answer = readStun(await peer.answer());
  assert.equal(answer.type, BINDING_SUCCESS);
  assert.ok(isAuthentic(answer, password));
  const address = answer.attributes.get(Attribute.xorMappedAddress);
  assert.equal(address?.[1], 1);
  assert.deepEqual(readXorAddress(address), { address: "127.0.0.1", port: peer.port });
});
