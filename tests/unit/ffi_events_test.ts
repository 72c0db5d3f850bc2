import assert from "node:assert/strict";
import { test } from "node:test";
import { pollingWaker } from "../../ffi/bun.ts";
import { EventType, Result } from "../../ffi/constants.ts";
import { EventPump } from "../../ffi/events.ts";
import { SoraError } from "../../base/errors.ts";
import { eventually, pause } from "../support/eventually.ts";
import { FakeNative, requestPayload } from "../support/fake_native.ts";

function pumpOf(native: FakeNative): { pump: EventPump; reported: unknown[] } {
  const reported: unknown[] = [];
  return { pump: new EventPump(native.binding(), (error) => reported.push(error)), reported };
}

const bytes = (length: number) => Uint8Array.from({ length }, (_, i) => i);

test("EventPump hands each record to the listener of its handle, in order", () => {
  const native = new FakeNative();
  const { pump } = pumpOf(native);
  const seen: unknown[] = [];
  pump.listen(7, (type, argument, payload, flags) => {
    seen.push([7, type, argument, [...payload], flags]);
  });
  pump.listen(8, (type) => seen.push([8, type]));
  native.push(
    { type: EventType.MESSAGE, handle: 7, argument: 3, flags: 1, payload: bytes(5) },
    { type: EventType.READABLE, handle: 8 },
    { type: EventType.ENDED, handle: 9 },
    { type: EventType.PEER_STATE, handle: 7, argument: 0xffff_fffe },
  );
  assert.deepEqual(seen, [
    [7, EventType.MESSAGE, 3, [0, 1, 2, 3, 4], 1],
    [8, EventType.READABLE],
    [7, EventType.PEER_STATE, 0xffff_fffe, [], 0],
  ]);
});

test("EventPump takes a record that is larger than its buffer", () => {
  const native = new FakeNative();
  const { pump } = pumpOf(native);
  let length = 0;
  pump.listen(7, (_type, _argument, payload) => length = payload.byteLength);
  native.push({ type: EventType.MESSAGE, handle: 7, payload: new Uint8Array(1_000_001) });
  assert.equal(length, 1_000_001);
  assert.equal(native.waiting, 0);
});

test("EventPump drains a flood without keeping other tasks from running", async () => {
  const native = new FakeNative();
  const { pump } = pumpOf(native);
  const total = 200;
  let count = 0;
  let ranBetween = -1;
  setTimeout(() => ranBetween = count, 0);
  pump.listen(7, () => count++);
  const record = { type: EventType.MESSAGE, handle: 7, payload: new Uint8Array(40_000) };
  native.push(...Array.from({ length: total }, () => record));
  await eventually("the last record", () => count === total);
  assert.ok(ranBetween > 0 && ranBetween < total, `another task ran after ${ranBetween} records`);
});

test("EventPump reports what a listener throws and goes on", () => {
  const native = new FakeNative();
  const { pump, reported } = pumpOf(native);
  const error = new Error("thrown by a listener");
  let second = false;
  pump.listen(7, () => {
    throw error;
  });
  pump.listen(8, () => second = true);
  native.push({ type: EventType.ENDED, handle: 7 }, { type: EventType.ENDED, handle: 8 });
  assert.deepEqual(reported, [error]);
  assert.ok(second);
});

test("EventPump drops the events of a handle after unlisten", () => {
  const native = new FakeNative();
  const { pump } = pumpOf(native);
  let count = 0;
  pump.listen(7, () => {
    count++;
    pump.unlisten(7);
  });
  native.push({ type: EventType.ENDED, handle: 7 }, { type: EventType.ENDED, handle: 7 });
  assert.equal(count, 1);
});

test("EventPump.request resolves with the text and rejects with the native error", async () => {
  const native = new FakeNative();
  const { pump } = pumpOf(native);
  const numbers: number[] = [];
  const request = () => pump.request((number) => (numbers.push(number), Result.OK));
  const [first, second] = [request(), request()];
  const done = (argument: number, payload: Uint8Array) =>
    native.push({ type: EventType.REQUEST_DONE, handle: 5, argument, payload });
  done(numbers[1] ?? 0, requestPayload(Result.ERROR_CLOSED, "the peer was closed"));
  done(numbers[0] ?? 0, requestPayload(Result.OK, "v=0 ü"));
  assert.equal(await first, "v=0 ü");
  await assert.rejects(second, (error) => {
    assert.ok(error instanceof SoraError);
    assert.equal(error.code, "CLOSED");
    assert.equal(error.message, "the peer was closed");
    return true;
  });
});

test("EventPump.request rejects at once when the native call fails", async () => {
  const native = new FakeNative();
  native.error = "the handle is stale";
  const { pump } = pumpOf(native);
  await assert.rejects(pump.request(() => Result.ERROR_INVALID_HANDLE), {
    code: "NATIVE_ERROR",
    message: "the handle is stale",
    cause: "SORA_ERROR_INVALID_HANDLE",
  });
});

test("EventPump ignores the result of a request that it does not know", () => {
  const native = new FakeNative();
  const { reported } = pumpOf(native);
  const payload = requestPayload(Result.OK, "");
  native.push({ type: EventType.REQUEST_DONE, handle: 5, argument: 99, payload });
  assert.deepEqual(reported, []);
});

test("EventPump holds the process from the first hold to the last release", () => {
  const native = new FakeNative();
  const { pump } = pumpOf(native);
  assert.equal(native.held, false);
  pump.hold();
  pump.hold();
  pump.release();
  assert.equal(native.held, true);
  pump.release();
  assert.equal(native.held, false);
});

test("EventPump.release resolves when the waker has stopped and the rest of a flood is drained", async () => {
  const native = new FakeNative();
  const { pump } = pumpOf(native);
  const { promise, resolve } = Promise.withResolvers<void>();
  native.stopped = promise;
  let count = 0;
  let released = false;
  pump.hold();
  pump.listen(7, () => count++);
  const record = { type: EventType.MESSAGE, handle: 7, payload: new Uint8Array(40_000) };
  native.push(...Array.from({ length: 40 }, () => record));
  const releasing = pump.release().then(() => released = true);
  await eventually("the last record", () => count === 40);
  assert.equal(released, false, "the waker still runs");
  resolve();
  await releasing;
  assert.equal(native.waiting, 0);

  native.push(...Array.from({ length: 40 }, () => record));
  assert.ok(count < 80, "the flood is drained in turns");
  pump.hold();
  await pump.release();
  assert.equal(count, 80);
});

test("EventPump.release waits for nothing while another hold is there", async () => {
  const native = new FakeNative();
  const { pump } = pumpOf(native);
  native.stopped = new Promise(() => {});
  pump.hold();
  pump.hold();
  await pump.release();
  assert.equal(native.held, true);
});

test("EventPump.settled waits for a waker that an earlier release stopped", async () => {
  const native = new FakeNative();
  const { pump } = pumpOf(native);
  const { promise, resolve } = Promise.withResolvers<void>();
  native.stopped = promise;
  await pump.settled();
  pump.hold();
  void pump.release();
  let settled = false;
  const settling = pump.settled().then(() => settled = true);
  await new Promise((resolve) => setTimeout(resolve));
  assert.equal(settled, false);
  resolve();
  await settling;
});

test("EventPump.flush drains before the next timer", async () => {
  const native = new FakeNative();
  const { pump } = pumpOf(native);
  let count = 0;
  pump.listen(7, () => count++);
  native.add({ type: EventType.LOG, handle: 7 });
  pump.flush();
  pump.flush();
  await Promise.resolve();
  assert.equal(count, 1);
});

test("pollingWaker polls less often while there is nothing, and at once as often when there is", async () => {
  let polls = 0;
  let anything = false;
  const waker = pollingWaker(() => {
    polls++;
    return anything;
  });
  waker.start();
  await eventually("a poll", () => polls > 0);
  // Time is the subject: 500 polls without pauses, and a busy machine makes them fewer.
  await pause(1_000);
  assert.ok(polls <= 250, `${polls} polls in a second`);
  anything = true;
  await eventually("polls", () => polls > 300);
  await waker.stop();
});

test("pollingWaker can be stopped by what it drains, and started again", async () => {
  let polls = 0;
  const waker = pollingWaker(() => {
    polls++;
    void waker.stop();
    return true;
  });
  waker.start();
  await eventually("a poll", () => polls === 1);
  // Nothing happens meanwhile.
  await pause(30);
  assert.equal(polls, 1);
  waker.start();
  waker.start();
  await eventually("another poll", () => polls === 2);
  await waker.stop();
});
