/** What an owner of a negotiation throws, and what transports throw: nothing is left unhandled, nothing stays busy. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Negotiation, type NegotiationOwner } from "../../signaling/connection/negotiation.ts";
import { pause } from "../support/eventually.ts";
import { FakePeer, settle } from "../support/signaling_fakes.ts";
import { offerMessage, Scene } from "../support/signaling_scene.ts";

const events = {} as ConstructorParameters<typeof FakePeer>[1];
const broken = new Error("broken");

/** Both runtimes fail a test that leaves a rejection unhandled. */
async function assertHandled(): Promise<void> {
  await settle();
  // Rejections are reported after the microtasks.
  await pause(0);
}

const throws = () => {
  throw broken;
};

/** A negotiation whose owner notes what it hears. */
function negotiation(changes: Partial<NegotiationOwner> = {}) {
  const heard: string[] = [];
  const peer = new FakePeer(offerMessage(), events);
  const owner: NegotiationOwner = {
    onApplied: ({ sdp }) => void heard.push(`applied ${sdp}`),
    onAnswer: ({ sdp }, answer) => void heard.push(`${answer} to ${sdp}`),
    onCandidate: (candidate) => void heard.push(candidate),
    onRefused: (step, { sdp }) => void heard.push(`refused ${step} ${sdp}`),
    onUnsent: (what, error) => void heard.push(`unsent ${what}: ${(error as Error).message}`),
    ...changes,
  };
  return { heard, peer, negotiation: new Negotiation(peer, owner) };
}

const offer = (sdp: string) => ({ type: "re-offer", sdp, via: "WebSocket" }) as const;
const candidate = (candidate: string) => ({ candidate, sdpMid: "0", sdpMLineIndex: 0 });

test("Negotiation hands on what onAnswer throws, and goes on with the next offer", async () => {
  let calls = 0;
  const heard: string[] = [];
  const scene = negotiation({
    onAnswer: (_, answer) => {
      if (calls++ === 0) throw broken;
      heard.push(answer);
    },
  });
  scene.negotiation.push(offer("a"));
  await settle();
  scene.negotiation.push(offer("b"));
  await assertHandled();
  assert.deepEqual(scene.heard, [
    "applied a",
    "unsent the answer to re-offer: broken",
    "applied b",
  ]);
  assert.deepEqual(heard, ["answer 2"]);
});

test("Negotiation hands on what onCandidate throws, for candidates that waited and for later ones", async () => {
  const scene = negotiation({ onCandidate: throws });
  assert.equal(scene.negotiation.addCandidate(candidate("c1")), true);
  scene.negotiation.push(offer("a"));
  await settle();
  assert.equal(scene.negotiation.addCandidate(candidate("c2")), true);
  scene.negotiation.push(offer("b"));
  await assertHandled();
  const unsent = "unsent a candidate: broken";
  assert.deepEqual(scene.heard, [
    "applied a",
    "answer 1 to a",
    unsent,
    unsent,
    "applied b",
    "answer 2 to b",
  ]);
});

test("Negotiation reports nothing of what is thrown after stop()", async () => {
  const scene = negotiation({
    onAnswer: () => {
      scene.negotiation.stop();
      throw broken;
    },
  });
  scene.negotiation.push(offer("a"));
  await assertHandled();
  assert.deepEqual(scene.heard, ["applied a"]);
});

/** How a connection ends that cannot send. */
async function endOf(scene: Scene): Promise<unknown[]> {
  await scene.clock.advance(60_000);
  await assertHandled();
  assert.equal(scene.clock.pending, 0);
  assert.equal(scene.of("onDisconnect").length, 1);
  return scene.of("onDisconnect")[0]!.slice(1);
}

test("an answer that cannot be made into a message ends the connection, which reports it", async () => {
  const scene = new Scene();
  scene.onPeer = (peer) => peer.onCreateAnswer = () => Promise.resolve(1n as unknown as string);
  await scene.answered();
  const [code, message] = await endOf(scene);
  assert.equal(code, "INTERNAL_ERROR");
  assert.match(
    message as string,
    /^Failed to send the answer to offer: error=.*BigInt.*, internal_/,
  );
});

test("a WebSocket that throws when connect is sent ends the connection, which blames no size", async () => {
  const scene = new Scene();
  const connected = scene.connect();
  await settle();
  scene.socket.send = throws;
  await scene.socket.open();
  await assert.rejects(connected, (error: Error) => {
    assert.match(error.message, /^Failed to send connect: error=broken, internal_message=/);
    assert.equal(error.cause, broken);
    return true;
  });
});

test("a data channel that throws when the answer is sent ends the connection, which reports it", async () => {
  const scene = new Scene();
  await scene.switched(false);
  scene.peer.sendDataChannel = throws;
  await scene.peer.receiveData("signaling", { type: "re-offer", sdp: "new" });
  const [code, message] = await endOf(scene);
  assert.equal(code, "INTERNAL_ERROR");
  assert.match(
    message as string,
    /^Failed to send the answer to re-offer: error=broken, internal_/,
  );
});

for (
  const [name, break_] of [
    ["the WebSocket", (scene: Scene) => void (scene.socket.send = throws)],
    ["the data channel", (scene: Scene) => void (scene.peer.sendDataChannel = throws)],
  ] as const
) {
  test(`disconnect() ends in time when ${name} throws`, async () => {
    const scene = new Scene();
    if (name === "the WebSocket") await scene.connected();
    else await scene.switched(false);
    break_(scene);
    const done = scene.session.disconnect();
    const [code] = await endOf(scene);
    await done;
    assert.equal(code, "CLOSE_FAILED");
  });

  test(`a ping and req-stats are not answered, and end nothing, when ${name} throws`, async () => {
    const scene = new Scene();
    await scene.switched(false);
    break_(scene);
    const before = scene.session.counters.unsentMessages;
    if (name === "the WebSocket") await scene.socket.receive({ type: "ping", stats: true });
    else await scene.peer.receiveData("stats", { type: "req-stats" });
    await assertHandled();
    assert.equal(scene.session.counters.unsentMessages, before + 1);
    assert.equal(scene.session.state, "connected");
  });
}
