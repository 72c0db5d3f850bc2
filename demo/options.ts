/**
 * The demo's command line.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { findOpenH264 } from "./openh264.ts";
import { Problem } from "./problem.ts";

const CODECS = ["VP8", "VP9", "AV1", "H264"] as const;

/** Options of the demo. */
export interface DemoOptions {
  /** The file to send instead of the demo's own clip. */
  readonly input: string | undefined;
  /** How long to measure, in seconds. */
  readonly seconds: number;
  /** Video codec. */
  readonly codec: typeof CODECS[number];
  /** The path of OpenH264, needed for H264. */
  readonly openh264: string | undefined;
  /** Video bit rate in kbps. */
  readonly bitRate: number;
  /** The folder for the results. */
  readonly out: string;
  /** Whether it is an error when this machine is too slow. */
  readonly strict: boolean;
}

/** Text for `--help`. */
export const USAGE = `Sends a clip with audio through the embedded server and measures what arrives.

  --input FILE      send this file's video and audio (default: the demo's own clip and voice)
  --seconds NUMBER  how long to measure, 8 to 60 (default 10)
  --codec NAME      VP8, VP9, AV1 or H264 (default VP8)
  --openh264 FILE   path of OpenH264, for H264 (default: SORA_OPENH264, or the newest that the set-up fetched)
  --bit-rate KBPS   bit rate of the video in kbps, 100 to 30000 (default 2500)
  --out FOLDER      where received.mp4, received.png and demo.json go (default out)
  --strict          fail when this machine is too slow for 30 frames per second, too
  --help            print this text
`;

function number(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new Problem(`--${name} must be an integer from ${min} to ${max}, not "${text}"`);
}

/**
 * Reads the command line.
 *
 * @returns `undefined` for `--help`.
 * @throws {Problem} An option is wrong or missing; the message names it.
 */
export function readOptions(args: readonly string[]): DemoOptions | undefined {
  const values = parse(args);
  if (values.help) return undefined;
  const codec = CODECS.find((name) => name === values.codec.toUpperCase());
  if (codec === undefined) {
    throw new Problem(`--codec must be one of ${CODECS.join(", ")}, not "${values.codec}"`);
  }
  return {
    input: values.input,
    seconds: number("seconds", values.seconds, 8, 60),
    codec,
    openh264: values.openh264 ?? (codec === "H264" ? findOpenH264() : undefined),
    bitRate: number("bit-rate", values["bit-rate"], 100, 30_000),
    out: values.out,
    strict: values.strict,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        input: { type: "string" },
        seconds: { type: "string", default: "10" },
        codec: { type: "string", default: "VP8" },
        openh264: { type: "string" },
        "bit-rate": { type: "string", default: "2500" },
        out: { type: "string", default: "out" },
        strict: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    throw new Problem(`${(error as Error).message} (--help lists the options)`);
  }
}
