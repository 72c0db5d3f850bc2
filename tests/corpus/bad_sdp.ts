/**
 * SDP that libwebrtc refuses (RFC 8866), most of it made from an offer that it takes.
 *
 * @module
 */

type Damage = (sdp: string) => string;

const instead = (sdp: string): Damage => () => sdp;
const change = (pattern: RegExp, replacement: string): Damage => (sdp) =>
  sdp.replaceAll(pattern, replacement);
const without = (pattern: RegExp) => change(pattern, "");

const CASES: Readonly<Record<string, Damage>> = {
  "100,000 lines": instead(`v=0\r\n${"a=x\r\n".repeat(100_000)}`),
  "500 kB in one line": instead(`v=0\r\no=${"x".repeat(500_000)}`),
  "a fingerprint of an unknown hash": change(
    /^a=fingerprint:sha-256/gm,
    "a=fingerprint:sha-999",
  ),
  "a fingerprint that is no hexadecimal": change(
    /^a=fingerprint:sha-256 .*$/gm,
    "a=fingerprint:sha-256 ZZ:ZZ",
  ),
  "a group of media that are not there": change(/^a=group:BUNDLE .*$/gm, "a=group:BUNDLE nothing"),
  "a line without an equals sign": instead("v=0\r\nrubbish"),
  "a media line with too few fields": change(/^m=audio.*$/gm, "m=audio 9"),
  "a null character": instead("\0"),
  "a port that is no number": change(/^m=audio \d+/gm, "m=audio nine"),
  "an extension number that is not a number": change(/^a=extmap:\d+/gm, "a=extmap:x"),
  "an ice-pwd that is too short": change(/^a=ice-pwd:.*$/gm, "a=ice-pwd:short"),
  "an origin with too few fields": change(/^o=.*$/gm, "o=- 1"),
  "an rtpmap without a codec": change(/^a=rtpmap:(\d+) .*$/gm, "a=rtpmap:$1"),
  "cut in the middle of a line": (sdp) => `${sdp.slice(0, Math.floor(sdp.length / 2))}a=fing`,
  "HTML": instead("<html></html>"),
  "JSON": instead('{"type":"offer"}'),
  "no fingerprint": without(/^a=fingerprint:.*\r\n/gm),
  "no ice-pwd": without(/^a=ice-pwd:.*\r\n/gm),
  "no ice-ufrag": without(/^a=ice-ufrag:.*\r\n/gm),
  "no origin": without(/^o=.*\r\n/gm),
  "no session name": without(/^s=.*\r\n/gm),
  "no time": without(/^t=.*\r\n/gm),
  "nothing but the version": instead("v=0\r\n"),
  "rubbish": instead("rubbish"),
  "the same mid twice": change(/^a=mid:.*$/gm, "a=mid:same"),
};

/** SDP that libwebrtc refuses; `damage` makes it from an offer's. */
export const BAD_SDP = Object.entries(CASES).map(([name, damage]) => ({ name, damage }));
