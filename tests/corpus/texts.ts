/**
 * Texts that are no valid signaling message: not JSON, too long or nested too deep.
 *
 * @module
 */

/** A text and its name. */
export interface TextCase {
  readonly name: string;
  readonly text: string;
}

const cases = (texts: Readonly<Record<string, string>>): readonly TextCase[] =>
  Object.entries(texts).map(([name, text]) => ({ name, text }));

/** Texts that are not JSON (RFC 8259). */
export const NOT_JSON = cases({
  "a bare key": '{type:"ping"}',
  "a byte order mark": '\ufeff{"type":"ping"}',
  "a closing brace": "}",
  "a colon missing": '{"type" "ping"}',
  "a comment": '{"type":"ping"}//',
  "a line break in a string": '{"type":"pi\nng"}',
  "a null character": "\0",
  "a number in another base": '{"type":"ping","a":0x1f}',
  "a number with a leading zero": '{"type":"ping","a":01}',
  "a space": " ",
  "a string cut short": '{"type":"pi',
  "a trailing comma": '{"type":"ping",}',
  "a wrong escape": '{"type":"pi\\xng"}',
  "an array cut short": "[1,2",
  "an object and more": '{"type":"ping"}x',
  "an object cut short": '{"type":"ping"',
  "an open brace": "{",
  "HTML": "<!DOCTYPE html><title>502 Bad Gateway</title>",
  "Infinity": "-Infinity",
  "NaN": "NaN",
  "nothing": "",
  "single quotes": "{'a':1}",
  "two objects": '{"type":"ping"}{"type":"ping"}',
  "undefined": "undefined",
});

const MIB = 1024 * 1024;

/** Texts that are too long or nested too deep. */
export const EXCESSIVE = cases({
  "1 MiB of three-byte characters": `{"type":"push","data":"${"あ".repeat(400_000)}"}`,
  "100,000 open strings": '"'.repeat(100_001),
  "150,000 nested objects": `${'{"a":'.repeat(150_000)}1${"}".repeat(150_000)}`,
  "2 MiB in one string": `{"type":"push","data":"${"x".repeat(2 * MIB)}"}`,
  "2 MiB of spaces": " ".repeat(2 * MIB),
  "250,000 nested arrays": "[".repeat(250_000) + "]".repeat(250_000),
  "500,000 brackets": "[".repeat(500_000),
  "an offer with 2 MiB of SDP": `{"type":"offer","sdp":"${"a=x ".repeat(MIB / 2)}"}`,
  "nesting one above the limit": `{"type":"push","data":${"[".repeat(64)}${"]".repeat(64)}}`,
});
