/** Why the server ends a connection. */

/** WebSocket close codes of Sora signaling. */
export const CloseCode = {
  /** A regular end; the reason is an {@linkcode EndReason}. */
  normal: 1000,
  /** The server is being closed (RFC 6455, 7.4.1). */
  goingAway: 1001,
  /** A signaling error; the reason is a {@linkcode RefusalReason}. */
  signalingError: 4490,
} as const;

/** Close reasons of code 1000; `SERVER-CLOSED` is that of 1001. */
export type EndReason =
  | "TYPE-DISCONNECT"
  | "DISCONNECTED-API"
  | "LIFETIME-EXPIRED"
  | "SERVER-CLOSED";

/** Close reasons of code 4490. */
export type RefusalReason =
  | "FAILURE-JSON-DECODE"
  | "INVALID-JSON"
  | "MISSING-TYPE"
  | "INVALID-MESSAGE"
  | "INVALID-SDP"
  | "CONNECT-WAIT-TIMEOUT-ERROR"
  | "ANSWER-TIMEOUT-ERROR"
  | "CONNECTION-CREATED-WAIT-TIMEOUT-ERROR"
  | "PONG-TIMEOUT-ERROR"
  | "MEDIA-TIMEOUT-ERROR"
  | "TRANSPORT-ERROR"
  | "SLOW-CONSUMER"
  | "DATA-CHANNEL-SLOW-CONSUMER"
  | "AUTHENTICATION-FAILURE"
  | "TOO-MANY-CONNECTIONS"
  | "TOO-MANY-MESSAGES"
  | "SERVER-CLOSING"
  | "UNKNOWN-CODEC-TYPE"
  | "INVALID-VIDEO-FORMAT"
  | "INVALID-AUDIO-FORMAT"
  | "BAD-FINGERPRINT"
  | "INTERNAL-ERROR"
  /** A property of `connect` has an invalid value. */
  | `INVALID-${string}`
  /** A property of `connect` is missing. */
  | `MISSING-${string}`
  /** A property of `connect` needs another one. */
  | `${string}-WITHOUT-${string}`
  /** Two properties of `connect` exclude each other. */
  | `${string}-WITH-${string}`
  /** `connect` or an access token asks for what this server does not support. */
  | `UNSUPPORTED-${string}`;

/** The reason for an invalid value of a property. */
export function invalid(property: string): RefusalReason {
  return `INVALID-${reasonName(property)}`;
}

/** The name of a property as reasons write it. */
export function reasonName(property: string): string {
  return property.toUpperCase().replaceAll("_", "-");
}

/** The end of a connection with 4490 and a reason, because of its client or for want of room. */
export class Refusal extends Error {
  readonly reason: RefusalReason;

  /** @param detail what is wrong, for the server's log; never contains the message itself */
  constructor(reason: RefusalReason, detail: string) {
    super(detail);
    this.name = "Refusal";
    this.reason = reason;
  }
}
