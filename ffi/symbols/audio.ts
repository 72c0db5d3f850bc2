/**
 * Audio: sources, sinks, voice activity.
 *
 * @module
 */

import type { NativeSymbol } from "./symbol.ts";

/** The functions of `audio.h` and `vad.h`, by name. */
export const audioSymbols = {
  // audio.h
  sora_audio_source_create: {
    prototype:
      "int32_t sora_audio_source_create(uint32_t factory, uint32_t sample_rate, uint32_t channels, uint32_t *out_source)",
    parameters: ["u32", "u32", "u32", "buffer"],
    result: "i32",
  },
  sora_audio_source_push: {
    prototype:
      "int32_t sora_audio_source_push(uint32_t source, const int16_t *samples, uint32_t frames, uint32_t sample_rate, uint32_t channels, double timestamp_us, double capture_time_ms)",
    parameters: ["u32", "buffer", "u32", "u32", "u32", "f64", "f64"],
    result: "i32",
  },
  sora_audio_source_push_f32: {
    prototype:
      "int32_t sora_audio_source_push_f32(uint32_t source, const float *samples, uint32_t frames, uint32_t sample_rate, uint32_t channels, double timestamp_us, double capture_time_ms)",
    parameters: ["u32", "buffer", "u32", "u32", "u32", "f64", "f64"],
    result: "i32",
  },
  sora_audio_source_close: {
    prototype: "int32_t sora_audio_source_close(uint32_t source)",
    parameters: ["u32"],
    result: "i32",
  },
  sora_audio_sink_create: {
    prototype:
      "int32_t sora_audio_sink_create(uint32_t track, uint32_t sample_rate, uint32_t channels, uint32_t capacity_ms, uint32_t *out_sink)",
    parameters: ["u32", "u32", "u32", "u32", "buffer"],
    result: "i32",
  },
  sora_audio_sink_read: {
    prototype:
      "int32_t sora_audio_sink_read(uint32_t sink, int16_t *samples, uint32_t capacity, uint32_t min_frames, uint32_t max_frames, double *info)",
    parameters: ["u32", "buffer", "u32", "u32", "u32", "buffer"],
    result: "i32",
  },
  sora_audio_sink_close: {
    prototype: "int32_t sora_audio_sink_close(uint32_t sink)",
    parameters: ["u32"],
    result: "i32",
  },

  // vad.h
  sora_vad_create: {
    prototype: "int32_t sora_vad_create(uint32_t *out_vad)",
    parameters: ["buffer"],
    result: "i32",
  },
  sora_vad_analyze: {
    prototype:
      "int32_t sora_vad_analyze(uint32_t vad, const int16_t *samples, uint32_t frames, uint32_t sample_rate, uint32_t channels, double *out_probability)",
    parameters: ["u32", "buffer", "u32", "u32", "u32", "buffer"],
    result: "i32",
  },
  sora_vad_close: {
    prototype: "int32_t sora_vad_close(uint32_t vad)",
    parameters: ["u32"],
    result: "i32",
  },
} as const satisfies Record<string, NativeSymbol>;
