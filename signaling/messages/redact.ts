/**
 * Redaction of secrets in texts for error messages and logs.
 *
 * @module
 */

import { quoted, withoutSecretsOfUrls, withoutUrlSecrets } from "../../base/text.ts";

/**
 * A URL without user name, password, query and fragment, each replaced by `***`, without control characters, cut to a bounded
 * length. Also for texts that are no URLs.
 */
export function redactUrl(url: string): string {
  return quoted(withoutUrlSecrets(url));
}

/**
 * The text of an error from a lower layer, without credentials, tokens and URLs' secrets, without control characters, cut to a
 * bounded length.
 */
export function redactError(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const redacted = text.replace(
    /(ice-pwd|ice-ufrag|crypto|credential|password|authorization|token|secret)(["']?\s*[:=]\s*)[^\r\n]*/gi,
    "$1$2***",
  );
  return quoted(withoutSecretsOfUrls(redacted));
}

/** An error that is safe as a cause: the error itself if its text contains no secrets, otherwise one with the redacted text. */
export function safeCause(error: unknown): unknown {
  const text = redactError(error);
  return error instanceof Error && error.message === text ? error : new Error(text);
}
