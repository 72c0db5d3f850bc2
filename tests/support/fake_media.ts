/**
 * Tracks and factories over {@link FakeNative}, for sinks and transformers that a test feeds by hand.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { NativeFunctions } from "../../ffi/binding.ts";
import { AudioInfo, EventType, Result, TransformerInfo, VideoInfo } from "../../ffi/constants.ts";
import { EventPump } from "../../ffi/events.ts";
import type { Realm } from "../../ffi/realm.ts";
import { SoraMediaTrack } from "../../sdk/track/media_track.ts";
import { NativeHandle } from "../../sdk/native/handle.ts";
import { FakeNative } from "./fake_native.ts";

/** The handle of the one sink or transformer that there is. */
const MADE = 9;
/** Handles of frames begin here. */
const FIRST_FRAME = 100;

/** A native side with one sink or transformer, which has as many frames as a test gives. */
export class FakeMedia {
  readonly realm: Realm;
  /** Frames that wait. */
  available = 0;
  /** Frames that were given back. */
  readonly released: number[] = [];
  readonly #native = new FakeNative();
  #frame = FIRST_FRAME;

  constructor(functions: Partial<NativeFunctions> = {}) {
    const make = (out: unknown): number => {
      (out as Uint32Array)[0] = MADE;
      return Result.OK;
    };
    const take = (info: unknown, place: number, values: Record<number, number>): number => {
      if (this.available === 0) return Result.ERROR_WOULD_BLOCK;
      this.available--;
      Object.assign(info as Float64Array, { ...values, [place]: this.#frame++ });
      return Result.OK;
    };
    const release = (frame: number): number => {
      this.released.push(frame);
      return Result.OK;
    };
    const binding = this.#native.binding({
      sora_audio_sink_create: (_track, _rate, _channels, _buffer, out) => make(out),
      sora_audio_sink_read: (_sink, samples, capacity, _least, most, info) => {
        Object.assign(info as Float64Array, {
          [AudioInfo.SAMPLE_RATE]: this.available > 0 ? 16_000 : 0,
          [AudioInfo.CHANNELS]: this.available > 0 ? 1 : 0,
          [AudioInfo.AVAILABLE]: this.available * 160,
          [AudioInfo.CAPTURE_TIME_MS]: -1,
        });
        if (samples === null || this.available === 0) return Result.ERROR_WOULD_BLOCK;
        this.available = 0;
        (info as Float64Array)[AudioInfo.AVAILABLE] = 0;
        return Math.min(capacity, most);
      },
      sora_audio_sink_close: () => Result.OK,
      sora_video_sink_create: (_track, _depth, out) => make(out),
      sora_video_sink_take: (_sink, info) =>
        take(info, VideoInfo.FRAME, { [VideoInfo.WIDTH]: 2, [VideoInfo.HEIGHT]: 2 }),
      sora_video_sink_dropped: () => 0,
      sora_video_sink_close: () => Result.OK,
      sora_video_frame_release: release,
      sora_transformer_create: (_factory, _video, _capacity, out) => make(out),
      sora_transformer_take: (_transformer, info) => take(info, TransformerInfo.FRAME, {}),
      sora_transformer_close: () => Result.OK,
      sora_encoded_frame_mime_type: () => 0,
      sora_encoded_frame_release: release,
      ...functions,
    });
    this.realm = {
      path: "/fake",
      functions: binding.functions,
      events: new EventPump(binding, (error) => assert.fail(String(error))),
    };
  }

  /** A handle of this side. */
  handle(name: string, value: number): NativeHandle {
    return new NativeHandle(this.realm, name, value);
  }

  /** A remote track. */
  track(kind: "audio" | "video"): SoraMediaTrack {
    const description = { kind, id: "track", streamId: "stream" };
    return new SoraMediaTrack(description, this.handle("The track", 5), this.handle("Sora", 6));
  }

  /** Adds frames and reports them. */
  give(frames = 1): void {
    this.available += frames;
    this.#native.push({ type: EventType.READABLE, handle: MADE });
  }
}
