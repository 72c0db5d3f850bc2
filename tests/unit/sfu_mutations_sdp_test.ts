/** Mutated SDP answers, and what follows them: the plan of a connection's media and its next offer. */
import { strict as assert } from "node:assert";
import process from "node:process";
import { test } from "node:test";
import { parseAnswer, SdpError } from "../../sfu/sdp/answer.ts";
import { CodecTable, DEFAULT_VIDEO_PARAMETERS } from "../../sfu/sdp/codecs.ts";
import { MediaPlan, type RemoteTrack } from "../../sfu/sdp/media_plan.ts";
import { writeOffer } from "../../sfu/sdp/offer.ts";
import { survives } from "../support/mutations.ts";

const FINGERPRINT = Array.from({ length: 32 }, () => "AB").join(":");

const codecs = new CodecTable();
const vp8 = codecs.video("VP8", DEFAULT_VIDEO_PARAMETERS.VP8)!;

const offered = (plan: MediaPlan<RemoteTrack>): string =>
  writeOffer({
    sessionId: "1",
    version: 1,
    transport: {
      host: "127.0.0.1",
      port: 1,
      ufrag: "abcd",
      password: "0".repeat(22),
      fingerprint: FINGERPRINT,
    },
    formatParameters: ({ parameters }) => parameters,
    sections: plan.offer(),
  });

/** The connection of a client that sends audio and video, receives two tracks and has data channels. */
function createPlan(): MediaPlan<RemoteTrack> {
  const plan = new MediaPlan<RemoteTrack>([
    { kind: "audio", sends: true, codec: codecs.opus },
    { kind: "video", sends: true, codec: vp8, maxBitRate: 1_000_000 },
  ], 262_144);
  plan.want([
    { kind: "audio", codec: codecs.opus, streamId: "s", trackId: "a", ssrc: 1 },
    { kind: "video", codec: vp8, streamId: "s", trackId: "v", ssrc: 2, rtxSsrc: 3 },
  ]);
  return plan;
}

/** A client's answer to an offer: its own streams are among the lines that other clients have. */
function answerTo(offer: string, lines: readonly string[] = []): string {
  const own = [
    ["a=ssrc:11 cname:x", "a=ssrc:11 msid:s t"],
    ["a=ssrc-group:FID 21 22", "a=ssrc:21 cname:x", "a=ssrc:22 cname:x"],
  ];
  const sections = offer.split(/(?=^m=)/m);
  return sections.map((section, index) => {
    const answered = section
      .replace("a=setup:actpass", "a=setup:active")
      .replace(/a=(recv|send)only/, (_, way) => way === "recv" ? "a=sendonly" : "a=recvonly")
      .replace(/a=(candidate|ssrc|msid|end-of).*\r\n/g, "");
    return answered + [...(own[index - 1] ?? []), ...(index === 1 ? lines : [])]
      .map((line) => `${line}\r\n`).join("");
  }).join("");
}

/** Mids are random; mutations are to be the same in each run. */
function withFixedMids(text: string): string {
  const mids = [...text.matchAll(/^a=mid:(.*)\r$/gm)].map(([, mid]) => mid!);
  return mids.reduce((text, mid, index) => text.replaceAll(mid, `mid${index}`), text);
}

const lines = [
  "a=candidate:1 1 udp 2130706431 192.0.2.1 5000 typ host generation 0 network-id 1",
  "a=rid:r0 send max-width=640",
  "a=simulcast:send r0;r1;~r2",
  "a=imageattr:* send [x=800,y=640] recv *",
  "a=extmap:1/sendonly urn:ietf:params:rtp-hdrext:ssrc-audio-level",
  "a=fmtp:96 a=1;b=2",
  "a=rtcp-fb:* trr-int 5",
  "a=source-filter: incl IN IP4 * 192.0.2.1",
  "a=x-google-flag:conference",
];

const isSdpError = (error: unknown) => error instanceof SdpError;

test("parseAnswer survives mutated answers, and so does the plan that gets them", async () => {
  const plan = createPlan();
  const offer = offered(plan);
  const corpus = [answerTo(offer), answerTo(offer, lines), answerTo(offer).replaceAll("\r", "")]
    .map(withFixedMids);
  const { accepted, refused } = await survives({
    steps: 1_500,
    seed: 11,
    input: (mutator) => mutator.text(corpus),
    run: (text) => {
      const plan = createPlan();
      const sdp = offered(plan);
      const mids = [...sdp.matchAll(/^a=mid:(.*)\r$/gm)].map(([, mid]) => mid!);
      const answer = parseAnswer(text.replace(/mid(\d)/g, (all, n) => mids[n] ?? all), plan.size);
      assert.match(answer.ufrag, /^[\w+/=-]{4,256}$/);
      assert.match(answer.fingerprint, /^[0-9A-F:]{95}$/);
      for (const { payloadTypes, streams } of answer.sections) {
        for (const type of payloadTypes) assert.ok(Number.isInteger(type) && type < 1_000);
        assert.ok(streams.length <= 16);
        for (const ssrc of streams.flatMap(({ ssrc, rtxSsrc = 0 }) => [ssrc, rtxSsrc])) {
          assert.ok(Number.isInteger(ssrc) && ssrc >= 0 && ssrc <= 0xffff_ffff);
        }
      }
      const { sending, receiving } = plan.answer(answer.sections);
      assert.ok(sending.length <= 2 && receiving.length <= 2);
      // Nothing of the answer gets into the next offer.
      const before = new Set(sdp.split("\r\n"));
      for (const line of offered(plan).split("\r\n").filter((line) => !before.has(line))) {
        assert.match(line, /^(a=group:BUNDLE|a=mid:\w+$|m=\w+ 0 UDP|a=inactive$)/);
      }
    },
    refuses: isSdpError,
  });
  assert.ok(accepted > 100, "nothing was accepted");
  assert.ok(refused > 100, "nothing was refused");
});

test("a plan grows with the tracks that there are at a time, not with those that there were", async () => {
  let plan = createPlan();
  let size = 0;
  await survives({
    steps: 300,
    seed: 12,
    input: (mutator) => ({
      anew: mutator.once(100),
      tracks: Array.from({ length: mutator.integer(6) }, (_, i): RemoteTrack => {
        const [kind, codec] = mutator.once(2)
          ? (["audio", codecs.opus] as const)
          : (["video", vp8] as const);
        return { kind, codec, streamId: `${i}`, trackId: `${i}`, ssrc: i + 1 };
      }),
      rejects: mutator.integer(4),
    }),
    run: ({ anew, tracks, rejects }) => {
      if (anew) plan = createPlan();
      plan.want(tracks);
      const answered = answerTo(offered(plan)).split(/(?=^m=)/m).map((section, index) =>
        // Of sections that the client may refuse, it refuses some.
        index > 3 && index % 4 === rejects ? section.replace(/^(m=\w+) 9/, "$1 0") : section
      );
      plan.answer(parseAnswer(answered.join(""), plan.size).sections);
      size = Math.max(size, plan.size);
    },
  });
  // Two own ones, data, and five of either kind: freed ones are used again after one more answer.
  assert.ok(size <= 3 + 4 * 5, `a plan had ${size} sections`);
});

const head = `v=0\r\n${withFixedMids(answerTo(offered(createPlan()))).split(/(?=^m=)/m)[1]}`;
const rows: Record<string, string> = {
  "512 lines of 2,048 digits": "a=rtpmap:".padEnd(2_046, "1"),
  "512 lines of 2,048 letters": "a=rtpmap:1 ".padEnd(2_046, "a"),
  "512 lines of codecs": "a=simulcast:send ".padEnd(2_046, "a"),
  "512 lines of brackets": "a=imageattr:* send ".padEnd(2_046, "[a] "),
  "512 lines of blanks": "a=floorid:".padEnd(2_046, " "),
  "512 lines of nothing known": "a=".padEnd(2_046, "z"),
  "512 SSRCs": "a=ssrc:4294967295 cname:x",
  "512 groups": "a=ssrc-group:FID 1 2",
};

/** Processor time of a call, the least of some. */
function leastMs(run: () => void): number {
  let ms = Infinity;
  for (let tries = 0; tries < 3; tries++) {
    const start = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(start);
    ms = Math.min(ms, (user + system) / 1_000);
  }
  return ms;
}

function parses(text: string, sections: number): void {
  try {
    parseAnswer(text, sections);
  } catch (error) {
    assert.ok(isSdpError(error), String(error));
  }
}

for (const [name, line] of Object.entries(rows)) {
  test(`parseAnswer takes little time for ${name}`, () => {
    const text = head + `${line}\r\n`.repeat(512 - head.split("\r\n").length);
    const ms = leastMs(() => parses(text, 3));
    assert.ok(ms < 100, `took ${ms} ms`);
  });
}

test("parseAnswer takes little time for the longest answer that a message of 1 MiB can be", () => {
  const section = head.slice(head.indexOf("m="));
  const longest: readonly (readonly [line: string, count: number])[] = [
    ["a=z", 110],
    ["a=rtpmap:1 a", 110],
    ["a=ssrc:1 cname:x", 110],
    // Not more than there may be of them.
    ["a=ssrc:1 cname:x", 30],
    ["a=ssrc-group:FID 1 2", 30],
  ];
  for (const [line, count] of longest) {
    const text = `v=0\r\n${(section + `${line}\r\n`.repeat(count)).repeat(200)}`;
    assert.ok(text.length <= 1024 * 1024);
    const ms = leastMs(() => parses(text, 200));
    assert.ok(ms < 100, `took ${ms} ms for ${line}`);
  }
});
