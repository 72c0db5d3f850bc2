/** The faults of the server as decorators: each does what it says, and nothing else. */

import { strict as assert } from "node:assert";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import type { ServerFaults, SignalingFaults } from "../../sfu/mod.ts";
import { FaultyDataChannels } from "../../sfu/faults/faulty_data_channels.ts";
import { FaultySocket } from "../../sfu/faults/faulty_socket.ts";
import { DatagramLoss } from "../../sfu/faults/lossy_socket.ts";
import { MessageFate } from "../../sfu/faults/message_fate.ts";
import type { JsonObject } from "../../base/json.ts";
import { Refusal } from "../../sfu/signaling/refusal.ts";
import type { ClientSocket, SignalingHandlers } from "../../sfu/signaling/signaling_socket.ts";
import type { UdpSocket } from "../../sfu/transport/udp_socket.ts";
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

const STUN = Buffer.from("000100002112a442000000000000000000000000", "hex");
const DTLS = Buffer.from("16feff000000000000000000010000", "hex");
const RTP = Buffer.from("80600001000000000000000000000000", "hex");
const RTCP = Buffer.from("80c8000600000000000000000000000000000000", "hex");
const KINDS = { STUN, DTLS, RTP, RTCP };
/** A datagram that no fault loses. */
const END = Buffer.from("end");

/** The kinds that come through from one socket to another. */
async function through(received: ServerFaults, sent: ServerFaults = {}): Promise<string[]> {
  const came: string[] = [];
  const nameOf = (data: Buffer) =>
    Object.entries(KINDS).find(([, bytes]) => bytes.equals(data))?.[0] ?? "end";
  const ignore = { onDatagram: () => {}, onError: assert.ifError };
  const sender: UdpSocket = await new DatagramLoss(sent).open("127.0.0.1", ignore);
  const receiver = await new DatagramLoss(received).open("127.0.0.1", {
    ...ignore,
    onDatagram: (data) => void came.push(nameOf(data)),
  });
  for (const data of Object.values(KINDS)) sender.send(data, receiver.port, "127.0.0.1");
  // What Deno is given in one turn it sends in any order: the third end is later than all.
  await until("three ends", () => {
    sender.send(END, receiver.port, "127.0.0.1");
    return came.filter((name) => name === "end").length >= 3;
  });
  for (const socket of [sender, receiver]) socket.close();
  return Object.keys(KINDS).filter((name) => came.includes(name));
}

test("DatagramLoss loses media that is received, and of what is sent RTP alone", async () => {
  assert.deepEqual(await through({}), ["STUN", "DTLS", "RTP", "RTCP"]);
  assert.deepEqual(await through({ dropReceived: 1 }), ["STUN", "DTLS"]);
  assert.deepEqual(await through({}, { dropSent: 1 }), ["STUN", "DTLS", "RTCP"]);
});

test("DatagramLoss is deaf to the step before which the server stops", async () => {
  assert.deepEqual(await through({ stopBefore: "ice" }), ["DTLS", "RTP", "RTCP"]);
  assert.deepEqual(await through({ stopBefore: "dtls" }), ["STUN", "RTP", "RTCP"]);
});

test("DatagramLoss loses the given share, repeats itself, and counts", async () => {
  const lost = async (seed: number) => {
    const loss = new DatagramLoss({ dropSent: 0.3, seed });
    const ignore = { onDatagram: () => {}, onError: assert.ifError };
    const socket = await loss.open("127.0.0.1", ignore);
    const fates: number[] = [];
    for (let i = 0; i < 1_000; i++) {
      const before = loss.dropped;
      socket.send(RTP, socket.port, "127.0.0.1");
      fates.push(loss.dropped - before);
    }
    socket.close();
    return fates;
  };
  const first = await lost(5);
  const count = first.reduce((sum, one) => sum + one, 0);
  // 300 are expected, with a standard deviation of 14.5.
  assert.ok(count > 225 && count < 375, `${count}`);
  assert.deepEqual(await lost(5), first);
  assert.notDeepEqual(await lost(6), first);
});
