/** SDP answers, parsed by sdp-transform. Everything in them is the client's and may be wrong. */
import { type MediaDescription, parse } from "sdp-transform";
import { type Rid, RIDS } from "./rids.ts";

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
  /** The rids that are sent, those that are paused included; none without simulcast (RFC 8853). */
  readonly rids: readonly Rid[];
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

/** Lines of an answer for each section, on average: a browser's have about 30. */
const MAX_SECTION_LINES = 128;
/** Those of them that are read: eight, and four for each SSRC. */
const MAX_RELEVANT_LINES = 40;
const RELEVANT =
  /^(?:[vm]=|a=(?:mid|ice-ufrag|setup|fingerprint|ssrc(?:-group)?|simulcast|sendrecv|sendonly|recvonly|inactive)\b)/;
/** Longer lines make the parser's regular expressions slow. */
const MAX_LINE_LENGTH = 2048;
/** SSRCs read from one section; a publisher sends at most three layers and their RTX. */
const MAX_SSRCS = 16;

/**
 * Parses an answer that must have `sectionCount` sections.
 *
 * @throws SdpError saying what is wrong.
 */
export function parseAnswer(sdp: string, sectionCount: number): SdpAnswer {
  const session = parse(relevantLines(sdp, sectionCount));
  if (session.version !== 0) throw new SdpError("answer.sdp must have v=0");
  const { media } = session;
  if (media.length !== sectionCount) {
    throw new SdpError(`answer.sdp must have ${sectionCount} sections, not ${media.length}`);
  }
  const used = media.find(({ port, iceUfrag }) => port !== 0 && iceUfrag !== undefined);
  const { iceUfrag, setup, fingerprint } = { ...session, ...used };
  const ufrag = text(iceUfrag);
  if (!/^[A-Za-z0-9+/=_-]{4,256}$/.test(ufrag)) {
    throw new SdpError("answer.sdp must have an a=ice-ufrag of 4 to 256 ice-chars");
  }
  if (setup !== undefined && setup !== "active") {
    throw new SdpError("answer.sdp must have a=setup:active");
  }
  if (
    text(fingerprint?.type).toLowerCase() !== "sha-256" ||
    !/^([0-9a-f]{2}:){31}[0-9a-f]{2}$/i.test(text(fingerprint?.hash))
  ) {
    throw new SdpError("answer.sdp must have a sha-256 a=fingerprint", true);
  }
  return {
    ufrag,
    fingerprint: text(fingerprint?.hash).toUpperCase(),
    sections: media.map(readSection),
  };
}

/**
 * The lines that are read. The parser tries some fifty regular expressions on each of the others,
 * which are most of them.
 */
function relevantLines(sdp: string, sectionCount: number): string {
  const lines = sdp.split(/\r\n?|\n/);
  const maxLines = (1 + sectionCount) * MAX_SECTION_LINES;
  if (lines.length > maxLines) {
    throw new SdpError(`answer.sdp must have at most ${maxLines} lines, not ${lines.length}`);
  }
  if (lines.some(({ length }) => length > MAX_LINE_LENGTH)) {
    throw new SdpError(`answer.sdp must have lines of at most ${MAX_LINE_LENGTH} characters`);
  }
  const relevant = lines.filter((line) => RELEVANT.test(line));
  const maxRelevant = (1 + sectionCount) * MAX_RELEVANT_LINES;
  if (relevant.length > maxRelevant) {
    throw new SdpError(
      `answer.sdp must have at most ${maxRelevant} lines of SSRCs and transport, not ${relevant.length}`,
    );
  }
  return relevant.join("\r\n");
}

/** A value as it stands in the SDP: the parser leaves out what is missing, and makes numbers of all that look like one. */
function text(value: unknown): string {
  return value === undefined ? "" : String(value);
}

function readSection(media: MediaDescription): AnswerSection {
  const { type, port, payloads, mid, direction = "sendrecv", invalid = [] } = media;
  if (!Number.isInteger(port)) throw new SdpError("answer.sdp has a malformed m= line");
  if (invalid.some(({ value }) => text(value).startsWith("ssrc"))) throw malformedSsrc();
  const { ssrcs = [], ssrcGroups = [] } = media;
  const rtxSsrcs = new Map<number, number>();
  for (const group of ssrcGroups.slice(0, MAX_SSRCS)) {
    if (group.semantics !== "FID") continue;
    const [ssrc, rtxSsrc] = text(group.ssrcs).split(" ");
    rtxSsrcs.set(parseSsrc(ssrc), parseSsrc(rtxSsrc));
  }
  const repairs = new Set(rtxSsrcs.values());
  const own = [...new Set(ssrcs.map(({ id }) => parseSsrc(id)))].slice(0, MAX_SSRCS);
  return {
    kind: text(type),
    mid: text(mid),
    rejected: port === 0,
    direction,
    payloadTypes: text(payloads).split(" ").filter((pt) => /^\d{1,3}$/.test(pt)).map(Number),
    streams: own.filter((ssrc) => !repairs.has(ssrc)).map((ssrc) => {
      const rtxSsrc = rtxSsrcs.get(ssrc);
      return rtxSsrc === undefined ? { ssrc } : { ssrc, rtxSsrc };
    }),
    rids: sentRids(media),
  };
}

/** The first alternative of each layer of `a=simulcast:send`; a tilde only says that it is paused (RFC 8853, 5.1). */
function sentRids({ simulcast }: MediaDescription): Rid[] {
  const { dir1, list1, dir2, list2 } = simulcast ?? {};
  const list = dir1 === "send" ? list1 : dir2 === "send" ? list2 : undefined;
  const sent = text(list).split(";").map((layer) => layer.split(",")[0]!.replace("~", ""));
  return RIDS.filter((rid) => sent.includes(rid));
}

function parseSsrc(value: unknown): number {
  const ssrc = /^\d{1,10}$/.test(text(value)) ? Number(value) : NaN;
  if (!(ssrc <= 0xffff_ffff)) throw malformedSsrc();
  return ssrc;
}

function malformedSsrc(): SdpError {
  return new SdpError("answer.sdp has a malformed SSRC");
}
