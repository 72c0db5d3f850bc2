/**
 * A relay of datagrams and signaling between clients and a server: some of the datagrams get lost or changed on the way. It has a
 * socket for each address of a client, as a NAT does.
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import { createSocket, type Socket } from "node:dgram";
import { seededRandom } from "../../base/random.ts";
import { startRelay } from "./signaling_relay.ts";

const MAX_CLIENTS = 10_000;
const CANDIDATE = /^(a=candidate:1 1 udp \d+ \S+) (\d+)/gm;

/** What stands for one address of a client. */
interface Back {
  readonly socket: Promise<Socket>;
  /** The server's port, and its user name fragment in the offer to this client. */
  readonly port: number;
  readonly ufrag: string;
}

/** What one is started with. */
export interface DatagramRelayOptions {
  /** The signaling URL of the server, whose address for media is the same host. */
  readonly target: string;
  /** Whether a datagram gets lost, with a random number from 0 to 1. */
  readonly loses: (datagram: Uint8Array, random: number) => boolean;
  /** What goes on in place of a datagram that was not lost. Default: the datagram. */
  readonly changes?: (datagram: Buffer) => readonly Uint8Array[];
  /** Of the random numbers. */
  readonly seed: number;
}

/** A relay that was started. */
export interface DatagramRelay extends AsyncDisposable {
  /** The signaling URL of clients. */
  readonly url: string;
  /** Datagrams that came through. */
  readonly passed: number;
  /** Datagrams that got lost. */
  readonly lost: number;
}

/** Whether a datagram is one of DTLS (RFC 7983). */
export function isDtls(datagram: Uint8Array): boolean {
  const first = datagram[0] ?? 0;
  return first >= 20 && first <= 63;
}

/** Whether a datagram is a binding request of STUN (RFC 8489). */
const isBindingRequest = (datagram: Uint8Array) => datagram[0] === 0 && datagram[1] === 1;

/** Starts a relay: clients get its own address in the offer in place of the server's. */
export async function startDatagramRelay(
  { target, loses, changes = (datagram) => [datagram], seed }: DatagramRelayOptions,
): Promise<DatagramRelay> {
  const host = new URL(target).hostname;
  const random = seededRandom(seed);
  const counts = { passed: 0, lost: 0 };
  let closed = false;
  const passes = (datagram: Buffer) => {
    if (closed) return false;
    const lost = loses(datagram, random());
    counts[lost ? "lost" : "passed"]++;
    return !lost;
  };
  const front = await bind(host);
  /** The server's ports by its user name fragments in offers: requests of ICE have them in front (RFC 8445, section 7.2.2). */
  const ports = new Map<string, number>();
  const backs = new Map<string, Back>();
  const open = async (address: string, port: number): Promise<Socket> => {
    const socket = await bind(host);
    socket.on("message", (datagram) => {
      if (!passes(datagram)) return;
      for (const one of changes(datagram)) front.send(one, port, address);
    });
    return socket;
  };
  const backFor = (datagram: Buffer, address: string, port: number): Back | undefined => {
    const key = `${address} ${port}`;
    const known = backs.get(key);
    const isOf = (ufrag: string) => datagram.includes(`${ufrag}:`);
    // Sooner or later another client has the same port.
    if (known !== undefined && (!isBindingRequest(datagram) || isOf(known.ufrag))) return known;
    const ufrag = [...ports.keys()].find(isOf);
    if (ufrag === undefined) return undefined;
    if (backs.size === MAX_CLIENTS) throw new Error("Too many clients");
    known?.socket.then((socket) => socket.close());
    const serverPort = ports.get(ufrag)!;
    const back = { socket: open(address, port), port: serverPort, ufrag };
    backs.set(key, back);
    return back;
  };
  front.on("message", (datagram, { address, port }) => {
    if (!passes(datagram)) return;
    const back = backFor(datagram, address, port);
    back?.socket.then((socket) => {
      for (const one of changes(datagram)) socket.send(one, back.port, host);
    });
  });
  const signaling = await startRelay(target, (text) => {
    const { port } = front.address();
    const message = JSON.parse(text);
    if (typeof message.sdp !== "string") return [text];
    const ufrag = /^a=ice-ufrag:(\S+)/m.exec(message.sdp)?.[1] ?? "";
    const sdp = message.sdp.replaceAll(CANDIDATE, (_: string, head: string, own: string) => {
      ports.set(ufrag, Number(own));
      return `${head} ${port}`;
    });
    return [JSON.stringify({ ...message, sdp })];
  });
  return {
    url: signaling.url,
    get passed() {
      return counts.passed;
    },
    get lost() {
      return counts.lost;
    },
    [Symbol.asyncDispose]: async () => {
      await signaling[Symbol.asyncDispose]();
      closed = true;
      front.close();
      for (const { socket } of backs.values()) (await socket).close();
    },
  };
}

async function bind(host: string): Promise<Socket> {
  const socket = createSocket("udp4");
  // Bun reports ICMP errors.
  socket.on("error", () => {});
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.bind(0, host, resolve);
  await promise;
  return socket;
}
