/**
 * Which engine encodes and decodes which codec.
 *
 * @module
 */

import { checkArray, checkObject, checkOneOf, optional } from "../../base/checks.ts";
import { kindOf } from "../../base/json.ts";
import type { SoraVideoCodecName } from "../../signaling/mod.ts";
import { SoraVideoCodecCapability, SoraVideoCodecImplementation } from "./capability.ts";

/** Who encodes and decodes a codec; unset: nobody. */
export interface SoraVideoCodecPreferenceCodec {
  /** The codec. */
  readonly type: SoraVideoCodecName;
  /** Who encodes it. */
  encoder?: SoraVideoCodecImplementation | undefined;
  /** Who decodes it. */
  decoder?: SoraVideoCodecImplementation | undefined;
}

const types = ["VP8", "VP9", "AV1", "H264", "H265"] as const satisfies SoraVideoCodecName[];
const implementations = Object.values(SoraVideoCodecImplementation);

function checkCodec(value: unknown, path: string): SoraVideoCodecPreferenceCodec {
  const from = checkObject(value, path, ["type", "encoder", "decoder"], ["type"]);
  const engine = (v: unknown, p: string) => checkOneOf(v, p, implementations);
  return {
    type: checkOneOf(from["type"], `${path}.type`, types),
    ...optional(from, "encoder", path, engine),
    ...optional(from, "decoder", path, engine),
  };
}

/** Which engine encodes and decodes which codec. Only the codecs that are listed exist. An option of `Sora`. */
export class SoraVideoCodecPreference {
  /** The codecs, in the order of preference. */
  readonly codecs: SoraVideoCodecPreferenceCodec[];

  /**
   * Makes a preference; without codecs, to be filled by {@link getOrAdd} and {@link merge}.
   *
   * @throws {TypeError} Naming the path of what is wrong, or the codec that is listed twice.
   */
  constructor(
    options: { readonly codecs?: readonly SoraVideoCodecPreferenceCodec[] | undefined } = {},
  ) {
    const { codecs = [] } = checkObject(options, "options", ["codecs"]);
    this.codecs = checkArray(codecs, "options.codecs").map((codec, i) =>
      checkCodec(codec, `options.codecs[${i}]`)
    );
    this.codecs.forEach(({ type }, i) => {
      const first = this.codecs.findIndex((codec) => codec.type === type);
      if (first !== i) {
        throw new TypeError(
          `options.codecs[${i}].type is ${type}, as options.codecs[${first}].type`,
        );
      }
    });
  }

  /** The entry of a codec. */
  find(type: SoraVideoCodecName): SoraVideoCodecPreferenceCodec | undefined {
    checkOneOf(type, "type", types);
    return this.codecs.find((codec) => codec.type === type);
  }

  /** The entry of a codec; one without encoder and decoder is added when there is none. */
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

  /** Takes over what another preference sets; it wins over what is here. */
  merge(other: SoraVideoCodecPreference): void {
    if (!(other instanceof SoraVideoCodecPreference)) {
      throw new TypeError(`other must be a SoraVideoCodecPreference, not ${kindOf(other)}`);
    }
    for (const { type, ...engines } of other.codecs) {
      const codec = this.getOrAdd(type);
      if (engines.encoder !== undefined) codec.encoder = engines.encoder;
      if (engines.decoder !== undefined) codec.decoder = engines.decoder;
    }
  }

  /** All of it as plain objects, which make the same preference again. */
  toJSON(): { readonly codecs: readonly SoraVideoCodecPreferenceCodec[] } {
    return { codecs: this.codecs.map((codec) => ({ ...codec })) };
  }
}

/**
 * All that an engine can do, as a preference; without codecs when it can do nothing here.
 *
 * @param capability What `getVideoCodecCapability()` gave.
 * @param implementation The engine.
 * @throws {TypeError} If an argument is wrong.
 */
export function createVideoCodecPreferenceFromImplementation(
  capability: SoraVideoCodecCapability,
  implementation: SoraVideoCodecImplementation,
): SoraVideoCodecPreference {
  if (!(capability instanceof SoraVideoCodecCapability)) {
    throw new TypeError(`capability must be a SoraVideoCodecCapability, not ${kindOf(capability)}`);
  }
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
