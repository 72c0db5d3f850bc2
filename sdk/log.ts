/**
 * libwebrtc's log.
 *
 * @module
 */

import { callGuarded } from "../base/handlers.ts";
import { cutEscaped, escapeControls } from "../base/text.ts";
import { EventType, LogSeverity, openRealm, type Realm, unwrap, utf8 } from "../ffi/mod.ts";
import { checkNonEmptyString, checkOneOf, checkString } from "../base/checks.ts";
import { kindOf } from "../base/json.ts";
import { SoraLoggingSeverity } from "./enums.ts";

/**
 * Gets a line of the log, without a line end.
 *
 * @param line At most 4,096 bytes.
 * @param severity Of this line.
 */
export type SoraLogSink = (line: string, severity: SoraLoggingSeverity) => unknown;

/** The handle that lines of the log come with. */
const LOG = 0;
const MAX_LINE_BYTES = 65_536;
const severities = Object.values(SoraLoggingSeverity);
const decoder = new TextDecoder();
const encoder = new TextEncoder();
/** As long as a line may be. */
const kept = new Uint8Array(4_096);

function toConsole(line: string): void {
  console.error(line);
}

/** Lines quote what the server says. Escaping may make them longer. */
function lineOf(payload: Uint8Array): string {
  const line = escapeControls(decoder.decode(payload));
  const { read } = encoder.encodeInto(line, kept);
  return cutEscaped(line, read);
}

/** What a sink throws has nobody else to be told to. */
function failed(_owner: unknown, error: unknown): void {
  console.error(error);
}

function checkRealm(library: string | undefined): Realm {
  return openRealm(library === undefined ? undefined : checkNonEmptyString(library, "library"));
}

/**
 * Sends libwebrtc's log to `sink`, in order, instead of where it went before; `NONE` ends it. There is one log in a process.
 * At most 1,000 lines a second come; a line tells of the beginning of a gap, and the one after it says how many were left
 * out. Values of passwords, credentials, tokens, secrets and keys are replaced by `***`, and control characters are written
 * as in JSON. Lines arrive while a connection is open, or something is written with {@link rtcLog}; they do not keep the
 * process alive. What `sink` throws or rejects with goes to the console.
 *
 * @param severity Lines of this severity and above.
 * @param sink Default: the console, as errors.
 * @param library The native library's file, as in `SoraOptions`.
 * @throws {TypeError} If an argument is wrong.
 * @throws {SoraError} `LIBRARY_NOT_FOUND`, `ABI_MISMATCH`, `UNSUPPORTED`: the native library cannot be used.
 */
export function enableLibwebrtcLog(
  severity: SoraLoggingSeverity,
  sink: SoraLogSink = toConsole,
  library?: string,
): void {
  const least = LogSeverity[checkOneOf(severity, "severity", severities)];
  if (typeof sink !== "function") {
    throw new TypeError(`sink must be a function, not ${kindOf(sink)}`);
  }
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
 * @param text At most 65,536 bytes of UTF-8; 4,096 of them are kept.
 * @param library The native library's file, as in `SoraOptions`.
 * @throws {TypeError} If an argument is wrong.
 * @throws {SoraError} `LIBRARY_NOT_FOUND`, `ABI_MISMATCH`, `UNSUPPORTED`: the native library cannot be used.
 */
export function rtcLog(severity: SoraLoggingSeverity, text: string, library?: string): void {
  const level = LogSeverity[checkOneOf(severity, "severity", severities)];
  const line = utf8(checkString(text, "text", MAX_LINE_BYTES));
  const { events, functions } = checkRealm(library);
  unwrap(functions, functions.sora_log_write(level, line, line.byteLength));
  events.flush();
}
