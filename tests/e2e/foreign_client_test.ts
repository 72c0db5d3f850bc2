/**
 * A client that nobody here wrote speaks ICE, DTLS, SCTP and DCEP with the server: werift's, whose messages go to a client of the
 * library and back.
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { SoraServer } from "../../sfu/mod.ts";
import { eventually } from "../support/eventually.ts";
import { RecordingClient } from "../support/recording_client.ts";
import { TestClient } from "../support/sfu_client.ts";

/** Labels with the same settings as `connect` names them and as the library's options do. */
const channels = [
  { label: "#reliable", wire: {}, options: {} },
  { label: "#unordered", wire: { ordered: false }, options: { ordered: false } },
  { label: "#timed", wire: { max_packet_life_time: 5_000 }, options: { maxPacketLifeTime: 5_000 } },
  {
    label: "#counted",
    wire: { ordered: false, max_retransmits: 3 },
    options: { ordered: false, maxRetransmits: 3 },
  },
] as const;

/** Below, at and above what one packet holds, and much of it. */
const sizes = [1, 1_100, 1_200, 20_000, 60_000];

test("a foreign client and one of the library exchange messages of every kind", async () => {
  await using server = await SoraServer.start({ port: 0 });
  const direction = "sendrecv";
  await using own = new RecordingClient({
    signalingUrls: [server.url],
    channelId: "foreign",
    dataChannelSignaling: true,
    dataChannels: channels.map(({ label, options }) => ({ label, direction, ...options })),
  });
  await own.switch(channels.map(({ label }) => label));
  const foreign = await TestClient.join(server.url, {
    role: "sendrecv",
    channel_id: "foreign",
    data_channel_signaling: true,
    data_channels: channels.map(({ label, wire }) => ({ label, direction, ...wire })),
  });
  await eventually(
    "open channels",
    () =>
      channels.every(({ label }) => foreign.channels.get(label)?.readyState === "open") &&
      foreign.messages.some(({ type }) => type === "switched"),
  );
  for (const { label } of channels) {
    for (const size of sizes) {
      const message = randomBytes(size);
      foreign.sendData(label, message);
      await eventually(
        `${size} bytes on ${label} from the foreign client`,
        () =>
          own.of("onMessage").some(([to, data]) =>
            to === label && message.equals(Buffer.from(data))
          ),
      );
      own.connection.sendDataChannel(label, new Uint8Array(message).reverse());
      const answer = Buffer.from(message).reverse();
      await eventually(
        `${size} bytes on ${label} to the foreign client`,
        () => foreign.data.some((one) => one.label === label && answer.equals(one.data)),
      );
    }
  }
  // In order, where that was asked for.
  const before = own.of("onMessage").length;
  const numbers = Array.from({ length: 300 }, (_, i) => `${i}`);
  for (const number of numbers) foreign.sendData("#reliable", Buffer.from(number));
  await eventually("300 messages", () => own.of("onMessage").length === before + numbers.length);
  assert.deepEqual(
    own.of("onMessage").slice(before).map(([, data]) => Buffer.from(data).toString()),
    numbers,
  );
  assert.equal(server.stats().droppedMessages, 0);
  // The end over SCTP: `disconnect`, streams reset from both sides.
  foreign.sendOn("signaling", { type: "disconnect", reason: "NO-ERROR" });
  await eventually("the foreign client's end", () => foreign.closed !== undefined);
  assert.equal(foreign.closed!.code, 1000);
  await eventually("one connection", () => server.stats().connections === 1);
  await foreign.cut();
});
