/**
 * What a hostile client does to a server, over real sockets.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { connect as connectTcp } from "node:net";
import { WebSocket } from "ws";
import type { JsonValue } from "../../../base/json.ts";
import {
  clientHello,
  ContentType,
  dtlsRecord,
  handshakeFragment,
} from "../../support/dtls_records.ts";
import { eventually, pause } from "../../support/eventually.ts";
import type { Mutator } from "../../support/mutations.ts";
import { RawClient } from "../../support/raw_client.ts";
import { type LastStep, SocketFlood } from "../../support/socket_flood.ts";
import { rtcp, Speaker, SSRC } from "../../support/speaker.ts";
import { UdpPeer } from "../../support/udp_peer.ts";
import { wildChunks } from "./wild_chunks.ts";

/** One way to be hostile; takes a few seconds. */
export type ClientAttack = (url: string, mutator: Mutator) => Promise<void>;

/** As many datagrams as the socket's buffer holds. */
const BURST = 40;
const DATAGRAMS = 2_000;
const TURN_MS = 10;
const LARGEST = 1_200;

const messaging = {
  audio: false,
  video: false,
  data_channels: [{ label: "#chat", direction: "sendrecv" }],
} as const;

const MESSAGES: readonly JsonValue[] = [
  {
    type: "connect",
    sora_client: "stress",
    role: "sendrecv",
    channel_id: "hostile",
    audio: true,
    video: { codec_type: "VP9", bit_rate: 500 },
    simulcast: true,
    spotlight: true,
    data_channel_signaling: true,
    data_channels: [{ label: "#chat", direction: "sendrecv", ordered: true }],
    forwarding_filters: [{
      action: "block",
      rules: [[{ field: "kind", operator: "is_in", values: ["audio"] }]],
    }],
    metadata: { a: 1 },
  },
  {
    type: "answer",
    sdp: "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 109\r\n",
  },
  { type: "re-answer", sdp: "v=0\r\n" },
  { type: "update", sdp: "v=0\r\n" },
  { type: "candidate", candidate: "candidate:1 1 udp 1 127.0.0.1 9 typ host" },
  { type: "pong", stats: [{ type: "codec", id: "1" }] },
  { type: "disconnect", reason: "NO-ERROR" },
  { jsonrpc: "2.0", id: 1, method: "2025.2.0/RequestSimulcastRid", params: { rid: "r0" } },
];

/** Sends datagrams as fast as the server reads them, until it ends the connection. */
async function pour(client: RawClient, send: () => void): Promise<void> {
  for (let sent = 1; sent <= DATAGRAMS && client.closed === undefined; sent++) {
    send();
    if (sent % BURST === 0) await client.roundTrip();
  }
}

/** Messages over WebSockets that make no sense. */
const signaling: ClientAttack = async (url, mutator) => {
  for (let n = 0; n < 100; n++) {
    const socket = new WebSocket(url);
    socket.on("error", () => {});
    const isOver = () => socket.readyState >= WebSocket.CLOSING;
    await eventually("a WebSocket", () => isOver() || socket.readyState === WebSocket.OPEN);
    const first = mutator.once(2)
      ? JSON.stringify(MESSAGES[0])
      : mutator.jsonText(MESSAGES.slice(0, 1));
    if (!isOver()) socket.send(first);
    for (let i = mutator.integer(20); i > 0 && !isOver(); i--) {
      socket.send(mutator.jsonText(MESSAGES));
      if (mutator.once(5)) await pause(TURN_MS);
    }
    socket.terminate();
  }
};

/** Connections that stop at some step. */
const sockets: ClientAttack = async (url, mutator) => {
  const steps: readonly LastStep[] = ["open", "request", "upgrade", "connect"];
  await using flood = new SocketFlood(url, ["127.0.0.2", "127.0.0.3"], mutator.pick(steps));
  await eventually("the flood", () => flood.opened >= 1_000, 30_000);
};

/** HTTP that makes no sense. */
const http: ClientAttack = async (url, mutator) => {
  const { port, host } = new URL(url);
  const head = `HTTP/1.1\r\nHost: ${host}\r\n`;
  const requests = [
    `GET / ${head}\r\n`,
    `GET /metrics ${head}\r\n`,
    `POST / ${head}x-sora-target: Sora_20151104.ListConnections\r\nContent-Length: 2\r\n\r\n{}`,
    `GET /signaling ${head}Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n` +
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
  ];
  for (let n = 0; n < 300; n++) {
    const socket = connectTcp(Number(port), "127.0.0.1");
    socket.on("error", () => {});
    socket.write(Buffer.from(mutator.text(requests), "latin1"));
    if (mutator.once(10)) await pause(TURN_MS);
    socket.end();
    socket.on("data", () => {});
    setTimeout(() => socket.destroy(), 1_000);
  }
  await pause(1_000);
};

/** Checks of ICE, wrong in the client's name. */
const checks: ClientAttack = async (url, mutator) => {
  await using client = await RawClient.checked(url, { channel_id: "hostile" });
  await using peer = await UdpPeer.open(client.serverPort);
  await pour(client, () => peer.send(mutator.bytes([client.check()])));
};

/** Handshakes that lie. */
const handshakes: ClientAttack = async (url, mutator) => {
  await using client = await RawClient.checked(url, messaging);
  client.onDatagram = () => {};
  const types = Object.values(ContentType);
  await pour(client, () => {
    const body = mutator.bytes([clientHello()]).subarray(0, LARGEST);
    const length = mutator.pick([body.length, body.length + mutator.integer(300), 0xff_ffff, 0]);
    const offset = mutator.pick([0, 0, mutator.integer(300), 0xff_0000]);
    const type = mutator.pick([1, 1, 2, 11, 12, 14, 16, 20, 99]);
    const fragment = handshakeFragment({
      type,
      length,
      sequence: mutator.integer(4),
      offset,
      body,
    });
    client.send(
      dtlsRecord(mutator.pick(types), fragment, mutator.integer(2 ** 20), mutator.integer(3)),
    );
  });
};

/** Records of a member that make no sense, authentic ones among them. */
const records: ClientAttack = async (url, mutator) => {
  await using client = await RawClient.associated(url, messaging);
  await pour(client, () => {
    const content = mutator.bytes([Buffer.alloc(12), clientHello()]).subarray(0, LARGEST);
    const type = mutator.pick([20, 22, 22, 23, 24, mutator.integer(64)]);
    const record = client.record(type, content);
    client.send(mutator.once(2) ? mutator.bytes([record]) : record);
  });
};

/** SCTP of a member that makes no sense. */
const chunks: ClientAttack = async (url, mutator) => {
  await using client = await RawClient.associated(url, messaging);
  const association = client.association!;
  await pour(client, () => association.send(...wildChunks(association, mutator)));
};

/** RTP and RTCP of a member that make no sense. */
const media: ClientAttack = async (url, mutator) => {
  await using speaker = await Speaker.join(url, `media ${mutator.integer(2 ** 30)}`);
  const extended = Buffer.concat([
    speaker.packet(0, "").fill(0x90, 0, 1),
    Buffer.from("bede00041031aaaaaa31123440612000cccccc00000000", "hex"),
    Buffer.from("payload"),
  ]);
  const compounds = [
    rtcp(200, 0, [1, 2, 3, 4, 5]),
    rtcp(205, 1, [SSRC, 0x0001_ffff, 0xffff_ffff]),
    rtcp(205, 15, [SSRC, 0x0001_0010, 0x0000_0100, 0x2001_0000]),
    rtcp(206, 1, [SSRC]),
    rtcp(206, 15, [0, 0x5245_4d42, 0x0100_0000, SSRC]),
  ];
  await pour(speaker.client, () => {
    const isReport = mutator.once(2);
    const packet = mutator.bytes(isReport ? compounds : [extended, speaker.packet(0, "payload")]);
    if (packet.length < 12 || packet.length > LARGEST) return;
    packet[0] = (packet[0]! & 0x3f) | 0x80;
    if (isReport) {
      packet[1] = 200 + mutator.integer(8);
      packet.writeUInt32BE(SSRC, 4);
      speaker.client.send(speaker.srtp.rtcp(packet, ++speaker.index));
    } else {
      packet.writeUInt16BE(++speaker.number & 0xffff, 2);
      packet.writeUInt32BE(SSRC, 8);
      speaker.client.send(speaker.srtp.rtp(packet, Math.floor(speaker.number / 0x1_0000)));
    }
  });
  await speaker.isHeard("still here");
};

/** Datagrams of random bytes, 5,000 a second. */
const random: ClientAttack = async (url, mutator) => {
  await using client = await RawClient.checked(url, { channel_id: "hostile" });
  await using peer = await UdpPeer.open(client.serverPort);
  for (let turn = 0; turn < 200; turn++) {
    for (let n = 0; n < 50; n++) {
      const datagram = Buffer.from(
        Array.from({ length: mutator.integer(200) }, () => mutator.integer(256)),
      );
      if (mutator.once(2)) peer.send(datagram);
      else client.send(datagram);
    }
    // The rate is the subject.
    await pause(TURN_MS);
  }
  await client.roundTrip();
};

/** All of them, by name. */
export const CLIENT_ATTACKS: Readonly<Record<string, ClientAttack>> = {
  signaling,
  sockets,
  http,
  checks,
  handshakes,
  records,
  chunks,
  media,
  random,
};
