/**
 * Video codecs and engines of this machine.
 *
 * @module
 */

import { json, openRealm, unwrap } from "../../ffi/mod.ts";
import { checkNonEmptyString, checkObject, optional } from "../../base/checks.ts";
import type { SoraVideoCodecName } from "../../signaling/mod.ts";

/** Engines that encode and decode video. */
export const SoraVideoCodecImplementation = {
  /** The engines inside the library: libvpx and libaom. */
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

/** The sizes of frames that a device takes, in pixels. */
export interface SoraVideoSizes {
  /** The least width. */
  readonly minWidth: number;
  /** The least height. */
  readonly minHeight: number;
  /** The largest width. */
  readonly maxWidth: number;
  /** The largest height. */
  readonly maxHeight: number;
}

/** The support of an engine for a codec on this machine. */
export interface SoraVideoCodecSupport {
  /** The codec. */
  readonly type: SoraVideoCodecName;
  /** Whether it encodes it. */
  readonly encoder: boolean;
  /** Whether it decodes it. */
  readonly decoder: boolean;
  /** The sizes that its device encodes; unset where there is no device. Simulcast leaves out layers that are smaller. */
  readonly encoderSizes?: SoraVideoSizes;
  /** The sizes that its device decodes; unset where there is no device. */
  readonly decoderSizes?: SoraVideoSizes;
}

/** An engine that encodes or decodes something on this machine. */
export interface SoraVideoCodecEngine {
  /** Its name. */
  readonly name: SoraVideoCodecImplementation;
  /** Every codec, also those that it does not support. */
  readonly codecs: readonly SoraVideoCodecSupport[];
  /** Further properties: versions, for instance. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** An engine that is not available on this machine. */
export interface SoraUnavailableVideoCodecEngine {
  /** Its name. */
  readonly name: SoraVideoCodecImplementation;
  /** The reason, as a sentence without a full stop. */
  readonly reason: string;
}

/** Options of {@link getVideoCodecCapability}. */
export interface SoraVideoCodecCapabilityOptions {
  /** The path of OpenH264's library. */
  readonly openh264?: string | undefined;
  /** The path of the native library, as in `SoraOptions`. */
  readonly library?: string | undefined;
}

const OPTIONS = ["openh264", "library"] as const;
const decoder = new TextDecoder();

/**
 * The capabilities of every engine on this machine.
 *
 * @example
 * ```ts
 * import { getVideoCodecCapability } from "sora-ffi";
 *
 * const capability = getVideoCodecCapability();
 * const internal = capability.find("INTERNAL");
 * console.log(internal?.codecs.find(({ type }) => type === "VP8")?.encoder); // true
 * ```
 */
export class SoraVideoCodecCapability {
  /** The engines that encode or decode something here. */
  readonly engines: readonly SoraVideoCodecEngine[];
  /** The other engines, and why they are not available. */
  readonly unavailable: readonly SoraUnavailableVideoCodecEngine[];

  /** @internal */
  constructor(
    engines: readonly SoraVideoCodecEngine[],
    unavailable: readonly SoraUnavailableVideoCodecEngine[],
  ) {
    this.engines = engines;
    this.unavailable = unavailable;
  }

  /** An engine by its name; undefined when it is not available ({@link unavailable} has the reason). */
  find(name: SoraVideoCodecImplementation): SoraVideoCodecEngine | undefined {
    return this.engines.find((engine) => engine.name === name);
  }

  /** The capabilities as plain objects. */
  toJSON(): {
    readonly engines: readonly SoraVideoCodecEngine[];
    readonly unavailable: readonly SoraUnavailableVideoCodecEngine[];
  } {
    return { engines: this.engines, unavailable: this.unavailable };
  }
}

/**
 * Asks every engine for its capabilities on this machine.
 *
 * @throws {TypeError} If an option is wrong.
 * @throws {RangeError} If a path is empty.
 * @throws {SoraError} `LIBRARY_NOT_FOUND`, `ABI_MISMATCH`, `UNSUPPORTED`: the native library or OpenH264's cannot be used, with
 * the reason.
 *
 * @example
 * ```ts
 * import { getVideoCodecCapability } from "sora-ffi";
 *
 * const { engines, unavailable } = getVideoCodecCapability();
 * for (const { name, codecs } of engines) {
 *   const encodes = codecs.filter(({ encoder }) => encoder).map(({ type }) => type);
 *   console.log(`${name} encodes ${encodes.join(", ")}`);
 * }
 * for (const { name, reason } of unavailable) console.log(`${name}: ${reason}`);
 * ```
 */
export function getVideoCodecCapability(
  options: SoraVideoCodecCapabilityOptions = {},
): SoraVideoCodecCapability {
  const from = checkObject(options, "options", OPTIONS);
  const file = (v: unknown, p: string) => checkNonEmptyString(v, p);
  const openh264 = optional(from, "openh264", "options", file);
  const { library } = optional(from, "library", "options", file);
  const { functions } = openRealm(library);
  const path = json(openh264);
  const call = (buffer: Uint8Array<ArrayBuffer>) =>
    unwrap(
      functions,
      functions.sora_codec_capabilities(path, path.byteLength, buffer, buffer.byteLength),
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
