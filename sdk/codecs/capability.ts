/**
 * What codecs there are.
 *
 * @module
 */

import { json, openRealm, unwrap } from "../../ffi/mod.ts";
import { checkNonEmptyString, checkObject, optional } from "../../base/checks.ts";
import type { SoraVideoCodecName } from "../../signaling/mod.ts";

/** Who encodes and decodes video. */
export const SoraVideoCodecImplementation = {
  /** What is inside the library: libvpx and libaom. */
  INTERNAL: "INTERNAL",
  /** Cisco's OpenH264, in the file that the option `openh264` names. */
  CISCO_OPENH264: "CISCO_OPENH264",
  /** Intel's Video Processing Library. */
  INTEL_VPL: "INTEL_VPL",
  /** NVIDIA's Video Codec SDK. */
  NVIDIA_VIDEO_CODEC_SDK: "NVIDIA_VIDEO_CODEC_SDK",
  /** AMD's Advanced Media Framework. */
  AMD_AMF: "AMD_AMF",
} as const;

/** A member of {@link SoraVideoCodecImplementation}. */
export type SoraVideoCodecImplementation =
  typeof SoraVideoCodecImplementation[keyof typeof SoraVideoCodecImplementation];

/** What an engine can do with a codec on this machine. */
export interface SoraVideoCodecSupport {
  /** The codec. */
  readonly type: SoraVideoCodecName;
  /** Whether it encodes it. */
  readonly encoder: boolean;
  /** Whether it decodes it. */
  readonly decoder: boolean;
}

/** What an engine can do on this machine. */
export interface SoraVideoCodecEngine {
  /** Its name. */
  readonly name: SoraVideoCodecImplementation;
  /** Every codec, also those that it cannot do. */
  readonly codecs: readonly SoraVideoCodecSupport[];
  /** What else is known: versions, for instance. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** An engine that can do nothing on this machine. */
export interface SoraUnavailableVideoCodecEngine {
  /** Its name. */
  readonly name: SoraVideoCodecImplementation;
  /** Why, as a sentence without a full stop. */
  readonly reason: string;
}

/** Options of {@link getVideoCodecCapability}. */
export interface SoraVideoCodecCapabilityOptions {
  /** The file of OpenH264's library. */
  readonly openh264?: string | undefined;
  /** The native library's file, as in `SoraOptions`. */
  readonly library?: string | undefined;
}

const OPTIONS = ["openh264", "library"] as const;
const decoder = new TextDecoder();

/** What every engine can do on this machine. */
export class SoraVideoCodecCapability {
  /** The engines that encode or decode something here. */
  readonly engines: readonly SoraVideoCodecEngine[];
  /** The other engines that were looked for, and why they are absent. */
  readonly unavailable: readonly SoraUnavailableVideoCodecEngine[];

  /** @internal */
  constructor(
    engines: readonly SoraVideoCodecEngine[],
    unavailable: readonly SoraUnavailableVideoCodecEngine[],
  ) {
    this.engines = engines;
    this.unavailable = unavailable;
  }

  /** An engine by its name; undefined when it can do nothing here ({@link unavailable} says why). */
  find(name: SoraVideoCodecImplementation): SoraVideoCodecEngine | undefined {
    return this.engines.find((engine) => engine.name === name);
  }

  /** All of it as plain objects. */
  toJSON(): {
    readonly engines: readonly SoraVideoCodecEngine[];
    readonly unavailable: readonly SoraUnavailableVideoCodecEngine[];
  } {
    return { engines: this.engines, unavailable: this.unavailable };
  }
}

/**
 * Asks every engine what it can do on this machine.
 *
 * @throws {TypeError} If an option is wrong.
 * @throws {SoraError} `LIBRARY_NOT_FOUND`, `ABI_MISMATCH`, `UNSUPPORTED`: the native library cannot be used; or OpenH264's
 * cannot, with the reason.
 */
export function getVideoCodecCapability(
  options: SoraVideoCodecCapabilityOptions = {},
): SoraVideoCodecCapability {
  const from = checkObject(options, "options", OPTIONS);
  const file = (v: unknown, p: string) => checkNonEmptyString(v, p);
  const openh264 = optional(from, "openh264", "options", file);
  const { library } = optional(from, "library", "options", file);
  const { functions } = openRealm(library);
  const asked = json(openh264);
  const call = (buffer: Uint8Array<ArrayBuffer>) =>
    unwrap(
      functions,
      functions.sora_codec_capabilities(asked, asked.byteLength, buffer, buffer.byteLength),
    );
  let buffer = new Uint8Array(16_384);
  let length = call(buffer);
  if (length > buffer.byteLength) {
    buffer = new Uint8Array(length);
    length = call(buffer);
  }
  const { engines, unavailable } = JSON.parse(decoder.decode(buffer.subarray(0, length)));
  return new SoraVideoCodecCapability(engines, unavailable);
}
