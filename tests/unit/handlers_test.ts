import assert from "node:assert/strict";
import { test } from "node:test";
import { callGuarded, callHandler } from "../../base/handlers.ts";
import { eventually, pause } from "../support/eventually.ts";
import { failures, withConsole } from "../support/failing_handlers.ts";

for (const [name, fail] of Object.entries(failures)) {
  test(`callHandler reports once a handler that ${name}`, async () => {
    const error = new Error("of the handler");
    const reported: unknown[] = [];
    callHandler({ onError: (e) => void reported.push(e) }, () => fail(error));
    await eventually("the report", () => reported.length > 0);
    // It may not come twice.
    await pause(5);
    assert.deepEqual(reported, [error]);
  });

  test(`callHandler writes once to the console when onError itself ${name}`, async () => {
    const error = new Error("of onError");
    const printed = await withConsole(
      () => callHandler({ onError: () => fail(error) }, () => failures["throws"]!(new Error())),
      1,
    );
    assert.deepEqual(printed, [error]);
  });
}

test("callHandler writes to the console without onError", async () => {
  const [thrown, rejected] = [new Error("thrown"), new Error("rejected")];
  const printed = await withConsole(() => {
    callHandler({ onError: undefined }, () => failures["throws"]!(thrown));
    callHandler({}, () => Promise.reject(rejected));
  }, 2);
  assert.deepEqual(printed, [thrown, rejected]);
});

test("callHandler reports what is no function, and does nothing without a handler", () => {
  const reported: unknown[] = [];
  const owner = { onError: (error: unknown) => reported.push(error) };
  callHandler(owner, undefined);
  callHandler(owner, null as unknown as undefined);
  callHandler(owner, "text" as unknown as undefined);
  assert.deepEqual(reported.map(String), [
    "TypeError: A handler must be a function or undefined, not null",
    "TypeError: A handler must be a function or undefined, not a string",
  ]);
});

test("callHandler passes the arguments and the owner", () => {
  const owner = { onError: undefined };
  let got: unknown[] = [];
  callHandler(
    owner,
    function (this: unknown, ...args: number[]) {
      got = [this, ...args];
    },
    1,
    2,
  );
  assert.deepEqual(got, [owner, 1, 2]);
});

test("callGuarded returns what the function returned, and reports the arguments when it fails", async () => {
  const reported: unknown[] = [];
  const failed = (...args: unknown[]) => void reported.push(args);
  const error = new Error("of the function");
  const owner = {};
  assert.equal(callGuarded(owner, (a: number, b: number) => a + b, [1, 2], failed), 3);
  assert.equal(
    callGuarded(owner, (_: number) => failures["throws"]!(error), [3], failed),
    undefined,
  );
  const promise = Promise.reject(error);
  assert.equal(callGuarded(owner, (_: number) => promise, [4], failed), promise);
  await eventually("the rejection", () => reported.length === 2);
  assert.deepEqual(reported, [[owner, error, [3]], [owner, error, [4]]]);
});
