/** A UDP port of the server over a native library that is none: what crosses, in how many calls, and what comes back. */

import { Buffer } from "node:buffer";
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { EventType, Media } from "../../ffi/mod.ts";
import type { Transport } from "../../sfu/transport/transport.ts";
import { until } from "../support/sfu_client.ts";
import {
  FIRST_TRANSPORT,
  forward,
  record,
  RTCP,
  rtp,
  udpPortScene,
} from "../support/udp_port_scene.ts";

test("UdpPort: what one read brings goes out in one call, each packet once for all", () => {
  const { open, receive, sends } = udpPortScene();
  const targets: Transport[] = [];
  const arrived: number[] = [];
  open({
    onRtp: (packet) => {
      arrived.push(packet.arrivedMs);
      for (const target of targets) forward(target, packet);
    },
  });
  targets.push(open(), open());
  receive(Buffer.concat([
    record(FIRST_TRANSPORT, rtp(5), 0, 1.5),
    record(FIRST_TRANSPORT, rtp(6, 21), 0, 2.5),
  ]));
  const twice = [1, 5, 3, (17 << 16) | Media.AUDIO];
  assert.deepEqual(sends, [[
    ...[16, 20, 2, FIRST_TRANSPORT + 1, ...twice, FIRST_TRANSPORT + 2, ...twice],
    ...[16 + 24 + 16, 21, 2],
    ...[
      FIRST_TRANSPORT + 1,
      1,
      6,
      3,
      (17 << 16) | Media.AUDIO,
      FIRST_TRANSPORT + 2,
      1,
      6,
      3,
      (17 << 16) | Media.AUDIO,
    ],
  ]]);
  assert.deepEqual(arrived, [1.5, 2.5]);
});

test("UdpPort: more targets than one call takes are sent in several, and none is lost", () => {
  const { open, receive, sends } = udpPortScene();
  const targets: Transport[] = [];
  open({
    onRtp: (packet) => {
      for (let i = 0; i < 1000; i++) for (const target of targets) forward(target, packet);
    },
  });
  targets.push(open(), open(), open(), open());
  receive(record(FIRST_TRANSPORT, rtp(5)));
  assert.equal(sends.length, 2);
  assert.ok(sends.every((commands) => commands.length <= 16 * 1024));
  assert.deepEqual(sends.map(([offset, size, count]) => [offset, size, count! > 0]), [
    [16, 20, true],
    [16, 20, true],
  ]);
  assert.equal(sends.reduce((sum, [, , count]) => sum + count!, 0), 4000);
});

test("UdpPort: RTCP goes out with RTP, and outside of a read at the end of the turn", async () => {
  const { open, receive, sends, memory, told } = udpPortScene();
  const transport = open({ onRtcp: (packet) => transport.sendRtcp(Buffer.from(packet)) });
  receive(record(FIRST_TRANSPORT, Buffer.from("81c9000100000001", "hex"), RTCP));
  const own = memory.incoming.length;
  assert.deepEqual(sends, [[own, (8 | RTCP) >>> 0, 1, FIRST_TRANSPORT, 0, 0, 0, 0]]);
  sends.length = 0;
  transport.sendRtcp(new Uint8Array(8));
  transport.sendRtcp(new Uint8Array(12));
  assert.equal(sends.length, 0);
  await Promise.resolve();
  assert.deepEqual(sends.map((commands) => commands.filter((_, i) => i % 8 < 2)), [
    [own, (8 | RTCP) >>> 0, own + 8, (12 | RTCP) >>> 0],
  ]);
  assert.deepEqual(told, ["connected"]);
});

test("UdpPort: packets that are malformed, too large or nobody's change nothing and are counted", () => {
  const { port, open, receive, sends, told } = udpPortScene();
  const transport = open({
    onRtp: ({ offset }) => {
      assert.equal(transport.sendRtp(offset, 2017, 1, 2, 3, 0, "video"), false);
    },
  });
  const before = port.drops;
  receive(Buffer.concat([
    record(FIRST_TRANSPORT, Buffer.from("400000000000000000000000", "hex")),
    record(999, rtp(1)),
    record(FIRST_TRANSPORT, rtp(1)),
  ]));
  assert.deepEqual(sends, []);
  assert.deepEqual(told, ["connected"]);
  assert.equal(port.drops - before, 1);
  // 1 + 2 + 4 + 8 + 16, 32 and 64 of the figures; 5 are messages.
  assert.equal(transport.drops, 127 + 1);
  assert.equal(transport.droppedMessages, 5);
});

test("UdpPort: a handler that throws ends its own transport, and the others go on", () => {
  const { open, receive, push, told } = udpPortScene();
  const fail = () => {
    throw new Error("oops");
  };
  open({ onRtp: fail, onEnd: (reason) => void told.push(reason) });
  open({ onAssociation: fail, onEnd: (reason) => void told.push(reason) });
  open();
  told.length = 0;
  receive(Buffer.concat([0, 0, 2].map((n) => record(FIRST_TRANSPORT + n, rtp(1)))));
  push(EventType.ASSOCIATION, FIRST_TRANSPORT + 1);
  assert.deepEqual(told, [
    "A packet could not be handled: Error: oops",
    "rtp",
    "An event could not be handled: Error: oops",
  ]);
});

test("UdpPort: media that comes faster than it is handled lets other tasks run", async () => {
  const { open, receive } = udpPortScene();
  let packets = 0;
  open({ onRtp: () => void packets++ });
  receive(...Array.from({ length: 100 }, (_, n) => record(FIRST_TRANSPORT, rtp(n))));
  assert.ok(packets > 0 && packets < 100, `${packets}`);
  await until("all", () => packets === 100);
});
