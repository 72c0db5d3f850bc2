/** The ICE servers that clients are told of (W3C WebRTC, `RTCConfiguration`). */

/** A STUN or TURN server. */
export interface IceServerOption {
  /** `stun:`, `turn:` and `turns:` URLs (RFC 7064, RFC 7065). */
  readonly urls: readonly string[];
  /** User name for TURN. Default empty. */
  readonly username?: string | undefined;
  /** Password for TURN. Default empty. */
  readonly credential?: string | undefined;
}

/** As it stands in the `offer`; clients expect all three, for STUN as well. */
export interface IceServer {
  readonly urls: readonly string[];
  readonly username: string;
  readonly credential: string;
}

/**
 * Checks the option `iceServers`.
 *
 * @throws TypeError naming the member, and never its value: it may be a password.
 */
export function checkIceServers(servers: unknown): IceServer[] {
  if (!Array.isArray(servers)) throw new TypeError('Option "iceServers" must be an array.');
  return servers.map((server: Partial<Record<string, unknown>> | null, i) => {
    const { urls, username = "", credential = "" } = server ?? {};
    if (!Array.isArray(urls) || !urls.every((url) => /^(stun|turn)s?:/.test(String(url)))) {
      throw new TypeError(
        `Option "iceServers[${i}].urls" must be an array of stun:, turn: and turns: URLs.`,
      );
    }
    if (typeof username !== "string" || typeof credential !== "string") {
      throw new TypeError(
        `Option "iceServers[${i}]" must have strings as "username" and "credential".`,
      );
    }
    return { urls: urls.map(String), username, credential };
  });
}
