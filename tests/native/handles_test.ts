import assert from "node:assert/strict";
import { test } from "node:test";
import type { NativeFunctions } from "../../ffi/binding.ts";
import {
  AudioInfo,
  EventType,
  Result,
  TransformerInfo,
  VideoFormat,
  VideoInfo,
} from "../../ffi/constants.ts";
import { openRealm } from "../../ffi/realm.ts";
import { type NativeSymbol, symbols } from "../../ffi/symbols.ts";
import { lastError } from "../../ffi/result.ts";
import { json, utf8 } from "../../ffi/text.ts";
import { eventually } from "../support/eventually.ts";

const { functions, events } = openRealm();
const base = functions.sora_live_objects();

/** Objects of every kind that can be made without a connection. */
interface Objects {
  readonly factory: number;
  readonly peer: number;
  readonly audioSource: number;
  readonly videoSource: number;
}

function made(create: (out: Uint32Array<ArrayBuffer>) => number): number {
  const out = new Uint32Array(1);
  assert.equal(create(out), Result.OK);
  assert.notEqual(out[0], 0);
  return out[0] ?? 0;
}

function makeObjects(): Objects {
  const factory = made((out) => functions.sora_factory_create(events.queue, null, 0, out));
  const configuration = json({ iceServers: [] });
  const size = configuration.byteLength;
  return {
    factory,
    peer: made((out) => functions.sora_peer_create(factory, configuration, size, out)),
    audioSource: made((out) => functions.sora_audio_source_create(factory, 48_000, 1, out)),
    videoSource: made((out) => functions.sora_video_source_create(factory, out)),
  };
}

/** Closes a factory and waits until its threads are gone. */
async function closeFactory(factory: number): Promise<void> {
  let closed = false;
  events.listen(factory, (type) => closed ||= type === EventType.CLOSED);
  events.hold();
  assert.equal(functions.sora_factory_close(factory), Result.OK);
  await eventually("SORA_EVENT_CLOSED", () => closed);
  events.release();
  events.unlisten(factory);
}

const frame = new Uint8Array(12);
const samples = new Int16Array(480);
const videoInfo = new Float64Array(VideoInfo.COUNT);
const frameInfo = new Float64Array(TransformerInfo.COUNT);
const audioInfo = new Float64Array(AudioInfo.COUNT);
const probability = new Float64Array(1);
const out = new Uint32Array(1);
const host = utf8("127.0.0.1");
const figures = new Float64Array(16);
const remote = utf8(`ufrag sha-256 ${Array(32).fill("AB").join(":")}`);
const mid = json({ mid: "0" });
const encodings = json({ mid: "0", encodings: [{ rid: "r0" }] });

/** A call of each function that takes a handle, by the kind that it asks for. */
const calls: Readonly<
  Record<string, Readonly<Record<string, (f: NativeFunctions, handle: number) => number>>>
> = {
  queue: {
    sora_queue_interrupt: (f, h) => f.sora_queue_interrupt(h),
    sora_queue_drain: (f, h) => f.sora_queue_drain(h, frame, 12),
    sora_queue_next_size: (f, h) => f.sora_queue_next_size(h),
    sora_queue_close: (f, h) => f.sora_queue_close(h),
    sora_factory_create: (f, h) => f.sora_factory_create(h, null, 0, out),
    sora_log_enable: (f, h) => f.sora_log_enable(h, 3),
    sora_udp_port_open: (f, h) => f.sora_udp_port_open(h, host, host.byteLength, out),
  },
  factory: {
    sora_transformer_create: (f, h) => f.sora_transformer_create(h, 1, 8, out),
    sora_factory_check_threads: (f, h) => f.sora_factory_check_threads(h),
    sora_factory_close: (f, h) => f.sora_factory_close(h),
    sora_peer_create: (f, h) => f.sora_peer_create(h, json({ iceServers: [] }), 17, out),
    sora_audio_source_create: (f, h) => f.sora_audio_source_create(h, 48_000, 1, out),
    sora_video_source_create: (f, h) => f.sora_video_source_create(h, out),
  },
  peer: {
    sora_peer_set_remote_offer: (f, h) => f.sora_peer_set_remote_offer(h, frame, 1, 1),
    sora_peer_add_sender: (f, h) => f.sora_peer_add_sender(h, 1, mid, mid.byteLength, 1),
    sora_peer_replace_source: (f, h) => f.sora_peer_replace_source(h, 0, frame, 1, 1),
    sora_peer_set_encodings: (f, h) =>
      f.sora_peer_set_encodings(h, encodings, encodings.byteLength, 1),
    sora_peer_set_sender_transformer: (f, h) =>
      f.sora_peer_set_sender_transformer(h, frame, 1, 1, 1),
    sora_peer_create_answer: (f, h) => f.sora_peer_create_answer(h, 1),
    sora_peer_get_stats: (f, h) => f.sora_peer_get_stats(h, 1),
    sora_peer_close: (f, h) => f.sora_peer_close(h),
  },
  audioSource: {
    sora_audio_source_push: (f, h) => f.sora_audio_source_push(h, samples, 480, 48_000, 1, -1, -1),
    sora_audio_source_push_f32: (f, h) =>
      f.sora_audio_source_push_f32(h, new Float32Array(480), 480, 48_000, 1, -1, -1),
    sora_audio_source_close: (f, h) => f.sora_audio_source_close(h),
  },
  videoSource: {
    sora_video_source_push: (f, h) =>
      f.sora_video_source_push(h, frame, 12, 2, 2, 0, VideoFormat.BGR, 0, -1),
    sora_video_source_push_frame: (f, h) => f.sora_video_source_push_frame(h, 1),
    sora_video_source_close: (f, h) => f.sora_video_source_close(h),
  },
  dataChannel: {
    sora_data_channel_send: (f, h) => f.sora_data_channel_send(h, frame, 1, 1),
    sora_data_channel_buffered_amount: (f, h) => f.sora_data_channel_buffered_amount(h),
    sora_data_channel_close: (f, h) => f.sora_data_channel_close(h),
  },
  track: {
    sora_audio_sink_create: (f, h) => f.sora_audio_sink_create(h, 0, 0, 100, out),
    sora_video_sink_create: (f, h) => f.sora_video_sink_create(h, 1, out),
    sora_track_set_enabled: (f, h) => f.sora_track_set_enabled(h, 1),
    sora_track_set_transformer: (f, h) => f.sora_track_set_transformer(h, 1),
    sora_track_id: (f, h) => f.sora_track_id(h, null, 0),
    sora_track_release: (f, h) => f.sora_track_release(h),
  },
  transformer: {
    sora_transformer_take: (f, h) => f.sora_transformer_take(h, frameInfo, frameInfo.length),
    sora_transformer_enqueue: (f, h) => f.sora_transformer_enqueue(h, 1),
    sora_transformer_start_short_circuiting: (f, h) => f.sora_transformer_start_short_circuiting(h),
    sora_transformer_close: (f, h) => f.sora_transformer_close(h),
  },
  encodedFrame: {
    sora_encoded_frame_data: (f, h) => f.sora_encoded_frame_data(h, null, 0),
    sora_encoded_frame_set_data: (f, h) => f.sora_encoded_frame_set_data(h, frame, 1),
    sora_encoded_frame_mime_type: (f, h) => f.sora_encoded_frame_mime_type(h, null, 0),
    sora_encoded_frame_release: (f, h) => f.sora_encoded_frame_release(h),
  },
  vad: {
    sora_vad_analyze: (f, h) => f.sora_vad_analyze(h, samples, 480, 48_000, 1, probability),
    sora_vad_close: (f, h) => f.sora_vad_close(h),
  },
  audioSink: {
    sora_audio_sink_read: (f, h) => f.sora_audio_sink_read(h, null, 0, 0, 0, audioInfo),
    sora_audio_sink_close: (f, h) => f.sora_audio_sink_close(h),
  },
  videoSink: {
    sora_video_sink_take: (f, h) => f.sora_video_sink_take(h, videoInfo),
    sora_video_sink_dropped: (f, h) => f.sora_video_sink_dropped(h),
    sora_video_sink_close: (f, h) => f.sora_video_sink_close(h),
  },
  videoFrame: {
    sora_video_frame_copy: (f, h) => f.sora_video_frame_copy(h, VideoFormat.BGR, frame, 12, 0, 0),
    sora_video_frame_transfer: (f, h) => f.sora_video_frame_transfer(h, videoInfo),
    sora_video_frame_release: (f, h) => f.sora_video_frame_release(h),
  },
  udpPort: {
    sora_udp_port_fingerprint: (f, h) => f.sora_udp_port_fingerprint(h, frame, 12),
    sora_udp_port_read: (f, h) => f.sora_udp_port_read(h, frame, 12),
    sora_udp_port_send: (f, h) => f.sora_udp_port_send(h, frame, 12, out, 0),
    sora_udp_port_stats: (f, h) => f.sora_udp_port_stats(h, figures, figures.length),
    sora_udp_port_close: (f, h) => f.sora_udp_port_close(h),
    sora_transport_create: (f, h) => f.sora_transport_create(h, 0, out, new Uint32Array(1)),
  },
  transport: {
    sora_transport_credentials: (f, h) => f.sora_transport_credentials(h, frame, 12),
    sora_transport_set_remote: (f, h) => f.sora_transport_set_remote(h, remote, remote.byteLength),
    sora_transport_send_messages: (f, h) => f.sora_transport_send_messages(h, frame, 12, out, 0),
    sora_transport_reset_streams: (f, h) => f.sora_transport_reset_streams(h, out, 0),
    sora_transport_release: (f, h) => f.sora_transport_release(h, 0),
    sora_transport_forget: (f, h) => f.sora_transport_forget(h, 1),
    sora_transport_ignore: (f, h) => f.sora_transport_ignore(h, 1),
    sora_transport_set_video: (f, h) => f.sora_transport_set_video(h, 1),
    sora_transport_want: (f, h) => f.sora_transport_want(h, 1),
    sora_transport_set_padding: (f, h) => f.sora_transport_set_padding(h, 1, 97, 1, 3),
    sora_transport_stats: (f, h) => f.sora_transport_stats(h, figures, figures.length),
    sora_transport_close: (f, h) => f.sora_transport_close(h),
  },
};

/** Whether a function asks for a handle first. */
function takesHandle({ prototype, parameters, nonblocking }: NativeSymbol): boolean {
  const numbers = /\((void|uint32_t (max_message_bytes|severity|format|key))\b/;
  if (nonblocking || parameters.includes("callback")) return false;
  return parameters[0] === "u32" && !numbers.test(prototype);
}

test("the tests below know every function that takes a handle", () => {
  const known = Object.values(calls).flatMap(Object.keys);
  const all = Object.entries<NativeSymbol>(symbols).filter(([, symbol]) => takesHandle(symbol));
  assert.deepEqual(known.toSorted(), all.map(([name]) => name).toSorted());
});

test("a handle that was never given is refused by every function", () => {
  for (const [name, call] of Object.values(calls).flatMap(Object.entries)) {
    for (const handle of [0, 1, 0x7fff_ffff, 0xffff_ffff]) {
      assert.equal(call(functions, handle), Result.ERROR_INVALID_HANDLE, `${name}(${handle})`);
      assert.notEqual(lastError(functions), "", name);
    }
  }
});

test("a handle of another kind is refused by every function", async () => {
  const objects = makeObjects();
  for (const [given, handle] of Object.entries(objects)) {
    for (const [wanted, ofKind] of Object.entries(calls)) {
      if (wanted === given) continue;
      for (const [name, call] of Object.entries(ofKind)) {
        // These take the sources as well.
        const forSources = ["sora_track_set_enabled", "sora_track_id"].includes(name);
        if (forSources && given.endsWith("Source")) continue;
        assert.equal(call(functions, handle), Result.ERROR_INVALID_HANDLE, `${name}(${given})`);
      }
    }
  }
  await closeFactory(objects.factory);
});

test("a handle that was closed is refused by every function, also after its parent's close", async () => {
  const objects = makeObjects();
  await closeFactory(objects.factory);
  for (const [kind, handle] of Object.entries(objects)) {
    for (const [name, call] of Object.entries(calls[kind] ?? {})) {
      assert.equal(call(functions, handle), Result.ERROR_CLOSED, name);
    }
  }
});

test("a slot that is used again does not bring a closed handle back", async () => {
  const factory = made((out) => functions.sora_factory_create(events.queue, null, 0, out));
  const first = made((out) => functions.sora_video_source_create(factory, out));
  functions.sora_video_source_close(first);
  for (let round = 0; round < 20_000; round++) {
    const source = made((out) => functions.sora_video_source_create(factory, out));
    assert.notEqual(source, first);
    functions.sora_video_source_close(source);
  }
  assert.equal(functions.sora_video_source_close(first), Result.ERROR_CLOSED);
  await closeFactory(factory);
});

test("closing gives every native object back", async () => {
  const allGone = () => functions.sora_live_objects() === base;
  await eventually("the end of what the tests before made", allGone);
  const { factory } = makeObjects();
  assert.ok(functions.sora_live_objects() >= base + 4);
  await closeFactory(factory);
  await eventually("the objects' end", allGone);
});

test("arguments that are out of range are refused with a text", async () => {
  const { factory, audioSource, videoSource } = makeObjects();
  const refused: Record<string, number> = {
    "sample rate": functions.sora_audio_source_create(factory, 7_999, 1, out),
    channels: functions.sora_audio_source_create(factory, 48_000, 3, out),
    "input rate": functions.sora_audio_source_push(audioSource, samples, 1, 48_001, 1, -1, -1),
    "input channels": functions.sora_audio_source_push(audioSource, samples, 1, 48_000, 9, -1, -1),
    samples: functions.sora_audio_source_push(audioSource, null, 1, 48_000, 1, -1, -1),
    width: functions.sora_video_source_push(videoSource, frame, 12, 0, 2, 0, 1, 0, -1),
    height: functions.sora_video_source_push(videoSource, frame, 12, 2, 16_385, 0, 1, 0, -1),
    format: functions.sora_video_source_push(videoSource, frame, 12, 2, 2, 0, 7, 0, -1),
    stride: functions.sora_video_source_push(videoSource, frame, 12, 2, 2, 5, 1, 0, -1),
    rotation: functions.sora_video_source_push(videoSource, frame, 12, 2, 2, 0, 1, 45, -1),
    data: functions.sora_video_source_push(videoSource, null, 12, 2, 2, 0, 1, 0, -1),
    configuration: functions.sora_peer_create(factory, frame, 12, out),
    "factory options": functions.sora_factory_create(events.queue, json({ x: 1 }), 7, out),
    enabled: functions.sora_track_set_enabled(videoSource, 2),
  };
  for (const [what, result] of Object.entries(refused)) {
    assert.equal(result, Result.ERROR_INVALID_ARGUMENT, what);
  }
  const short = functions.sora_video_source_push(videoSource, frame, 11, 2, 2, 0, 1, 0, -1);
  assert.ok(short < 0, "a buffer that is too short");
  await closeFactory(factory);
});

test("sora_last_error returns its length and is cut at the buffer's end", () => {
  assert.equal(functions.sora_factory_close(1), Result.ERROR_INVALID_HANDLE);
  const whole = lastError(functions);
  const length = new TextEncoder().encode(whole).byteLength;
  assert.equal(functions.sora_last_error(null, 0), length);
  const buffer = new Uint8Array(length).fill(0xff);
  assert.equal(functions.sora_last_error(buffer.subarray(0, 3), 3), length);
  assert.equal(new TextDecoder().decode(buffer.subarray(0, 3)), whole.slice(0, 3));
  assert.ok(buffer.subarray(3).every((byte) => byte === 0xff));
});
