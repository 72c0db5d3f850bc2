/** The ICE servers that clients are to use (W3C WebRTC, `RTCConfiguration`). */
import { checkEach, checkObject, checkSecret, wrongType } from "../../base/checks.ts";

/** A STUN or TURN server. */
export interface IceServerOption {
  /** `stun:`, `turn:` and `turns:` URLs (RFC 7064, RFC 7065). */
  readonly urls: readonly string[];
  /** User name for TURN. Default empty. */
  readonly username?: string | undefined;
  /** Password for TURN. Default empty. */
  readonly credential?: string | undefined;
}

/** An ICE server as the `offer` has it; clients expect all three, for STUN as well. */
export interface IceServer {
  readonly urls: readonly string[];
  readonly username: string;
  readonly credential: string;
}

/** Checks one server of the option `iceServers`. */
export function checkIceServer(value: unknown, path: string): IceServer {
  const { urls, username = "", credential = "" } = checkObject(value, path, undefined, ["urls"]);
  return {
    urls: checkEach(urls, `${path}.urls`, checkIceUrl),
    username: checkSecret(username, `${path}.username`),
    credential: checkSecret(credential, `${path}.credential`),
  };
}

function checkIceUrl(value: unknown, path: string): string {
  if (typeof value === "string" && /^(stun|turn)s?:/.test(value)) return value;
  throw wrongType(path, "a stun:, turn: or turns: URL", value);
}
