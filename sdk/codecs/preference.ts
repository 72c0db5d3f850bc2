/**
 * The choice of engines for codecs.
 *
 * @module
 */

import { checkEach, checkInstance, checkObject, checkOneOf, optional } from "../../base/checks.ts";
import type { SoraVideoCodecName } from "../../signaling/mod.ts";
import { SoraVideoCodecCapability, SoraVideoCodecImplementation } from "./capability.ts";

/** The engines that encode and decode a codec; unset: none. */
export interface SoraVideoCodecPreferenceCodec {
  /** The codec. */
  readonly type: SoraVideoCodecName;
  /** The engine that encodes it. */
  encoder?: SoraVideoCodecImplementation | undefined;
  /** The engine that decodes it. */
  decoder?: SoraVideoCodecImplementation | undefined;
  /**
   * The engine that encodes it where {@link encoder} is not available, and that takes over, with a key frame, when that gives up
   * while it sends (`onError`: `CODEC_FAILED`). Only formats that both have are negotiated.
   */
  fallbackEncoder?: SoraVideoCodecImplementation | undefined;
  /** The same for {@link decoder}. */
  fallbackDecoder?: SoraVideoCodecImplementation | undefined;
}

const types = ["VP8", "VP9", "AV1", "H264", "H265"] as const satisfies SoraVideoCodecName[];
const implementations = Object.values(SoraVideoCodecImplementation);
const DIRECTIONS = ["encoder", "decoder", "fallbackEncoder", "fallbackDecoder"] as const;

/** A fallback is one of another engine. */
function checkFallback(
  engine: SoraVideoCodecImplementation | undefined,
  fallback: SoraVideoCodecImplementation | undefined,
  direction: "Encoder" | "Decoder",
  path: string,
): void {
  if (fallback === undefined || (engine !== undefined && engine !== fallback)) return;
  const name = direction.toLowerCase();
  throw new TypeError(
    engine === undefined
      ? `${path}.fallback${direction} needs ${path}.${name}`
      : `${path}.fallback${direction} must differ from ${path}.${name}, not be "${fallback}" as well`,
  );
}

function checkCodec(value: unknown, path: string): SoraVideoCodecPreferenceCodec {
  const from = checkObject(value, path, ["type", ...DIRECTIONS], ["type"]);
  const engine = (v: unknown, p: string) => checkOneOf(v, p, implementations);
  const codec = {
    type: checkOneOf(from["type"], `${path}.type`, types),
    ...optional(from, "encoder", path, engine),
    ...optional(from, "decoder", path, engine),
    ...optional(from, "fallbackEncoder", path, engine),
    ...optional(from, "fallbackDecoder", path, engine),
  };
  checkFallback(codec.encoder, codec.fallbackEncoder, "Encoder", path);
  checkFallback(codec.decoder, codec.fallbackDecoder, "Decoder", path);
  return codec;
}

/**
 * The engines that encode and decode each codec. Codecs that are not listed are not used. An option of `Sora`.
 *
 * @example
 * ```ts
 * import { Sora, SoraVideoCodecPreference } from "sora-ffi";
 *
 * const videoCodecPreference = new SoraVideoCodecPreference({
 *   codecs: [{ type: "VP8", encoder: "INTERNAL", decoder: "INTERNAL" }],
 * });
 * videoCodecPreference.getOrAdd("AV1").decoder = "INTERNAL"; // received, never sent
 * await using sora = new Sora({ videoCodecPreference });
 * ```
 */
export class SoraVideoCodecPreference {
  /** The codecs, in the order of preference. */
  readonly codecs: SoraVideoCodecPreferenceCodec[];

  /**
   * Makes a preference; without codecs, one to be filled by {@link getOrAdd} and {@link merge}.
   *
   * @throws {TypeError} Naming the path of the wrong value, or the codec that is listed twice.
   */
  constructor(
    options: { readonly codecs?: readonly SoraVideoCodecPreferenceCodec[] | undefined } = {},
  ) {
    const { codecs = [] } = checkObject(options, "options", ["codecs"]);
    this.codecs = checkEach(codecs, "options.codecs", checkCodec);
    this.codecs.forEach(({ type }, i) => {
      const first = this.codecs.findIndex((codec) => codec.type === type);
      if (first !== i) {
        throw new TypeError(
          `options.codecs[${i}].type must differ from options.codecs[${first}].type, not be "${type}" as well`,
        );
      }
    });
  }

  /** The entry of a codec. */
  find(type: SoraVideoCodecName): SoraVideoCodecPreferenceCodec | undefined {
    checkOneOf(type, "type", types);
    return this.codecs.find((codec) => codec.type === type);
  }

  /** The entry of a codec; when there is none, one without encoder and decoder is added. */
  getOrAdd(type: SoraVideoCodecName): SoraVideoCodecPreferenceCodec {
    const known = this.find(type);
    if (known !== undefined) return known;
    const added: SoraVideoCodecPreferenceCodec = { type };
    this.codecs.push(added);
    return added;
  }

  /** Whether an engine encodes or decodes anything. */
  hasImplementation(implementation: SoraVideoCodecImplementation): boolean {
    checkOneOf(implementation, "implementation", implementations);
    return this.codecs.some(({ encoder, decoder }) =>
      encoder === implementation || decoder === implementation
    );
  }

  /** Takes over the engines of another preference, which override those here. */
  merge(other: SoraVideoCodecPreference): void {
    checkInstance(other, "other", SoraVideoCodecPreference);
    for (const { type, ...engines } of other.codecs) {
      const codec = this.getOrAdd(type);
      for (const direction of DIRECTIONS) {
        if (engines[direction] !== undefined) codec[direction] = engines[direction];
      }
      // What replaces an engine may have been its fallback.
      if (codec.fallbackEncoder === codec.encoder) delete codec.fallbackEncoder;
      if (codec.fallbackDecoder === codec.decoder) delete codec.fallbackDecoder;
    }
  }

  /** The preference as plain objects, which make the same preference again. */
  toJSON(): { readonly codecs: readonly SoraVideoCodecPreferenceCodec[] } {
    return { codecs: this.codecs.map((codec) => ({ ...codec })) };
  }
}

/**
 * A preference for all that an engine supports; without codecs when the engine is not available.
 *
 * @param capability The result of `getVideoCodecCapability()`.
 * @param implementation The engine.
 * @throws {TypeError} If an argument is wrong.
 *
 * @example
 * ```ts
 * import {
 *   createVideoCodecPreferenceFromImplementation,
 *   getVideoCodecCapability,
 *   Sora,
 * } from "sora-ffi";
 *
 * const capability = getVideoCodecCapability();
 * const preference = createVideoCodecPreferenceFromImplementation(capability, "INTERNAL");
 * // Where a device encodes or decodes a codec, it does so from here on.
 * preference.merge(createVideoCodecPreferenceFromImplementation(capability, "INTEL_VPL"));
 * await using sora = new Sora({ videoCodecPreference: preference });
 * ```
 */
export function createVideoCodecPreferenceFromImplementation(
  capability: SoraVideoCodecCapability,
  implementation: SoraVideoCodecImplementation,
): SoraVideoCodecPreference {
  checkInstance(capability, "capability", SoraVideoCodecCapability);
  checkOneOf(implementation, "implementation", implementations);
  const codecs = (capability.find(implementation)?.codecs ?? [])
    .filter(({ encoder, decoder }) => encoder || decoder)
    .map(({ type, encoder, decoder }) => ({
      type,
      ...(encoder ? { encoder: implementation } : {}),
      ...(decoder ? { decoder: implementation } : {}),
    }));
  return new SoraVideoCodecPreference({ codecs });
}
