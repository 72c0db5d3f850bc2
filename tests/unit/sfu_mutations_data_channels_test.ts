/** Mutated messages on the data channels of a connection, on any stream and under any protocol. */
import { strict as assert } from "node:assert";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { compress } from "../../sfu/data/compression.ts";
import {
  parseDataChannels,
  SIGNALING_DATA_CHANNELS,
} from "../../sfu/data/data_channel_settings.ts";
import { DataChannels, MAX_MESSAGE_BYTES } from "../../sfu/data/data_channels.ts";
import { openMessage, PayloadProtocol } from "../../sfu/data/dcep.ts";
import { FakeTransport } from "../support/fake_transport.ts";
import { survives } from "../support/mutations.ts";

const settings = [
  ...SIGNALING_DATA_CHANNELS,
  ...parseDataChannels([
    { label: "#plain", direction: "sendrecv" },
    { label: "#small", direction: "sendrecv", compress: true },
    { label: "#mine", direction: "recvonly" },
  ]),
];

const texts = ['{"type":"pong"}', '{"jsonrpc":"2.0","id":1,"method":"m"}', "", "\0".repeat(300_000)]
  .map((text) => Buffer.from(text));
const corpus = [
  Buffer.from([2]),
  openMessage({ label: "#other", protocol: "", ordered: true }),
  ...texts,
  ...texts.map((text) => compress(text)),
  gzipSync(texts[0]!),
];

test("data channels survive mutated messages and resets, and give back what they took", async () => {
  const seen = new Set<string>();
  let room = true;
  let transport = new FakeTransport();
  let taken = 0;
  const create = () =>
    new DataChannels(settings, transport, 1024 * 1024, {
      onOpen: () => void seen.add("open"),
      onSignaling: (label, text) => {
        assert.ok(text.length <= MAX_MESSAGE_BYTES);
        seen.add(label);
      },
      onMessage: (label, data) => {
        assert.ok(data.length <= MAX_MESSAGE_BYTES);
        seen.add(label);
      },
      mayRelay: () => room,
      onRoom: () => {},
      onOverflow: () => {},
      onClosed: () => void seen.add("closed"),
      onInvalid: () => void seen.add("invalid"),
    });
  let channels = create();
  channels.onAssociation();
  await survives({
    steps: 5_000,
    seed: 91,
    input: (mutator) => ({
      anew: mutator.once(300),
      streamId: mutator.once(4) ? mutator.integer(65_536) : 1 + mutator.integer(8) * 2,
      protocol: mutator.once(4)
        ? mutator.pick([0, 49, 52, 0xffff_ffff])
        : mutator.pick(Object.values(PayloadProtocol)),
      data: mutator.once(3) ? mutator.pick(corpus) : mutator.bytes(corpus),
      hasRoom: !mutator.once(3),
      resets: mutator.once(40)
        ? [...Array(mutator.integer(10))].map(() => mutator.integer(mutator.pick([20, 65_536])))
        : undefined,
    }),
    run: ({ anew, streamId, protocol, data, hasRoom, resets }) => {
      if (anew) {
        room = true;
        channels.deliverAllHeld();
        assert.equal(channels.holds, false);
        assert.equal(transport.released, taken);
        channels.close();
        transport = new FakeTransport();
        taken = 0;
        channels = create();
        channels.onAssociation();
      }
      room = hasRoom;
      // What is held has not been given back.
      if (channels.onMessage(streamId, protocol, data)) taken += data.length;
      while (channels.deliverHeld());
      if (resets !== undefined) channels.onReset(resets);
      assert.ok(transport.messages.length <= settings.length);
      assert.ok(transport.resets.length <= 2 * settings.length);
    },
  });
  const labels = ["signaling", "stats", "rpc", "#plain", "#small"];
  for (const name of ["open", "invalid", ...labels]) {
    assert.ok(seen.has(name), `${name} was not seen`);
  }
  // On these the client only receives.
  for (const name of ["notify", "push", "#mine"]) assert.ok(!seen.has(name), `${name} was taken`);
});
