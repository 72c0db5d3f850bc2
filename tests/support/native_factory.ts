/**
 * A native factory for the tests of one file, closed after the last.
 *
 * @module
 */

import assert from "node:assert/strict";
import { after } from "node:test";
import { EventType, Result } from "../../ffi/constants.ts";
import { openRealm } from "../../ffi/realm.ts";
import { eventually } from "./eventually.ts";

/** The native functions and events. */
export const { functions, events } = openRealm();

/** The place for a handle that a native function returns. */
export const out = new Uint32Array(1);

events.hold();
assert.equal(functions.sora_factory_create(events.queue, null, 0, out), Result.OK);

/** The handle of the factory. */
export const factory = out[0] ?? 0;

let closed = false;
events.listen(factory, (type) => closed ||= type === EventType.CLOSED);
after(async () => {
  functions.sora_factory_close(factory);
  await eventually("SORA_EVENT_CLOSED", () => closed);
  events.release();
});
