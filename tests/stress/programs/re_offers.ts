/**
 * What a server does again and again, offers above all, each another one, and what stays behind of it in the client.
 *
 * @module
 */

import { Child } from "../../support/child.ts";
import { eventually } from "../../support/eventually.ts";
import { Records } from "../../support/hostile_arena.ts";
import { RawSora } from "../../support/raw_sora.ts";
import type { ReOfferedSample } from "./re_offered.ts";

const program = new URL("re_offered.ts", import.meta.url);

const ANSWER_MS = 60_000;
const SAMPLE_MS = 60_000;

/** Makes the SDP of the n-th offer of the first one. */
type ChangeSdp = (sdp: string, number: number) => string;

/** A media description that sends, as the first one of video receives. */
function sending(sdp: string, { mid, msid, ssrc, port = 9 }: {
  readonly mid: string;
  readonly msid: string;
  readonly ssrc: number;
  readonly port?: number;
}): string {
  const video = sdp.slice(sdp.indexOf("m=video")).split(/(?=^m=)/m)[0]!;
  return video
    .replace(/^m=video \d+/, `m=video ${port}`)
    .replace(/^a=mid:.*$/m, `a=mid:${mid}`)
    .replace(/^a=(?:recvonly|sendonly|sendrecv|inactive)\r\n/m, `a=sendonly\r\na=msid:${msid}\r\n`)
    .replace(/^a=(?:ssrc|msid:-|candidate|end-of-candidates).*\r\n/gm, "") +
    `a=ssrc:${ssrc} cname:c${ssrc}\r\n`;
}

/** Adds media descriptions, which share the transport unless they are refused. */
function withSections(sdp: string, mids: readonly string[], sections: readonly string[]): string {
  return sdp.replace(/^(a=group:BUNDLE.*?)\r$/m, `$1 ${mids.join(" ")}\r`) + sections.join("");
}

/** Ways to offer again. Restarts of ICE and candidates have limits, and C++ tests for these. */
const RE_OFFERS: Readonly<Record<string, ChangeSdp>> = {
  same: (sdp) => sdp,
  msids: (sdp, number) => {
    const section = { mid: "x", msid: `stream-${number} track-${number}`, ssrc: 77 };
    return withSections(sdp, ["x"], [sending(sdp, section)]);
  },
  ssrcs: (sdp, number) => {
    const section = { mid: "x", msid: "stream track", ssrc: 1_000 + number };
    return withSections(sdp, ["x"], [sending(sdp, section)]);
  },
  // A section that is refused may be used again under another name (RFC 8829, section 5.2.2).
  mids: (sdp, number) => {
    const mid = `x${number >> 1}`;
    const section = { mid, msid: `stream-${number} track`, ssrc: 1_000 + number };
    return number % 2 === 0
      ? withSections(sdp, [mid], [sending(sdp, section)])
      : sdp + sending(sdp, { ...section, port: 0 }).replace("a=sendonly", "a=inactive");
  },
  attributes: (sdp, number) => sdp.replaceAll("a=rtcp-fb:", `a=x-${number}:1\r\na=rtcp-fb:`),
};

/** Something that a server does again and again; resolves when the client has done its part. */
type Act = (server: RawSora, number: number, isOver: () => boolean) => Promise<void>;

/** Offers, and waits for the answer. */
function offering(change: ChangeSdp): Act {
  let first = "";
  return async (server, number, isOver) => {
    first ||= server.sdp;
    const answers = () => server.said.filter(({ type }) => type === "re-answer").length;
    const before = answers();
    server.say({ type: "re-offer", sdp: change(first, number) });
    await eventually("an answer", () => answers() > before || isOver(), ANSWER_MS);
  };
}

/** Opens and closes a data channel, whose label and number are new each time. */
const channels: Act = async (server, number) => {
  await server.openChannel(`#channel ${number}`);
  await server.endChannel(`#channel ${number}`);
};

/** What a server does again and again, by name. */
export const REPEATED: Readonly<Record<string, () => Act>> = {
  ...Object.fromEntries(
    Object.entries(RE_OFFERS).map(([name, change]) => [name, () => offering(change)]),
  ),
  channels: () => channels,
};

/** What came of it. */
export interface Repeated {
  /** Before the first time, and then every so often. */
  readonly samples: readonly ReOfferedSample[];
  /** How often it was done. */
  readonly count: number;
  /** The end of the connection, if there was one. */
  readonly end: string | undefined;
}

/** How often something is done. */
export interface RepeatOptions {
  /** At most so often. */
  readonly count: number;
  /** The client says after each so many what it has. */
  readonly every: number;
  /** Ends it sooner. Default: never. */
  readonly isLate?: () => boolean;
}

/** Does something to a client again and again. */
export async function repeat(
  name: string,
  { count, every, isLate = () => false }: RepeatOptions,
): Promise<Repeated> {
  const act = REPEATED[name]!();
  await using server = await RawSora.start({ video: true });
  await using client = new Child(program, [server.url]);
  await client.line("connected");
  const samples = new Records<ReOfferedSample>(client, "sample ");
  const end = () => client.lines.find((line) => line.startsWith("ended "));
  const isOver = () => {
    if (client.pid === undefined) throw new Error(`the client's process ended: ${client.errors}`);
    return end() !== undefined;
  };
  const sample = async () => {
    const before = samples.read().length;
    server.say({ type: "push", data: {} });
    await eventually("a sample", () => samples.read().length > before || isOver(), SAMPLE_MS);
  };
  let number = 0;
  for (; number < count && !isOver() && !isLate(); number++) {
    if (number % every === 0) await sample();
    await act(server, number, isOver);
  }
  if (!isOver()) await sample();
  return { samples: samples.read(), count: number, end: end() };
}
