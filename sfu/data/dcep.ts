/** The Data Channel Establishment Protocol (RFC 8832). */
import { Buffer } from "node:buffer";

/** SCTP payload protocol identifiers of WebRTC (RFC 8831, 8). */
export const PayloadProtocol = {
  dcep: 50,
  text: 51,
  binary: 53,
  emptyText: 56,
  emptyBinary: 57,
} as const;

/** How a channel delivers (RFC 8832, 5.1). */
export interface DataChannelParameters {
  readonly label: string;
  readonly protocol: string;
  readonly ordered: boolean;
  /** Milliseconds during which a message may be sent again. At most one of the two limits. */
  readonly maxPacketLifeTime?: number;
  /** How often a message may be sent again. */
  readonly maxRetransmits?: number;
}

const MESSAGE_ACK = 0x02;
const MESSAGE_OPEN = 0x03;
const RELIABLE = 0x00;
const PARTIAL_RELIABLE_RETRANSMIT = 0x01;
const PARTIAL_RELIABLE_TIMED = 0x02;
const UNORDERED = 0x80;

/** A DATA_CHANNEL_OPEN message. */
export function openMessage(channel: DataChannelParameters): Buffer {
  const label = Buffer.from(channel.label);
  const protocol = Buffer.from(channel.protocol);
  const message = Buffer.alloc(12 + label.length + protocol.length);
  let type: number = RELIABLE;
  if (channel.maxRetransmits !== undefined) type = PARTIAL_RELIABLE_RETRANSMIT;
  else if (channel.maxPacketLifeTime !== undefined) type = PARTIAL_RELIABLE_TIMED;
  message[0] = MESSAGE_OPEN;
  message[1] = channel.ordered ? type : type | UNORDERED;
  message.writeUInt32BE(channel.maxRetransmits ?? channel.maxPacketLifeTime ?? 0, 4);
  message.writeUInt16BE(label.length, 8);
  message.writeUInt16BE(protocol.length, 10);
  label.copy(message, 12);
  protocol.copy(message, 12 + label.length);
  return message;
}

/** Whether a message on the DCEP payload protocol acknowledges an open. */
export function isAck(message: Buffer): boolean {
  return message.length >= 1 && message[0] === MESSAGE_ACK;
}
