import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { encodeWav } from "../../files/mod.ts";
import { getVideoCodecCapability, Sora } from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { openh264Files } from "../support/codec_libraries.ts";
import { dominantFrequency } from "../support/tone.ts";

/** Examples end after 3 s at most; the rest is for starting on a busy machine. */
const LIMIT_MS = 25_000;
const runtimeArguments = "bun" in process.versions ? [] : ["run", "-A", "--no-check"];
const unset = { SORA_SIGNALING_URL: "", SORA_CHANNEL_ID: "" };

interface Run {
  readonly code: number | null;
  readonly signal: string | null;
  readonly output: string;
  readonly errors: string;
}

/** Runs an example on this runtime to its end. */
async function run(
  name: string,
  env: Readonly<Record<string, string>> = unset,
  seen?: (output: string, interrupt: () => void) => void,
  args: readonly string[] = [],
): Promise<Run> {
  const path = fileURLToPath(new URL(`../../examples/${name}.ts`, import.meta.url));
  const child = spawn(process.execPath, [...runtimeArguments, path, ...args], {
    env: { ...process.env, ...env, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: LIMIT_MS,
    killSignal: "SIGKILL",
  });
  let [output, errors] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    // Not child.kill(): after that, Deno reports that the signal ended the child, whatever the child did.
    seen?.(output, () => child.pid && process.kill(child.pid, "SIGINT"));
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => errors += text);
  return await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal, output, errors }));
  });
}

/** The number that a pattern finds in what an example printed. */
function number(output: string, pattern: RegExp): number {
  return Number(pattern.exec(output)?.[1]);
}

/** Lends a folder that is removed afterwards. */
async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "sora-ffi-examples-"));
  try {
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function assertEndedWell({ code, signal, output, errors }: Run): void {
  assert.deepEqual({ code, signal, errors }, { code: 0, signal: null, errors: "" }, output);
}

test("the table of examples names each of them", () => {
  const folder = new URL("../../examples/", import.meta.url);
  const readme = readFileSync(new URL("README.md", folder), "utf8");
  const files = readdirSync(folder).filter((name) => name.endsWith(".ts"));
  assert.ok(files.length > 10, String(files));
  for (const name of files) assert.ok(readme.includes(`[\`${name}\`](${name})`), name);
});

test("minimal connects, is notified of itself, and leaves", async () => {
  const ended = await run("minimal");
  assertEndedWell(ended);
  assert.match(ended.output, /using an embedded server, ws:\/\/127\.0\.0\.1:\d+\//);
  assert.match(ended.output, /Notification: connection\.created\nConnected as [0-9A-Z]{26}\n/);
  assert.match(ended.output, /Disconnected: CLOSE_SUCCEEDED/);
});

test("sendonly sends audio and video", async () => {
  const ended = await run("sendonly");
  assertEndedWell(ended);
  assert.ok(number(ended.output, /Sent audio: (\d+) packets/) > 50, ended.output);
  assert.ok(number(ended.output, /Sent video: (\d+) packets/) > 30, ended.output);
});

test("recvonly receives the other member's audio and video", async () => {
  const ended = await run("recvonly");
  assertEndedWell(ended);
  assert.match(ended.output, /The first frame: 640x360, 691200 bytes of BGR/);
  assert.ok(number(ended.output, /Received (\d+) frames/) > 30, ended.output);
  assert.ok(number(ended.output, /(\d+) ms of audio/) > 1_000, ended.output);
  assert.match(ended.output, /No more video from/);
});

test("sendrecv receives the other member's video and a tone of the right loudness", async () => {
  const ended = await run("sendrecv");
  assertEndedWell(ended);
  assert.ok(number(ended.output, /Received (\d+) frames/) > 30, ended.output);
  // The tone is sent at 0.3 of full scale; the codec may change it by a third.
  const loudest = number(ended.output, /loudest sample was (\d+)/) / 32_767;
  assert.ok(loudest > 0.2 && loudest < 0.4, ended.output);
});

test("messaging sends messages one by one and as a stream", async () => {
  const ended = await run("messaging");
  assertEndedWell(ended);
  const alice = /Alice is (\w{26}), Bob is \w{26}\n/.exec(ended.output)?.[1];
  assert.match(ended.output, new RegExp(`Bob got "Hello, Bob!" from ${alice}\n`));
  assert.match(ended.output, /Alice got "Hello, Alice!"\n/);
  assert.match(ended.output, /Bob got 1000000 bytes in 100 messages\n$/);
});

test("access_token connects with a token and is refused without", async () => {
  const ended = await run("access_token");
  assertEndedWell(ended);
  assert.match(ended.output, /The token allows VP8\nConnected as [0-9A-Z]{26}\n/);
  assert.match(ended.output, /Without a token: WEBSOCKET_ONCLOSE, .*AUTHENTICATION-FAILURE\n$/);
});

test("mtls connects with a client certificate and is refused without", async () => {
  const ended = await run("mtls");
  assertEndedWell(ended);
  assert.match(ended.output, /using an embedded server, wss:\/\/127\.0\.0\.1:\d+\//);
  assert.match(ended.output, /Connected as [0-9A-Z]{26}\nWithout a client certificate: WEBSOCKET_/);
});

test("statistics prints a line each second", async () => {
  const ended = await run("statistics");
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
  const ended = await run("vad");
  assertEndedWell(ended);
  assert.match(ended.output, /(\w{26}) speaks\n\1 is silent\n/);
  assert.ok(number(ended.output, /Analyzed (\d+) blocks/) > 100, ended.output);
});

test("snapshot writes a PNG of the frame that was sent", async () => {
  await inFolder(async (folder) => {
    const file = join(folder, "snapshot.png");
    const ended = await run("snapshot", unset, undefined, [file]);
    assertEndedWell(ended);
    assert.match(ended.output, /Saved 640x360 from \w{26} as /);
    const { streams: [image] } = probe(file);
    assert.deepEqual([image?.["codec_name"], image?.["width"], image?.["height"]], [
      "png",
      640,
      360,
    ]);
    const [luma] = lumas(file, 640, 360);
    const top = luma!.subarray(0, 640);
    const bar = top.findIndex((one) => one > 220);
    // The white bar of the test pattern is 20 pixels wide, in every row.
    assert.ok(bar >= 0 && top[bar + 10]! > 220 && luma![359 * 640 + bar + 10]! > 220, `${bar}`);
    assert.ok(top[(bar + 320) % 640]! < 220, `${bar}`);
  });
});

test("encoded_transform_send changes what it sends, and the receiver undoes it", async () => {
  const ended = await run("encoded_transform_send");
  assertEndedWell(ended);
  assert.match(ended.output, /The first frame is video\/VP8 640x360/);
  const changed = number(ended.output, /Changed (\d+) video frames/);
  assert.ok(changed > 30, ended.output);
  const last = number(ended.output, /the last number was (\d+)/);
  assert.ok(last > 30 && last <= changed, ended.output);
  assert.ok(number(ended.output, /Decoded (\d+)/) > 30, ended.output);
  // As in sendrecv; audio that is still scrambled is noise up to full scale.
  const loudest = number(ended.output, /loudest sample received was (\d+)/) / 32_767;
  assert.ok(loudest > 0.2 && loudest < 0.4, ended.output);
});

test("encoded_transform_receive sees what is decoded", async () => {
  const ended = await run("encoded_transform_receive");
  assertEndedWell(ended);
  assert.ok(number(ended.output, /bytes of video in (\d+) frames/) > 30, ended.output);
  assert.ok(number(ended.output, /and (\d+) frames of audio/) > 50, ended.output);
});

test("h264_sei sends text inside frames, and reads it", async () => {
  const ended = await run("h264_sei", { ...unset, SORA_OPENH264: "" });
  assertEndedWell(ended);
  assert.match(ended.output, /The first text: Frame \d+\n/);
  assert.ok(number(ended.output, /received (\d+) with/) > 30, ended.output);
  assert.ok(number(ended.output, /with (\d+) frames/) > 30, ended.output);
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
    const ended = await run(name, { ...unset, ...env }, undefined, args);
    assert.equal(ended.code, 1);
    assert.match(ended.errors, message);
    assert.equal(ended.errors.trimEnd().split("\n").length, 1, ended.errors);
  });
}

test("codec_choice sends with Intel's engine, else NVIDIA's, else the internal one", async () => {
  const ended = await run("codec_choice");
  assertEndedWell(ended);
  const { unavailable } = getVideoCodecCapability();
  const absent = (name: string) => unavailable.some((engine) => engine.name === name);
  const expected = !absent("INTEL_VPL")
    ? "INTEL_VPL"
    : absent("NVIDIA_VIDEO_CODEC_SDK")
    ? "INTERNAL"
    : "NVIDIA_VIDEO_CODEC_SDK";
  assert.match(ended.output, new RegExp(`^Chosen: ${expected}$`, "m"));
  if (expected === "INTERNAL") assert.match(ended.output, /^Not INTEL_VPL: \S/m);
  assert.ok(number(ended.output, /: (\d+) frames\n$/) > 20, ended.output);
});

test("codecs shows every engine", async () => {
  const ended = await run("codecs");
  assertEndedWell(ended);
  assert.match(ended.output, /^engine +VP8 +VP9 +AV1 +H264 +H265/);
  assert.match(ended.output, /\nINTERNAL( +encode, decode){3}\n/);
  assert.equal(ended.output.trim().split("\n").length, 6);
});

test("codec_preference sends with the engine that was chosen", async () => {
  const ended = await run("codec_preference");
  assertEndedWell(ended);
  assert.ok(number(ended.output, /VP8 by libvpx: (\d+) frames/) > 30, ended.output);
});

test("codec_preference sends with OpenH264 when its file is named", async () => {
  const env = { ...unset, SORA_OPENH264: [...openh264Files.values()].at(-1) ?? "" };
  const ended = await run("codec_preference", env, undefined, ["CISCO_OPENH264"]);
  assertEndedWell(ended);
  assert.ok(number(ended.output, /H264 by OpenH264: (\d+) frames/) > 30, ended.output);
});

test("stats_prometheus serves statistics", async () => {
  const ended = await run("stats_prometheus");
  assertEndedWell(ended);
  const sent = /webrtc_outbound_rtp_packetsSent\{.*kind="video".*\} (\d+)/;
  assert.ok(number(ended.output, sent) > 30, ended.output);
});

test("send_file sends a file's video and audio in real time", async () => {
  const clip = fileURLToPath(new URL("../../.deps/media/bigbuckbunny.mp4", import.meta.url));
  const ended = await run("send_file", { ...unset, SORA_SECONDS: "2" }, undefined, [clip]);
  assertEndedWell(ended);
  const [frames, audioMs] = [/Sent (\d+) frames/, /(\d+) ms of audio/].map((pattern) =>
    number(ended.output, pattern)
  );
  assert.ok((frames ?? 0) > 20 && (frames ?? 0) <= 56, ended.output);
  assert.ok((audioMs ?? 0) > 800 && (audioMs ?? 0) < 3_000, ended.output);
});

test("send_file sends a file that has only audio", async () => {
  await inFolder(async (folder) => {
    const file = join(folder, "tone.wav");
    const samples = Int16Array.from({ length: 96_000 }, (_, at) => 9_000 * Math.sin(at / 17));
    writeFileSync(file, encodeWav({ samples, sampleRate: 48_000, channels: 1 }));
    const ended = await run("send_file", { ...unset, SORA_SECONDS: "1" }, undefined, [file]);
    assertEndedWell(ended);
    const audioMs = number(ended.output, /Sent 0 frames and (\d+) ms of audio/);
    assert.ok(audioMs > 300 && audioMs <= 2_000, ended.output);
  });
});

test("send_file reports that a file cannot be sent", async () => {
  await inFolder(async (folder) => {
    const file = join(folder, "text.mp4");
    writeFileSync(file, "This is not a film.");
    const ended = await run("send_file", unset, undefined, [file]);
    assert.equal(ended.code, 1);
    assert.match(
      ended.errors,
      /The file to send must have video or audio, but ffprobe finds neither in .*text\.mp4/,
    );
  });
});

interface Probed {
  readonly streams: readonly Readonly<Record<string, unknown>>[];
  readonly format: { readonly duration: string };
}

function probe(file: string): Probed {
  const args = ["-v", "error", "-show_streams", "-show_format", "-of", "json", file];
  return JSON.parse(execFileSync("ffprobe", args, { encoding: "utf8" }));
}

/** The luma of every frame of a file, 0 to 255; where the video begins later than the audio, the first frame is repeated. */
function lumas(file: string, width: number, height: number): readonly Uint8Array[] {
  const bytes = execFileSync("ffmpeg", [
    ...["-v", "error", "-i", file, "-map", "0:v"],
    ...["-f", "rawvideo", "-pix_fmt", "gray", "pipe:1"],
  ], { maxBuffer: 1 << 28 });
  const size = width * height;
  return Array.from(
    { length: bytes.length / size },
    (_, at) => bytes.subarray(at * size, (at + 1) * size),
  );
}

test("record writes what it receives into a file", async () => {
  await inFolder(async (folder) => {
    const file = join(folder, "recorded.mkv");
    const ended = await run("record", unset, undefined, [file]);
    assertEndedWell(ended);
    const frames = number(ended.output, /Recorded (\d+) frames/);
    const audioMs = number(ended.output, /and (\d+) ms of audio/);
    assert.ok(frames > 30 && audioMs > 1_000, ended.output);

    const { streams, format } = probe(file);
    const [video, audio] = streams;
    assert.deepEqual(
      [video?.["codec_name"], video?.["width"], video?.["height"], video?.["avg_frame_rate"]],
      ["h264", 640, 360, "30/1"],
    );
    assert.deepEqual([audio?.["codec_type"], audio?.["sample_rate"], audio?.["channels"]], [
      ...["audio", "48000", 2],
    ]);
    assert.equal(streams.length, 2);
    const lengthMs = Math.max(frames * 1_000 / 30, audioMs);
    const durationMs = Number(format.duration) * 1_000;
    // Neither began more than a second after the other.
    assert.ok(durationMs > lengthMs - 100 && durationMs < lengthMs + 1_000, `${durationMs} ms`);

    const written = lumas(file, 640, 360);
    assert.ok(written.length >= frames && written.length <= frames + 30, `${written.length}`);
    // The white bar of the test pattern is 20 pixels wide and moves.
    const bars = written.map((luma) => luma.subarray(0, 640).findIndex((one) => one > 220));
    assert.ok(bars.every((at) => at >= 0) && new Set(bars).size > 15, String(bars));
    const pcm = execFileSync("ffmpeg", [
      ...["-v", "error", "-i", file, "-map", "0:a", "-ss", "0.5", "-t", "0.5"],
      ...["-ac", "1", "-f", "s16le", "pipe:1"],
    ]);
    const samples = new Int16Array(new Uint8Array(pcm).buffer);
    const hertz = dominantFrequency(samples, 48_000);
    assert.ok(Math.abs(hertz - 440) < 5, `${hertz} Hz`);
  });
});

test("record keeps its first size when the size of the frames changes", async () => {
  await inFolder(async (folder) => {
    await using server = await SoraServer.start({ port: 0 });
    await using sora = new Sora();
    const room = { signalingUrls: [server.url], channelId: "sizes" };
    const videoSource = sora.createVideoSource();
    const sender = sora.createConnection({ ...room, role: "sendonly", audio: false, videoSource });
    await sender.connect();
    let [width, height, level] = [320, 240, 50];
    const camera = setInterval(() => {
      videoSource.onCaptured(new Uint8Array(width * height * 3).fill(level), { width, height });
    }, 33);
    try {
      const file = join(folder, "recorded.mkv");
      const env = {
        SORA_SIGNALING_URL: server.url,
        SORA_CHANNEL_ID: room.channelId,
        SORA_SECONDS: "20",
      };
      let interrupted = false;
      const ended = await run("record", env, (output, interrupt) => {
        if (output.includes("Recording 320x240")) [width, height, level] = [160, 90, 200];
        if (interrupted || !output.includes("Recording 160x90")) return;
        interrupted = true;
        interrupt();
      }, [file]);
      assertEndedWell(ended);
      const written = lumas(file, 320, 240);
      const frames = number(ended.output, /Recorded (\d+) frames/);
      assert.ok(Math.abs(written.length - frames) <= 2, `${written.length}, not ${frames}`);
      const [first, last] = [written[0], written.at(-1)].map((luma) =>
        luma?.[120 * 320 + 160] ?? 0
      );
      const near = (value = 0, wanted: number) => Math.abs(value - wanted) < 8;
      assert.ok(near(first, 50) && near(last, 200), `${first}, ${last}`);
    } finally {
      clearInterval(camera);
    }
  });
});

test("an example ends on Ctrl-C as if its time were over", async () => {
  let interrupted = false;
  const ended = await run("sendonly", unset, (output, interrupt) => {
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
  const ended = await run("minimal", env);
  assertEndedWell(ended);
  assert.ok(ended.output.startsWith(`Using channel of-the-test of ${server.url}\n`), ended.output);
  assert.match(ended.output, /Connected as/);
});
