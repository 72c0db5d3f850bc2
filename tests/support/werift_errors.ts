/**
 * The defects of werift that tests work around.
 *
 * @module
 */

import type { EventEmitter } from "node:events";
import type { RTCPeerConnection } from "werift";

/** Handles the socket errors of a peer: werift does not, and Bun reports ICMP errors of closed ports. */
export function ignoreSocketErrors(peer: RTCPeerConnection): void {
  for (const { connection } of peer.iceTransports) {
    const { protocols } = connection as unknown as {
      protocols: { transport?: { socket?: EventEmitter } }[];
    };
    for (const { transport } of protocols) {
      const socket = transport?.socket;
      if (socket?.listenerCount("error") === 0) socket.on("error", () => {});
    }
  }
}

/** The number of the first record of application data: above all that a handshake takes. */
const FIRST_RECORD = 64;

/** The client's last flight (RFC 6347, 4.2.4), and the message of the server's that follows it. */
const LAST_FLIGHT = 5;
const FINISHED = 20;

interface WeriftDtls {
  readonly dtls: { recordSequenceNumber: number; readonly flight: number };
  onHandleHandshakes(messages: { readonly msg_type: number }[]): Promise<void>;
}

/**
 * Mends two defects of a client's DTLS. It counts its records anew after its Finished, and OpenSSL takes the record that has
 * Finished's number for a replay, which costs the client a repetition after a second. And when the server repeats its flight,
 * because the client took long, it makes its keys anew and is not understood any more.
 */
export function mendDtls(peer: RTCPeerConnection): void {
  for (const transport of peer.dtlsTransports) {
    const client = () => transport.dtls as unknown as WeriftDtls;
    transport.onStateChange.subscribe((state) => {
      if (state === "connected") client().dtls.recordSequenceNumber = FIRST_RECORD;
      // It is made when the subscribers have returned.
      if (state === "connecting") queueMicrotask(() => ignoreRepetitions(client()));
    });
  }
}

function ignoreRepetitions(client: WeriftDtls): void {
  const handle = client.onHandleHandshakes;
  client.onHandleHandshakes = async (messages) => {
    const { flight } = client.dtls;
    await handle(
      flight < LAST_FLIGHT ? messages : messages.filter((one) => one.msg_type === FINISHED),
    );
  };
}

/** A request to reset streams behind everything that was sent before (RFC 6525, 4.1). */
interface ResetRequest {
  readonly lastTsn?: number;
}

interface WeriftSctp {
  /** Everything up to this one has arrived. */
  readonly lastReceivedTsn?: number;
  receiveReconfigParam(param: ResetRequest): Promise<void>;
}

/**
 * Mends a defect of a client's SCTP: it resets streams of the server before everything has arrived that was sent on them. What is
 * ignored here the server asks for again.
 */
export function mendSctp(peer: RTCPeerConnection): void {
  const sctp = peer.sctpTransport?.sctp as unknown as WeriftSctp | undefined;
  if (sctp === undefined) return;
  const receive = sctp.receiveReconfigParam.bind(sctp);
  sctp.receiveReconfigParam = async (param) => {
    const { lastReceivedTsn } = sctp;
    const missing = param.lastTsn !== undefined && lastReceivedTsn !== undefined
      ? (param.lastTsn - lastReceivedTsn) | 0
      : 0;
    if (missing <= 0) await receive(param);
  };
}
