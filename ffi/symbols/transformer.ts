/**
 * Frame transformers: encoded frames between codec and network.
 *
 * @module
 */

import type { NativeSymbol } from "./symbol.ts";

/** The functions of `transformer.h`, by name. */
export const transformerSymbols = {
  sora_transformer_create: {
    prototype:
      "int32_t sora_transformer_create(uint32_t factory, uint32_t video, uint32_t capacity, uint32_t *out_transformer)",
    parameters: ["u32", "u32", "u32", "buffer"],
    result: "i32",
  },
  sora_peer_set_sender_transformer: {
    prototype:
      "int32_t sora_peer_set_sender_transformer(uint32_t peer, const uint8_t *mid, uint32_t mid_size, uint32_t transformer, uint32_t request)",
    parameters: ["u32", "buffer", "u32", "u32", "u32"],
    result: "i32",
  },
  sora_track_set_transformer: {
    prototype: "int32_t sora_track_set_transformer(uint32_t track, uint32_t transformer)",
    parameters: ["u32", "u32"],
    result: "i32",
  },
  sora_transformer_take: {
    prototype: "int32_t sora_transformer_take(uint32_t transformer, double *info, uint32_t size)",
    parameters: ["u32", "buffer", "u32"],
    result: "i32",
  },
  sora_transformer_enqueue: {
    prototype: "int32_t sora_transformer_enqueue(uint32_t transformer, uint32_t frame)",
    parameters: ["u32", "u32"],
    result: "i32",
  },
  sora_transformer_start_short_circuiting: {
    prototype: "int32_t sora_transformer_start_short_circuiting(uint32_t transformer)",
    parameters: ["u32"],
    result: "i32",
  },
  sora_transformer_close: {
    prototype: "int32_t sora_transformer_close(uint32_t transformer)",
    parameters: ["u32"],
    result: "i32",
  },
  sora_encoded_frame_data: {
    prototype: "int32_t sora_encoded_frame_data(uint32_t frame, uint8_t *buffer, uint32_t size)",
    parameters: ["u32", "buffer", "u32"],
    result: "i32",
  },
  sora_encoded_frame_set_data: {
    prototype:
      "int32_t sora_encoded_frame_set_data(uint32_t frame, const uint8_t *data, uint32_t size)",
    parameters: ["u32", "buffer", "u32"],
    result: "i32",
  },
  sora_encoded_frame_mime_type: {
    prototype:
      "int32_t sora_encoded_frame_mime_type(uint32_t frame, uint8_t *buffer, uint32_t size)",
    parameters: ["u32", "buffer", "u32"],
    result: "i32",
  },
  sora_encoded_frame_release: {
    prototype: "int32_t sora_encoded_frame_release(uint32_t frame)",
    parameters: ["u32"],
    result: "i32",
  },
} as const satisfies Record<string, NativeSymbol>;
