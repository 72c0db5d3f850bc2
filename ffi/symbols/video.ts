/**
 * Video: sources, sinks, frames, codecs.
 *
 * @module
 */

import type { NativeSymbol } from "./symbol.ts";

/** The functions of `video.h` and `codecs.h`, by name. */
export const videoSymbols = {
  // video.h
  sora_video_frame_size: {
    prototype:
      "int32_t sora_video_frame_size(uint32_t format, uint32_t width, uint32_t height, uint32_t stride)",
    parameters: ["u32", "u32", "u32", "u32"],
    result: "i32",
  },
  sora_video_source_create: {
    prototype: "int32_t sora_video_source_create(uint32_t factory, uint32_t *out_source)",
    parameters: ["u32", "buffer"],
    result: "i32",
  },
  sora_video_source_push: {
    prototype:
      "int32_t sora_video_source_push(uint32_t source, const uint8_t *data, uint32_t size, uint32_t width, uint32_t height, uint32_t stride, uint32_t format, uint32_t rotation, double timestamp_us)",
    parameters: ["u32", "buffer", "u32", "u32", "u32", "u32", "u32", "u32", "f64"],
    result: "i32",
  },
  sora_video_source_push_frame: {
    prototype: "int32_t sora_video_source_push_frame(uint32_t source, uint32_t frame)",
    parameters: ["u32", "u32"],
    result: "i32",
  },
  sora_video_source_close: {
    prototype: "int32_t sora_video_source_close(uint32_t source)",
    parameters: ["u32"],
    result: "i32",
  },
  sora_video_sink_create: {
    prototype:
      "int32_t sora_video_sink_create(uint32_t track, uint32_t capacity, uint32_t *out_sink)",
    parameters: ["u32", "u32", "buffer"],
    result: "i32",
  },
  sora_video_sink_take: {
    prototype: "int32_t sora_video_sink_take(uint32_t sink, double *info)",
    parameters: ["u32", "buffer"],
    result: "i32",
  },
  sora_video_sink_dropped: {
    prototype: "int32_t sora_video_sink_dropped(uint32_t sink)",
    parameters: ["u32"],
    result: "i32",
  },
  sora_video_sink_close: {
    prototype: "int32_t sora_video_sink_close(uint32_t sink)",
    parameters: ["u32"],
    result: "i32",
  },
  sora_video_frame_copy: {
    prototype:
      "int32_t sora_video_frame_copy(uint32_t frame, uint32_t format, uint8_t *buffer, uint32_t size, uint32_t stride, uint32_t upright)",
    parameters: ["u32", "u32", "buffer", "u32", "u32", "u32"],
    result: "i32",
  },
  sora_video_frame_transfer: {
    prototype: "int32_t sora_video_frame_transfer(uint32_t frame, double *info)",
    parameters: ["u32", "buffer"],
    result: "i32",
  },
  sora_video_frame_release: {
    prototype: "int32_t sora_video_frame_release(uint32_t frame)",
    parameters: ["u32"],
    result: "i32",
  },

  // codecs.h
  sora_codec_capabilities: {
    prototype:
      "int32_t sora_codec_capabilities(const uint8_t* options, uint32_t options_size, uint8_t* buffer, uint32_t size)",
    parameters: ["buffer", "u32", "buffer", "u32"],
    result: "i32",
  },
} as const satisfies Record<string, NativeSymbol>;
