import { Buffer } from "node:buffer";
import { strict as assert } from "node:assert";
import { createSocket, type RemoteInfo } from "node:dgram";
import { test } from "node:test";
import { SoraServer } from "../../sfu/mod.ts";
import { TestClient, until } from "../support/sfu_client.ts";
import { Attribute, readStun, readXorAddress, writeStun } from "../support/stun_message.ts";

const BINDING_REQUEST = 0x0001;
const BINDING_SUCCESS = 0x0101;

/** Sends one check to the candidate of an offer; gives the answer and whom it came from. */
async function check(sdp: string): Promise<{ answer: Buffer; from: RemoteInfo; port: number }> {
  const one = (pattern: RegExp) => pattern.exec(sdp)![1]!;
  const key = Buffer.from(one(/a=ice-pwd:(\S+)/));
  const username = Buffer.from(`${one(/a=ice-ufrag:(\S+)/)}:peer`);
  const request = writeStun(BINDING_REQUEST, Buffer.alloc(12, 7), [[
    Attribute.username,
    username,
  ]], key);
  const [, address, port] = /a=candidate:\S+ 1 udp \d+ ([\d.]+) (\d+) typ host/i.exec(sdp)!;
  const socket = createSocket("udp4");
  try {
    await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
    const own = socket.address().port;
    let answered: { answer: Buffer; from: RemoteInfo; port: number } | undefined;
    socket.on("message", (answer, from) => answered = { answer, from, port: own });
    socket.send(request, Number(port), address);
    await until("an answer", () => answered !== undefined);
    return answered!;
  } finally {
    socket.close();
  }
}

for (const host of ["0.0.0.0", "::", "localhost"]) {
  test(`SoraServer: bound to ${host}, checks are answered from the address that was asked`, async (t) => {
    const server = await SoraServer.start({ host }).catch((error) => {
      // A machine without IPv6.
      if (host !== "::") throw error;
    });
    if (server === undefined) return t.skip("no IPv6");
    await using _ = server;
    // All of 127.0.0.0/8 is this machine, but by itself it answers from 127.0.0.1.
    const address = host === "localhost" ? "127.0.0.1" : "127.0.0.2";
    const client = new TestClient(`ws://${address}:${server.port}/signaling`);
    client.silent = true;
    await until("open", () => client.open);
    client.send({ type: "connect", sora_client: "test", role: "recvonly", channel_id: "c" });
    await until("the offer", () => client.offer !== undefined);
    const { answer, from, port } = await check(String(client.offer!.sdp));
    assert.equal(from.address, address);
    const { type, attributes } = readStun(answer);
    assert.equal(type, BINDING_SUCCESS);
    assert.deepEqual(
      readXorAddress(attributes.get(Attribute.xorMappedAddress)),
      { address: "127.0.0.1", port },
    );
    await client.cut();
  });
}
