/**
 * The way of a message from its transport to the state machine: from text or bytes to one typed input, without side effects.
 *
 * @module
 */

import { type ParseLimits, parseServerMessage } from "../messages/parse.ts";
import { SERVER_MESSAGES } from "../messages/server.ts";
import type { Channels } from "./framing.ts";
import type { Input, MessageInput } from "./state.ts";

/** A message that came. */
export interface Received {
  /** What it means to the connection. */
  readonly input: Input;
  /** Its type for the timeline, which leaves messages of users and what is no text out. */
  readonly type?: string;
  /** Its text, if it is one of signaling. */
  readonly text?: string;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const BROKEN: Received = { input: { type: "broken" } };

/**
 * Sorts what a transport received.
 *
 * @param carrier `websocket`, or the label of a data channel.
 * @param data Text of the WebSocket, bytes of a data channel.
 * @param channels How messages on data channels are framed.
 */
export function route(
  carrier: string,
  data: string | Uint8Array,
  channels: Channels | undefined,
  limits: ParseLimits,
): Received {
  let text: string;
  if (typeof data === "string") {
    text = data;
  } else {
    const decoded = channels?.decode(carrier, data);
    if (decoded === undefined) return BROKEN;
    if (carrier.startsWith("#")) {
      const { data, senderConnectionId } = decoded;
      const info = senderConnectionId === undefined ? {} : { senderConnectionId };
      return { input: { type: "message", label: carrier, data, info } };
    }
    try {
      text = utf8.decode(decoded.data);
    } catch {
      return BROKEN;
    }
    if (carrier === "rpc") return { input: { type: "rpc", text }, type: "rpc" };
  }
  const result = parseServerMessage(text, limits);
  switch (result.kind) {
    case "message": {
      const { message } = result;
      const { type } = message;
      const belongs = SERVER_MESSAGES[type].carriers.includes(carrier);
      const input = belongs
        ? { type, message, text, carrier } as MessageInput
        : { type: "unknown" } as const;
      return { input, type, text };
    }
    case "unknown":
      return { input: { type: "unknown" }, type: result.type, text };
    case "invalid": {
      const { type = "invalid", path, problem } = result;
      if (carrier !== "websocket" || type !== "offer") {
        return { input: { type: "broken" }, type, text };
      }
      return { input: { type: "invalid-offer", problem: `${path} ${problem}` }, type, text };
    }
  }
}
