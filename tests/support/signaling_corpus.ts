/**
 * The corpus of malformed signaling in `tests/corpus/signaling`: a file a case, the expected outcome beside the message.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { deflateSync } from "node:zlib";

const root = new URL("../corpus/signaling/", import.meta.url);

/** What takes longer with one case hangs, in milliseconds. */
export const HANG_MS = 1_000;

/** A text made of repeated pieces, so that what is huge need not be stored. */
type Parts = readonly { readonly text: string; readonly times: number }[];

/** What is to come of a message. `invalid offer` ends the connection, and `refused` too: libwebrtc does not take the SDP. */
export type Outcome = "dropped" | "ignored" | "invalid offer" | "refused";

interface CaseFile {
  readonly name: string;
  readonly message?: unknown;
  readonly text?: string;
  readonly base64?: string;
  readonly parts?: Parts;
  readonly deflateZeros?: number;
  readonly sdp?: string;
  readonly change?: readonly [pattern: string, replacement: string];
  readonly keep?: number;
  readonly cut?: string;
  readonly phase?: Phase;
  readonly via?: string;
  readonly expect: { readonly outcome: Outcome; readonly path?: string; readonly problem?: string };
}

/** How far a session has come. */
export type Phase = "before the offer" | "connected" | "switched";

function load(kind: string): CaseFile[] {
  const folder = new URL(`${kind}/`, root);
  const files = readdirSync(fileURLToPath(folder)).filter((name) => name.endsWith(".json")).sort();
  return files.map((name) => JSON.parse(readFileSync(new URL(name, folder), "utf8")) as CaseFile);
}

const join = (parts: Parts): string => parts.map(({ text, times }) => text.repeat(times)).join("");

/** A text that is no valid message. */
export interface TextCase {
  readonly name: string;
  readonly text: string;
  readonly outcome: Outcome;
}

const textCase = ({ name, message, text, parts, expect }: CaseFile): TextCase => ({
  name,
  text: parts === undefined ? text ?? JSON.stringify(message) : join(parts),
  outcome: expect.outcome,
});

/** JSON that is no valid message: the path of what is wrong, and what is wrong with it. */
export const INVALID_MESSAGES: readonly (TextCase & {
  readonly path: string;
  readonly problem: RegExp;
})[] = load("invalid-message").map((file) => ({
  ...textCase(file),
  path: file.expect.path!,
  problem: new RegExp(file.expect.problem!),
}));

/** Texts that are not JSON. */
export const NOT_JSON: readonly TextCase[] = load("not-json").map(textCase);

/** Texts that are too long or nest too deep. */
export const EXCESSIVE: readonly TextCase[] = load("excessive").map(textCase);

/** Bytes that are no message. */
export interface BytesCase {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const bytesCase = ({ name, base64, deflateZeros }: CaseFile): BytesCase => ({
  name,
  bytes: deflateZeros === undefined
    ? Uint8Array.from(Buffer.from(base64!, "base64"))
    : deflateSync(new Uint8Array(deflateZeros)),
});

/** Bytes that are no message on a compressed data channel. */
export const BROKEN_COMPRESSED: readonly BytesCase[] = load("broken-compressed").map(bytesCase);

/** Bytes that are no text. */
export const NOT_TEXT: readonly BytesCase[] = load("not-text").map(bytesCase);

/** Valid messages at the wrong time or on the wrong way: `via` is `WebSocket` or a label. */
export const UNTIMELY: readonly {
  readonly name: string;
  readonly phase: Phase;
  readonly via: string;
  readonly message: object;
}[] = load("untimely").map(({ name, phase, via, message }) => ({
  name,
  phase: phase!,
  via: via!,
  message: message as object,
}));

/** SDP that libwebrtc refuses, made from an offer that it takes. */
export const BAD_SDP: readonly {
  readonly name: string;
  readonly outcome: Outcome;
  readonly damage: (sdp: string) => string;
}[] = load("sdp").map(({ name, sdp, change, keep, cut, parts, expect }) => ({
  name,
  outcome: expect.outcome,
  damage: (good) => {
    if (parts !== undefined) return join(parts);
    if (sdp !== undefined) return sdp;
    if (keep !== undefined) return good.slice(0, Math.floor(good.length * keep)) + cut!;
    return good.replaceAll(new RegExp(change![0], "gm"), change![1]);
  },
}));
