/** The faults of the server as decorators: each does what it says, and nothing else. */

import { strict as assert } from "node:assert";
import { test } from "node:test";
import type { ServerFaults, SignalingFaults } from "../../sfu/mod.ts";
import { FaultyDataChannels } from "../../sfu/faults/faulty_data_channels.ts";
import { FaultyParts } from "../../sfu/faults/faulty_parts.ts";
import { FaultySocket } from "../../sfu/faults/faulty_socket.ts";
import { lossyHandlers, LossyTransport, PacketLoss } from "../../sfu/faults/lossy_transport.ts";
import { MessageFate } from "../../sfu/faults/message_fate.ts";
import type { JsonObject } from "../../base/json.ts";
import { receiverReport } from "../../sfu/rtp/rtcp_writer.ts";
import { Refusal } from "../../sfu/signaling/refusal.ts";
import type { ClientSocket, SignalingHandlers } from "../../sfu/signaling/signaling_socket.ts";
import type { TransportHandlers } from "../../sfu/transport/transport.ts";
import { FakeTransport } from "../support/fake_transport.ts";
import { until } from "../support/sfu_client.ts";

/** A connection with faults whose socket and channels record what reaches them. */
function scene(faults: SignalingFaults) {
  const done: string[] = [];
  const heard: string[] = [];
  let inner!: SignalingHandlers;
  const clientSocket = {
    open: true,
    listen: (handlers: SignalingHandlers) => void (inner = handlers),
    send: ({ type }: JsonObject) => void done.push(`socket ${type}`),
    close: (code: number, reason: string) => void done.push(`socket close ${code} ${reason}`),
    cut: () => void done.push("socket cut"),
  } as unknown as ClientSocket;
  const fate = new MessageFate(faults);
  const socket = new FaultySocket(clientSocket, faults, fate);
  socket.listen({
    onMessage: (type) => void heard.push(type),
    onRefused: ({ reason }) => void heard.push(reason),
    onClosed: () => void heard.push("closed"),
  });
  const channels = new FaultyDataChannels({
    channels: {
      sendSignaling: (label, { type }) => void done.push(`${label} ${type}`),
      closeChannels: (onClosing) => {
        onClosing();
        done.push("channels reset");
      },
      close: () => void done.push("channels closed"),
    },
    socket: clientSocket,
    connection: {
      end: (code, reason) => void done.push(`end ${code} ${reason}`),
      abandon: (code, reason) => void done.push(`abandon ${code} ${reason}`),
    },
    faults,
    fate,
  });
  return { socket, channels, done, heard, inner };
}

test("FaultySocket and FaultyDataChannels drop the first messages of a type, counted over both", () => {
  const { socket, channels, done } = scene({ drop: { type: "push", times: 2 } });
  socket.send({ type: "push" });
  socket.send({ type: "notify" });
  channels.sendSignaling("push", { type: "push" });
  channels.sendSignaling("push", { type: "push" });
  socket.send({ type: "push" });
  assert.deepEqual(done, ["socket notify", "push push", "socket push"]);
});

test("FaultySocket is silent and deaf from a message on, and the data channels with it", () => {
  const { socket, channels, done, heard, inner } = scene({ silentFrom: "push" });
  inner.onMessage("pong", {});
  socket.send({ type: "push" });
  socket.send({ type: "ping" });
  channels.sendSignaling("notify", { type: "notify" });
  inner.onMessage("pong", {});
  inner.onRefused(new Refusal("INVALID-JSON", "no object"));
  assert.deepEqual(done, []);
  assert.deepEqual(heard, ["pong"]);
  inner.onClosed();
  assert.deepEqual(heard, ["pong", "closed"]);
});

test("FaultySocket closes or cuts instead of a message, and sends nothing afterwards", () => {
  const closes = scene({ closeInsteadOf: { type: "push", code: 4001, reason: "BECAUSE" } });
  closes.socket.send({ type: "push" });
  assert.equal(closes.socket.open, false);
  closes.socket.send({ type: "notify" });
  closes.inner.onMessage("pong", {});
  closes.socket.close(1000, "LATER");
  assert.deepEqual(closes.done, ["socket close 4001 BECAUSE"]);
  assert.deepEqual(closes.heard, []);
  const cuts = scene({ cutInsteadOf: "push" });
  cuts.socket.send({ type: "push" });
  assert.deepEqual(cuts.done, ["socket cut"]);
});

test("FaultyDataChannels end the connection instead of a message", () => {
  const closes = scene({ closeInsteadOf: { type: "push", code: 4001, reason: "BECAUSE" } });
  closes.channels.sendSignaling("push", { type: "push" });
  assert.deepEqual(closes.done, ["end 4001 BECAUSE"]);
  const cuts = scene({ cutInsteadOf: "push" });
  cuts.channels.sendSignaling("push", { type: "push" });
  assert.deepEqual(cuts.done, ["socket cut", "abandon 1000 CUT"]);
});

test("FaultySocket ignores a disconnect, and nothing else", () => {
  const { heard, inner } = scene({ ignoreDisconnect: true });
  for (const type of ["disconnect", "re-answer", "disconnect"]) inner.onMessage(type, {});
  assert.deepEqual(heard, ["re-answer"]);
});

test("What is late comes in order, closes included, and never once the other side is gone", async () => {
  const { socket, channels, done, inner } = scene({ signalingDelayMs: 20 });
  const began = performance.now();
  socket.send({ type: "offer" });
  channels.sendSignaling("push", { type: "push" });
  channels.closeChannels(() => done.push("closing"));
  socket.close(1000, "OVER");
  assert.equal(socket.open, false);
  assert.deepEqual(done, []);
  await until("all", () => done.length === 5);
  assert.ok(performance.now() - began >= 19, "late");
  assert.deepEqual(done, [
    "socket offer",
    "push push",
    "closing",
    "channels reset",
    "socket close 1000 OVER",
  ]);
  const gone = scene({ signalingDelayMs: 20 });
  gone.socket.send({ type: "offer" });
  gone.channels.sendSignaling("push", { type: "push" });
  gone.inner.onClosed();
  gone.channels.close();
  channels.sendSignaling("push", { type: "notify" });
  await until("what was sent after it", () => done.length === 6);
  assert.deepEqual(gone.done, ["channels closed"]);
  inner.onClosed();
});

/** What comes through a lossy transport of one RTP and one RTCP packet each way. */
function through(faults: ServerFaults): string[] {
  const came: string[] = [];
  const loss = new PacketLoss(faults);
  const handlers = lossyHandlers({
    onRtp: () => void came.push("RTP received"),
    onRtcp: () => void came.push("RTCP received"),
  } as unknown as TransportHandlers, loss);
  handlers.onRtp(undefined!);
  handlers.onRtcp(undefined!);
  const fake = new FakeTransport();
  const transport = new LossyTransport(fake, loss);
  transport.memory.bytes.set([0x80, 0x60], 0);
  assert.equal(transport.sendRtp(0, 12, 1, 2, 3, 0, "video"), true, "a loss is no failure");
  if (fake.packets.length > 0) came.push("RTP sent");
  transport.sendRtcp(receiverReport(1, []));
  if (fake.rtcpPackets.length > 0) came.push("RTCP sent");
  assert.equal(loss.dropped, 4 - came.length);
  return came;
}

test("PacketLoss loses media that is received, and of what is sent RTP alone", () => {
  const all = ["RTP received", "RTCP received", "RTP sent", "RTCP sent"];
  assert.deepEqual(through({}), all);
  assert.deepEqual(through({ dropReceived: 1 }), ["RTP sent", "RTCP sent"]);
  assert.deepEqual(through({ dropSent: 1 }), ["RTP received", "RTCP received", "RTCP sent"]);
});

test("LossyTransport: on a transport that is not connected nothing is lost", () => {
  const fake = new FakeTransport();
  fake.connected = false;
  const loss = new PacketLoss({ dropSent: 1 });
  assert.equal(new LossyTransport(fake, loss).sendRtp(0, 12, 1, 2, 3, 0, "video"), false);
  assert.equal(loss.dropped, 0);
});

test("FaultyParts tells the transport which step not to take", () => {
  for (const stopBefore of ["ice", "dtls", "sctp", "channels", "switched"] as const) {
    const fake = new FakeTransport();
    const faults: ServerFaults = { stopBefore };
    const socket = {} as unknown as ClientSocket;
    const associated: string[] = [];
    let given!: TransportHandlers;
    const parts = new FaultyParts(socket, faults, new PacketLoss(faults), (_host, handlers) => {
      given = handlers;
      return fake;
    });
    parts.openTransport("127.0.0.1", {
      onAssociation: () => void associated.push(stopBefore),
    } as unknown as TransportHandlers);
    given.onAssociation();
    assert.deepEqual(fake.ignored, ["ice", "dtls", "sctp"].filter((step) => step === stopBefore));
    assert.deepEqual(associated, stopBefore === "channels" ? [] : [stopBefore]);
  }
});

test("PacketLoss loses the given share, repeats itself, and counts", () => {
  const lost = (seed: number) => {
    const loss = new PacketLoss({ dropSent: 0.3, seed });
    return Array.from({ length: 1_000 }, () => loss.losesSent() ? 1 : 0);
  };
  const first = lost(5);
  const count = first.reduce<number>((sum, one) => sum + one, 0);
  // 300 are expected, with a standard deviation of 14.5.
  assert.ok(count > 225 && count < 375, `${count}`);
  assert.deepEqual(lost(5), first);
  assert.notDeepEqual(lost(6), first);
});
