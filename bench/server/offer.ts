/**
 * Offers as a client of the load reads them, and answers to them.
 *
 * @module
 */

/** A media section. */
export interface Section {
  /** `audio`, `video` or `application`. */
  readonly kind: string;
  /** Its mid. */
  readonly mid: string;
  /** Whether it is of no use any more. */
  readonly rejected: boolean;
  /** What the server does: `recvonly`, `sendonly` or `inactive`. */
  readonly direction: string;
  /** The first payload type. */
  readonly payloadType: number;
  /** Ids of header extensions by URI. */
  readonly extensions: ReadonlyMap<string, number>;
  /** Its lines. */
  readonly text: string;
}

/** An offer. */
export interface Offer {
  /** Address of the server's candidate. */
  readonly host: string;
  /** Its UDP port. */
  readonly port: number;
  /** ICE credentials of the server. */
  readonly ufrag: string;
  /** The password of them. */
  readonly password: string;
  /** SHA-256 of the server's certificate. */
  readonly fingerprint: string;
  /** All sections, in their order. */
  readonly sections: readonly Section[];
}

/** URIs of the header extensions that are used. */
export const MID_EXTENSION = "urn:ietf:params:rtp-hdrext:sdes:mid";
/** Of the transport-wide sequence number. */
export const SEQUENCE_EXTENSION =
  "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";

/** Of the audio level (RFC 6464). */
export const LEVEL_EXTENSION = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";
/** Of the rid (RFC 8852). */
export const RID_EXTENSION = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id";

function find(text: string, pattern: RegExp): string {
  const found = pattern.exec(text)?.[1];
  if (found === undefined) throw new Error(`The offer must have ${pattern}:\n${text}`);
  return found;
}

/** Reads an offer. */
export function readOffer(sdp: string): Offer {
  const [, ...sections] = sdp.split(/\r\n(?=m=)/);
  const [, host = "", port = ""] = /^a=candidate:\S+ 1 udp \d+ (\S+) (\d+) typ host/m.exec(sdp) ??
    [];
  return {
    host,
    port: Number(port),
    ufrag: find(sdp, /^a=ice-ufrag:(\S+)/m),
    password: find(sdp, /^a=ice-pwd:(\S+)/m),
    fingerprint: find(sdp, /^a=fingerprint:sha-256 (\S+)/m),
    sections: sections.map((text) => ({
      kind: find(text, /^m=(\w+)/),
      mid: find(text, /^a=mid:(\S+)/m),
      rejected: /^m=\w+ 0 /.test(text),
      direction: /^a=(recvonly|sendonly|inactive)/m.exec(text)?.[1] ?? "sendrecv",
      payloadType: Number(/^m=\w+ \d+ UDP\/TLS\/RTP\/SAVPF (\d+)/.exec(text)?.[1] ?? -1),
      extensions: new Map(
        [...text.matchAll(/^a=extmap:(\d+) (\S+)/gm)].map(([, id, uri]) => [uri!, Number(id)]),
      ),
      text,
    })),
  };
}

/** The end of the client's transport. */
export interface AnswerTransport {
  /** Its ICE user name fragment. */
  readonly ufrag: string;
  /** SHA-256 of its certificate. */
  readonly fingerprint: string;
}

/** What a client sends: SSRCs, or the rids of its layers, whose SSRCs the packets tell. */
export interface Sending {
  /** Of video without simulcast. */
  readonly video?: number;
  /** Of audio. */
  readonly audio?: number;
  /** The layers of video. */
  readonly rids?: readonly string[];
}

/** An answer that receives all that is offered, and sends this. */
export function writeAnswer(offer: Offer, own: AnswerTransport, sending: Sending): string {
  const lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0"];
  const used = offer.sections.filter(({ rejected }) => !rejected);
  lines.push(`a=group:BUNDLE ${used.map(({ mid }) => mid).join(" ")}`);
  for (const { kind, mid, rejected, direction, text } of offer.sections) {
    const first = text.split("\r\n", 1)[0]!;
    lines.push(rejected ? first : first.replace(/^(m=\w+) \d+/, "$1 9"), "c=IN IP4 0.0.0.0");
    lines.push(`a=mid:${mid}`);
    if (rejected) {
      lines.push("a=inactive");
      continue;
    }
    lines.push(
      `a=ice-ufrag:${own.ufrag}`,
      `a=ice-pwd:${own.ufrag}passwordpassword`,
      `a=fingerprint:sha-256 ${own.fingerprint}`,
      "a=setup:active",
    );
    if (kind === "application") {
      lines.push("a=sctp-port:5000", "a=max-message-size:262144");
      continue;
    }
    const ssrc = kind === "audio" ? sending.audio : sending.video;
    const rids = kind === "video" ? sending.rids : undefined;
    const sends = direction === "recvonly" && (ssrc !== undefined || rids !== undefined);
    lines.push(
      "a=rtcp-mux",
      `a=${sends ? "sendonly" : direction === "sendonly" ? "recvonly" : "inactive"}`,
    );
    lines.push(
      ...text.split("\r\n").filter((line) => /^a=(rtpmap|fmtp|rtcp-fb|extmap):/.test(line)),
    );
    if (!sends) continue;
    if (rids === undefined) {
      lines.push(`a=ssrc:${ssrc} cname:load`);
    } else {
      lines.push(...rids.map((rid) => `a=rid:${rid} send`), `a=simulcast:send ${rids.join(";")}`);
    }
  }
  return `${lines.join("\r\n")}\r\n`;
}
