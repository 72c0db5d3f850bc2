import assert from "node:assert/strict";
import { test } from "node:test";
import { afterListening, type Clock } from "../../base/clock.ts";

/** A clock on which each timer fires when it is told to, however late that is. */
class LateClock implements Clock {
  readonly timers: { readonly ms: number; readonly callback: () => void }[] = [];

  now(): number {
    throw new Error("the time must not matter");
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { ms, callback };
    this.timers.push(timer);
    return () => {
      const index = this.timers.indexOf(timer);
      if (index >= 0) this.timers.splice(index, 1);
    };
  }

  /** One turn of the event loop: whatever is due fires. */
  turn(): void {
    for (const { callback } of this.timers.splice(0)) callback();
  }
}

test("afterListening counts 100 ms of a turn at most, however long it was", () => {
  const clock = new LateClock();
  let calls = 0;
  afterListening(clock, 250, () => calls++);
  for (const ms of [100, 100, 50]) {
    assert.equal(calls, 0);
    assert.deepEqual(clock.timers.map((timer) => timer.ms), [ms]);
    clock.turn();
  }
  assert.equal(calls, 1);
  assert.equal(clock.timers.length, 0);
});

test("afterListening calls back after a turn when there is no time at all", () => {
  const clock = new LateClock();
  let calls = 0;
  afterListening(clock, 0, () => calls++);
  assert.equal(calls, 0);
  clock.turn();
  assert.equal(calls, 1);
});

test("afterListening is canceled at any time, and any number of times", () => {
  const clock = new LateClock();
  let calls = 0;
  for (const turns of [0, 1, 2, 3]) {
    const cancel = afterListening(clock, 250, () => calls++);
    for (let turn = 0; turn < turns; turn++) clock.turn();
    cancel();
    cancel();
    assert.equal(clock.timers.length, 0);
  }
  assert.equal(calls, 1, "only the one that was canceled after its end");
});
