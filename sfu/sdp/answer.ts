/** Reading SDP answers. Everything in them is the client's and may be wrong. */

/** What the server needs of an answer. */
export interface SdpAnswer {
  readonly ufrag: string;
  /** SHA-256 fingerprint in upper case. */
  readonly fingerprint: string;
  readonly sections: readonly AnswerSection[];
}

/** One section of an answer. */
export interface AnswerSection {
  readonly kind: string;
  readonly mid: string;
  readonly rejected: boolean;
  readonly direction: string;
  readonly payloadTypes: readonly number[];
  /** Media SSRCs with their RTX SSRCs, in order of appearance. */
  readonly streams: readonly { readonly ssrc: number; readonly rtxSsrc?: number }[];
  /** `a=sctp-port` of a data channel section. */
  readonly sctpPort?: number;
}

/** An answer that cannot be used; `badFingerprint` when only its fingerprint is at fault. */
export class SdpError extends Error {
  readonly badFingerprint: boolean;

  constructor(message: string, badFingerprint = false) {
    super(message);
    this.name = "SdpError";
    this.badFingerprint = badFingerprint;
  }
}

/** SSRCs read from one section; a publisher sends at most three layers and their RTX. */
const MAX_SSRCS = 16;

interface MutableSection {
  kind: string;
  rejected: boolean;
  payloadTypes: number[];
  attributes: Map<string, string>;
  ssrcs: number[];
  retransmissions: Map<number, number>;
}

/**
 * Parses an answer that must have `sectionCount` sections.
 *
 * @throws SdpError saying what is wrong.
 */
export function parseAnswer(sdp: string, sectionCount: number): SdpAnswer {
  const session = new Map<string, string>();
  const sections: MutableSection[] = [];
  const lines = sdp.split(/\r?\n/);
  if (lines[0] !== "v=0") throw new SdpError("The SDP does not start with v=0.");
  for (const line of lines) {
    if (line.startsWith("m=")) {
      if (sections.length >= sectionCount) throw new SdpError("The answer has too many sections.");
      sections.push(parseMediaLine(line));
    } else if (line.startsWith("a=")) {
      const section = sections.at(-1);
      readAttribute(line.slice(2), section?.attributes ?? session, section);
    }
  }
  if (sections.length !== sectionCount) {
    throw new SdpError(
      `The answer has ${sections.length} sections, the offer has ${sectionCount}.`,
    );
  }
  const used = sections.find((section) => !section.rejected && section.attributes.has("ice-ufrag"));
  const attribute = (name: string) => used?.attributes.get(name) ?? session.get(name);
  const ufrag = attribute("ice-ufrag");
  if (ufrag === undefined || !/^[A-Za-z0-9+/=_-]{4,256}$/.test(ufrag)) {
    throw new SdpError("The answer has no usable a=ice-ufrag.");
  }
  const setup = attribute("setup");
  if (setup !== undefined && setup !== "active") {
    throw new SdpError("The answer's a=setup must be active.");
  }
  return {
    ufrag,
    fingerprint: parseFingerprint(attribute("fingerprint")),
    sections: sections.map(finishSection),
  };
}

function parseMediaLine(line: string): MutableSection {
  const [kind = "", port = "", , ...formats] = line.slice(2).split(" ");
  if (!/^\d{1,5}$/.test(port)) throw new SdpError("An m= line of the answer is malformed.");
  return {
    kind,
    rejected: Number(port) === 0,
    payloadTypes: formats.filter((format) => /^\d{1,3}$/.test(format)).map(Number),
    attributes: new Map(),
    ssrcs: [],
    retransmissions: new Map(),
  };
}

const DIRECTIONS = new Set(["sendrecv", "sendonly", "recvonly", "inactive"]);
const SINGLE_VALUED = new Set(["mid", "ice-ufrag", "fingerprint", "setup", "sctp-port"]);

function readAttribute(
  text: string,
  attributes: Map<string, string>,
  section: MutableSection | undefined,
): void {
  const colon = text.indexOf(":");
  const name = colon < 0 ? text : text.slice(0, colon);
  const value = colon < 0 ? "" : text.slice(colon + 1).trim();
  if (DIRECTIONS.has(name)) attributes.set("direction", name);
  else if (SINGLE_VALUED.has(name)) attributes.set(name, value);
  else if (name === "ssrc" && section !== undefined) {
    const ssrc = parseSsrc(value.split(" ")[0]);
    if (!section.ssrcs.includes(ssrc) && section.ssrcs.length < MAX_SSRCS) {
      section.ssrcs.push(ssrc);
    }
  } else if (name === "ssrc-group" && section !== undefined) {
    const [semantics, media, rtx] = value.split(" ");
    if (semantics === "FID" && section.retransmissions.size < MAX_SSRCS) {
      section.retransmissions.set(parseSsrc(media), parseSsrc(rtx));
    }
  }
}

function parseSsrc(text: string | undefined): number {
  const ssrc = text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : NaN;
  if (!(ssrc >= 0 && ssrc <= 0xffff_ffff)) throw new SdpError("An SSRC is malformed.");
  return ssrc;
}

function parseFingerprint(value: string | undefined): string {
  const [algorithm, digest] = (value ?? "").split(" ");
  if (algorithm?.toLowerCase() !== "sha-256" || digest === undefined) {
    throw new SdpError("The answer has no sha-256 a=fingerprint.", true);
  }
  if (!/^([0-9a-f]{2}:){31}[0-9a-f]{2}$/i.test(digest)) {
    throw new SdpError("The answer's a=fingerprint is malformed.", true);
  }
  return digest.toUpperCase();
}

function finishSection(section: MutableSection): AnswerSection {
  const repairs = new Set(section.retransmissions.values());
  const sctpPort = section.attributes.get("sctp-port");
  return {
    kind: section.kind,
    mid: section.attributes.get("mid") ?? "",
    rejected: section.rejected,
    direction: section.attributes.get("direction") ?? "sendrecv",
    payloadTypes: section.payloadTypes,
    streams: section.ssrcs.filter((ssrc) => !repairs.has(ssrc)).map((ssrc) => {
      const rtxSsrc = section.retransmissions.get(ssrc);
      return rtxSsrc === undefined ? { ssrc } : { ssrc, rtxSsrc };
    }),
    ...(sctpPort !== undefined && /^\d{1,5}$/.test(sctpPort) ? { sctpPort: Number(sctpPort) } : {}),
  };
}
