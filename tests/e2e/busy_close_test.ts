/** Connections end while the thread is too busy to read what the server answers. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Child } from "../support/child.ts";
import { MediaClient } from "../support/media_client.ts";

/** How long everything waits for the server; the thread is busy for longer, and then has four fifths of it left. */
const WAIT_MS = 500;
const BUSY_MS = 600;

test("disconnect() takes an answer that came in time, though the thread was busy until after it", async () => {
  await using server = new Child(new URL("../../cli/mod.ts", import.meta.url), [
    ...["server", "--port", "0", "--log", "off"],
  ]);
  const { url } = JSON.parse(await server.line("")) as { url: string };
  const transports = [
    {},
    { dataChannelSignaling: true },
    { dataChannelSignaling: true, ignoreDisconnectWebSocket: true },
  ];
  const clients = transports.map((transport) =>
    new MediaClient({
      signalingUrls: [url],
      channelId: "busy",
      role: "sendrecv",
      webSocketCloseTimeoutMs: WAIT_MS,
      disconnectWaitTimeoutMs: WAIT_MS,
      ...transport,
    })
  );
  await using all = new AsyncDisposableStack();
  for (const client of clients) all.use(client);
  await Promise.all(clients.map((client) => client.connect()));
  const ends = clients.map((client) => client.disconnect());
  const end = performance.now() + BUSY_MS;
  while (performance.now() < end);
  await Promise.all(ends);
  assert.deepEqual(
    clients.map(({ disconnects }) => disconnects.map(([code]) => code)),
    transports.map(() => ["CLOSE_SUCCEEDED"]),
  );
  for (const { errors } of clients) assert.deepEqual(errors, []);
});
