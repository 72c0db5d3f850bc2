/** SDP offers (RFC 8866, RFC 9429, RFC 8843). */
import { EXTENSION_URIS, ExtensionId } from "../rtp/extensions.ts";
import type { Codec, MediaKind } from "./codecs.ts";
import type { OfferedRid } from "./rids.ts";

/** The server's end of the transport. */
export interface OfferTransport {
  readonly host: string;
  readonly port: number;
  readonly ufrag: string;
  readonly password: string;
  /** SHA-256 fingerprint of the certificate in SDP form. */
  readonly fingerprint: string;
}

/** A stream that the server sends in a section. */
export interface OfferStream {
  /** Stream id of `a=msid`: the publisher's connection id. */
  readonly streamId: string;
  readonly trackId: string;
  readonly ssrc: number;
  readonly rtxSsrc?: number;
}

/** One media section, audio or video. */
export interface OfferMediaSection {
  readonly kind: MediaKind;
  readonly mid: string;
  /** Rejected sections (port 0) stay in place until they are used again. */
  readonly rejected: boolean;
  readonly direction: "recvonly" | "sendonly" | "inactive";
  readonly codec: Codec;
  /** Bandwidth limit for the client's sending in bit/s (`b=TIAS`, RFC 3890). */
  readonly maxBitRate?: number;
  readonly stream?: OfferStream;
  /** Layers that the client may send; none without simulcast. */
  readonly rids?: readonly OfferedRid[];
}

/** The data channel section (RFC 8841). */
export interface OfferDataSection {
  readonly kind: "application";
  readonly mid: string;
  readonly rejected: false;
  /** Largest message accepted, in bytes. */
  readonly maxMessageSize: number;
}

export type OfferSection = OfferMediaSection | OfferDataSection;

/** The content of an offer. */
export interface OfferDescription {
  readonly sessionId: string;
  /** Grows with each offer. */
  readonly version: number;
  readonly transport: OfferTransport;
  /** Format parameters by payload type, the same in all sections as bundling requires. */
  formatParameters(codec: Codec): string;
  readonly sections: readonly OfferSection[];
}

const AUDIO_EXTENSIONS = [
  "audioLevel",
  "absoluteSendTime",
  "transportSequence",
  "mid",
  "absoluteCaptureTime",
] as const;

const VIDEO_EXTENSIONS = [
  "absoluteSendTime",
  "transportSequence",
  "mid",
  "streamId",
  "repairedStreamId",
  "absoluteCaptureTime",
  "videoOrientation",
  "playoutDelay",
  "timeOffset",
] as const;

/** The offer as text. */
export function writeOffer(offer: OfferDescription): string {
  const bundled = offer.sections.filter((section) => !section.rejected).map(({ mid }) => mid);
  const family = offer.transport.host.includes(":") ? "IP6" : "IP4";
  const lines = [
    "v=0",
    `o=- ${offer.sessionId} ${offer.version} IN ${family} ${offer.transport.host}`,
    "s=-",
    "t=0 0",
    `a=group:BUNDLE ${bundled.join(" ")}`,
    "a=ice-lite",
    "a=ice-options:trickle",
    "a=extmap-allow-mixed",
    "a=msid-semantic: WMS *",
  ];
  offer.sections.forEach((section, index) => {
    if (section.kind === "application") writeData(lines, section, offer.transport);
    else writeMedia(lines, section, offer, index === 0);
  });
  return lines.join("\r\n") + "\r\n";
}

function writeMedia(
  lines: string[],
  section: OfferMediaSection,
  offer: OfferDescription,
  first: boolean,
): void {
  const { codec } = section;
  const types = codec.rtxPayloadType === undefined
    ? `${codec.payloadType}`
    : `${codec.payloadType} ${codec.rtxPayloadType}`;
  lines.push(`m=${section.kind} ${section.rejected ? 0 : 9} UDP/TLS/RTP/SAVPF ${types}`);
  lines.push("c=IN IP4 0.0.0.0");
  if (section.maxBitRate !== undefined) lines.push(`b=TIAS:${section.maxBitRate}`);
  writeTransport(lines, section.mid, offer.transport, first);
  lines.push("a=rtcp:9 IN IP4 0.0.0.0", "a=rtcp-mux");
  if (section.kind === "video") lines.push("a=rtcp-rsize");
  lines.push(`a=${section.rejected ? "inactive" : section.direction}`);
  writeExtensions(lines, codec);
  writeCodec(lines, codec, offer.formatParameters(codec));
  if (section.stream !== undefined && !section.rejected) writeStream(lines, section.stream);
  if (section.rids !== undefined && !section.rejected) writeRids(lines, section.rids);
}

/** Layers to receive (RFC 8851, RFC 8853); those that are not to be sent at first have a tilde. */
function writeRids(lines: string[], rids: readonly OfferedRid[]): void {
  const list = rids.map(({ rid, active }) => active ? rid : `~${rid}`).join(";");
  lines.push(...rids.map(({ rid }) => `a=rid:${rid} recv`), `a=simulcast:recv ${list}`);
}

function writeTransport(
  lines: string[],
  mid: string,
  transport: OfferTransport,
  withCandidate: boolean,
): void {
  lines.push(
    `a=mid:${mid}`,
    `a=ice-ufrag:${transport.ufrag}`,
    `a=ice-pwd:${transport.password}`,
    `a=fingerprint:sha-256 ${transport.fingerprint}`,
    "a=setup:actpass",
  );
  if (withCandidate) {
    lines.push(
      `a=candidate:1 1 udp 2130706431 ${transport.host} ${transport.port} typ host`,
      "a=end-of-candidates",
    );
  }
}

function writeExtensions(lines: string[], codec: Codec): void {
  const names: (keyof typeof ExtensionId)[] = codec.kind === "audio"
    ? [...AUDIO_EXTENSIONS]
    : [...VIDEO_EXTENSIONS];
  if (codec.name === "AV1") names.push("dependencyDescriptor");
  for (const name of names) lines.push(`a=extmap:${ExtensionId[name]} ${EXTENSION_URIS[name]}`);
}

function writeCodec(lines: string[], codec: Codec, parameters: string): void {
  const { payloadType, rtxPayloadType } = codec;
  const channels = codec.channels === undefined ? "" : `/${codec.channels}`;
  lines.push(`a=rtpmap:${payloadType} ${codec.name}/${codec.clockRate}${channels}`);
  if (codec.kind === "video") {
    for (const feedback of ["ccm fir", "nack", "nack pli"]) {
      lines.push(`a=rtcp-fb:${payloadType} ${feedback}`);
    }
  }
  lines.push(`a=rtcp-fb:${payloadType} transport-cc`);
  if (parameters !== "") lines.push(`a=fmtp:${payloadType} ${parameters}`);
  if (rtxPayloadType !== undefined) {
    lines.push(
      `a=rtpmap:${rtxPayloadType} rtx/${codec.clockRate}`,
      `a=fmtp:${rtxPayloadType} apt=${payloadType}`,
    );
  }
}

function writeStream(lines: string[], stream: OfferStream): void {
  lines.push(`a=msid:${stream.streamId} ${stream.trackId}`);
  if (stream.rtxSsrc !== undefined) {
    lines.push(`a=ssrc-group:FID ${stream.ssrc} ${stream.rtxSsrc}`);
  }
  for (const ssrc of [stream.ssrc, stream.rtxSsrc]) {
    if (ssrc === undefined) continue;
    lines.push(
      `a=ssrc:${ssrc} cname:${stream.streamId}`,
      `a=ssrc:${ssrc} msid:${stream.streamId} ${stream.trackId}`,
    );
  }
}

function writeData(lines: string[], section: OfferDataSection, transport: OfferTransport): void {
  lines.push("m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "c=IN IP4 0.0.0.0");
  writeTransport(lines, section.mid, transport, false);
  lines.push("a=sctp-port:5000", `a=max-message-size:${section.maxMessageSize}`);
}
