/**
 * What strangers and members send over DTLS to make the server stand still, swell or forget the others. A stranger has an offer and
 * thus the server's port; a client has had its address checked by ICE as well; a member has done a handshake.
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { after, test } from "node:test";
import {
  clientHello,
  ContentType,
  dtlsRecord,
  handshakeFragment,
} from "../support/dtls_records.ts";
import { eventually } from "../support/eventually.ts";
import { SharedArena } from "../support/hostile_arena.ts";
import { fingerprintOf, rawCertificate, RawClient } from "../support/raw_client.ts";

const shared = new SharedArena();
after(() => shared.close());

const LIMIT = { timeout: 60_000 } as const;

/** As many datagrams as the socket's buffer holds. */
const BURST = 40;

const HELLO = 1;
const CERTIFICATE = 11;
const FINISHED = 20;

/** Messages only. */
const messaging = {
  audio: false,
  video: false,
  data_channels: [{ label: "#chat", direction: "sendrecv" }],
} as const;

/** Sends datagrams as fast as the server reads them, until it ends the connection. */
async function flood(client: RawClient, datagrams: Iterable<Buffer>): Promise<void> {
  let sent = 0;
  for (const datagram of datagrams) {
    client.send(datagram);
    if (++sent % BURST === 0) await client.roundTrip();
    if (client.closed !== undefined) return;
  }
  await client.roundTrip();
}

/** A message of a member still reaches the server. */
async function assertAlive({ association }: RawClient): Promise<void> {
  const { streams } = association!;
  association!.send(association!.message(streams.get("#chat")!, "still here"));
  await association!.acknowledges(association!.nextTsn - 1);
}

/** A message of a member still reaches the server, or the server ends the connection: a second may pass until it does. */
async function assertAliveOrEnded(member: RawClient): Promise<void> {
  const alive = assertAlive(member).then(() => true);
  alive.catch(() => {});
  const ended = eventually("the end of the connection", () => member.closed !== undefined);
  ended.catch(() => {});
  assert.equal(await Promise.any([alive, ended]), true);
}

/** A fragment in a record of its own. */
function fragment(number: number, fields: Parameters<typeof handshakeFragment>[0]): Buffer {
  return dtlsRecord(ContentType.handshake, handshakeFragment(fields), number);
}

const beforeHandshake: readonly (readonly [
  name: string,
  ...attacks: readonly (() => Iterable<Buffer>)[],
])[] = [
  ["two fragments of 26 bytes that claim 16 MiB, again and again", function* () {
    const [length, body] = [0xff_ffff, Buffer.alloc(1)];
    for (let i = 0; i < 200; i++) {
      const type = [HELLO, CERTIFICATE, FINISHED, 99][Math.floor(i / 50)]!;
      for (const offset of [0, length - 1]) yield fragment(i, { type, length, offset, body });
    }
  }],
  ["fragments that overlap, disagree and lie", function* () {
    for (let i = 0; i < 200; i++) {
      const far = { type: HELLO, length: 1_001, offset: 0xff_0000, body: Buffer.alloc(1_000) };
      yield fragment(i, far);
      yield fragment(i, { ...far, offset: 0, claims: 0xff_ffff });
      yield fragment(i, { ...far, offset: 900, claims: 1_000 });
    }
  }, function* () {
    for (let i = 0; i < 400; i++) {
      const [sequence, offset] = [i % 3, i * 7 % 200];
      const length = [300, 301, 60_000][i % 5 % 3]!;
      yield fragment(i, { type: HELLO, length, sequence, offset, body: randomBytes(100) });
    }
  }],
  ["fragments that never finish their messages", function* () {
    for (let i = 0; i < 2_000; i++) {
      const body = Buffer.alloc(64);
      yield fragment(i, { type: CERTIFICATE, length: 10_000, sequence: i, offset: 100, body });
    }
  }, function* () {
    for (let i = 0; i < 2_000; i++) {
      yield fragment(i, { type: HELLO, length: 10_000, offset: i * 5, body: Buffer.alloc(1) });
    }
  }],
  ["empty fragments, empty records, and records whose lengths lie", function* () {
    const body = Buffer.alloc(0);
    for (let i = 0; i < 200; i++) {
      yield fragment(i, { type: HELLO, length: 0, sequence: i % 2, body });
      yield fragment(i, { type: HELLO, length: 0xff_ffff, sequence: i % 2, body });
      yield dtlsRecord(i % 64, body, i);
      yield Buffer.concat(Array.from({ length: 80 }, () => dtlsRecord(22, body, i)));
    }
  }, function* () {
    const whole = fragment(0, { type: HELLO, length: 64, body: randomBytes(64) });
    for (let i = 0; i < whole.length; i++) yield whole.subarray(0, i);
    for (const length of [0, 1, 0x3fff, 0x4001, 0xffff]) {
      const lie = Buffer.from(whole);
      lie.writeUInt16BE(length, 11);
      yield lie;
    }
  }],
];

for (const [name, ...attacks] of beforeHandshake) {
  test(`a client sends ${name}, before any handshake`, LIMIT, async () => {
    await shared.use(async (arena) => {
      const { dropped } = await arena.survives(async () => {
        for (const attack of attacks) {
          await using client = await RawClient.checked(arena.url, messaging);
          client.onDatagram = () => {};
          await flood(client, attack());
        }
      });
      assert.ok(dropped > 0, "what is dropped is counted");
      // Who comes next is served.
      await using _newcomer = await RawClient.associated(arena.url, messaging);
    });
  });
}

test("a client whose address was checked repeats its ClientHello 1,000 times", LIMIT, async () => {
  await shared.use(async (arena) => {
    const body = clientHello();
    const hellos = Array.from(
      { length: 1_000 },
      (_, i) => fragment(i, { type: HELLO, length: body.length, body }),
    );
    await arena.survives(async () => {
      await using client = await RawClient.checked(arena.url, messaging);
      client.onDatagram = () => {};
      await flood(client, hellos);
      const sent = hellos.length * hellos[0]!.length;
      assert.ok(client.received.bytes <= sent, `${client.received.bytes} bytes for ${sent}`);
    });
  });
});

test("a ClientHello in fragments that overlap is understood", LIMIT, async () => {
  await shared.use(async (arena) => {
    await using client = await RawClient.checked(arena.url, messaging);
    const answer = Promise.withResolvers<Buffer>();
    client.onDatagram = answer.resolve;
    const whole = clientHello();
    for (let offset = 0, i = 0; offset < whole.length; offset += 20, i++) {
      const body = whole.subarray(offset, offset + 35);
      client.send(fragment(i, { type: HELLO, length: whole.length, offset, body }));
    }
    assert.equal((await answer.promise)[0], ContentType.handshake);
  });
});

test("10,000 ClientHellos of addresses that nobody checked are not answered", LIMIT, async () => {
  await shared.use(async (arena) => {
    await using stranger = await RawClient.offered(arena.url, messaging);
    await using member = await RawClient.associated(arena.url, messaging);
    const back = { datagrams: 0, bytes: 0 };
    const sockets = await Promise.all(Array.from({ length: 100 }, async (_, i) => {
      const socket = createSocket("udp4");
      socket.on("error", () => {});
      socket.on("message", (data) => {
        back.datagrams++;
        back.bytes += data.length;
      });
      await new Promise<void>((resolve) => socket.bind(0, `127.0.0.${i + 2}`, resolve));
      return socket;
    }));
    const body = clientHello();
    let sent = 0;
    await arena.survives(async () => {
      for (let i = 0; i < 50; i++) {
        for (const [at, socket] of sockets.entries()) {
          const datagram = fragment(i, { type: HELLO, length: body.length, body });
          for (const { serverPort } of [stranger, member]) {
            socket.send(datagram, serverPort, "127.0.0.1");
            sent += datagram.length;
          }
          if (at % 20 === 19) await member.roundTrip();
        }
      }
      await assertAlive(member);
    });
    for (const socket of sockets) socket.close();
    assert.ok(back.bytes <= sent, `${back.bytes} bytes for ${sent}`);
    assert.equal(back.datagrams, 0);
  });
});

test("a certificate that is not the answer's is refused", LIMIT, async () => {
  await shared.use(async (arena) => {
    for (const first of ["the answer", "the handshake"]) {
      await using client = await RawClient.checked(arena.url, messaging);
      const [shown, announced] = [await rawCertificate(), await rawCertificate()];
      if (first === "the answer") client.answer(fingerprintOf(announced));
      client.startHandshake(shown);
      if (first === "the handshake") {
        await eventually("the server's part of the handshake", () => client.received.datagrams > 0);
        await client.roundTrip();
        client.answer(fingerprintOf(announced));
      }
      const closed = await eventually("the end", () => client.closed);
      assert.deepEqual(closed, { code: 4490, reason: "BAD-FINGERPRINT" });
    }
  });
});

/** What anybody can send who knows the addresses of both sides: all of it is dropped, and the member goes on. */
const unauthentic: readonly (readonly [
  name: string,
  datagrams: (member: RawClient) => Iterable<Buffer>,
])[] = [
  ["ClientHellos, alerts and other records in plain text", function* () {
    const body = clientHello();
    for (let i = 0; i < 200; i++) {
      for (const sequence of [0, 1, i + 2]) {
        yield fragment(i * 10, { type: HELLO, length: body.length, sequence, body });
      }
    }
    for (let i = 0; i < 20; i++) {
      for (const alert of ["0100", "0228", "0200", "01", ""]) {
        yield dtlsRecord(ContentType.alert, Buffer.from(alert, "hex"), 10_000 + i);
      }
      yield dtlsRecord(ContentType.changeCipherSpec, Buffer.from([1]), 10_000 + i);
      yield dtlsRecord(ContentType.applicationData, Buffer.from("in plain text"), 10_000 + i);
      yield dtlsRecord(ContentType.handshake, randomBytes(32), 10_000 + i);
    }
  }],
  ["records of wrong epochs, broken ones and repeated ones", function* (member) {
    for (const epoch of [0, 2, 3, 0x7fff, 0xffff]) {
      for (let i = 0; i < 40; i++) {
        yield member.record(ContentType.applicationData, Buffer.from("another epoch"), i, epoch);
        yield dtlsRecord(ContentType.handshake, randomBytes(40), i, epoch);
      }
    }
    const record = member.record(ContentType.applicationData, Buffer.alloc(12));
    for (let i = 0; i < 200; i++) yield record;
    for (let i = 0; i < 100; i++) {
      const broken = member.record(ContentType.applicationData, randomBytes(40));
      broken[13 + i % (broken.length - 13)]! ^= 1 << i % 8;
      yield broken;
    }
    for (let bytes = 0; bytes < 32; bytes++) {
      for (const type of Object.values(ContentType)) {
        yield dtlsRecord(type, randomBytes(bytes), 5_000 + bytes, 1);
      }
    }
  }],
];

for (const [name, attack] of unauthentic) {
  test(`somebody sends ${name} in a member's name`, LIMIT, async () => {
    await shared.use(async (arena) => {
      await arena.survives(async () => {
        await using member = await RawClient.associated(arena.url, messaging);
        await flood(member, attack(member));
        await assertAlive(member);
      });
    });
  });
}

/** A member's own records that make no sense: it goes on as it was, or its connection is over. */
const senseless: readonly (readonly [
  name: string,
  datagrams: (member: RawClient) => Iterable<Buffer>,
])[] = [
  ["asks for renegotiation", function* (member) {
    const body = clientHello();
    for (let i = 0; i < 50; i++) {
      const hello = handshakeFragment({ type: HELLO, length: body.length, sequence: i % 4, body });
      yield member.record(ContentType.handshake, hello);
    }
  }],
  ["sends encrypted records of no known type", function* (member) {
    for (const type of [0, 19, 24, 25, 63]) yield member.record(type, randomBytes(20));
  }],
  ["sends encrypted alerts and changes of cipher", function* (member) {
    for (const content of ["", "01", "0164", "0163"]) {
      yield member.record(ContentType.alert, Buffer.from(content, "hex"));
      yield member.record(ContentType.changeCipherSpec, Buffer.from(content, "hex"));
    }
  }],
];

for (const [name, attack] of senseless) {
  test(`a member ${name}`, LIMIT, async () => {
    await shared.use(async (arena) => {
      await arena.survives(async () => {
        await using member = await RawClient.associated(arena.url, messaging);
        await flood(member, attack(member));
        await assertAliveOrEnded(member);
      });
    });
  });
}
