/**
 * The checks of codec parameters.
 *
 * @module
 */

import {
  checkBoolean,
  checkInteger,
  checkNatural,
  checkObject,
  checkPositive,
  checkString,
  optional,
  wrongType,
} from "../../base/checks.ts";

/** Parameters of Opus. */
export function opusParams(value: unknown, path: string) {
  const integers = ["channels", "maxplaybackrate", "minptime", "ptime"] as const;
  const booleans = ["stereo", "sprop_stereo", "useinbandfec", "usedtx"] as const;
  const from = checkObject(value, path, [...integers, ...booleans]);
  return Object.assign(
    {},
    ...integers.map((key) => optional(from, key, path, checkPositive)),
    ...booleans.map((key) => optional(from, key, path, checkBoolean)),
  );
}

/** Parameters of H.264. */
export function h264Params(value: unknown, path: string) {
  const from = checkObject(value, path, ["profile_level_id", "b_frame"]);
  return {
    ...optional(from, "profile_level_id", path, (value, path) => {
      const digits = checkString(value, path);
      if (/^[0-9a-fA-F]{6}$/.test(digits)) return digits;
      throw wrongType(path, "six hexadecimal digits (RFC 6184)", digits);
    }),
    ...optional(from, "b_frame", path, checkBoolean),
  };
}

/** Parameters of H.265. */
export function h265Params(value: unknown, path: string) {
  const from = checkObject(value, path, ["level_id", "b_frame"]);
  return {
    ...optional(from, "level_id", path, checkNatural),
    ...optional(from, "b_frame", path, checkBoolean),
  };
}

/** Parameters of VP9. */
export function vp9Params(value: unknown, path: string) {
  const from = checkObject(value, path, ["profile_id"]);
  return optional(from, "profile_id", path, (v, p) => checkInteger(v, p, 0, 3));
}

/** Parameters of AV1. */
export function av1Params(value: unknown, path: string) {
  const from = checkObject(value, path, ["profile"]);
  return optional(from, "profile", path, (v, p) => checkInteger(v, p, 0, 2));
}
