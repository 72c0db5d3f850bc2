/**
 * What an answer says about what is sent.
 *
 * @module
 */

import { SoraError } from "../signaling/errors.ts";

/** The lines of the media description with a mid (RFC 8843). */
function mediaOf(sdp: string, mid: string): readonly string[] {
  const sections = sdp.split(/\r?\n(?=m=)/).map((section) => section.split(/\r?\n/));
  return sections.find((lines) => lines.includes(`a=mid:${mid}`)) ?? [];
}

/**
 * Checks that the media description of a mid is accepted. libwebrtc rejects one, by port 0, when it has none of its codecs; the
 * connection would come about and send nothing.
 *
 * @throws {SoraError} `UNSUPPORTED` when it is rejected, naming the codecs that were offered.
 */
export function checkAnswered(offer: string, answer: string, mid: string): void {
  if (!/^m=\w+ 0 /.test(mediaOf(answer, mid)[0] ?? "")) return;
  const offered = mediaOf(offer, mid)
    .map((line) => /^a=rtpmap:\d+ ([\w-]+)\//.exec(line)?.[1])
    .filter((name) => name !== undefined && name !== "rtx");
  const names = [...new Set(offered)].join(", ");
  throw new SoraError(
    "UNSUPPORTED",
    `the server asks for ${names}, and no engine here encodes it: choose another videoCodecType, or an engine that ` +
      "does (getVideoCodecCapability() lists them)",
  );
}
