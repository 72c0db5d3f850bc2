/**
 * URLs of signaling: `ws:` and `wss:` (RFC 6455, section 3).
 *
 * @module
 */

import { checkSecret } from "../../base/checks.ts";

/** Why a text is not a URL that signaling can use, in words that follow "must"; without the text, which may be a secret. */
function problem(text: string): string | undefined {
  const wanted = 'be a URL that starts with "ws:" or "wss:"';
  if (!URL.canParse(text)) return wanted;
  const { protocol, hostname } = new URL(text);
  if (protocol === "http:" || protocol === "https:") return `${wanted}, not with "${protocol}"`;
  if (protocol !== "ws:" && protocol !== "wss:") return wanted;
  if (hostname === "") return "have a host";
  return text.includes("#") ? "have no fragment (RFC 6455, section 3)" : undefined;
}

/** Whether a text is a URL that signaling can use. */
export function isSignalingUrl(text: string): boolean {
  return problem(text) === undefined;
}

/** A URL that a user hands in. */
export function checkSignalingUrl(value: unknown, path: string): string {
  const url = checkSecret(value, path);
  const wrong = problem(url);
  if (wrong !== undefined) throw new TypeError(`${path} must ${wrong}`);
  return url;
}

/** Whether a redirect would give up TLS, after which what was encrypted would be sent in the clear. */
export function leavesTls(from: string, to: string): boolean {
  return new URL(from).protocol === "wss:" && new URL(to).protocol !== "wss:";
}
