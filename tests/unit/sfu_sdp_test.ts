import { strict as assert } from "node:assert";
import { test } from "node:test";
import fc from "fast-check";
import { parseAnswer, SdpError } from "../../sfu/sdp/answer.ts";
import { CodecTable, DEFAULT_VIDEO_PARAMETERS } from "../../sfu/sdp/codecs.ts";
import { MediaPlan, type RemoteTrack } from "../../sfu/sdp/media_plan.ts";
import type { OfferMediaSection, OfferSection } from "../../sfu/sdp/offer.ts";
import { writeOffer } from "../../sfu/sdp/offer.ts";

const FINGERPRINT = Array.from({ length: 32 }, () => "AB").join(":");

function answerText(changes: (text: string) => string = (text) => text): string {
  return changes([
    "v=0",
    "o=- 1 2 IN IP4 127.0.0.1",
    "s=-",
    "t=0 0",
    "a=group:BUNDLE a v",
    "m=audio 9 UDP/TLS/RTP/SAVPF 109",
    "a=mid:a",
    "a=ice-ufrag:abcd",
    "a=ice-pwd:0123456789012345678901",
    `a=fingerprint:sha-256 ${FINGERPRINT.toLowerCase()}`,
    "a=setup:active",
    "a=sendonly",
    "a=ssrc:11 cname:x",
    "m=video 9 UDP/TLS/RTP/SAVPF 96 97",
    "a=mid:v",
    "a=sendonly",
    "a=ssrc-group:FID 21 22",
    "a=ssrc:21 cname:x",
    "a=ssrc:22 cname:x",
    "",
  ].join("\r\n"));
}

test("parseAnswer reads transport, directions, payload types and streams", () => {
  const answer = parseAnswer(answerText(), 2);
  assert.equal(answer.ufrag, "abcd");
  assert.equal(answer.fingerprint, FINGERPRINT);
  assert.deepEqual(answer.sections, [
    {
      kind: "audio",
      mid: "a",
      rejected: false,
      direction: "sendonly",
      payloadTypes: [109],
      streams: [{ ssrc: 11 }],
      rids: [],
    },
    {
      kind: "video",
      mid: "v",
      rejected: false,
      direction: "sendonly",
      payloadTypes: [96, 97],
      streams: [{ ssrc: 21, rtxSsrc: 22 }],
      rids: [],
    },
  ]);
});

const simulcasts: [line: string, rids: string[]][] = [
  ["a=simulcast:send r0;r1;r2", ["r0", "r1", "r2"]],
  ["a=simulcast:send r0;~r1;~r2", ["r0", "r1", "r2"]],
  ["a=simulcast:send r2,r1;r0", ["r0", "r2"]],
  ["a=simulcast:recv r0 send r1", ["r1"]],
  ["a=simulcast:recv r0;r1", []],
  ["a=simulcast:send hi;r0;r9", ["r0"]],
  ["a=simulcast:", []],
];
for (const [line, rids] of simulcasts) {
  test(`parseAnswer reads ${line}`, () => {
    const answer = parseAnswer(answerText((text) => `${text}${line}\r\n`), 2);
    assert.deepEqual(answer.sections[1]!.rids, rids);
  });
}

test("writeOffer and MediaPlan: rids of the client's own video, inactive ones with a tilde, and the answer's among them", () => {
  const codecs = new CodecTable();
  const video = codecs.video("VP8", "")!;
  const plan = new MediaPlan([{
    kind: "video",
    sends: true,
    codec: video,
    rids: [{ rid: "r0", active: true }, { rid: "r1", active: false }],
  }]);
  const [section] = plan.offer();
  const sdp = writeOffer({
    sessionId: "1",
    version: 1,
    transport: { host: "::1", port: 9, ufrag: "u", password: "p", fingerprint: "AB" },
    formatParameters: () => "",
    sections: [section!],
  });
  for (const line of ["a=rid:r0 recv", "a=rid:r1 recv", "a=simulcast:recv r0;~r1"]) {
    assert.ok(sdp.includes(`${line}\r\n`), line);
  }
  const answered = {
    kind: "video",
    mid: section!.mid,
    rejected: false,
    direction: "sendonly",
    payloadTypes: [video.payloadType],
    streams: [],
    rids: ["r0", "r2"] as const,
  };
  assert.deepEqual(plan.answer([answered]).sending.map(({ rids }) => rids), [["r0"]]);
});

test("parseAnswer takes a mid, an ICE fragment and a media type that look like numbers as they stand", () => {
  const answer = parseAnswer(
    answerText((text) =>
      text.replace("mid:a", "mid:007").replace("mid:v", "mid:1").replace("abcd", "12345678")
    ),
    2,
  );
  assert.equal(answer.ufrag, "12345678");
  assert.deepEqual(answer.sections.map(({ mid }) => mid), ["007", "1"]);
});

test("parseAnswer reads transport attributes of the session, and of the first section that is not rejected", () => {
  const session = parseAnswer(
    answerText((text) => {
      const lines = text.split("\r\n");
      const transport = lines.filter((line) => /^a=(ice-|fingerprint|setup)/.test(line));
      const rest = lines.filter((line) => !transport.includes(line));
      return [...rest.slice(0, 5), ...transport, ...rest.slice(5)].join("\r\n");
    }),
    2,
  );
  assert.equal(session.ufrag, "abcd");
  assert.equal(session.fingerprint, FINGERPRINT);
  const rejected = answerText((text) =>
    text.replace("m=audio 9", "m=audio 0").replace(
      "a=mid:v\r\n",
      `a=mid:v\r\na=ice-ufrag:efgh\r\na=fingerprint:sha-256 ${FINGERPRINT}\r\n`,
    )
  );
  const answer = parseAnswer(rejected, 2);
  assert.equal(answer.ufrag, "efgh");
  assert.deepEqual(answer.sections.map((section) => section.rejected), [true, false]);
});

test("parseAnswer reads sixteen streams of a section at most", () => {
  const ssrcs = Array.from({ length: 40 }, (_, i) => `a=ssrc:${100 + i} cname:x\r\n`).join("");
  const answer = parseAnswer(answerText((text) => text.replace("a=ssrc:11 cname:x\r\n", ssrcs)), 2);
  assert.equal(answer.sections[0]!.streams.length, 16);
});

const refused: [name: string, change: (text: string) => string, badFingerprint: boolean][] = [
  ["no version line", (text) => text.replace("v=0", "v=1"), false],
  ["a section too few", (text) => text.slice(0, text.indexOf("m=video")), false],
  ["a section too many", (text) => text + "m=audio 9 UDP/TLS/RTP/SAVPF 109\r\n", false],
  ["no ICE fragment", (text) => text.replace("a=ice-ufrag:abcd\r\n", ""), false],
  ["an ICE fragment with blanks", (text) => text.replace("abcd", "ab cd"), false],
  ["a passive client", (text) => text.replace("setup:active", "setup:passive"), false],
  ["no fingerprint", (text) => text.replace(/a=fingerprint.*\r\n/, ""), true],
  ["a SHA-1 fingerprint", (text) => text.replace("sha-256", "sha-1"), true],
  ["a short fingerprint", (text) => text.replace("ab:ab:", ""), true],
  ["an SSRC out of range", (text) => text.replace("ssrc:11 ", "ssrc:4294967296 "), false],
  ["an SSRC that is no number", (text) => text.replace("ssrc:11 ", "ssrc:x "), false],
  ["an RTX SSRC that is missing", (text) => text.replace("FID 21 22", "FID 21"), false],
  ["more lines than sections have", (text) => text + "a=x\r\n".repeat(400), false],
  ["more lines that end with CR alone", (text) => text + "a=x\r".repeat(400), false],
  ["a line that is too long", (text) => text + `a=imageattr:1 send ${"[x] ".repeat(600)}x`, false],
  ["nothing", () => "", false],
  ["a port that is missing", (text) => text.replace("m=video 9", "m=video"), false],
  ["a malformed m= line", (text) => text.replace("m=video 9", "m=video nine"), false],
];
for (const [name, change, badFingerprint] of refused) {
  test(`parseAnswer refuses ${name}`, () => {
    assert.throws(
      () => parseAnswer(answerText(change), 2),
      (error) => error instanceof SdpError && error.badFingerprint === badFingerprint,
    );
  });
}

test("parseAnswer reads or refuses whatever stands in an answer", () => {
  const good = answerText().split("\r\n");
  const names = [
    "ssrc",
    "ssrc-group",
    "mid",
    "fingerprint",
    "setup",
    "ice-ufrag",
    "sendonly",
    "fmtp",
  ];
  const attribute = fc.tuple(fc.constantFrom(...names), fc.string({ unit: "binary" }))
    .map(([name, value]) => `a=${name}:${value}`);
  const line = fc.oneof(fc.constantFrom(...good), attribute, fc.string({ unit: "binary" }));
  fc.assert(
    fc.property(fc.array(line, { maxLength: 40 }), fc.nat(good.length), (noise, at) => {
      try {
        const sdp = [...good.slice(0, at), ...noise, ...good.slice(at)].join("\r\n");
        assert.equal(parseAnswer(sdp, 2).sections.length, 2);
      } catch (error) {
        if (!(error instanceof SdpError)) throw error;
      }
    }),
    { numRuns: 2000 },
  );
});

test("CodecTable numbers a codec and profile once, and runs out in a bounded way", () => {
  const table = new CodecTable();
  const vp9 = table.video("VP9", DEFAULT_VIDEO_PARAMETERS.VP9)!;
  assert.equal(table.video("VP9", DEFAULT_VIDEO_PARAMETERS.VP9), vp9);
  const numbers = new Set([table.opus.payloadType, vp9.payloadType, vp9.rtxPayloadType]);
  let profiles = 0;
  for (let i = 0; i < 100; i++) {
    const codec = table.video("H264", `profile-level-id=${i}`);
    if (codec === undefined) break;
    profiles++;
    for (const number of [codec.payloadType, codec.rtxPayloadType!]) {
      assert.equal(numbers.has(number), false);
      assert.ok(number < 64 || number > 95, "numbers of RTCP are left out");
      numbers.add(number);
    }
  }
  assert.ok(profiles >= 20 && profiles < 100);
});

const table = new CodecTable();
const vp8 = table.video("VP8", "")!;

function track(kind: "audio" | "video", streamId: string): RemoteTrack {
  const codec = kind === "audio" ? table.opus : vp8;
  return {
    kind,
    codec,
    streamId,
    trackId: `${streamId}-${kind}`,
    ssrc: 1000,
    ...(kind === "video" ? { rtxSsrc: 2000 } : {}),
  };
}

function plan(): MediaPlan<RemoteTrack> {
  return new MediaPlan<RemoteTrack>([
    { kind: "audio", sends: true, codec: table.opus },
    { kind: "video", sends: false, codec: vp8 },
  ]);
}

/** What a willing client answers. */
function accept(sections: readonly OfferSection[]) {
  return sections.map((section) => ({
    kind: section.kind,
    mid: section.mid,
    rejected: section.rejected,
    direction: "recvonly",
    payloadTypes: section.kind === "application" ? [] : [section.codec.payloadType],
    streams: [],
    rids: [],
  }));
}

const media = (sections: readonly OfferSection[]) => sections as OfferMediaSection[];

test("MediaPlan starts with its own sections and appends one for each remote track", () => {
  const own = plan();
  own.want([track("audio", "A"), track("video", "A")]);
  const sections = media(own.offer());
  assert.deepEqual(
    sections.map(({ kind, direction }) => `${kind} ${direction}`),
    ["audio recvonly", "video inactive", "audio sendonly", "video sendonly"],
  );
  assert.equal(new Set(sections.map(({ mid }) => mid)).size, 4);
  assert.ok(sections.every(({ mid }) => mid.length <= 16));
  assert.equal(own.ownMid("audio"), sections[0]!.mid);
  assert.equal(own.ownMid("video"), undefined);
});

test("MediaPlan rejects a freed section and uses it again only after the answer", () => {
  const own = plan();
  const first = track("video", "A");
  const second = track("video", "B");
  own.want([first]);
  const offered = media(own.offer());
  own.answer(accept(offered));
  assert.equal(own.want([]), true);
  const freed = media(own.offer());
  assert.equal(freed[2]!.rejected, true);
  assert.equal(freed[2]!.mid, offered[2]!.mid, "a rejected section keeps its mid");
  own.want([second]);
  const appended = media(own.offer());
  assert.equal(appended.length, 4, "not answered yet: a new section is needed");
  own.answer(accept(appended));
  const third = track("video", "C");
  own.want([second, third]);
  const reused = media(own.offer());
  assert.equal(reused.length, 4);
  assert.equal(reused[2]!.rejected, false);
  assert.notEqual(reused[2]!.mid, offered[2]!.mid, "a section is used again under a new mid");
  assert.equal(reused[2]!.stream?.streamId, "C");
});

test("MediaPlan never shrinks and never grows over the most tracks at a time", () => {
  const own = plan();
  for (let round = 0; round < 20; round++) {
    own.want([track("audio", `${round}`), track("video", `${round}`)]);
    own.answer(accept(own.offer()));
    own.want([]);
    own.answer(accept(own.offer()));
  }
  assert.equal(own.size, 4);
});

test("MediaPlan does not offer again what the client refused", () => {
  const own = plan();
  const refusedTrack = track("video", "A");
  own.want([refusedTrack]);
  const sections = accept(own.offer());
  sections[2]!.rejected = true;
  const result = own.answer(sections);
  assert.deepEqual(result.receiving, []);
  assert.equal(own.want([refusedTrack]), false);
});

test("MediaPlan refuses answers whose sections do not fit", () => {
  const own = plan();
  const sections = accept(own.offer());
  assert.throws(() => own.answer(sections.map((s) => ({ ...s, mid: "other" }))), SdpError);
  assert.throws(() => own.answer(sections.map((s) => ({ ...s, kind: "video" }))), SdpError);
  assert.throws(() => own.answer(sections.slice(0, 1)), SdpError);
});

test("writeOffer gives the same parameters to a payload type in every section", () => {
  const own = plan();
  own.want([track("audio", "A"), track("video", "A"), track("video", "B")]);
  const sdp = writeOffer({
    sessionId: "1",
    version: 2,
    transport: {
      host: "127.0.0.1",
      port: 4000,
      ufrag: "ufrag",
      password: "password",
      fingerprint: FINGERPRINT,
    },
    formatParameters: (codec) => codec === vp8 ? "x-google-start-bitrate=2500" : "minptime=10",
    sections: own.offer(),
  });
  const lines = sdp.split("\r\n");
  assert.equal(lines.filter((line) => line === "a=fmtp:96 x-google-start-bitrate=2500").length, 3);
  assert.equal(lines.filter((line) => line === "a=fmtp:97 apt=96").length, 3);
  assert.equal(lines.filter((line) => line.startsWith("a=candidate:")).length, 1);
  assert.ok(lines.includes("a=candidate:1 1 udp 2130706431 127.0.0.1 4000 typ host"));
  assert.ok(lines.includes("a=msid:A A-audio"));
  assert.ok(lines.includes("a=ssrc-group:FID 1000 2000"));
  const mids = lines.filter((line) => line.startsWith("a=mid:")).map((line) => line.slice(6));
  assert.ok(lines.includes(`a=group:BUNDLE ${mids.join(" ")}`));
});
