/**
 * The route of a message from its transport to the state machine: a pure function from text or bytes to one typed input.
 *
 * @module
 */

import { type ParseLimits, parseServerMessage } from "../messages/parse.ts";
import { SERVER_MESSAGES } from "../messages/server_rules.ts";
import type { Channels } from "./framing.ts";
import type { Input, MessageInput } from "./state.ts";

/** A received message. */
export interface Received {
  /** The input of the state machine. */
  readonly input: Input;
  /** The type in the timeline, which has no entries of user messages and invalid text. */
  readonly type?: string;
  /** The text of a signaling message. */
  readonly text?: string;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const BROKEN: Received = { input: { type: "broken" } };

/**
 * Parses what a transport received.
 *
 * @param carrier `websocket`, or the label of a data channel.
 * @param data Text of the WebSocket, bytes of a data channel.
 * @param channels The framing of data channel messages.
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
