/**
 * A relay between a sender and a server without simulcast: it adds encodings to the offer, as Sora does when its operator's
 * authentication answers with `simulcast_encodings`.
 *
 * @module
 */

import { type SignalingRelay, startRelay } from "./signaling_relay.ts";

/** One of the offer's `encodings`; those that are not `active` have a tilde in `a=simulcast` (RFC 8853). */
export interface OfferedEncoding {
  readonly rid: string;
  readonly active: boolean;
  readonly maxBitrate?: number;
  readonly scaleResolutionDownBy: number;
  readonly scalabilityMode: string;
}

function withRids(sdp: string, mid: string, encodings: readonly OfferedEncoding[]): string {
  const list = encodings.map(({ rid, active }) => (active ? rid : `~${rid}`)).join(";");
  const lines = [
    ...encodings.map(({ rid }) => `a=rid:${rid} recv`),
    `a=simulcast:recv ${list}`,
  ];
  const line = `a=mid:${mid}\r\n`;
  return sdp.replace(line, () => `${line}${lines.join("\r\n")}\r\n`);
}

/** Starts a relay for one client that sends video. */
export function startEncodingsRelay(
  target: string,
  encodings: readonly OfferedEncoding[],
): Promise<SignalingRelay> {
  let mid = "";
  return startRelay(target, (text) => {
    const message = JSON.parse(text);
    if (message.type === "offer") {
      mid = message.mid.video;
      Object.assign(message, { simulcast: true, encodings });
    } else if (message.type !== "re-offer") {
      return [text];
    }
    return [JSON.stringify({ ...message, sdp: withRids(message.sdp, mid, encodings) })];
  });
}
