/** The parser of signaling messages, over either transport. */
import { Buffer } from "node:buffer";
import { isObject, type JsonObject, parseJson } from "../../base/json.ts";
import { Refusal } from "./refusal.ts";

/** Deepest nesting of a signaling message. */
const MAX_JSON_DEPTH = 64;

/**
 * Parses a message.
 *
 * @param maxBytes longest text accepted, in bytes of UTF-8
 * @throws Refusal when it is not a JSON object with a `type`.
 */
export function parseSignal(
  text: string,
  maxBytes: number,
): { type: string; message: JsonObject } {
  if (Buffer.byteLength(text) > maxBytes) {
    throw new Refusal("INVALID-MESSAGE", "The message is too long");
  }
  const message = parseJson(text, MAX_JSON_DEPTH);
  if (message === undefined) throw new Refusal("FAILURE-JSON-DECODE", "The message is not JSON");
  if (!isObject(message)) throw new Refusal("INVALID-JSON", "The message is not an object");
  if (typeof message.type !== "string") {
    throw new Refusal("MISSING-TYPE", "The message has no type");
  }
  return { type: message.type, message };
}
