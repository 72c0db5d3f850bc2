/**
 * The expected end of a connection: the calls of `onWsClose` and `onDisconnect`, in order.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { RecordingClient } from "./recording_client.ts";

/** The text that stands for a closing handshake in order. */
export const GRACEFUL = "The WebSocket stream was gracefully closed at both endpoints";

/** A handler's name and its arguments; a pattern stands for a text that the runtime words. */
export type Expected = readonly [string, ...(string | number | RegExp)[]];

/** A call of `onWsClose`. */
export const close = (code: number, reason: string): Expected => ["onWsClose", code, reason];
/** A call of `onDisconnect`. */
export const end = (code: string, text: string | RegExp): Expected => ["onDisconnect", code, text];

function assertEnds(client: RecordingClient, expected: readonly Expected[]): void {
  const ends = client.ends;
  assert.equal(ends.length, expected.length, JSON.stringify(ends));
  for (const [index, call] of expected.entries()) {
    for (const [at, wanted] of call.entries()) {
      const got = ends[index]![at];
      if (wanted instanceof RegExp) assert.match(String(got), wanted);
      else assert.equal(got, wanted);
    }
  }
  assert.equal(client.order.at(-1), "onDisconnect");
  assert.equal(client.connection.state, "disconnected");
}

/** Waits for the end, and proves that nothing is called after `onDisconnect`. */
export async function assertOver(
  client: RecordingClient,
  expected: readonly Expected[],
): Promise<void> {
  await client.ended();
  await client.connection.disconnect();
  assertEnds(client, expected);
  const { length } = client.order;
  await client[Symbol.asyncDispose]();
  assert.equal(client.order.length, length);
}
