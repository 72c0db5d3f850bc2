/**
 * libwebrtc's log.
 *
 * @module
 */

import { callGuarded } from "../base/handlers.ts";
import { cutEscaped, escapeControls } from "../base/text.ts";
import { EventType, LogSeverity, openRealm, type Realm, unwrap, utf8 } from "../ffi/mod.ts";
import { checkFunction, checkNonEmptyString, checkOneOf, checkString } from "../base/checks.ts";
import { SoraLoggingSeverity } from "./enums.ts";

/**
 * Receives a line of the log, without a line end.
 *
 * @param line The text, at most 4,096 bytes of UTF-8.
 * @param severity The severity of this line.
 */
export type SoraLogSink = (line: string, severity: SoraLoggingSeverity) => unknown;

/** The handle of events that are lines of the log. */
const LOG = 0;
const MAX_LINE_BYTES = 65_536;
const severities = Object.values(SoraLoggingSeverity);
const decoder = new TextDecoder();
const encoder = new TextEncoder();
/** The longest line. */
const kept = new Uint8Array(4_096);

function toConsole(line: string): void {
  console.error(line);
}

/** Lines quote the server. Escaping may make them longer. */
function lineOf(payload: Uint8Array): string {
  const line = escapeControls(decoder.decode(payload));
  const { read } = encoder.encodeInto(line, kept);
  return cutEscaped(line, read);
}

/** A sink has no `onError`. */
function failed(_owner: unknown, error: unknown): void {
  console.error(error);
}

function checkRealm(library: string | undefined): Realm {
  return openRealm(library === undefined ? undefined : checkNonEmptyString(library, "library"));
}

/**
 * Sends libwebrtc's log to `sink`, in order, in place of the present sink; `NONE` ends it. A process has one log. At most 1,000
 * lines are delivered per second: one line marks the beginning of a gap, and the next one has the number of lines that were left
 * out. The values of passwords, credentials, tokens, secrets and keys are replaced by `***`, and control characters are escaped
 * as in JSON. Lines arrive while a connection is open, or when something is written with {@link rtcLog}; they do not keep the
 * process alive. What `sink` throws or rejects with is written to the console.
 *
 * @param severity The lowest severity.
 * @param sink Receives the lines. Default: `console.error`.
 * @param library The path of the native library, as in `SoraOptions`.
 * @throws {TypeError} If an argument is wrong.
 * @throws {SoraError} `LIBRARY_NOT_FOUND`, `ABI_MISMATCH`, `UNSUPPORTED`: the native library cannot be used.
 *
 * @example
 * ```ts
 * import { enableLibwebrtcLog, SoraLoggingSeverity } from "sora-ffi";
 *
 * enableLibwebrtcLog(SoraLoggingSeverity.WARNING, (line) => console.error(line));
 * enableLibwebrtcLog(SoraLoggingSeverity.NONE); // ends it
 * ```
 */
export function enableLibwebrtcLog(
  severity: SoraLoggingSeverity,
  sink: SoraLogSink = toConsole,
  library?: string,
): void {
  const least = LogSeverity[checkOneOf(severity, "severity", severities)];
  checkFunction(sink, "sink");
  const { events, functions } = checkRealm(library);
  if (least === LogSeverity.NONE) {
    events.unlisten(LOG);
  } else {
    events.listen(LOG, (type, argument, payload) => {
      if (type !== EventType.LOG) return;
      const severity = severities[argument] ?? SoraLoggingSeverity.ERROR;
      callGuarded(undefined, sink, [lineOf(payload), severity], failed);
    });
  }
  unwrap(functions, functions.sora_log_enable(events.queue, least));
}

/**
 * Writes a line into libwebrtc's log.
 *
 * @param text At most 65,536 bytes of UTF-8, of which the first 4,096 are kept.
 * @param library The path of the native library, as in `SoraOptions`.
 * @throws {TypeError} If an argument is wrong.
 * @throws {RangeError} If `text` is too long.
 * @throws {SoraError} `LIBRARY_NOT_FOUND`, `ABI_MISMATCH`, `UNSUPPORTED`: the native library cannot be used.
 *
 * @example
 * ```ts
 * import { enableLibwebrtcLog, rtcLog, SoraLoggingSeverity } from "sora-ffi";
 *
 * const written = Promise.withResolvers<string>();
 * enableLibwebrtcLog(SoraLoggingSeverity.INFO, written.resolve);
 * rtcLog(SoraLoggingSeverity.INFO, "the robot turns");
 * console.log((await written.promise).includes("the robot turns")); // true
 * enableLibwebrtcLog(SoraLoggingSeverity.NONE);
 * ```
 */
export function rtcLog(severity: SoraLoggingSeverity, text: string, library?: string): void {
  const level = LogSeverity[checkOneOf(severity, "severity", severities)];
  const line = utf8(checkString(text, "text", MAX_LINE_BYTES));
  const { events, functions } = checkRealm(library);
  unwrap(functions, functions.sora_log_write(level, line, line.byteLength));
  events.flush();
}
