/**
 * Checks of SDP answers for the media that is sent.
 *
 * @module
 */

import { quoted } from "../../base/text.ts";
import { SoraError } from "../../base/errors.ts";
import type { OfferMessage } from "../../signaling/mod.ts";

/** The lines of the media description with a mid (RFC 8843). */
function mediaOf(sdp: string, mid: string): readonly string[] {
  const sections = sdp.split(/\r?\n(?=m=)/).map((section) => section.split(/\r?\n/));
  return sections.find((lines) => lines.includes(`a=mid:${mid}`)) ?? [];
}

/** The codecs of a media description with their format parameters, as in `AV1 (profile=1)`; without retransmissions. */
function codecsOf(media: readonly string[]): string[] {
  return media.flatMap((line) => {
    const [, type, name] = /^a=rtpmap:(\d+) ([\w-]+)\//.exec(line) ?? [];
    if (name === undefined || name === "rtx") return [];
    const start = `a=fmtp:${type} `;
    const parameters = media.find((line) => line.startsWith(start))?.slice(start.length).split(";")
      // Those of Google are not the codec's.
      .filter((parameter) => parameter !== "" && !parameter.trim().startsWith("x-google-"));
    return [parameters?.length ? `${name} (${parameters.join(";")})` : name];
  });
}

/**
 * The error of a media description that libwebrtc rejects for sending, because nothing here encodes what it offers.
 */
export function cannotEncode(offer: string, mid: string): SoraError {
  const names = [...new Set(codecsOf(mediaOf(offer, mid)))].join(", ");
  return new SoraError(
    "UNSUPPORTED",
    `the server asks for ${quoted(names)}, and no engine here encodes it: choose another ` +
      "videoCodecType, other parameters of it, or an engine that does (getVideoCodecCapability() lists them)",
  );
}

/**
 * Checks that the media description of a mid is accepted. libwebrtc rejects one, by port 0, when it has none of its codecs; the
 * connection would be established and send nothing.
 *
 * @throws {SoraError} `UNSUPPORTED` when it is rejected, naming the codecs that were offered.
 */
export function checkAnswered(offer: string, answer: string, mid: string): void {
  if (/^m=\w+ 0 /.test(mediaOf(answer, mid)[0] ?? "")) throw cannotEncode(offer, mid);
}

/**
 * Checks that no layer has a codec of its own: libwebrtc M123 encodes all of them in the one that was negotiated.
 *
 * @throws {SoraError} `UNSUPPORTED` when one has, naming the codec.
 */
export function checkLayerCodecs(
  offer: string,
  mid: string,
  encodings: NonNullable<OfferMessage["encodings"]>,
): void {
  const [negotiated = ""] = codecsOf(mediaOf(offer, mid));
  const [name = ""] = negotiated.split(" ");
  for (const { rid, codec } of encodings) {
    if (codec === undefined || codec.mimeType.toLowerCase() === `video/${name.toLowerCase()}`) {
      continue;
    }
    throw new SoraError(
      "UNSUPPORTED",
      `the server asks for layer ${quoted(rid)} in ${quoted(codec.mimeType)} beside ${
        quoted(negotiated)
      }, ` +
        "and layers of different codecs are not supported: turn off simulcast_multicodec",
    );
  }
}
