/**
 * The parser of incoming messages: bounded in size and depth, strict where the protocol is.
 *
 * @module
 */

import { FieldProblem, type Fields, object, secure, string } from "./fields.ts";
import type { ServerMessage } from "./server.ts";
import { SERVER_MESSAGES } from "./server_rules.ts";

/** Limits of an incoming message. */
export interface ParseLimits {
  /** Longest text but for `notify`, in bytes of UTF-8. */
  readonly maxBytes: number;
  /** Longest text of `notify`, in bytes of UTF-8: to a newcomer it carries the metadata of all members. */
  readonly maxNotifyBytes: number;
  /** Deepest nesting of arrays and objects. */
  readonly maxDepth: number;
}

/** The default limits. */
export const DEFAULT_PARSE_LIMITS: ParseLimits = {
  maxBytes: 1024 * 1024,
  maxNotifyBytes: 16 * 1024 * 1024,
  maxDepth: 64,
};

/** The result of parsing a text. */
export type ParseResult =
  /** A message that this version knows, with all its fields unmodified. */
  | { readonly kind: "message"; readonly message: ServerMessage }
  /** A message of an unknown type, to be ignored. */
  | { readonly kind: "unknown"; readonly type: string }
  /** Not a valid message: where (`sdp` for instance, empty for the whole) and why; `type` if it could be read. */
  | {
    readonly kind: "invalid";
    readonly type?: string;
    readonly path: string;
    readonly problem: string;
  };

/** Whether a text is longer than `maxBytes` bytes of UTF-8; most need no counting. */
function exceeds(text: string, maxBytes: number): boolean {
  if (text.length > maxBytes) return true;
  return text.length * 3 > maxBytes && new TextEncoder().encode(text).byteLength > maxBytes;
}

/**
 * Parses a text from the server into JSON that is safe to handle.
 *
 * @throws {FieldProblem} If it is too long, nests too deep or is not JSON.
 */
export function parseJson(text: string, limits: ParseLimits): unknown {
  if (exceeds(text, limits.maxBytes)) {
    throw new FieldProblem("", `must have at most ${limits.maxBytes} bytes`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The runtimes' own errors quote the input, which may contain secrets.
    throw new FieldProblem("", "must be JSON");
  }
  secure(value, limits.maxDepth);
  return value;
}

/** Parses what may be a long `notify` with that limit; anything else of that length is not parsed at all. */
function parseMessage(text: string, limits: ParseLimits): Fields {
  const isLong = exceeds(text, limits.maxBytes);
  const mayBeLong = isLong && text.includes('"notify"');
  const maxBytes = mayBeLong ? limits.maxNotifyBytes : limits.maxBytes;
  const from = object(parseJson(text, { ...limits, maxBytes }), "");
  if (isLong && from["type"] !== "notify") {
    throw new FieldProblem("", `must have at most ${limits.maxBytes} bytes`);
  }
  return from;
}

/** Parses a signaling message. Never throws. */
export function parseServerMessage(
  text: string,
  limits: ParseLimits = DEFAULT_PARSE_LIMITS,
): ParseResult {
  let type: string | undefined;
  try {
    const from = parseMessage(text, limits);
    string(from["type"], "type");
    type = from["type"] as string;
    if (!Object.hasOwn(SERVER_MESSAGES, type)) return { kind: "unknown", type };
    SERVER_MESSAGES[type as ServerMessage["type"]].check(from);
    return { kind: "message", message: from as unknown as ServerMessage };
  } catch (error) {
    if (!(error instanceof FieldProblem)) throw error;
    const { path, message: problem } = error;
    return { kind: "invalid", ...(type === undefined ? {} : { type }), path, problem };
  }
}
