/** The client's machine changes its address while media flows. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Child } from "../support/child.ts";
import { eventually } from "../support/eventually.ts";
import { Namespaces } from "../support/namespaces.ts";

/** 3 s, and what a busy machine adds. */
const SILENCE_MS = 5_000;

const program = new URL("../support/address_program.ts", import.meta.url);

function start(end: { readonly command: readonly string[] }, ...args: readonly string[]): Child {
  return new Child(program, args, undefined, {}, [], end.command);
}

/** How long no frame came, in milliseconds, from now until there are 60 frames more: what was under way is fewer. */
async function longestSilence(child: Child): Promise<number> {
  const before = child.lines.length;
  const silences = () =>
    child.lines.slice(before).filter((line) => line.startsWith("frame "))
      .map((line) => Number(line.slice("frame ".length)));
  await eventually("60 frames", () => silences().length >= 60, 30_000);
  return Math.max(...silences());
}

test("media comes back in the same connection when the client's address changes", {
  timeout: 90_000,
}, async (t) => {
  const namespaces = Namespaces.make();
  if (typeof namespaces === "string") return t.skip(namespaces);
  using _namespaces = namespaces;
  const { server, client } = namespaces;
  await using far = start(server, "server", server.address);
  await using near = start(client, "client", await far.line("url "));
  for (const end of [far, near]) await end.line("frame ");
  await near.line("switched");

  const before = near.lines.length;
  const silences = Promise.all([longestSilence(far), longestSilence(near)]);
  client.move(3);
  for (const ms of await silences) {
    assert.ok(ms < SILENCE_MS, `no frame for ${ms} ms`);
  }
  const since = near.lines.slice(before);
  assert.ok(since.some((line) => /^candidate .* 10\.231\.0\.3 /.test(line)), since.join("\n"));
  assert.deepEqual(since.filter((line) => /connect/.test(line)), []);
});
