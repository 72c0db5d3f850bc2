/** The controlled, lite side of ICE (RFC 8445, 2.5) on one socket. */
import type { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { bindingError, bindingSuccess, parseStun, StunType, verifyIntegrity } from "./stun.ts";

/** A transport address of the peer. */
export interface PeerAddress {
  readonly address: string;
  readonly port: number;
}

/** Peer addresses remembered as authenticated; further ones push the oldest out. */
const MAX_PEERS = 8;

/** Silence of the selected address, in ms, after which media from another one is followed: a late packet does not turn back. */
const QUIET_MS = 200;

/** Answers connectivity checks and tells which of the peer's addresses is selected. */
export class IceLite {
  /** ICE user name fragment of this side. */
  readonly ufrag = randomBytes(6).toString("base64url");
  /** ICE password of this side: 144 bits. */
  readonly password = randomBytes(18).toString("base64url");
  /** Checks that were malformed or failed authentication. */
  rejected = 0;
  #remoteUfrag: string | undefined;
  #selected: PeerAddress | undefined;
  #nominated = false;
  /** When media last came from the selected address. */
  #heardMs = -Infinity;
  readonly #peers: PeerAddress[] = [];
  readonly #send: (data: Buffer, port: number, address: string) => void;

  constructor(send: (data: Buffer, port: number, address: string) => void) {
    this.#send = send;
  }

  /** Where to send media: the nominated address, or the first that authenticated before. */
  get selected(): PeerAddress | undefined {
    return this.#selected;
  }

  /** Binds the agent to the fragment of the answer; checks with another one are refused. */
  setRemoteUfrag(ufrag: string): void {
    this.#remoteUfrag = ufrag;
  }

  /** Whether a datagram from there may be media: an authenticated check came from it. */
  isPeer(address: string, port: number): boolean {
    const selected = this.#selected;
    if (selected !== undefined && selected.port === port && selected.address === address) {
      return true;
    }
    return this.#peers.some((peer) => peer.port === port && peer.address === address);
  }

  /** Handles one STUN datagram. Returns true when it was an authenticated check. */
  handle(data: Buffer, address: string, port: number): boolean {
    const message = parseStun(data);
    if (message === undefined || message.type !== StunType.bindingRequest) {
      this.rejected++;
      return false;
    }
    const separator = message.username?.indexOf(":") ?? -1;
    const local = message.username?.slice(0, separator);
    const remote = message.username?.slice(separator + 1);
    if (
      separator < 0 || local !== this.ufrag ||
      (this.#remoteUfrag !== undefined && remote !== this.#remoteUfrag) ||
      !verifyIntegrity(data, message, this.password)
    ) {
      this.rejected++;
      return false;
    }
    if (message.controlled) {
      // A lite agent is always controlled: the peer has to switch (RFC 8445, 7.3.1.1).
      this.#send(
        bindingError(message.transactionId, 487, "Role Conflict", this.password),
        port,
        address,
      );
      return false;
    }
    this.#remember(address, port, message.useCandidate);
    this.#send(
      bindingSuccess(message.transactionId, address, port, this.password),
      port,
      address,
    );
    return true;
  }

  /**
   * Authentic media came from there. A peer that has lost its address sends from the new one as soon as it has selected that,
   * and may nominate it only at its next check.
   *
   * @param nowMs on the clock of `performance.now()`
   */
  heard(address: string, port: number, nowMs: number): void {
    const selected = this.#selected;
    if (selected?.port !== port || selected.address !== address) {
      if (nowMs - this.#heardMs < QUIET_MS || !this.isPeer(address, port)) return;
      this.#selected = { address, port };
    }
    this.#heardMs = nowMs;
  }

  #remember(address: string, port: number, nominates: boolean): void {
    if (!this.isPeer(address, port)) {
      if (this.#peers.length >= MAX_PEERS) this.#peers.shift();
      this.#peers.push({ address, port });
    }
    const selected = this.#selected;
    if (selected?.port === port && selected.address === address) {
      this.#nominated ||= nominates;
      return;
    }
    if (nominates || (!this.#nominated && selected === undefined)) {
      this.#selected = { address, port };
      this.#nominated ||= nominates;
    }
  }
}
