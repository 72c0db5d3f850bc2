/** What gathers packets and messages before they cross to the native library. */

import { strict as assert } from "node:assert";
import { test } from "node:test";
import type { NativeFunctions } from "../../ffi/mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { MessageQueue } from "../../sfu/transport/message_queue.ts";
import { PacketMemory } from "../../sfu/transport/packet_memory.ts";

test("MessageQueue: more messages, or bytes, than one call takes cross in several", () => {
  const calls: [number, number][] = [];
  const functions = {
    sora_transport_send_messages: (
      _transport: number,
      _data: unknown,
      size: number,
      _c: unknown,
      count: number,
    ) => {
      calls.push([count / 5, size]);
      return 0;
    },
  } as unknown as NativeFunctions;
  const queue = new MessageQueue(functions, 1);
  for (let i = 0; i < 2500; i++) queue.add(1, 53, new Uint8Array(10), { ordered: true });
  queue.flush();
  assert.deepEqual(calls, [[1024, 10_240], [1024, 10_240], [452, 4_520]]);
  calls.length = 0;
  for (let i = 0; i < 9; i++) queue.add(1, 53, new Uint8Array(262_144), { ordered: true });
  queue.flush();
  assert.deepEqual(calls, [[4, 4 * 262_144], [4, 4 * 262_144], [1, 262_144]]);
});

test("PacketMemory: what does not fit is written once the rest was sent", () => {
  let sent = 0;
  const memory = new PacketMemory(() => sent++);
  const places = new Set<number>();
  const room = memory.bytes.length - memory.incoming.length;
  for (let i = 0; i < Math.floor(room / 1000); i++) places.add(memory.allocate(1000));
  assert.equal(sent, 0);
  assert.equal(places.size, Math.floor(room / 1000));
  assert.equal(memory.allocate(1000), memory.incoming.length);
  assert.equal(sent, 1);
});

test("SoraServer.start rejects without the native library, and says what to do", async () => {
  await assert.rejects(SoraServer.start({ library: "/nowhere/libsora_ffi.so" }), {
    name: "SoraError",
    code: "LIBRARY_NOT_FOUND",
    message: /\/nowhere\/libsora_ffi\.so[^]*\nGive the path [^]*option library/,
  });
});
