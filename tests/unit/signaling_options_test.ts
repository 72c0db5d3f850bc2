import assert from "node:assert/strict";
import { test } from "node:test";
import { checkSignalingOptions } from "../../signaling/mod.ts";
import { makeCertificate } from "../support/signaling_certificates.ts";

const { cert, key } = makeCertificate({ subject: "test" });
const broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

const required = {
  signalingUrls: ["wss://sora.example/signaling"],
  role: "sendrecv",
  channelId: "channel",
};

test("checkSignalingOptions fills in the timeouts", () => {
  assert.deepEqual(checkSignalingOptions(required), {
    ...required,
    dataChannelSignalingTimeoutMs: 180_000,
    disconnectWaitTimeoutMs: 5_000,
    webSocketCloseTimeoutMs: 3_000,
    webSocketConnectionTimeoutMs: 30_000,
  });
  const given = { ...required, webSocketCloseTimeoutMs: 1.5 };
  assert.equal(checkSignalingOptions(given).webSocketCloseTimeoutMs, 1.5);
});

test("checkSignalingOptions copies, so that later changes do not matter", () => {
  const options = { ...required, signalingUrls: ["ws://a"], metadata: { token: "x" } };
  const checked = checkSignalingOptions(options);
  options.signalingUrls.push("ws://b");
  options.metadata.token = "y";
  assert.deepEqual(checked.signalingUrls, ["ws://a"]);
  assert.deepEqual(checked.metadata, { token: "x" });
});

test("checkSignalingOptions takes PEM as text and as bytes, several certificates and text between them", () => {
  const text = `first\n${cert}second\n${cert}`;
  assert.equal(checkSignalingOptions({ ...required, caCert: text }).caCert, text);
  const bytes = (text: string) => new TextEncoder().encode(text);
  const checked = checkSignalingOptions({
    ...required,
    clientCert: bytes(cert),
    clientKey: bytes(key),
  });
  assert.equal(checked.clientCert, cert);
  assert.equal(checked.clientKey, key);
});

test("checkSignalingOptions takes undefined as unset", () => {
  const checked = checkSignalingOptions({ ...required, clientId: undefined, video: undefined });
  assert.deepEqual(checked, checkSignalingOptions(required));
});

test("checkSignalingOptions lets the caller have options of its own, and drops them", () => {
  const checked = checkSignalingOptions({ ...required, audioSource: {} }, ["audioSource"]);
  assert.equal("audioSource" in checked, false);
  assert.throws(() => checkSignalingOptions({ ...required, audioSource: {} }), {
    name: "TypeError",
    message: /^options\.audioSource is not a known option; known are signalingUrls, /,
  });
});

test("checkSignalingOptions cannot be used to change prototypes", () => {
  const evil = JSON.parse(`{"__proto__": {"polluted": 1}}`);
  assert.throws(() => checkSignalingOptions({ ...required, ...evil }, []), TypeError);
  const checked = checkSignalingOptions({ ...required, metadata: evil });
  assert.equal(JSON.stringify(checked.metadata), `{"__proto__":{"polluted":1}}`);
  assert.equal(({} as { polluted?: number }).polluted, undefined);
});

const tooDeep = () => {
  let value: unknown = 1;
  for (let i = 0; i < 70; i++) value = [value];
  return value;
};
const circular = () => {
  const value: { self?: unknown } = {};
  value.self = value;
  return value;
};
const channel = (changes: object) => ({
  dataChannels: [{ label: "#a", direction: "sendrecv" }, {
    label: "#b",
    direction: "sendrecv",
    ...changes,
  }],
});
const rule = (changes: object) => ({
  forwardingFilters: [{
    rules: [[{ field: "kind", operator: "is_in", values: ["audio"], ...changes }]],
  }],
});

const wrongMembers: [object, string][] = [
  [{ chanelId: "x" }, "options.chanelId is not a known option"],
  [{ signalingUrls: "wss://x" }, "options.signalingUrls must be an array, not a string"],
  [{ signalingUrls: [] }, "options.signalingUrls must not be empty"],
  [{ signalingUrls: ["ws://a", 5] }, "options.signalingUrls[1] must be a string, not a number"],
  [
    { signalingUrls: ["ws://a/", "http://user:hunter2@a.example/"] },
    'options.signalingUrls[1] must be a URL that starts with "ws:" or "wss:", not with "http:"',
  ],
  [
    { signalingUrls: ["https://a.example/"] },
    'options.signalingUrls[0] must be a URL that starts with "ws:" or "wss:", not with "https:"',
  ],
  [
    { signalingUrls: ["hunter2:secret", "nonsense"] },
    'options.signalingUrls[0] must be a URL that starts with "ws:" or "wss:"',
  ],
  [
    { signalingUrls: ["nonsense"] },
    'options.signalingUrls[0] must be a URL that starts with "ws:" or "wss:"',
  ],
  [{ signalingUrls: ["wss://"] }, "options.signalingUrls[0] must be a URL that starts with"],
  [{ signalingUrls: ["wss://a/#b"] }, "options.signalingUrls[0] must have no fragment (RFC 6455"],
  [{ role: undefined }, `options.role must be one of "sendrecv", "sendonly", "recvonly", not und`],
  [{ role: "both" }, `options.role must be one of "sendrecv", "sendonly", "recvonly", not "both"`],
  [{ channelId: "" }, "options.channelId must not be empty"],
  [{ channelId: 1 }, "options.channelId must be a string, not 1"],
  [
    { channelId: "あ".repeat(86) },
    "options.channelId must have at most 255 bytes of UTF-8, not 258",
  ],
  [{ clientId: "x".repeat(256) }, "options.clientId must have at most 255 bytes of UTF-8, not 256"],
  [{ bundleId: {} }, "options.bundleId must be a string, not an object"],
  [{ metadata: 1n }, "options.metadata must be a JSON value, not a bigint"],
  [{ metadata: { a: [() => 1] } }, "options.metadata.a[0] must be a JSON value, not a function"],
  [{ metadata: [NaN] }, "options.metadata[0] must be a JSON value, not NaN"],
  [{ metadata: [undefined] }, "options.metadata[0] must be a JSON value, not undefined"],
  [{ metadata: new Date() }, "options.metadata must be a JSON value, not an object (Date)"],
  [{ metadata: tooDeep() }, "options.metadata[0][0]"],
  [{ metadata: circular() }, "options.metadata.self.self"],
  [
    { signalingNotifyMetadata: Symbol("x") },
    "options.signalingNotifyMetadata must be a JSON value",
  ],
  [{ audio: 1 }, "options.audio must be a boolean, not 1"],
  [{ video: "true" }, 'options.video must be a boolean, not "true"'],
  [{ audioCodecType: "opus" }, `options.audioCodecType must be one of "OPUS"`],
  [{ audioBitRate: 0 }, "options.audioBitRate must be an integer from 1 to 9007199254740991, not"],
  [{ audioBitRate: 1.5 }, "options.audioBitRate must be an integer"],
  [{ audioOpusParams: { stereo: 1 } }, "options.audioOpusParams.stereo must be a boolean"],
  [{ audioOpusParams: { usefec: true } }, "options.audioOpusParams.usefec is not a known option"],
  [{ videoCodecType: "VP10" }, "options.videoCodecType must be one of"],
  [{ videoBitRate: "500" }, "options.videoBitRate must be an integer"],
  [
    { videoVP9Params: { profile_id: 4 } },
    "options.videoVP9Params.profile_id must be an integer fr",
  ],
  [
    { videoAV1Params: { profile: -1 } },
    "options.videoAV1Params.profile must be an integer from 0 ",
  ],
  [
    { videoH264Params: { profile_level_id: "42" } },
    'options.videoH264Params.profile_level_id must be six hexadecimal digits (RFC 6184), not "42"',
  ],
  [{ videoH265Params: { b_frame: 0 } }, "options.videoH265Params.b_frame must be a boolean"],
  [{ simulcastRid: "none" }, `options.simulcastRid must be one of "r0", "r1", "r2"`],
  [{ simulcastRequestRid: "r3" }, `options.simulcastRequestRid must be one of "none", "r0"`],
  [{ spotlightNumber: 0 }, "options.spotlightNumber must be an integer from 1"],
  [{ spotlightFocusRid: 1 }, "options.spotlightFocusRid must be one of"],
  [{ forwardingFilter: {} }, "options.forwardingFilter.rules must be an array, not undefined"],
  [{ forwardingFilters: {} }, "options.forwardingFilters must be an array, not an object"],
  [rule({ field: "x" }), "options.forwardingFilters[0].rules[0][0].field must be one of"],
  [rule({ operator: "in" }), "options.forwardingFilters[0].rules[0][0].operator must be one of"],
  [rule({ values: [1] }), "options.forwardingFilters[0].rules[0][0].values[0] must be a string"],
  [{ dataChannels: {} }, "options.dataChannels must be an array"],
  [channel({ label: "b" }), `options.dataChannels[1].label must be a "#" and a name, not "`],
  [channel({ label: "#" }), `options.dataChannels[1].label must be a "#" and a name, not "`],
  [channel({ label: 5 }), "options.dataChannels[1].label must be a string, not 5"],
  [
    channel({ label: "#a" }),
    "options.dataChannels[1].label must differ from options.dataChannels[",
  ],
  [channel({ direction: "both" }), "options.dataChannels[1].direction must be one of"],
  [
    channel({ max_retransmits: 1 }),
    "options.dataChannels[1].max_retransmits is not a known option",
  ],
  [
    channel({ maxRetransmits: 65536 }),
    "options.dataChannels[1].maxRetransmits must be an integer f",
  ],
  [
    channel({ maxRetransmits: 1, maxPacketLifeTime: 1 }),
    "options.dataChannels[1] must not have both maxPacketLifeTime and maxRetransmits",
  ],
  [channel({ header: [{ type: "x" }] }), "options.dataChannels[1].header[0].type must be one of"],
  [{ dataChannelSignaling: null }, "options.dataChannelSignaling must be a boolean, not null"],
  [
    { disconnectWaitTimeoutMs: 0 },
    "options.disconnectWaitTimeoutMs must be a number from 1 to 214",
  ],
  [
    { webSocketCloseTimeoutMs: Infinity },
    "options.webSocketCloseTimeoutMs must be a number from 1",
  ],
  [
    { webSocketConnectionTimeoutMs: 2 ** 31 },
    "options.webSocketConnectionTimeoutMs must be a numb",
  ],
  [
    { dataChannelSignalingTimeoutMs: "1" },
    "options.dataChannelSignalingTimeoutMs must be a number",
  ],
  [{ caCert: 1 }, "options.caCert must be PEM (a string or a Uint8Array), not a number"],
  [{ caCert: "" }, "options.caCert must contain a PEM certificate"],
  [{ caCert: key }, "options.caCert must contain a PEM certificate"],
  [
    { caCert: cert + broken },
    "options.caCert must contain valid certificates, but certificate 2 of 2 is not",
  ],
  [{ clientCert: "x", clientKey: key }, "options.clientCert must contain a PEM certificate"],
  [{ clientCert: cert, clientKey: cert }, "options.clientKey must contain a PEM private key"],
  [{ clientCert: cert }, "options.clientCert and options.clientKey must be given together"],
  [{ clientKey: key }, "options.clientCert and options.clientKey must be given together"],
  [{ proxyUrl: "https://p.example" }, `options.proxyUrl must be a URL that starts with "http:"`],
  [{ proxyUrl: "hunter2" }, `options.proxyUrl must be a URL that starts with "http:"`],
  [{ proxyPassword: "hunter2" }, "options.proxyPassword requires options.proxyUrl"],
  [
    { iceTransportPolicy: "none" },
    'options.iceTransportPolicy must be one of "all", "relay", not "none"',
  ],
  [{ userAgent: "" }, "options.userAgent must not be empty"],
  ...["a\r\nX-Evil: 1", "a\nb", "\0", "\x7f", "日本"].flatMap((value): [object, string][] => [
    [
      { userAgent: value },
      "options.userAgent must be printable ASCII (RFC 9110), not ",
    ],
    [
      { proxyUrl: "http://p", proxyAgent: value },
      "options.proxyAgent must be printable ASCII (RFC 9110), not ",
    ],
  ]),
  [
    { proxyUrl: "http://p", proxyUsername: "a\r\nb" },
    "options.proxyUsername must have no control characters (RFC 7617)",
  ],
  [
    { proxyUrl: "http://p", proxyUsername: "hunter2:x" },
    "options.proxyUsername must have no colon (RFC 7617)",
  ],
  [
    { proxyUrl: "http://p", proxyPassword: "hunter2\n" },
    "options.proxyPassword must have no control characters (RFC 7617)",
  ],
  [
    { proxyUrl: "http://hunter2%3A:x@p" },
    "options.proxyUrl's user name must have no colon (RFC 7617)",
  ],
  [
    { proxyUrl: "http://u:hunter2%0D@p" },
    "options.proxyUrl's password must have no control characters (RFC 7617)",
  ],
  [
    { reconnect: { jitter: 2 } },
    "options.reconnect.jitter must be a number from 0 to 1, not 2",
  ],
  [{ reconnect: true }, "options.reconnect must be an object, not a boolean"],
];
const wrong: [unknown, string][] = [
  [undefined, "options must be an object with signalingUrls, role and channelId, not undefined"],
  [null, "options must be an object with signalingUrls, role and channelId, not null"],
  [[], "options must be an object with signalingUrls, role and channelId, not an array"],
  [{ role: "sendrecv", channelId: "c" }, "options.signalingUrls must be an array, not undefined"],
  ...wrongMembers.map(([members, message]): [unknown, string] => [
    { ...required, ...members },
    message,
  ]),
];
for (const [options, message] of wrong) {
  test(`checkSignalingOptions refuses: ${message}`, () => {
    assert.throws(() => checkSignalingOptions(options), (error: Error) => {
      const limits = /from \d+ to \d+, not -?[\d.I]|at most|must not be empty/;
      assert.equal(error.name, limits.test(error.message) ? "RangeError" : "TypeError");
      assert.equal(error.message.slice(0, message.length), message);
      assert.equal(error.message.includes("hunter2"), false);
      return true;
    });
  });
}
