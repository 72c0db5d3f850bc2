/**
 * The WebSocket of signaling as an interface (RFC 6455): `websocket.ts` implements it, tests have a fake.
 *
 * @module
 */

import type { Pem } from "../options/options.ts";

/** How to verify the server and to authenticate this client. */
export interface SocketTls {
  /** Do not verify the server's certificate. */
  readonly insecure?: boolean;
  /** PEM of the certificates to trust instead of the system's. */
  readonly caCert?: Pem;
  /** PEM of the client's certificate. */
  readonly clientCert?: Pem;
  /** PEM of the client's private key. */
  readonly clientKey?: Pem;
}

/** A proxy reached by HTTP CONNECT (RFC 9110, section 9.3.6). */
export interface SocketProxy {
  /** The proxy's `http:` URL, without user name and password. */
  readonly url: string;
  /** User name for Basic authentication (RFC 7617). */
  readonly username: string;
  /** Password for Basic authentication. */
  readonly password: string;
  /** `User-Agent` sent to the proxy. */
  readonly agent?: string;
}

/** What to connect to, and how. */
export interface SocketRequest {
  /** `ws:` or `wss:`. */
  readonly url: string;
  /** `User-Agent` of the upgrade request. */
  readonly userAgent: string;
  /** For `wss:`. */
  readonly tls: SocketTls;
  /** For `wss:`. */
  readonly proxy?: SocketProxy;
  /** Longest message accepted, in bytes. */
  readonly maxMessageBytes: number;
  /** How long the connection may stay open after a close frame, from either side, in milliseconds. */
  readonly closeTimeoutMs: number;
}

/** How a WebSocket ended. */
export interface SocketEnd {
  /** The code of the peer's close frame, 1005 when that had none, 0 when there was no close frame. */
  readonly code: number;
  /** The reason of the peer's close frame. */
  readonly reason: string;
  /** What failed; absent when a close frame came. */
  readonly error?: Error;
  /** The HTTP status, if the handshake was answered with another status than 101. */
  readonly httpStatus?: number;
}

/** The events of a WebSocket, never fired during a call to it. */
export interface SocketEvents {
  /** The handshake is done. At most once. */
  onOpen(): void;
  /** A text message came. */
  onText(text: string): void;
  /** A binary message came. */
  onBinary(): void;
  /** It has ended, also when it never opened. Exactly once, and nothing after it. */
  onEnd(end: SocketEnd): void;
}

/** One WebSocket. */
export interface SignalingSocket {
  /** The server has sent its close frame: nothing can be sent any more, and `onEnd` follows. */
  readonly isEnding: boolean;
  /** Sends a text message. `false` when it is not open or too much is still waiting to be sent. */
  send(text: string): boolean;
  /** Starts the closing handshake. `onEnd` reports its end, or that of the connection. */
  close(code: number, reason: string): void;
  /** Cuts the connection at once; `onEnd` follows with code 0 unless it was called before. */
  terminate(): void;
}

/** Opens a WebSocket. Does not throw: `onEnd` reports failures. */
export type SocketFactory = (request: SocketRequest, events: SocketEvents) => SignalingSocket;
