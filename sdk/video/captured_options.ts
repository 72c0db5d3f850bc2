/**
 * The check of the options of frames to send.
 *
 * @module
 */

import { checkInteger, checkNumber, checkObject } from "../../base/checks.ts";
import type { NativeFunctions } from "../../ffi/mod.ts";
import type { SoraCapturedOptions } from "./chunk.ts";
import { checkRotation, FrameSizes, MAX_SIDE, MIN_SENT_SIDE } from "./pixel_format.ts";

const REQUIRED = ["width", "height"] as const;
const OPTIONS = [...REQUIRED, "format", "stride", "rotation", "timestampUs"] as const;

/**
 * The options of the last frame, checked. Those of the next one are mostly the same: to find that out takes a fraction of what
 * checking them takes after a pause, when no cache has the code.
 */
export class CapturedOptions {
  /** Pixels in a row. */
  width = 0;
  /** Rows. */
  height = 0;
  /** Degrees, clockwise. */
  rotation = 0;
  /** `sora_video_format`. */
  format = 0;
  /** Bytes from one row to the next; 0: without gaps. */
  stride = 0;
  /** Bytes of the frame. */
  bytes = 0;
  readonly #sizes = new FrameSizes();
  // As they were given.
  #format: unknown = undefined;
  #stride: unknown = undefined;
  #rotation: unknown = undefined;
  /** How many they were, without the time. */
  #count = 0;

  /**
   * Takes the options of a frame, all but its time.
   *
   * @throws {TypeError} If an option is wrong.
   * @throws {RangeError} If a number is outside its limits.
   */
  take(functions: NativeFunctions, options: SoraCapturedOptions): void {
    if (!this.#hasTaken(options)) this.#check(functions, options);
  }

  #hasTaken(options: SoraCapturedOptions): boolean {
    return typeof options === "object" && options !== null && options.width === this.width &&
      options.height === this.height && options.format === this.#format &&
      options.stride === this.#stride && options.rotation === this.#rotation &&
      // No more of them: one that is unknown is refused.
      Object.keys(options).length === this.#count + (options.timestampUs === undefined ? 0 : 1);
  }

  #check(functions: NativeFunctions, options: SoraCapturedOptions): void {
    checkObject(options, "options", OPTIONS, REQUIRED);
    const { format, stride, rotation } = options;
    const width = checkInteger(options.width, "options.width", MIN_SENT_SIDE, MAX_SIDE);
    const height = checkInteger(options.height, "options.height", MIN_SENT_SIDE, MAX_SIDE);
    const degrees = rotation === undefined ? 0 : checkRotation(rotation, "options.rotation");
    const size = this.#sizes.of(functions, options, width, height, "options");
    this.width = width;
    this.height = height;
    this.rotation = degrees;
    this.format = size.format;
    this.stride = size.stride;
    this.bytes = size.bytes;
    this.#format = format;
    this.#stride = stride;
    this.#rotation = rotation;
    this.#count =
      [width, height, format, stride, rotation].filter((one) => one !== undefined).length;
  }
}

/** Checks the time of a frame, in microseconds. */
export function checkTimestamp(value: unknown): number {
  return checkNumber(value, "options.timestampUs", 0, Number.MAX_SAFE_INTEGER);
}
