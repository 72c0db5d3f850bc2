import { Buffer } from "node:buffer";
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { Fifo } from "../../sfu/data/fifo.ts";
import { HeldMessages } from "../../sfu/data/held_messages.ts";
import { Outbox } from "../../sfu/data/outbox.ts";

const LIMIT = 65_536;

/** An outbox whose SCTP takes nothing until it is released. */
function blocked() {
  const sent: { streamId: number; text: string; maxPacketLifeTime: number | undefined }[] = [];
  const transport = {
    waitingBytes: Infinity,
    sendMessage(
      streamId: number,
      _protocol: number,
      data: Buffer,
      delivery: { maxPacketLifeTime?: number },
    ) {
      const { maxPacketLifeTime } = delivery;
      sent.push({ streamId, text: data.toString("latin1", 0, 8), maxPacketLifeTime });
    },
  };
  let drained = 0;
  const outbox = new Outbox(transport, LIMIT, () => drained++);
  const message = (text: string, size = text.length, delivery = {}) => {
    const data = Buffer.alloc(size);
    data.write(text);
    return { streamId: 1, payloadProtocol: 53, data, delivery: { ordered: true, ...delivery } };
  };
  return { sent, transport, outbox, message, drained: () => drained };
}

test("Outbox: signaling overtakes messages, and everything is sent once there is room", () => {
  const { sent, transport, outbox, message, drained } = blocked();
  outbox.addMessage(message("first"), 0);
  outbox.addMessage(message("second"), 0);
  assert.equal(outbox.addSignaling({ ...message("signal"), streamId: 3 }), true);
  assert.deepEqual(sent, []);
  transport.waitingBytes = 0;
  outbox.pump();
  assert.deepEqual(sent.map(({ text }) => text), ["signal", "first", "second"]);
  assert.equal(outbox.bytes, 0);
  assert.equal(drained(), 0, "nobody waited for it");
});

test("Outbox: has no room at its limit, drops at twice that, and reports when half has gone", () => {
  const { transport, outbox, message, drained } = blocked();
  assert.equal(outbox.hasRoom(), true);
  for (let n = 0; n < 40; n++) outbox.addMessage(message("x", 4000), 0);
  assert.equal(outbox.hasRoom(), false);
  assert.ok(outbox.dropped > 0);
  assert.ok(outbox.bytes < 2 * LIMIT + 5000, `${outbox.bytes} bytes wait`);
  transport.waitingBytes = 0;
  outbox.pump();
  assert.equal(drained(), 1);
  assert.equal(outbox.bytes, 0);
  // The least messages cost something as well.
  transport.waitingBytes = Infinity;
  for (let n = 0; n < 100_000; n++) outbox.addMessage(message("x"), 0);
  assert.ok(outbox.dropped > 90_000);
});

test("Outbox: signaling that nobody reads is refused at its limit", () => {
  const { outbox, message } = blocked();
  let taken = 0;
  while (taken < 1000 && outbox.addSignaling(message("x", 100_000))) taken++;
  assert.ok(taken > 30 && taken < 60, `${taken} of 100 kB`);
});

test("Outbox: the life time of a message counts from when it was added", () => {
  const { sent, transport, outbox, message } = blocked();
  const now = performance.now();
  outbox.addMessage(message("late", 4, { maxPacketLifeTime: 1000 }), now - 2000);
  outbox.addMessage(message("early", 5, { maxPacketLifeTime: 60_000 }), now - 2000);
  transport.waitingBytes = 0;
  outbox.pump();
  assert.deepEqual(sent.map(({ text }) => text), ["early"]);
  assert.ok(sent[0]!.maxPacketLifeTime! <= 58_000);
  assert.equal(outbox.dropped, 1);
});

test("Outbox.isStuck: only while somebody waits and next to nothing is taken, pauses not counted", () => {
  const { transport, outbox, message } = blocked();
  const stuckAfter = (fromMs: number, ticks: number) => {
    for (let tick = 0; tick < ticks; tick++) {
      if (outbox.isStuck(fromMs + tick * 50, 500)) return tick * 50;
    }
    return undefined;
  };
  for (let n = 0; n < 20; n++) outbox.addMessage(message("x", 4000), 0);
  assert.equal(stuckAfter(0, 100), undefined, "nobody waits");
  outbox.hasRoom();
  assert.equal(stuckAfter(5000, 100), 500);
  // What is read starts the patience anew.
  transport.sendMessage = (_id, _protocol, data) => transport.waitingBytes += data.length;
  transport.waitingBytes = 0;
  outbox.pump();
  transport.waitingBytes = Infinity;
  assert.equal(outbox.full, false);
  for (let n = 0; n < 20; n++) outbox.addMessage(message("x", 4000), 0);
  outbox.hasRoom();
  assert.equal(stuckAfter(10_000, 1), undefined);
  assert.equal(outbox.isStuck(1_000_000, 2000), false, "this process stood still");
});

test("HeldMessages: each label keeps its order, labels that wait do not stop others", () => {
  const held = new HeldMessages();
  for (const [label, text] of [["#a", "1"], ["#b", "2"], ["#a", "3"], ["#b", "4"]] as const) {
    held.add({ label, data: Buffer.from(text), bytes: text.length });
  }
  const take = (...labels: string[]) =>
    held.take((label) => labels.includes(label))?.data.toString();
  assert.equal(take(), undefined);
  assert.deepEqual([take("#b"), held.has("#b"), take("#b"), held.has("#b")], [
    "2",
    true,
    "4",
    false,
  ]);
  assert.deepEqual([take("#a"), take("#a"), take("#a")], ["1", "3", undefined]);
  assert.equal(held.any, false);
});

test("Fifo: gives what was put in, in order, also while it grows", () => {
  const fifo = new Fifo<number>();
  const out: number[] = [];
  for (let n = 0; n < 1000; n++) {
    fifo.push(n);
    if (n % 3 === 0) out.push(fifo.shift()!);
  }
  while (fifo.length > 0) out.push(fifo.shift()!);
  assert.deepEqual(out, [...Array(1000).keys()]);
  assert.equal(fifo.shift(), undefined);
});
