import assert from "node:assert/strict";
import { test } from "node:test";
import { EventType } from "../../ffi/constants.ts";
import { json, utf8 } from "../../ffi/text.ts";
import { eventually, within } from "../support/eventually.ts";
import { events, factory, functions, out } from "../support/native_factory.ts";

/** A media description of VP8 as servers write it. */
function video(mid: number): string[] {
  return [
    "m=video 9 UDP/TLS/RTP/SAVPF 96 97",
    "c=IN IP4 0.0.0.0",
    `a=mid:${mid}`,
    "a=sendonly",
    `a=msid:stream${mid} track${mid}`,
    "a=ice-ufrag:ufrag",
    "a=ice-pwd:passwordpasswordpassword",
    `a=fingerprint:sha-256 ${Array(32).fill("AB").join(":")}`,
    "a=setup:actpass",
    "a=rtcp-mux",
    "a=rtpmap:96 VP8/90000",
    "a=rtcp-fb:96 nack",
    "a=rtcp-fb:96 nack pli",
    "a=rtcp-fb:96 ccm fir",
    "a=rtcp-fb:96 transport-cc",
    "a=rtpmap:97 rtx/90000",
    "a=fmtp:97 apt=96",
    `a=ssrc-group:FID ${2 * mid + 1_000} ${2 * mid + 1_001}`,
    `a=ssrc:${2 * mid + 1_000} cname:c`,
    `a=ssrc:${2 * mid + 1_001} cname:c`,
  ];
}

const several = (count: number, line: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => line(i));

function offer(sections: readonly string[][]): string {
  const mids = sections.map((_, i) => i).join(" ");
  const start = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", `a=group:BUNDLE ${mids}`];
  return [...start, ...sections.flat(), ""].join("\r\n");
}

async function setRemoteOffer(sdp: string): Promise<void> {
  const configuration = json({ iceServers: [] });
  functions.sora_peer_create(factory, configuration, configuration.byteLength, out);
  const peer = out[0] ?? 0;
  let gone = false;
  events.listen(peer, (type) => gone ||= type === EventType.CLOSED);
  const text = utf8(sdp);
  try {
    await within(
      "the result",
      events.request((request) =>
        functions.sora_peer_set_remote_offer(peer, text, text.byteLength, request)
      ),
    );
  } finally {
    functions.sora_peer_close(peer);
    await eventually("the end of the peer", () => gone);
    events.unlisten(peer);
  }
}

const one = (...lines: string[]) => offer([[...video(0), ...lines]]);

const refused: readonly [string, string, string][] = [
  [
    "0.8 MB of a=fmtp",
    one(...several(30_000, (i) => `a=fmtp:96 p${i}=1`)),
    "256 lines of a=rtcp-fb and a=fmtp in media description 1",
  ],
  [
    "many a=rtcp-fb",
    one(...several(100, (i) => `a=rtcp-fb:96 x${i}`)),
    "32 lines of a=rtcp-fb for one payload type in media description 1",
  ],
  [
    "a=rtcp-fb for all",
    one(...several(100, (i) => `a=rtcp-fb:* x${i}`)),
    "32 lines of a=rtcp-fb for one payload type in media description 1",
  ],
  [
    "one payload type in many ways",
    one(...several(100, (i) => `a=rtcp-fb:${"0".repeat(i)}96 x${i}`)),
    "32 lines of a=rtcp-fb for one payload type in media description 1",
  ],
  [
    "many media descriptions that say much of codecs",
    offer(
      several(60, String).map((_, i) => [
        ...video(i),
        ...several(230, (k) => `a=fmtp:96 p${k}=1`),
      ]),
    ),
    "12800 lines of a=rtcp-fb and a=fmtp",
  ],
  [
    "many candidates",
    one(...several(300, (i) => `a=candidate:${i} 1 udp 1 10.0.0.1 ${i + 1} typ host`)),
    "200 candidates in media description 1",
  ],
  [
    "a long media description",
    offer([video(0), [...video(1), ...several(1_000, (i) => `a=x:${i}`)]]),
    "1000 lines in media description 2",
  ],
  [
    "many media descriptions",
    offer(several(501, String).map((_, i) => video(i))),
    "500 media descriptions",
  ],
  [
    "a long session",
    one().replace("t=0 0\r\n", `t=0 0\r\n${"a=x\r\n".repeat(1_000)}`),
    "1000 lines of the session",
  ],
  [
    "many lines",
    offer(
      several(400, (i) => [...video(i), ...several(50, (k) => `a=x:${k}`)].join("\r\n")).map((
        section,
      ) => [section]),
    ),
    "25000 lines",
  ],
  [
    "a long line",
    one(`a=fmtp:96 ${several(3_000, (i) => `p${i}=1`).join(";")}`),
    "16384 bytes in a line",
  ],
];

for (const [what, sdp, limit] of refused) {
  test(`sora_peer_set_remote_offer refuses ${what} before libwebrtc reads it`, async () => {
    await assert.rejects(setRemoteOffer(sdp), {
      name: "SoraError",
      code: "LIMIT_EXCEEDED",
      message: `the offer has more than ${limit}`,
    });
  });
}

test("sora_peer_set_remote_offer takes what servers and browsers write", async () => {
  await setRemoteOffer(offer(several(40, String).map((_, i) => video(i))));
  // As many lines as fit.
  await setRemoteOffer(
    one(
      ...several(200, (i) => `a=fmtp:96 p${i}=1`),
      ...several(28, (i) => `a=rtcp-fb:96 x${i}`),
      ...several(200, (i) => `a=candidate:${i} 1 udp 1 10.0.0.1 ${i + 1} typ host`),
    ),
  );
});
