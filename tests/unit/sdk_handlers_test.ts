import assert from "node:assert/strict";
import { test } from "node:test";
import { callHandler } from "../../sdk/handlers.ts";
import { eventually } from "../support/eventually.ts";

test("callHandler reports once what a handler throws", () => {
  const error = new Error("thrown");
  const reported: unknown[] = [];
  callHandler({ onError: (e) => reported.push(e) }, () => {
    throw error;
  });
  assert.deepEqual(reported, [error]);
});

test("callHandler reports once what an async handler rejects with", async () => {
  const error = new Error("rejected");
  const reported: unknown[] = [];
  callHandler({ onError: (e) => reported.push(e) }, () => Promise.reject(error));
  await eventually("the report", () => reported.length > 0);
  assert.deepEqual(reported, [error]);
});

test("callHandler writes to the console without onError, or when onError fails itself", async () => {
  const written: unknown[] = [];
  const original = console.error;
  console.error = (error: unknown) => written.push(error);
  try {
    const [first, second, third] = [new Error("1"), new Error("2"), new Error("3")];
    const fail = () => {
      throw new Error("of the handler");
    };
    callHandler({ onError: undefined }, () => {
      throw first;
    });
    callHandler({
      onError: () => {
        throw second;
      },
    }, fail);
    callHandler({ onError: () => Promise.reject(third) }, fail);
    await eventually("the third error", () => written.length === 3);
    assert.deepEqual(written, [first, second, third]);
  } finally {
    console.error = original;
  }
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
