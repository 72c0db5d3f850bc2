import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Sora,
  SoraAudioFrame,
  SoraAudioSink,
  SoraVideoCodecPreference,
  SoraVideoFrame,
  SoraVideoSink,
  version,
} from "../../mod.ts";
import { checkAudioSourceOptions } from "../../sdk/audio/source_options.ts";
import { checkConnectionOptions } from "../../sdk/options.ts";
import { parseStats } from "../../sdk/stats/parse.ts";

const connection = {
  signalingUrls: ["ws://127.0.0.1:5000/signaling"],
  role: "sendrecv",
  channelId: "channel",
};

function refuses(path: string, call: () => unknown): void {
  assert.throws(call, (error) => {
    assert.ok(error instanceof TypeError || error instanceof RangeError);
    assert.ok(error.message.startsWith(`${path} `), error.message);
    return true;
  });
}

test("Sora loads nothing when it is made, and refuses options it does not know", async () => {
  const sora = new Sora({ library: "/nowhere/libsora_ffi.so" });
  await sora.close();
  refuses("options.library", () => new Sora({ library: "" }));
  refuses("options.libary", () => new Sora({ libary: "x" } as never));
  refuses("options", () => new Sora(null as never));
});

test("Sora reports which library it could not load", () => {
  const sora = new Sora({ library: "/nowhere/libsora_ffi.so" });
  assert.throws(() => sora.createVideoSource(), {
    name: "SoraError",
    code: "LIBRARY_NOT_FOUND",
    message: /\/nowhere\/libsora_ffi\.so/,
  });
});

test("Sora.load reports which library it could not load, and refuses options it does not know", () => {
  assert.throws(() => Sora.load({ library: "/nowhere/libsora_ffi.so" }), {
    name: "SoraError",
    code: "LIBRARY_NOT_FOUND",
    message: /\/nowhere\/libsora_ffi\.so/,
  });
  refuses("options.library", () => Sora.load({ library: "" }));
  refuses("options.path", () => Sora.load({ path: "x" } as never));
  refuses("options", () => Sora.load(null as never));
});

test("Sora checks options before it loads the library", () => {
  const sora = new Sora({ library: "/nowhere/libsora_ffi.so" });
  refuses("options.channels", () => sora.createAudioSource({ channels: 3, sampleRate: 48_000 }));
  refuses("options.role", () => sora.createConnection({ ...connection, role: "send" } as never));
});

test("checkAudioSourceOptions names the wrong option", () => {
  refuses("options", () => checkAudioSourceOptions(undefined));
  refuses("options.channels", () => checkAudioSourceOptions({ sampleRate: 48_000 }));
  refuses("options.channels", () => checkAudioSourceOptions({ channels: 0, sampleRate: 48_000 }));
  refuses("options.sampleRate", () => checkAudioSourceOptions({ channels: 1, sampleRate: 96_000 }));
  refuses("options.sampleRate", () => checkAudioSourceOptions({ channels: 1, sampleRate: 44_101 }));
  refuses("options.rate", () => checkAudioSourceOptions({ channels: 1, rate: 1 }));
  assert.deepEqual(checkAudioSourceOptions({ channels: 2, sampleRate: 44_100 }), {
    channels: 2,
    sampleRate: 44_100,
  });
});

test("checkConnectionOptions names the wrong option, of signaling and of media alike", () => {
  refuses(
    "options.signalingUrls",
    () => checkConnectionOptions({ ...connection, signalingUrls: [] }),
  );
  refuses("options.audioSource", () => checkConnectionOptions({ ...connection, audioSource: {} }));
  refuses("options.videoSource", () => checkConnectionOptions({ ...connection, videoSource: "a" }));
  refuses(
    "options.degradationPreference",
    () => checkConnectionOptions({ ...connection, degradationPreference: "NONE" }),
  );
  refuses("options.videoSorce", () => checkConnectionOptions({ ...connection, videoSorce: {} }));
  refuses("options.sync", () => checkConnectionOptions({ ...connection, sync: 1 }));
  const options = { degradationPreference: "BALANCED", sync: true } as const;
  const { media } = checkConnectionOptions({ ...connection, ...options });
  assert.deepEqual(media, options);
});

test("sinks refuse what is not a track", () => {
  refuses("track", () => new SoraVideoSink({} as never));
  refuses("track", () => new SoraAudioSink(undefined as never));
  refuses("options.depth", () => new SoraVideoSink({} as never, { depth: 33 }));
  refuses("options.bufferMs", () => new SoraAudioSink({} as never, { bufferMs: 19 }));
});

test("parseStats gives the time in milliseconds and keeps members that it does not know", () => {
  const text = '[{"id":"P","type":"peer-connection","timestamp":1700000000123456,"new":{"a":1}}]';
  assert.deepEqual(parseStats(text), [
    { id: "P", type: "peer-connection", timestamp: 1700000000123.456, new: { a: 1 } },
  ]);
});

test("version is that of the packages", async () => {
  for (const file of ["package.json", "deno.json"]) {
    const { default: manifest } = await import(`../../${file}`, { with: { type: "json" } });
    assert.equal(version, manifest.version, file);
  }
});

test("what is called without its options names those that are missing", () => {
  const calls: [string, (...none: never[]) => unknown][] = [
    [
      "options must be an object with channels and sampleRate",
      () => new Sora().createAudioSource(undefined as never),
    ],
    [
      "options must be an object with signalingUrls, role and channelId",
      () => new Sora().createConnection(undefined as never),
    ],
    [
      "init must be an object with samples, sampleRateHz and numChannels",
      () => new SoraAudioFrame(undefined as never),
    ],
    [
      "token must be an object with frame and library",
      () => SoraVideoFrame.from(undefined as never),
    ],
    [
      "options.codecs[0] must be an object with type",
      () => new SoraVideoCodecPreference({ codecs: [undefined as never] }),
    ],
    [
      "options.dataChannels[0] must be an object with label and direction",
      () => checkConnectionOptions({ ...connection, dataChannels: [undefined] }),
    ],
  ];
  for (const [message, call] of calls) {
    assert.throws(call, { name: "TypeError", message: `${message}, not undefined` });
  }
});
