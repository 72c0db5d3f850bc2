import assert from "node:assert/strict";
import { test } from "node:test";
import { dispatch, type SignalingHandlers } from "../../signaling/handlers.ts";
import { settle } from "../support/signaling_fakes.ts";
import { Scene } from "../support/signaling_scene.ts";

const events = [
  "onSetOffer",
  "onNotify",
  "onPush",
  "onSwitched",
  "onSignalingMessage",
  "onWsClose",
  "onDisconnect",
  "onDataChannel",
  "onMessage",
  "onRpc",
] as const;

/** Makes every event happen at least once. */
async function wholeLife(scene: Scene): Promise<void> {
  await scene.switched(true, [{ label: "#chat", direction: "sendrecv", compress: false }]);
  await scene.peer.receiveData("push", { type: "push", data: 1 });
  await scene.peer.receiveData("#chat", "hello");
  await scene.peer.receiveData("rpc", "hello");
  await scene.socket.end({ code: 1000, reason: "" });
  const done = scene.session.disconnect();
  for (const label of [...scene.peer.openLabels]) await scene.peer.closeChannel(label);
  await done;
}

for (const event of events) {
  for (const kind of ["throws", "rejects"] as const) {
    test(`${event} that ${kind} is reported once each time to onError, and all goes on`, async () => {
      const expected = new Scene();
      await wholeLife(expected);
      const scene = new Scene();
      const record = scene.handlers[event] as (...args: unknown[]) => unknown;
      const failures: Error[] = [];
      scene.handlers[event] = (...args: unknown[]) => {
        record(...args);
        const error = new Error(`${event} ${kind}`);
        failures.push(error);
        if (kind === "throws") throw error;
        return Promise.reject(error);
      };
      await wholeLife(scene);
      await settle();
      assert.ok(failures.length > 0);
      assert.deepEqual(scene.errors, failures);
      assert.deepEqual(scene.events.map(([name]) => name), expected.events.map(([name]) => name));
    });
  }
}

test("handlers are looked up when their event happens", async () => {
  const scene = new Scene();
  await scene.connected();
  const seen: unknown[] = [];
  scene.handlers.onPush = (message) => void seen.push(message.data);
  await scene.socket.receive({ type: "push", data: 1 });
  delete scene.handlers.onPush;
  await scene.socket.receive({ type: "push", data: 2 });
  assert.deepEqual(seen, [1]);
});

/** What `console.error` is called with meanwhile. */
async function withConsole(act: () => void): Promise<unknown[]> {
  const printed: unknown[] = [];
  const original = console.error;
  console.error = (...args: unknown[]) => void printed.push(...args);
  try {
    act();
    await settle();
  } finally {
    console.error = original;
  }
  return printed;
}

test("without onError, what handlers throw is printed", async () => {
  const [thrown, rejected] = [new Error("thrown"), new Error("rejected")];
  const printed = await withConsole(() => {
    const throwing = (): never => {
      throw thrown;
    };
    dispatch({ onDataChannel: throwing }, "onDataChannel", "#a");
    dispatch({ onDataChannel: () => Promise.reject(rejected) }, "onDataChannel", "#a");
  });
  assert.deepEqual(printed, [thrown, rejected]);
});

test("what onError itself throws is printed", async () => {
  const [first, second, third] = [new Error("first"), new Error("second"), new Error("third")];
  const throwing = (error: Error) => (): never => {
    throw error;
  };
  const handlers: SignalingHandlers = { onDataChannel: throwing(first), onError: throwing(second) };
  const printed = await withConsole(() => {
    dispatch(handlers, "onDataChannel", "#a");
    dispatch({ ...handlers, onError: () => Promise.reject(third) }, "onDataChannel", "#a");
  });
  assert.deepEqual(printed, [second, third]);
});

test("a handler may return a thenable of its own kind", async () => {
  const error = new Error("thenable");
  const errors: unknown[] = [];
  const thenable = { then: (_: unknown, reject: (error: unknown) => void) => reject(error) };
  const handlers: SignalingHandlers = {
    onDataChannel: () => thenable,
    onError: (error) => void errors.push(error),
  };
  dispatch(handlers, "onDataChannel", "#a");
  await settle();
  assert.deepEqual(errors, [error]);
});
