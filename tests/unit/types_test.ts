/**
 * What the types of the API take. `deno check` reads this file as the compiler of a program would; what can be run without the
 * native library is run as well.
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { encodeWav, readY4m, wavSamples, y4mFrame } from "../../files/mod.ts";
import {
  type ForwardingFilter,
  type PixelLayout,
  type ReconnectOptions,
  type RpcOptions,
  type SoraAudioDataOptions,
  SoraAudioFrame,
  type SoraAudioFrameInit,
  SoraAudioFrameTransformer,
  SoraAudioSink,
  type SoraAudioSinkOptions,
  type SoraAudioSource,
  type SoraAudioSourceOptions,
  SoraAudioStreamSink,
  type SoraAudioWritableOptions,
  type SoraCapturedOptions,
  type SoraConnection,
  type SoraConnectionOptions,
  type SoraFrameTransformer,
  type SoraFrameTransformerOptions,
  type SoraMediaOptions,
  SoraMediaTrack,
  type SoraOptions,
  type SoraPrometheusOptions,
  type SoraStats,
  type SoraStatsOf,
  SoraTrackInterface,
  type SoraTransformableFrame,
  type SoraVAD,
  type SoraVADFormat,
  type SoraVADOptions,
  type SoraVideoCodecCapabilityOptions,
  type SoraVideoCodecName,
  SoraVideoCodecPreference,
  type SoraVideoCodecPreferenceCodec,
  SoraVideoCodecType,
  type SoraVideoFrame,
  type SoraVideoFrameDataOptions,
  type SoraVideoFrameLayout,
  SoraVideoFrameTransformer,
  SoraVideoSink,
  type SoraVideoSinkOptions,
  type SoraVideoSource,
  toPrometheus,
} from "../../mod.ts";
import type {
  AudioOpusParams,
  DataChannelOptions,
  VideoAV1Params,
  VideoH264Params,
  VideoH265Params,
  VideoVP9Params,
} from "../../mod.ts";
import { checkAudioSourceOptions } from "../../sdk/audio/source_options.ts";
import { checkConnectionOptions, checkSoraOptions } from "../../sdk/options.ts";
import type {
  IceServerOption,
  ServerFaults,
  ServerTls,
  SoraServer,
  SoraServerOptions,
} from "../../sfu/mod.ts";
import { resolveOptions } from "../../sfu/options/options.ts";
import { FakeMedia } from "../support/fake_media.ts";

/** Typed arrays as programs have them: over whichever memory, as TypeScript 5.7 and later call it. */
interface Arrays {
  readonly bytes: Uint8Array;
  readonly clamped: Uint8ClampedArray;
  readonly shared: Uint8Array<SharedArrayBuffer>;
  readonly buffer: Buffer;
  readonly samples: Int16Array;
  readonly sharedSamples: Int16Array<SharedArrayBuffer>;
  readonly floats: Float32Array;
}

/** Compiles, which is all that it is for. */
export function takesTypedArraysOverAnyMemory(
  { bytes, clamped, shared, buffer, samples, sharedSamples, floats }: Arrays,
  audio: SoraAudioSource,
  video: SoraVideoSource,
  frame: SoraVideoFrame,
  encoded: SoraTransformableFrame,
  vad: SoraVAD,
  connection: SoraConnection,
  server: SoraServer,
): void {
  for (const data of [samples, sharedSamples, floats]) {
    audio.onData(data);
    void audio.writable.getWriter().write(data);
  }
  for (const data of [bytes, clamped, shared, buffer]) {
    video.onCaptured(data, { width: 2, height: 2 });
    void video.writable.getWriter().write({ data, width: 2, height: 2 });
    frame.copyTo(data);
  }
  for (const data of [bytes, shared, buffer]) {
    encoded.setData(data);
    connection.sendDataChannel("#chat", data);
    void connection.dataChannel("#chat").writable.getWriter().write(data);
    server.sendRaw("ID", "#chat", data);
  }
  for (const data of [samples, sharedSamples]) vad.analyze(data, { sampleRate: 48_000 });
  // What comes out is ordinary memory, which everything takes.
  const pixels: Uint8Array<ArrayBuffer> = frame.data();
  const data: Uint8Array<ArrayBuffer> = encoded.getData();
  void new Blob([pixels, data]);
}

test("a SoraAudioFrame takes samples over any memory, and has them in ordinary memory", () => {
  const shared = new Int16Array(new SharedArrayBuffer(8));
  shared.set([1, 2, 3, 4]);
  const own: Int16Array = Int16Array.of(5, 6);
  const frames = [shared, own].map((samples) =>
    new SoraAudioFrame({ samples, sampleRateHz: 8_000, numChannels: 2 })
  );
  const samples: Int16Array<ArrayBuffer>[] = frames.map((frame) => frame.data());
  shared.fill(9);
  assert.deepEqual(samples.map((data) => [...data]), [[1, 2, 3, 4], [5, 6]]);
  assert.ok(samples.every(({ buffer }) => buffer instanceof ArrayBuffer));
  assert.equal(samples[1], own);
});

test("files are written and read from typed arrays over any memory", async () => {
  const samples: Int16Array = Int16Array.of(1, 2);
  const shared = new Int16Array(new SharedArrayBuffer(4));
  shared.set(samples);
  const format = { sampleRate: 8_000, channels: 1 };
  assert.deepEqual(encodeWav({ ...format, samples: shared }), encodeWav({ ...format, samples }));
  assert.deepEqual(wavSamples(shared), wavSamples(samples));
  const header = { width: 2, height: 2, frameRate: 25 };
  const frame = new Uint8Array(new SharedArrayBuffer(6)).fill(7);
  const stream = [Buffer.from("YUV4MPEG2 W2 H2 F25:1\n"), y4mFrame(header, frame)];
  const { frames } = await readY4m(ReadableStream.from(stream));
  for await (const frame of frames) assert.deepEqual([...frame], [7, 7, 7, 7, 7, 7]);
});

/** Optional members of options that refuse `undefined` under `exactOptionalPropertyTypes`: there shall be none. */
type Refusing<T> = {
  // deno-lint-ignore ban-types
  [K in keyof T]-?: {} extends Pick<T, K> ? { [P in K]: undefined } extends Pick<T, K> ? never : K
    : never;
}[keyof T];

/** Compiles only when no optional member refuses `undefined`. */
function takesUndefined<T>(
  ..._: [Refusing<T>] extends [never] ? [] : [refusing: Refusing<T>]
): void {}

/** Types of statistics without an interface. */
type Undescribed = {
  [T in SoraStats["type"]]: [SoraStatsOf<T>] extends [never] ? T : never;
}[SoraStats["type"]];

/** Compiles only when there is nothing. */
function isNothing<T>(..._: [T] extends [never] ? [] : [something: T]): void {}

/** Compiles, which is all that it is for. */
export function everyTypeOfStatisticsIsDescribed(): void {
  isNothing<Undescribed>();
}

/** Compiles, which is all that it is for. */
export function everyOptionalOptionTakesUndefined(): void {
  takesUndefined<SoraOptions>();
  takesUndefined<SoraConnectionOptions>();
  takesUndefined<SoraMediaOptions>();
  takesUndefined<AudioOpusParams>();
  takesUndefined<VideoVP9Params>();
  takesUndefined<VideoAV1Params>();
  takesUndefined<VideoH264Params>();
  takesUndefined<VideoH265Params>();
  takesUndefined<ForwardingFilter>();
  takesUndefined<DataChannelOptions>();
  takesUndefined<ReconnectOptions>();
  takesUndefined<RpcOptions>();
  takesUndefined<SoraAudioSourceOptions>();
  takesUndefined<SoraAudioDataOptions>();
  takesUndefined<SoraAudioWritableOptions>();
  takesUndefined<SoraAudioSinkOptions>();
  takesUndefined<SoraAudioFrameInit>();
  takesUndefined<SoraCapturedOptions>();
  takesUndefined<PixelLayout>();
  takesUndefined<SoraVideoFrameLayout>();
  takesUndefined<SoraVideoFrameDataOptions>();
  takesUndefined<SoraVideoSinkOptions>();
  takesUndefined<SoraVADOptions>();
  takesUndefined<SoraVADFormat>();
  takesUndefined<SoraVideoCodecCapabilityOptions>();
  takesUndefined<SoraVideoCodecPreferenceCodec>();
  takesUndefined<NonNullable<ConstructorParameters<typeof SoraVideoCodecPreference>[0]>>();
  takesUndefined<SoraFrameTransformerOptions>();
  takesUndefined<SoraPrometheusOptions>();
  takesUndefined<NonNullable<Parameters<SoraConnection["connect"]>[0]>>();
  takesUndefined<NonNullable<Parameters<SoraConnection["statsStream"]>[0]>>();
  takesUndefined<NonNullable<Parameters<SoraAudioSink["read"]>[1]>>();
  takesUndefined<SoraServerOptions>();
  takesUndefined<ServerFaults>();
  takesUndefined<ServerTls>();
  takesUndefined<IceServerOption>();
  takesUndefined<NonNullable<Parameters<SoraServer["push"]>[1]>>();
  // @ts-expect-error The check itself finds what refuses it.
  takesUndefined<{ readonly wrong?: string }>();
}

test("options that are undefined are as those that are not there", () => {
  const required = { signalingUrls: ["ws://127.0.0.1/"], role: "sendrecv", channelId: "c" };
  const optional = [
    ...["clientId", "bundleId", "metadata", "audio", "video", "videoCodecType", "audioOpusParams"],
    ...["simulcast", "spotlight", "forwardingFilters", "dataChannels", "caCert", "proxyUrl"],
    ...["reconnect", "audioSource", "videoSource", "degradationPreference", "userAgent"],
  ];
  const nothing = Object.fromEntries(optional.map((name) => [name, undefined]));
  assert.deepEqual(
    checkConnectionOptions({ ...required, ...nothing }),
    checkConnectionOptions(required),
  );
  const none = { library: undefined, openh264: undefined, videoCodecPreference: undefined };
  assert.deepEqual(checkSoraOptions(none), {});
  const type = SoraVideoCodecType.AV1;
  const codecs = [{ type, encoder: undefined, decoder: undefined }];
  assert.deepEqual(new SoraVideoCodecPreference({ codecs }).toJSON(), { codecs: [{ type }] });
  assert.equal(toPrometheus([], { prefix: undefined, labels: undefined }), toPrometheus([]));
  const server: SoraServerOptions = {
    port: undefined,
    host: undefined,
    tls: undefined,
    redirect: undefined,
    iceServers: undefined,
    faults: { dropSent: undefined, silentFrom: undefined, drop: undefined },
  };
  assert.deepEqual(resolveOptions(server), resolveOptions({}));
});

test("SoraVideoCodecType has the codecs by name", () => {
  const names: SoraVideoCodecName[] = Object.values(SoraVideoCodecType);
  assert.deepEqual(names, ["VP8", "VP9", "AV1", "H264", "H265"]);
  const type: SoraVideoCodecType = SoraVideoCodecType.H265;
  const name: SoraVideoCodecName = type;
  assert.equal(name, "H265");
  assert.equal(new SoraVideoCodecPreference().getOrAdd(SoraVideoCodecType.VP9).type, "VP9");
});

test("sinks and transformers take tracks and transformers by their common types", () => {
  const tracks: SoraTrackInterface[] = [];
  for (const kind of ["audio", "video"] as const) tracks.push(new FakeMedia().track(kind));
  const [audio, video] = tracks as [SoraTrackInterface, SoraTrackInterface];
  for (const sink of [new SoraAudioSink(audio), new SoraAudioStreamSink(audio)]) sink.close();
  new SoraVideoSink(video).close();
  assert.throws(() => new SoraVideoSink(audio), {
    message: 'track must be of kind "video", not "audio"',
  });
  class OwnSource extends SoraTrackInterface {
    constructor() {
      super("video", "own", new FakeMedia().handle("The source", 3));
    }
  }
  assert.throws(() => new SoraVideoSink(new OwnSource()), {
    name: "TypeError",
    message: "track must be a received track (SoraMediaTrack), not a source of this side",
  });
  const transformer: SoraFrameTransformer = new SoraVideoFrameTransformer();
  assert.ok(audio instanceof SoraMediaTrack);
  assert.throws(() => audio.setFrameTransformer(transformer), {
    name: "TypeError",
    message:
      "transformer must be a SoraAudioFrameTransformer, not an object (SoraVideoFrameTransformer)",
  });
  transformer.close();
  const transformers: SoraFrameTransformer[] = [new SoraAudioFrameTransformer()];
  for (const each of transformers) each.close();
});

test("setEnabled returns whether it changed anything", () => {
  const media = new FakeMedia({ sora_track_set_enabled: () => 0 });
  const track = media.track("video");
  const changes: boolean[] = [false, false, true, true].map((on) => track.setEnabled(on));
  assert.deepEqual(changes, [true, false, true, false]);
  assert.equal(track.enabled, true);
});

test("sources of audio take every rate that onData takes, up to 48 kHz", () => {
  for (const sampleRate of [8_000, 11_025, 16_000, 22_050, 44_100, 47_975, 48_000]) {
    const options = { sampleRate, channels: 1 };
    assert.deepEqual(checkAudioSourceOptions(options), options);
  }
  for (const sampleRate of [7_975, 11_024, 48_025, 11_025.5]) {
    assert.throws(() => checkAudioSourceOptions({ sampleRate, channels: 1 }), {
      name: /^(Type|Range)Error$/,
      message: /^options\.sampleRate must be /,
    });
  }
});
