import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { getVideoCodecCapability } from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { assertEndedWell, number, runExample, unset } from "../support/example.ts";

test("the table of examples names each of them", () => {
  const folder = new URL("../../examples/", import.meta.url);
  const readme = readFileSync(new URL("README.md", folder), "utf8");
  const files = readdirSync(folder).filter((name) => name.endsWith(".ts"));
  assert.ok(files.length > 10, String(files));
  for (const name of files) assert.ok(readme.includes(`[\`${name}\`](${name})`), name);
});

test("minimal connects, is notified of itself, and leaves", async () => {
  const ended = await runExample("minimal");
  assertEndedWell(ended);
  assert.match(ended.output, /using an embedded server, ws:\/\/127\.0\.0\.1:\d+\//);
  assert.match(ended.output, /Notification: connection\.created\nConnected as [0-9A-Z]{26}\n/);
  assert.match(ended.output, /Disconnected: CLOSE_SUCCEEDED/);
});

test("messaging sends messages one by one and as a stream", async () => {
  const ended = await runExample("messaging");
  assertEndedWell(ended);
  const alice = /Alice is (\w{26}), Bob is \w{26}\n/.exec(ended.output)?.[1];
  assert.match(ended.output, new RegExp(`Bob got "Hello, Bob!" from ${alice}\n`));
  assert.match(ended.output, /Alice got "Hello, Alice!"\n/);
  assert.match(ended.output, /Bob got 1000000 bytes in 100 messages\n$/);
});

test("access_token connects with a token and is refused without", async () => {
  const ended = await runExample("access_token");
  assertEndedWell(ended);
  assert.match(ended.output, /The token allows VP8\nConnected as [0-9A-Z]{26}\n/);
  assert.match(ended.output, /Without a token: WEBSOCKET_ONCLOSE, .*AUTHENTICATION-FAILURE\n$/);
});

test("mtls connects with a client certificate and is refused without", async () => {
  const ended = await runExample("mtls");
  assertEndedWell(ended);
  assert.match(ended.output, /using an embedded server, wss:\/\/127\.0\.0\.1:\d+\//);
  assert.match(ended.output, /Connected as [0-9A-Z]{26}\nWithout a client certificate: WEBSOCKET_/);
});

test("statistics prints a line each second", async () => {
  const ended = await runExample("statistics");
  assertEndedWell(ended);
  const lines = ended.output.split("\n").filter((line) => line.includes("video 640x360"));
  assert.ok(lines.length >= 2, ended.output);
  for (const line of lines) {
    assert.match(line, /\d+ frames\/s by libvpx, \d+ bytes/);
    assert.match(line, /audio \d+ bytes/);
    assert.match(line, /round trip \d+\.\d ms/);
  }
});

test("vad prints when a member speaks and when it is silent again", async () => {
  const ended = await runExample("vad");
  assertEndedWell(ended);
  assert.match(ended.output, /(\w{26}) speaks\n\1 is silent\n/);
  assert.ok(number(ended.output, /Analyzed (\d+) blocks/) > 100, ended.output);
});

const mistakes: [name: string, env: Record<string, string>, args: string[], message: RegExp][] = [
  [
    "h264_sei",
    { SORA_OPENH264: "/nowhere/openh264.so" },
    [],
    /Cannot use \/nowhere\/openh264\.so as OpenH264: /,
  ],
  ["codec_preference", {}, ["NOBODY"], /The engine must be one of INTERNAL, .*, not "NOBODY"/],
  [
    "codec_preference",
    { SORA_OPENH264: "" },
    ["CISCO_OPENH264"],
    /CISCO_OPENH264 is not available: /,
  ],
  [
    "vad",
    {},
    ["/nowhere/speech.wav"],
    /Cannot read speech from \/nowhere\/speech\.wav; pass a WAVE file/,
  ],
  ["send_file", {}, [], /Usage: send_file\.ts FILE/],
  [
    "minimal",
    { SORA_SIGNALING_URL: "ws://127.0.0.1:1/" },
    [],
    /SORA_SIGNALING_URL is set, but SORA_CHANNEL_ID is not/,
  ],
];

for (const [name, env, args, message] of mistakes) {
  test(`${[name, ...args].join(" ")} reports its user's mistake in one line without a stack`, async () => {
    const ended = await runExample(name, { ...unset, ...env }, undefined, args);
    assert.equal(ended.code, 1);
    assert.match(ended.errors, message);
    assert.equal(ended.errors.trimEnd().split("\n").length, 1, ended.errors);
  });
}

test("codec_choice sends with Intel's engine, else NVIDIA's, else AMD's, else the internal one", async () => {
  const ended = await runExample("codec_choice");
  assertEndedWell(ended);
  const { unavailable } = getVideoCodecCapability();
  const hardware = ["INTEL_VPL", "NVIDIA_VIDEO_CODEC_SDK", "AMD_AMF"];
  const expected = hardware.find((name) => !unavailable.some((engine) => engine.name === name)) ??
    "INTERNAL";
  assert.match(ended.output, new RegExp(`^Chosen: ${expected}$`, "m"));
  if (expected === "INTERNAL") assert.match(ended.output, /^Not AMD_AMF: \S/m);
  assert.ok(number(ended.output, /: (\d+) frames\n$/) > 20, ended.output);
});

test("codecs shows every engine", async () => {
  const ended = await runExample("codecs");
  assertEndedWell(ended);
  assert.match(ended.output, /^engine +VP8 +VP9 +AV1 +H264 +H265/);
  assert.match(ended.output, /\nINTERNAL( +encode, decode){3}\n/);
  assert.equal(ended.output.trim().split("\n").length, 6);
});

test("stats_prometheus serves statistics", async () => {
  const ended = await runExample("stats_prometheus");
  assertEndedWell(ended);
  const sent = /webrtc_outbound_rtp_packetsSent\{.*kind="video".*\} (\d+)/;
  assert.ok(number(ended.output, sent) > 30, ended.output);
});

test("an example ends on Ctrl-C as if its time were over", async () => {
  let interrupted = false;
  const ended = await runExample("sendonly", unset, (output, interrupt) => {
    if (interrupted || !output.includes("Running for")) return;
    interrupted = true;
    interrupt();
  });
  assertEndedWell(ended);
  assert.ok(interrupted);
  assert.match(ended.output, /Sent video: /);
});

test("an example uses the server and the channel of the environment", async () => {
  await using server = await SoraServer.start({ port: 0 });
  const env = { SORA_SIGNALING_URL: server.url, SORA_CHANNEL_ID: "of-the-test" };
  const ended = await runExample("minimal", env);
  assertEndedWell(ended);
  assert.ok(ended.output.startsWith(`Using channel of-the-test of ${server.url}\n`), ended.output);
  assert.match(ended.output, /Connected as/);
});
