/** Members that come and go at random: places are used again, media goes on, nothing is left behind. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { seededRandom } from "../../base/random.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { describeSockets, openSockets, startSignalThread } from "../support/resources.ts";
import { TestClient, until } from "../support/sfu_client.ts";

const MEMBERS = 20;
const AT_A_TIME = 5;
const SEED = 20_261_126;

test(`SoraServer: ${MEMBERS} members come and go at random (seed ${SEED})`, {
  timeout: 120_000,
}, async () => {
  startSignalThread();
  const before = new Set(openSockets());
  const random = seededRandom(SEED);
  const server = await SoraServer.start();
  const connect = { role: "sendrecv", channel_id: "c", video: { codec_type: "VP8" } };
  const [a, b] = await Promise.all([1, 2].map(() => TestClient.join(server.url, connect)));
  let round = 0;
  /** Media of the two that stay arrives, with this round's text. */
  const exchange = async () => {
    const text = `round ${++round}`;
    const got = (client: TestClient, from: TestClient) =>
      client.packets.some(({ streamId, payload }) =>
        streamId === from.id && payload.toString() === text
      );
    await until(text, () => {
      for (const client of [a!, b!]) client.sendRtp("video", Buffer.from(text));
      return got(a!, b!) && got(b!, a!);
    }, 20_000);
    for (const client of [a!, b!]) client.packets.length = 0;
  };
  const present: TestClient[] = [];
  const leaving: Promise<void>[] = [];
  for (let joined = 0; joined < MEMBERS || present.length > 0;) {
    const joins = joined < MEMBERS && present.length < AT_A_TIME &&
      (present.length === 0 || random() < 0.6);
    if (joins) {
      const member = await TestClient.open(server.url, connect);
      joined++;
      // Some are established before the next step, some leave in the middle of it.
      if (random() < 0.5) await until("created", () => member.created !== undefined, 20_000);
      present.push(member);
    } else {
      const [member] = present.splice(Math.floor(random() * present.length), 1);
      leaving.push(random() < 0.7 ? member!.disconnect() : member!.cut());
    }
    if (random() < 0.3) await exchange();
  }
  await Promise.all(leaving);
  await until("the others are gone", () => {
    const { connections, pendingConnections } = server.stats();
    return connections === 2 && pendingConnections === 0;
  }, 20_000);
  await exchange();
  for (const client of [a!, b!]) {
    const offers = client.messages.filter(({ type }) => type === "re-offer" || type === "offer");
    const sections = String(offers.at(-1)!.sdp).match(/^m=/gm)!.length;
    const most = 2 * (1 + 1 + AT_A_TIME);
    // A place is free only when the client has answered that its member left, so some are in use twice.
    assert.ok(sections <= 2 * most, `${sections} sections for at most ${most} at a time`);
    assert.equal(client.closed, undefined);
  }
  await a!.disconnect();
  await b!.disconnect();
  await until("nobody is left", () => server.stats().channels === 0);
  assert.deepEqual(server.stats().refusals, {});
  await server.close();
  const left = () => openSockets().filter((socket) => !before.has(socket));
  await until("all sockets are closed", () => left().length === 0, 20_000).catch((cause) => {
    throw new Error(`open: ${describeSockets(left())}`, { cause });
  });
});
