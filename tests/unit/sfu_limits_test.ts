/** The limits on what one connection sends: signaling messages, and media by its bit rate. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { Allowance } from "../../sfu/allowance.ts";
import { Publisher } from "../../sfu/media/publisher.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { CodecTable } from "../../sfu/sdp/codecs.ts";
import { FakeTransport, received } from "../support/fake_transport.ts";
import { TestClient, until } from "../support/sfu_client.ts";

test("Allowance gives a second's worth at once, and then so much a second", () => {
  const allowance = new Allowance(10, 1_000);
  const taken = (nowMs: number) => {
    let count = 0;
    while (allowance.take(1, nowMs)) count++;
    return count;
  };
  assert.equal(taken(1_000), 10);
  assert.equal(taken(1_000), 0);
  assert.equal(taken(1_500), 5);
  assert.equal(taken(60_000), 10, "a pause gives no more than a second's worth");
  assert.equal(allowance.take(11, 120_000), false, "more than there can ever be");
  assert.equal(allowance.take(10, 120_000), true);
});

test("SoraServer: a client that sends too many messages is refused, and nobody else", async () => {
  await using server = await SoraServer.start({ maxSignalingRate: 20 });
  const connect = { role: "recvonly", channel_id: "rate" };
  const bystander = await TestClient.join(server.url, connect);
  const flood = await TestClient.join(server.url, connect);
  for (let i = 0; i < 100; i++) flood.send({ type: "pong" });
  await until("the refusal", () => flood.closed !== undefined);
  assert.deepEqual(flood.closed, { code: 4490, reason: "TOO-MANY-MESSAGES" });
  assert.deepEqual(server.stats().refusals, { "TOO-MANY-MESSAGES": 1 });
  await until("one is left", () => server.connections().length === 1);
  assert.equal(bystander.closed, undefined);
  await bystander.disconnect();
});

test("Publisher: media beyond the bit rate is neither forwarded nor acknowledged, but counted", () => {
  const transport = new FakeTransport();
  const codecs = new CodecTable();
  const publisher = new Publisher(transport, "A", 80_000);
  publisher.setSections([{
    kind: "video",
    mid: "v",
    rejected: false,
    direction: "sendonly",
    payloadTypes: [96, 97],
    streams: [{ ssrc: 1, rtxSsrc: 2 }],
  }], () => codecs.video("VP8", "")!);
  const layer = publisher.tracks[0]!.layers[0]!;
  // Whole, so that no rounding decides about a packet.
  const nowMs = Math.ceil(performance.now());
  const send = (sequenceNumber: number, atMs: number) => {
    const packet = Buffer.alloc(1_000);
    packet[0] = 0x80;
    packet[1] = 96;
    packet.writeUInt16BE(sequenceNumber, 2);
    packet.writeUInt32BE(1, 8);
    const parsed = received(packet);
    parsed.nowMs = parsed.arrivedMs = nowMs + atMs;
    publisher.onRtp(parsed);
  };
  // 10,000 bytes a second: ten packets at once, and then one each 100 ms.
  for (let i = 0; i < 25; i++) send(i, 0);
  assert.deepEqual([layer.packets, publisher.limitedPackets], [10, 15]);
  for (let i = 0; i < 10; i++) send(25 + i, 500);
  assert.deepEqual([layer.packets, publisher.limitedPackets], [15, 20]);
});
