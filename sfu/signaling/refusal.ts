/** Why the server ends a connection. */

/** WebSocket close codes of Sora signaling. */
export const CloseCode = {
  /** A regular end; the reason says which. */
  normal: 1000,
  /** The server is being closed (RFC 6455, 7.4.1). */
  goingAway: 1001,
  /** Any signaling error; the reason says which. */
  signalingError: 4490,
} as const;

/** Close reasons of code 1000. */
export type EndReason = "TYPE-DISCONNECT" | "DISCONNECTED-API" | "LIFETIME-EXPIRED";

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
  | "UNKNOWN-CODEC-TYPE"
  | "INVALID-VIDEO-FORMAT"
  | "INVALID-AUDIO-FORMAT"
  | "BAD-FINGERPRINT"
  | "INTERNAL-ERROR"
  /** A member of `connect` has a value that it cannot have. */
  | `INVALID-${string}`
  /** A member of `connect` is missing. */
  | `MISSING-${string}`
  /** A member of `connect` is of no use without another one. */
  | `${string}-WITHOUT-${string}`
  /** Two members of `connect` exclude each other. */
  | `${string}-WITH-${string}`
  /** An access token grants what this server does not do. */
  | `UNSUPPORTED-${string}`;

/** The reason that names a member of a message which cannot have its value. */
export function invalid(member: string): RefusalReason {
  return `INVALID-${reasonName(member)}`;
}

/** The name of a member as reasons write it. */
export function reasonName(member: string): string {
  return member.toUpperCase().replaceAll("_", "-");
}

/** A message that cannot be accepted: the connection ends with 4490 and this reason. */
export class Refusal extends Error {
  readonly reason: RefusalReason;

  /** @param detail what is wrong, for the server's log; never contains the message itself */
  constructor(reason: RefusalReason, detail: string) {
    super(detail);
    this.name = "Refusal";
    this.reason = reason;
  }
}
