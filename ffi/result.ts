/**
 * The errors of native calls.
 *
 * @module
 */

import { escapeControls } from "../base/text.ts";
import { SoraError, type SoraErrorCode } from "../base/errors.ts";
import type { NativeFunctions } from "./binding.ts";
import { Result } from "./constants.ts";

const codes: ReadonlyMap<number, SoraErrorCode> = new Map([
  [Result.ERROR_CLOSED, "CLOSED"],
  [Result.ERROR_INVALID_STATE, "INVALID_STATE"],
  [Result.ERROR_LIMIT, "LIMIT_EXCEEDED"],
  [Result.ERROR_UNSUPPORTED, "UNSUPPORTED"],
]);

const names: ReadonlyMap<number, string> = new Map(
  Object.entries(Result).map(([name, value]) => [value, `SORA_${name}`]),
);

const decoder = new TextDecoder();
const MAX_ERROR_TEXT = 4_096;

/** The text of the last native error, cut at 4,096 bytes. */
export function lastError(functions: NativeFunctions): string {
  const buffer = new Uint8Array(MAX_ERROR_TEXT);
  const length = functions.sora_last_error(buffer, buffer.byteLength);
  return decoder.decode(buffer.subarray(0, Math.min(Math.max(length, 0), buffer.byteLength)));
}

/** The error for a negative `sora_result`. Arguments were checked before, so it is a state or a failure; the text may quote SDP. */
export function nativeError(result: number, text: string): SoraError {
  const name = names.get(result) ?? `result ${result}`;
  return new SoraError(
    codes.get(result) ?? "NATIVE_ERROR",
    text === "" ? name : escapeControls(text),
    {
      cause: name,
    },
  );
}

/**
 * Returns a native result unless it is negative.
 *
 * @throws {SoraError} With the native error's text if it is.
 */
export function unwrap(functions: NativeFunctions, result: number): number {
  if (result < 0) throw nativeError(result, lastError(functions));
  return result;
}
