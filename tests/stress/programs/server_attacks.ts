/**
 * What a hostile server does to its clients, over real sockets.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { deflateSync } from "node:zlib";
import type { JsonValue } from "../../../base/json.ts";
import { BAD_SDP } from "../../corpus/bad_sdp.ts";
import { BROKEN_COMPRESSED, NOT_TEXT } from "../../corpus/bytes.ts";
import { INVALID_MESSAGES } from "../../corpus/invalid_messages.ts";
import { EXCESSIVE, NOT_JSON } from "../../corpus/texts.ts";
import { UNTIMELY } from "../../corpus/untimely.ts";
import type { Mutator } from "../../support/mutations.ts";
import { RawSora } from "../../support/raw_sora.ts";
import { sealed } from "../../support/sctp_chunks.ts";
import { startRelay } from "../../support/signaling_relay.ts";
import {
  rawFrame,
  startRawServer,
  startRawWebSocketServer,
} from "../../support/signaling_servers.ts";

/** One way to be hostile. */
export interface ServerAttack extends AsyncDisposable {
  /** Where the client connects. */
  readonly port: number;
  /** Does some more of it to whoever is connected; called every few milliseconds. */
  step(): void;
}

type MakeAttack = (goodUrl: string, mutator: Mutator) => Promise<ServerAttack>;

const portOf = (url: string) => Number(new URL(url).port);

/** Messages of a server in its right mind, to begin with. */
const MESSAGES: readonly JsonValue[] = [
  { type: "ping" },
  { type: "ping", stats: true },
  { type: "push", data: { a: [1, "b", null] } },
  {
    type: "notify",
    event_type: "connection.created",
    connection_id: "SOMEBODY",
    role: "sendrecv",
    data: [{ connection_id: "SOMEBODY", metadata: { a: 1 } }],
    channel_connections: 2,
  },
  { type: "notify", event_type: "connection.destroyed", connection_id: "SOMEBODY" },
  { type: "req-stats" },
  { type: "switched", ignore_disconnect_websocket: false },
  { type: "close", code: 1000, reason: "DISCONNECTED-API" },
  { type: "re-offer", sdp: "v=0\r\n" },
  { type: "update", sdp: "v=0\r\n" },
  { jsonrpc: "2.0", id: 1, result: { a: 1 } },
];

/** Larger ones end the connection, which has a case of its own. */
const LONGEST_TEXT = 1 << 20;

const SCTP_HEADER_BYTES = 12;
const KEPT_PACKETS = 32;
/** Of a packet. */
const LARGEST_CHUNKS = 1_100;

const texts: readonly string[] = [
  ...INVALID_MESSAGES.map(({ text }) => text),
  ...NOT_JSON.map(({ text }) => text),
  ...UNTIMELY.map(({ message }) => JSON.stringify(message)),
];

/** A text that no server in its right mind sends, or that comes at the wrong time. */
function badText(mutator: Mutator): string {
  if (mutator.once(200)) return mutator.pick(EXCESSIVE).text;
  return mutator.once(2) ? mutator.pick(texts) : mutator.jsonText(MESSAGES);
}

/** An SDP with something wrong. */
function badSdp(sdp: string, mutator: Mutator): string {
  return mutator.once(3) ? mutator.pick(BAD_SDP).damage(sdp) : mutator.text([sdp]);
}

/** The offer, and what else the server says, arrive changed. */
const offers: MakeAttack = async (goodUrl, mutator) => {
  const relay = await startRelay(goodUrl, (text) => {
    const message = JSON.parse(text) as { type: string; sdp?: string };
    if (message.sdp === undefined) return mutator.once(3) ? [mutator.jsonText([message])] : [text];
    if (mutator.once(4)) return [mutator.jsonText([message as JsonValue])];
    return [JSON.stringify({ ...message, sdp: badSdp(message.sdp, mutator) })];
  });
  return {
    port: portOf(relay.url),
    step: () => {},
    [Symbol.asyncDispose]: () => relay[Symbol.asyncDispose](),
  };
};

/** The client gets into the channel, and then nonsense. */
const nonsense: MakeAttack = async (goodUrl, mutator) => {
  const relay = await startRelay(goodUrl);
  return {
    port: portOf(relay.url),
    step: () => {
      for (let n = mutator.integer(20); n > 0; n--) {
        const bytes = mutator.once(10);
        relay.inject(bytes ? mutator.pick(NOT_TEXT).bytes : badText(mutator));
      }
    },
    [Symbol.asyncDispose]: () => relay[Symbol.asyncDispose](),
  };
};

/** Messages that are right, but too many. */
const flood: MakeAttack = async (goodUrl, mutator) => {
  const relay = await startRelay(goodUrl);
  const some = MESSAGES.slice(0, 6).map((message) => JSON.stringify(message));
  const large = JSON.stringify({ type: "push", data: "x".repeat(LONGEST_TEXT / 2) });
  return {
    port: portOf(relay.url),
    step: () => {
      for (let n = 0; n < 50; n++) relay.inject(mutator.pick(some));
      if (mutator.once(20)) relay.inject(large);
    },
    [Symbol.asyncDispose]: () => relay[Symbol.asyncDispose](),
  };
};

/** Re-offers and updates that are wrong, one after the other. */
const reOffers: MakeAttack = async (goodUrl, mutator) => {
  let sdp: string | undefined;
  const relay = await startRelay(goodUrl, (text) => {
    sdp = (JSON.parse(text) as { sdp?: string }).sdp ?? sdp;
    return [text];
  });
  return {
    port: portOf(relay.url),
    step: () => {
      if (sdp === undefined || !mutator.once(4)) return;
      const type = mutator.pick(["re-offer", "update"]);
      const next = mutator.once(5) ? sdp : badSdp(sdp, mutator);
      relay.inject(JSON.stringify({ type, sdp: next }));
    },
    [Symbol.asyncDispose]: () => relay[Symbol.asyncDispose](),
  };
};

/** Nonsense over data channels. */
const channels: MakeAttack = async (_goodUrl, mutator) => {
  const compress = mutator.once(2);
  const server = await RawSora.start({ ignoreWebSocket: false, labels: ["#chat"], compress });
  const labels = ["signaling", "notify", "push", "stats", "rpc", "#chat"];
  const bomb = deflateSync(Buffer.alloc(1 << 26));
  return {
    port: portOf(server.url),
    step: () => {
      for (let n = mutator.integer(10); n > 0; n--) {
        const kind = mutator.integer(compress ? 4 : 2);
        const text = badText(mutator);
        const bytes = kind === 0
          ? mutator.pick(NOT_TEXT).bytes
          : kind === 1
          ? Buffer.from(text)
          : kind === 2
          ? mutator.pick(BROKEN_COMPRESSED).bytes
          : mutator.once(50)
          ? bomb
          : mutator.bytes([deflateSync(text)]);
        // Werift sends no empty messages, and this is no test of its fragments.
        if (bytes.length === 0 || bytes.length > 65_536) continue;
        try {
          server.sendOn(mutator.pick(labels), bytes);
        } catch {
          // The client is not there yet, or not any more.
        }
      }
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
};

/** SCTP that makes no sense, over DTLS that does. */
const chunks: MakeAttack = async (_goodUrl, mutator) => {
  const labels = ["signaling", "notify", "push", "#chat"];
  const bodies: Buffer[] = [];
  const server = await RawSora.start({
    ignoreWebSocket: false,
    labels: ["#chat"],
    changePacket: (packet) => {
      const body = packet.subarray(SCTP_HEADER_BYTES);
      if (bodies.length < KEPT_PACKETS) bodies.push(body);
      else bodies[mutator.integer(KEPT_PACKETS)] = body;
      if (!mutator.once(3)) return packet;
      const changed = mutator.bytes([body, mutator.pick(bodies)]);
      const header = packet.subarray(0, SCTP_HEADER_BYTES);
      return sealed(Buffer.concat([header, changed.subarray(0, LARGEST_CHUNKS)]));
    },
  });
  return {
    port: portOf(server.url),
    step: () => {
      try {
        server.sendOn(mutator.pick(labels), JSON.stringify(mutator.pick(MESSAGES.slice(0, 4))));
      } catch {
        // The client is not there yet, or not any more.
      }
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
};

/** No WebSocket at all, or one that breaks its rules. */
const bytes: MakeAttack = async (_goodUrl, mutator) => {
  const heads = [
    "HTTP/1.1 101 Switching Protocols\r\n",
    "HTTP/1.1 200 OK\r\n\r\n",
    "\x16\x03\x01",
    "",
  ];
  const isOpen = mutator.once(2);
  const frames = [
    rawFrame(0x81, Buffer.from('{"type":"ping"}')),
    rawFrame(0x88, Buffer.alloc(2, 3)),
  ]
    .concat(rawFrame(0x89, Buffer.alloc(125)), rawFrame(0x01, Buffer.from("{")));
  const send = isOpen
    ? () => mutator.once(3) ? mutator.pick(frames) : mutator.bytes(frames)
    : () => Buffer.from(mutator.text(heads), "latin1");
  const sockets = new Set<
    { write(data: Uint8Array): unknown; destroyed: boolean; writableLength: number }
  >();
  const server = await (isOpen ? startRawWebSocketServer : startRawServer)((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  return {
    port: server.port,
    step: () => {
      for (const socket of sockets) {
        if (!socket.destroyed && socket.writableLength < LONGEST_TEXT) socket.write(send());
      }
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
};

/** All of them, by name. */
export const SERVER_ATTACKS: Readonly<Record<string, MakeAttack>> = {
  offers,
  nonsense,
  flood,
  "re-offers": reOffers,
  channels,
  chunks,
  bytes,
};
