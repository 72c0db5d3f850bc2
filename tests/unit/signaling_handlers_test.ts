import assert from "node:assert/strict";
import { test } from "node:test";
import { dispatch, type SignalingHandlers } from "../../signaling/connection/handlers.ts";
import { eventually } from "../support/eventually.ts";
import { failures, withConsole } from "../support/failing_handlers.ts";
import { settle } from "../support/signaling_fakes.ts";
import { EVENTS, Scene } from "../support/signaling_scene.ts";

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

for (const event of EVENTS) {
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

for (const [name, fail] of Object.entries(failures)) {
  test(`a handler that ${name} is reported once to onError`, async () => {
    const error = new Error("of the handler");
    const errors: unknown[] = [];
    const handlers: SignalingHandlers = {
      onDataChannel: () => fail(error),
      onError: (error) => void errors.push(error),
    };
    dispatch(handlers, "onDataChannel", "#a");
    await eventually("the report", () => errors.length > 0);
    await settle();
    assert.deepEqual(errors, [error]);
  });
}

test("without onError, and when onError fails itself, what handlers throw is printed", async () => {
  const [first, second] = [new Error("first"), new Error("second")];
  const throwing = (error: Error) => (): never => {
    throw error;
  };
  const printed = await withConsole(() => {
    dispatch({ onDataChannel: throwing(first) }, "onDataChannel", "#a");
    const handlers = { onDataChannel: throwing(first), onError: throwing(second) };
    dispatch(handlers, "onDataChannel", "#a");
  }, 2);
  assert.deepEqual(printed, [first, second]);
});
