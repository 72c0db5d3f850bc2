/**
 * The socket errors of werift.
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
