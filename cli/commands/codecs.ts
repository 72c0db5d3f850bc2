/**
 * `sora-ffi codecs`: which engine encodes and decodes what on this machine.
 *
 * @module
 */

import {
  getVideoCodecCapability,
  type SoraVideoCodecCapability,
  type SoraVideoCodecSupport,
  type SoraVideoSizes,
} from "../../mod.ts";
import { columns } from "../terminal/columns.ts";
import { type Command, ExitCode, textOf } from "../command.ts";

const range = ({ minWidth, minHeight, maxWidth, maxHeight }: SoraVideoSizes) =>
  `${minWidth}x${minHeight} to ${maxWidth}x${maxHeight}`;

/** The sizes that a device encodes and decodes of a codec; undefined without a device. */
function sizes({ type, encoderSizes, decoderSizes }: SoraVideoCodecSupport): string | undefined {
  const directions = [
    ...(encoderSizes === undefined ? [] : [`encodes ${range(encoderSizes)}`]),
    ...(decoderSizes === undefined ? [] : [`decodes ${range(decoderSizes)}`]),
  ];
  return directions.length === 0 ? undefined : `${type} ${directions.join(", ")}`;
}

/** The table for a terminal: a line for each engine and for the sizes of its device, a column for each codec. */
export function codecTable({ engines, unavailable }: SoraVideoCodecCapability): string {
  const head = ["engine", ...(engines[0]?.codecs.map(({ type }) => type) ?? []), ""];
  const lines = engines.flatMap(({ name, codecs }) => [
    [
      name,
      ...codecs.map(({ encoder, decoder }) =>
        [encoder ? "encode" : "", decoder ? "decode" : ""].filter(Boolean).join(", ")
      ),
      "",
    ],
    ...codecs.map(sizes).filter((text) => text !== undefined).map((text) => ["", text]),
  ]);
  // Reasons are long: they stand where the first codec does, and no column gets wider by them.
  const reasons = unavailable.map(({ name, reason }) => [name, `not available: ${reason}`]);
  return columns([head, ...lines, ...reasons]);
}

/** `sora-ffi codecs` */
export const codecs: Command = {
  summary: "list which engine encodes and decodes which video codec on this machine",
  options: {
    openh264: { value: "FILE", summary: "path of Cisco's OpenH264, for H264" },
  },
  // deno-lint-ignore require-await -- an error is a rejection, as of every command.
  async run(values, { stdout }) {
    const openh264 = textOf(values, "openh264");
    const capability = getVideoCodecCapability({ openh264 });
    stdout.write(stdout.isTTY ? codecTable(capability) : `${JSON.stringify(capability)}\n`);
    return ExitCode.OK;
  },
};
